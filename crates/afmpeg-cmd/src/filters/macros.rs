//! The macros of the generated lists of filters, which hold only the differences between filters.

/// A filter: its constructor, and the type with its options.
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
        #[must_use = "a filter does nothing until it is applied to streams"]
        pub struct $type($crate::Filter);

        impl $type {
            $(option! { $(#[$option_doc])* pub $method $option $class })*

            /// Sets an option that has no method, or a value that its method does not accept.
            pub fn opt(self, name: impl Into<String>, value: impl Into<$crate::Value>) -> Self {
                Self(self.0.opt(name, value))
            }

            /// Names this instance, as FFmpeg's messages call it.
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

/// For filters that can be disabled for a time.
macro_rules! timeline {
    () => {
        /// Enables the filter only where `expression` is not zero (FFmpeg's timeline editing), as in `between(t,1,4)`.
        pub fn enable(self, expression: impl Into<$crate::Value>) -> Self {
            Self(self.0.enable(expression))
        }
    };
}

/// The method that applies a filter, by its pads.
macro_rules! pads {
    (-> $kind:ident) => {
        /// Returns its output.
        pub fn stream(self) -> $crate::Stream<$crate::$kind> {
            self.0.source().one()
        }
    };
    (-> $first:ident $second:ident) => {
        /// Returns the outputs of both pads.
        pub fn stream(self) -> ($crate::Stream<$crate::$first>, $crate::Stream<$crate::$second>) {
            self.0.source().two()
        }
    };
    (-> ..) => {
        /// Applies the filter. Its output pads depend on its options: declare their kinds on the result.
        pub fn source(self) -> $crate::AppliedFilter {
            self.0.source()
        }
    };
    ($($pad:ident $in:ident)+ -> $kind:ident) => {
        /// Applies the filter to the streams of its pads.
        pub fn on(self, $($pad: &$crate::Stream<$crate::$in>),+) -> $crate::Stream<$crate::$kind> {
            self.0.on([$($pad.any()),+]).one()
        }
    };
    ($($pad:ident $in:ident)+ -> $first:ident $second:ident) => {
        /// Applies the filter to the streams of its pads. Both outputs must be used.
        pub fn on(
            self,
            $($pad: &$crate::Stream<$crate::$in>),+
        ) -> ($crate::Stream<$crate::$first>, $crate::Stream<$crate::$second>) {
            self.0.on([$($pad.any()),+]).two()
        }
    };
    ($($pad:ident $in:ident)+ -> ..) => {
        /// Applies the filter to the streams of its pads. Its output pads depend on its options: declare their kinds on
        /// the result.
        pub fn on(self, $($pad: &$crate::Stream<$crate::$in>),+) -> $crate::AppliedFilter {
            self.0.on([$($pad.any()),+])
        }
    };
    ($in:ident .. -> $kind:ident) => {
        /// Applies the filter to streams. The number of input pads depends on its options.
        pub fn on(
            self,
            streams: impl IntoIterator<Item: std::borrow::Borrow<$crate::Stream<$crate::$in>>>,
        ) -> $crate::Stream<$crate::$kind> {
            self.0.on($crate::filters::all(streams)).one()
        }
    };
    ($in:ident .. counted $option:literal -> $kind:ident) => {
        #[doc = concat!("Applies the filter to any number of streams, and sets `", $option, "` to it unless set.")]
        pub fn on(
            self,
            streams: impl IntoIterator<Item: std::borrow::Borrow<$crate::Stream<$crate::$in>>>,
        ) -> $crate::Stream<$crate::$kind> {
            let streams = $crate::filters::all(streams);
            $crate::filters::counted(self.0, $option, streams.len()).on(streams).one()
        }
    };
    (.. -> ..) => {
        /// Applies the filter to streams. Its pads depend on its options: declare the kinds of the outputs on the
        /// result.
        pub fn on(self, streams: impl IntoIterator<Item: Into<$crate::AnyStream>>) -> $crate::AppliedFilter {
            self.0.on(streams)
        }
    };
}
