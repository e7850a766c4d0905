//! The macros of the generated lists of encoders, which hold only the differences between encoders.

/// An encoder: its constructor, and the type with the options of its families and its own.
macro_rules! encoder {
    (
        $(#[$doc:meta])*
        $function:ident $type:ident $name:literal $($family:ident)* {
            $($(#[$option_doc:meta])* $method:ident $option:literal $class:ident,)*
        }
    ) => {
        $(#[$doc])*
        pub fn $function() -> $type {
            $type($crate::Codec::new($name))
        }

        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[must_use = "an encoder does nothing until an output has it"]
        pub struct $type($crate::Codec);

        impl $type {
            $($family!();)*

            $(option! { $(#[$option_doc])* pub $method $option $class })*

            /// Sets an option that has no method, or a value that its method does not accept.
            pub fn opt(self, name: impl Into<String>, value: impl Into<$crate::Value>) -> Self {
                Self(self.0.opt(name, value))
            }

            /// `-bsf`: adds a filter for the encoded packets.
            pub fn bitstream_filter(self, filter: impl Into<$crate::Filter>) -> Self {
                Self(self.0.bitstream_filter(filter))
            }
        }

        impl $crate::encoders::EncoderOptions for $type {
            fn opt(self, name: impl Into<String>, value: impl Into<$crate::Value>) -> Self {
                self.opt(name, value)
            }
        }

        impl From<$type> for $crate::Codec {
            fn from(encoder: $type) -> Self {
                encoder.0
            }
        }
    };
}

/// A macro for the methods of options that several encoders have.
macro_rules! family {
    ($family:ident { $($(#[$option_doc:meta])* $method:ident $option:literal $class:ident,)* }) => {
        macro_rules! $family {
            () => {
                $(option! { $(#[$option_doc])* pub $method $option $class })*
            };
        }
    };
}

/// The trait of the options that FFmpeg has for all encoders.
macro_rules! generic {
    (
        $(#[$doc:meta])*
        $trait:ident { $($(#[$option_doc:meta])* $method:ident $option:literal $class:ident,)* }
    ) => {
        $(#[$doc])*
        pub trait $trait: Sized {
            /// Sets an option by FFmpeg's name.
            #[must_use]
            fn opt(self, name: impl Into<String>, value: impl Into<$crate::Value>) -> Self;

            $(option! { $(#[$option_doc])* #[must_use] $method $option $class })*
        }
    };
}
