use crate::{Arg, Filter, Value, entry::StreamOptions};

/// An encoder with its options, or `copy`. [`encoders`](crate::encoders) has types for FFmpeg's encoders.
///
/// ```
/// use afmpeg_cmd::Codec;
///
/// let h264 = Codec::new("libx264").opt("crf", 21).opt("preset", "veryfast");
/// let copied = Codec::copy().bitstream_filter("h264_mp4toannexb");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Codec {
    name: Option<String>,
    args: Vec<Arg>,
    bitstream_filters: Vec<Filter>,
}

impl Codec {
    /// An encoder by name, with its default options.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// No encoder: packets are copied.
    pub fn copy() -> Self {
        Self::new("copy")
    }

    /// The encoder that FFmpeg selects for the output's format.
    ///
    /// ```
    /// # use afmpeg_cmd::{Codec, Command, Input, Output};
    /// let clip = Input::new("clip.mp4");
    /// let command = Command::new([Output::new("a.webm").audio(clip.audio(), Codec::by_format().opt("b", "96k"))]);
    /// assert_eq!(command.to_args().join(" "), "-i clip.mp4 -map 0:a:0 -b:a 96k a.webm");
    /// ```
    pub fn by_format() -> Self {
        Self::default()
    }

    /// Returns FFmpeg's name of the encoder; `None` if FFmpeg selects it.
    ///
    /// ```
    /// # use afmpeg_cmd::Codec;
    /// assert_eq!(Codec::new("libx264").name(), Some("libx264"));
    /// assert_eq!(Codec::by_format().name(), None);
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Sets an option of the encoder, or any other option of one stream (`r`, `pix_fmt`, `g`, `b`), by FFmpeg's name.
    #[must_use]
    pub fn opt(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.args.push(Arg::new(name, value));
        self
    }

    /// `-bsf`: adds a filter for the encoded packets.
    #[must_use]
    pub fn bitstream_filter(mut self, filter: impl Into<Filter>) -> Self {
        self.bitstream_filters.push(filter.into());
        self
    }

    /// Returns the options, in the order of their setting.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&str, Option<&Value>)> {
        self.args.iter().map(|arg| (arg.name.as_str(), arg.value.as_ref()))
    }

    /// Returns the value of an option, of which FFmpeg uses the last.
    pub(crate) fn option(&self, name: &str) -> Option<&Value> {
        self.args.iter().rev().find(|arg| arg.name == name)?.value.as_ref()
    }

    /// Sets an option instead of its earlier values.
    pub(crate) fn replace_opt(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.retain(|arg| arg.name != name);
        self.opt(name, value)
    }

    pub(crate) fn set(self, stream: &mut StreamOptions) {
        stream.codec = self.name;
        stream.args.extend(self.args);
        stream.bitstream_filters.extend(self.bitstream_filters);
    }
}

/// The encoder with this name.
impl From<&str> for Codec {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The encoder with this name.
impl From<String> for Codec {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}
