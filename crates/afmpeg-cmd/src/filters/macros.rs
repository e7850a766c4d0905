//! What the generated lists of filters are made of: they say only what is different from filter to filter.

/// A filter: the function that begins it, and the type that has its options.
macro_rules! filter {
    (
        $(#[$doc:meta])*
        $function:ident $type:ident $name:literal $pads:tt $($timeline:ident)? {
            $($(#[$option_doc:meta])* $method:ident $option:literal $class:ident,)*
        }
    ) => {
        $(#[$doc])*
        pub fn $function() -> $type {
            $type($crate::Filter::new($name))
        }

        $(#[$doc])*
        #[derive(Debug, Clone)]
        #[must_use = "a filter does nothing until streams are put into it"]
        pub struct $type($crate::Filter);

        impl $type {
            $(option! { $(#[$option_doc])* $method $option $class })*

            /// Sets an option that has no method, or a value that its method does not take.
            pub fn opt(self, name: impl Into<String>, value: impl Into<$crate::Value>) -> Self {
                Self(self.0.opt(name, value))
            }

            /// Gives this one a name: what FFmpeg's messages call it.
            pub fn named(self, instance: impl Into<String>) -> Self {
                Self(self.0.named(instance))
            }

            $($timeline!();)?

            pads! $pads;
        }

        impl From<$type> for $crate::Filter {
            fn from(filter: $type) -> Self {
                filter.0
            }
        }
    };
}

/// A method that sets an option, by the class of its values.
macro_rules! option {
    ($(#[$doc:meta])* $method:ident $option:literal Value) => {
        $(#[$doc])*
        pub fn $method(self, value: impl Into<$crate::Value>) -> Self {
            Self(self.0.opt($option, value))
        }
    };
    ($(#[$doc:meta])* $method:ident $option:literal Integer) => {
        $(#[$doc])*
        pub fn $method(self, value: impl $crate::filters::Integer) -> Self {
            Self(self.0.opt($option, value))
        }
    };
    ($(#[$doc:meta])* $method:ident $option:literal Number) => {
        $(#[$doc])*
        pub fn $method(self, value: impl $crate::filters::Number) -> Self {
            Self(self.0.opt($option, value))
        }
    };
    ($(#[$doc:meta])* $method:ident $option:literal Time) => {
        $(#[$doc])*
        pub fn $method(self, value: impl Into<$crate::Time>) -> Self {
            let time: $crate::Time = value.into();
            Self(self.0.opt($option, time))
        }
    };
    // `bool`, or an enum beside the filter.
    ($(#[$doc:meta])* $method:ident $option:literal $type:ident) => {
        $(#[$doc])*
        pub fn $method(self, value: $type) -> Self {
            Self(self.0.opt($option, value))
        }
    };
}

/// For filters that can be off for a part of the time.
macro_rules! timeline {
    () => {
        /// Lets it work only where `expression` is not zero (FFmpeg's timeline editing), as in `between(t,1,4)`.
        pub fn enable(self, expression: impl Into<$crate::Value>) -> Self {
            Self(self.0.enable(expression))
        }
    };
}

/// How a filter is put to work, by what is known of its pads.
macro_rules! pads {
    (-> $kind:ident) => {
        /// What it makes.
        pub fn stream(self) -> $crate::Stream<$crate::$kind> {
            self.0.source().one()
        }
    };
    (-> $first:ident $second:ident) => {
        /// What it makes, from both of its pads.
        pub fn stream(self) -> ($crate::Stream<$crate::$first>, $crate::Stream<$crate::$second>) {
            self.0.source().two()
        }
    };
    (-> ..) => {
        /// Puts it to work. What comes out depends on its options, and is yours to say.
        pub fn source(self) -> $crate::Applied {
            self.0.source()
        }
    };
    ($($pad:ident $in:ident)+ -> $kind:ident) => {
        /// Puts it to work on what goes into its pads.
        pub fn on(self, $($pad: &$crate::Stream<$crate::$in>),+) -> $crate::Stream<$crate::$kind> {
            self.0.on([$($pad.any()),+]).one()
        }
    };
    ($($pad:ident $in:ident)+ -> $first:ident $second:ident) => {
        /// Puts it to work on what goes into its pads. Both streams that come out must be used.
        pub fn on(
            self,
            $($pad: &$crate::Stream<$crate::$in>),+
        ) -> ($crate::Stream<$crate::$first>, $crate::Stream<$crate::$second>) {
            self.0.on([$($pad.any()),+]).two()
        }
    };
    ($($pad:ident $in:ident)+ -> ..) => {
        /// Puts it to work on what goes into its pads. What comes out depends on its options, and is yours to say.
        pub fn on(self, $($pad: &$crate::Stream<$crate::$in>),+) -> $crate::Applied {
            self.0.on([$($pad.any()),+])
        }
    };
    ($in:ident .. -> $kind:ident) => {
        /// Puts it to work on streams: how many it takes depends on its options.
        pub fn on(
            self,
            streams: impl IntoIterator<Item: std::borrow::Borrow<$crate::Stream<$crate::$in>>>,
        ) -> $crate::Stream<$crate::$kind> {
            self.0.on($crate::filters::all(streams)).one()
        }
    };
    ($in:ident .. counted $option:literal -> $kind:ident) => {
        #[doc = concat!("Puts it to work on any number of streams, and says how many unless `", $option, "` is set.")]
        pub fn on(
            self,
            streams: impl IntoIterator<Item: std::borrow::Borrow<$crate::Stream<$crate::$in>>>,
        ) -> $crate::Stream<$crate::$kind> {
            let streams = $crate::filters::all(streams);
            $crate::filters::counted(self.0, $option, streams.len()).on(streams).one()
        }
    };
    (.. -> ..) => {
        /// Puts it to work on streams. What it takes and what comes out depend on its options, and are yours to say.
        pub fn on(self, streams: impl IntoIterator<Item: Into<$crate::AnyStream>>) -> $crate::Applied {
            self.0.on(streams)
        }
    };
}

/// The values that an option takes, by their names.
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
            /// All of them, in FFmpeg's order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// What FFmpeg calls it.
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
