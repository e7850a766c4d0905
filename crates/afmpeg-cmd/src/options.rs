//! The macros that typed filters and encoders share: methods for options, and types for named values.

/// A method that sets an option, by the type of its values.
macro_rules! option {
    ($(#[$doc:meta])* $vis:vis $method:ident $option:literal Value) => {
        $(#[$doc])*
        $vis fn $method(self, value: impl Into<$crate::Value>) -> Self {
            self.opt($option, value)
        }
    };
    ($(#[$doc:meta])* $vis:vis $method:ident $option:literal Integer) => {
        $(#[$doc])*
        $vis fn $method(self, value: impl $crate::Integer) -> Self {
            self.opt($option, value)
        }
    };
    ($(#[$doc:meta])* $vis:vis $method:ident $option:literal Number) => {
        $(#[$doc])*
        $vis fn $method(self, value: impl $crate::Number) -> Self {
            self.opt($option, value)
        }
    };
    ($(#[$doc:meta])* $vis:vis $method:ident $option:literal Time) => {
        $(#[$doc])*
        $vis fn $method(self, value: impl Into<$crate::Time>) -> Self {
            let time: $crate::Time = value.into();
            self.opt($option, time)
        }
    };
    // `bool`, or an enum of the component.
    ($(#[$doc:meta])* $vis:vis $method:ident $option:literal $type:ident) => {
        $(#[$doc])*
        $vis fn $method(self, value: $type) -> Self {
            self.opt($option, value)
        }
    };
}

/// The named values of an option.
macro_rules! choice {
    (
        $(#[$doc:meta])*
        $type:ident { $($(#[$name_doc:meta])* $variant:ident $name:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$name_doc])* $variant,)*
        }

        impl $type {
            /// All values, in FFmpeg's order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns FFmpeg's name of the value.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl From<$type> for $crate::Value {
            fn from(choice: $type) -> Self {
                choice.as_str().into()
            }
        }
    };
}
