use crate::{
    AnyStream, Arg, Audio, Codec, Filter, Input, MediaKind, Stream, Subtitle, Time, Value, Video,
    entry::{MapSource, StreamOptions},
    model::{self, Attachment, Metadata},
    node::Origin,
    path,
    specifier::kind_of,
};

/// An output file, its streams and its options.
///
/// ```
/// use afmpeg_cmd::{Codec, Command, Input, Output};
///
/// let film = Input::new("film.mkv");
/// let command = Command::new([Output::new("film.mp4")
///     .video(film.video(), Codec::new("libx264").opt("crf", 20))
///     .audio(film.audio(), Codec::new("aac").opt("b", "160k"))
///     .faststart()
///     .metadata("title", "Film")]);
/// assert_eq!(
///     command.to_args().join(" "),
///     "-i film.mkv -map 0:v:0 -map 0:a:0 -c:v libx264 -crf:v 20 -c:a aac -b:a 160k \
///      -metadata title=Film -movflags +faststart film.mp4"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "an output is written only as part of a command"]
pub struct Output {
    pub(crate) data: model::Output,
    pub(crate) streams: Vec<OutputStream>,
    pub(crate) chapters: Option<Input>,
    pub(crate) metadata_from: Option<Input>,
    /// Whether streams without a codec are copied.
    pub(crate) copies: bool,
}

impl Output {
    /// A file at this path, whose extension selects the format.
    ///
    /// Colons are part of the name; `-` is standard output. In an image's path, `%d` is the frame number, unless
    /// [`arg`](Output::arg) sets `update` to 1.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let clip = Input::new("clip.mp4");
    /// let output = Output::new("10:30.mkv").copy(clip.video());
    /// assert_eq!(Command::new([output]).to_args().last().unwrap(), "./10:30.mkv");
    /// ```
    pub fn new(path: impl Into<String>) -> Self {
        Self::url(path::file(path))
    }

    /// The target of this URL, by a protocol of the module.
    pub fn url(url: impl Into<String>) -> Self {
        Self {
            data: model::Output { path: url.into(), ..model::Output::default() },
            streams: Vec::new(),
            chapters: None,
            metadata_from: None,
            copies: false,
        }
    }

    /// Discards the streams after decoding and filtering (`-f null`): for filters that measure.
    pub fn null() -> Self {
        Self::new("-").format("null")
    }

    fn change(mut self, change: impl FnOnce(&mut model::Output)) -> Self {
        change(&mut self.data);
        self
    }

    /// Adds a video stream.
    pub fn video(self, stream: impl Into<Stream<Video>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds an audio stream.
    pub fn audio(self, stream: impl Into<Stream<Audio>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds a subtitle stream.
    pub fn subtitle(self, stream: impl Into<Stream<Subtitle>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds a stream whose packets are copied.
    pub fn copy(self, stream: impl Into<AnyStream>) -> Self {
        self.stream(OutputStream::new(stream).codec(Codec::copy()))
    }

    /// `-c copy`: copies the packets of all streams, including those that FFmpeg selects. Streams with a codec or
    /// filters, or from a graph, are encoded; of the selected streams, those with a codec.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let film = Input::new("film.mkv");
    /// let command = Command::from_input([&film], [Output::new("film.mp4").copy_all()]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -c copy film.mp4");
    ///
    /// let output = Output::new("film.mp4").map(film.video()).audio(film.audio(), "aac").copy_all();
    /// assert_eq!(
    ///     Command::new([output]).to_args().join(" "),
    ///     "-i film.mkv -map 0:v:0 -map 0:a:0 -c:v copy -c:a aac film.mp4"
    /// );
    /// ```
    ///
    /// Where a map adds several streams of an input with a [probe](Input::probe), streams that the
    /// [container](crate::containers) cannot hold are dropped: data such as a camera's timecodes, the fonts of a
    /// Matroska file, audio or subtitles in another codec. [`dropped`](Output::dropped) returns them. A stream that
    /// is mapped explicitly stays, and FFmpeg fails if the format cannot hold it.
    pub fn copy_all(mut self) -> Self {
        self.copies = true;
        self
    }

    /// Adds a stream with the codec that FFmpeg selects for the format.
    pub fn map(self, stream: impl Into<AnyStream>) -> Self {
        self.stream(OutputStream::new(stream))
    }

    /// Adds a stream, or all streams of one map.
    pub fn stream(mut self, stream: OutputStream) -> Self {
        self.streams.push(stream);
        self
    }

    /// Adds the image of an input as a cover, for formats that hold it ([`Container::holds_cover`]).
    ///
    /// [`Container::holds_cover`]: crate::containers::Container::holds_cover
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let (song, cover) = (Input::new("song.wav"), Input::image("cover.jpg"));
    /// let command = Command::new([Output::new("song.mp3").audio(song.audio(), "libmp3lame").cover(&cover)]);
    /// assert_eq!(command.to_args()[10..], ["-c:v", "copy", "-disposition:v", "attached_pic", "song.mp3"]);
    /// ```
    pub fn cover(self, image: &Input) -> Self {
        self.stream(OutputStream::new(image.video()).codec(Codec::copy()).disposition("attached_pic"))
    }

    /// `-vn`: disables video.
    pub fn no_video(self) -> Self {
        self.with(Arg::flag("vn"))
    }

    /// `-an`: disables audio.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let film = Input::new("film.mkv");
    /// let command = Command::from_input([&film], [Output::new("silent.mp4").copy_all().no_audio()]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -c copy -an silent.mp4");
    /// ```
    pub fn no_audio(self) -> Self {
        self.with(Arg::flag("an"))
    }

    /// `-sn`: disables subtitles.
    pub fn no_subtitle(self) -> Self {
        self.with(Arg::flag("sn"))
    }

    /// `-f`: sets the format, instead of that of the path.
    pub fn format(self, name: impl Into<String>) -> Self {
        self.change(|data| data.format = Some(name.into()))
    }

    /// `-ss`: sets the start; earlier frames are decoded and discarded. [`Input::seek`] skips them in the file.
    pub fn seek(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek = Some(time.into()))
    }

    /// `-t`: limits the duration.
    pub fn duration(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.duration = Some(time.into()))
    }

    /// `-to`: sets the end.
    pub fn to(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.to = Some(time.into()))
    }

    /// `-fs`: limits the size, approximately.
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.change(|data| data.max_bytes = Some(bytes))
    }

    /// `-shortest`: ends the output with its shortest stream.
    pub fn shortest(self) -> Self {
        self.change(|data| data.shortest = true)
    }

    /// `-metadata`: sets a key of the file. An empty value removes an input's.
    pub fn metadata(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let entry = Metadata { specifier: None, key: key.into(), value: value.into() };
        self.change(|data| data.metadata.push(entry))
    }

    /// `-metadata`: sets a key of a chapter (`c:0`), of a program (`p:0`), or of streams that FFmpeg selects (`s:a`).
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let film = Input::new("film.mkv");
    /// let command = Command::new([Output::new("b.mkv").copy(&film.video()).metadata_of("c:0", "title", "Opening")]);
    /// assert_eq!(command.to_args()[6..], ["-metadata:c:0", "title=Opening", "b.mkv"]);
    /// ```
    pub fn metadata_of(
        self,
        specifier: impl Into<String>,
        key: impl Into<String>,
        value: impl Into<Value>,
    ) -> Self {
        let entry = Metadata { specifier: Some(specifier.into()), key: key.into(), value: value.into() };
        self.change(|data| data.metadata.push(entry))
    }

    /// `-map_metadata`: copies the file metadata of this input, which may be a text in FFmpeg's metadata format. By
    /// default, FFmpeg copies that of the first input.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let film = Input::new("film.mp4");
    /// let texts = Input::new("film.txt").format("ffmetadata");
    /// let command = Command::new([Output::new("b.mp4").copy(film.video()).metadata_from(&texts).chapters(&texts)]);
    /// assert_eq!(
    ///     command.to_args().join(" "),
    ///     "-i film.mp4 -f ffmetadata -i film.txt -map 0:v:0 -c:v copy -map_chapters 1 -map_metadata 1 b.mp4"
    /// );
    /// ```
    pub fn metadata_from(mut self, input: &Input) -> Self {
        self.metadata_from = Some(input.clone());
        self
    }

    /// `-map_metadata -1`: drops all metadata of inputs, including languages of streams and titles of chapters.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let phone = Input::new("phone.mov");
    /// let command = Command::new([Output::new("b.mp4").copy(phone.video()).no_metadata().metadata("title", "B")]);
    /// assert_eq!(command.to_args()[6..], ["-metadata", "title=B", "-map_metadata", "-1", "b.mp4"]);
    /// ```
    pub fn no_metadata(mut self) -> Self {
        self.metadata_from = None;
        self.arg("map_metadata", -1)
    }

    /// `-map_chapters`: copies the chapters of this input. By default, FFmpeg copies those of the first input that has
    /// any.
    pub fn chapters(mut self, input: &Input) -> Self {
        self.chapters = Some(input.clone());
        self
    }

    /// `-map_chapters -1`: drops all chapters.
    pub fn no_chapters(mut self) -> Self {
        self.chapters = None;
        self.change(|data| data.chapters = Some(model::Chapters::None))
    }

    /// `-attach`: attaches a file, in a container that supports it.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let film = Input::new("film.mp4");
    /// let command = Command::new([Output::new("film.mkv").copy(film.video()).attach("a.ttf", "font/ttf")]);
    /// assert_eq!(
    ///     command.to_args().join(" "),
    ///     "-i film.mp4 -map 0:v:0 -c:v copy -attach a.ttf -metadata:s:t:0 mimetype=font/ttf film.mkv"
    /// );
    /// ```
    pub fn attach(self, path: impl Into<String>, mime_type: impl Into<String>) -> Self {
        let attachment = Attachment { path: path::file(path), mime_type: Some(mime_type.into()) };
        self.change(|data| data.attachments.push(attachment))
    }

    /// `-movflags +faststart`: moves the index of an MP4 or MOV to the front, so that playback can start during a
    /// download.
    pub fn faststart(self) -> Self {
        self.arg("movflags", "+faststart")
    }

    /// Adds any other option of the output: `-name value`.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Adds any other option of the output, with a specifier or without a value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|data| data.args.push(arg))
    }
}

/// An entry of an output: one stream, or all streams of one map.
///
/// ```
/// use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};
///
/// let film = Input::new("film.mkv");
/// let command = Command::new([Output::new("film.mp4")
///     .copy(film.video())
///     .stream(OutputStream::new(film.audio()).codec("aac").metadata("language", "deu").disposition("default"))
///     .stream(OutputStream::all_of(&film, "s").optional().codec("mov_text"))]);
/// assert_eq!(
///     command.to_args().join(" "),
///     "-i film.mkv -map 0:v:0 -map 0:a:0 -map 0:s? -c:v copy -c:a aac -metadata:s:a language=deu \
///      -disposition:a default -c:s mov_text film.mp4"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "a stream is written only as part of an output"]
pub struct OutputStream {
    pub(crate) options: StreamOptions,
    pub(crate) from: MapSource,
}

impl OutputStream {
    fn from_source(from: MapSource, kind: Option<MediaKind>) -> Self {
        Self { options: StreamOptions { kind, ..StreamOptions::default() }, from }
    }

    /// One stream.
    pub fn new(stream: impl Into<AnyStream>) -> Self {
        let AnyStream { origin, kind } = stream.into();
        Self::from_source(MapSource::One(origin), Some(kind))
    }

    /// Every stream of an input that a specifier fits: `a` is all audio, an empty one all streams.
    pub fn all_of(input: &Input, specifier: impl Into<String>) -> Self {
        let streams = specifier.into();
        let kind = kind_of(&streams);
        Self::from_source(MapSource::All { input: input.clone(), streams, optional: false }, kind)
    }

    /// Excludes streams that earlier maps added.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let command = Command::new([Output::new("silent.mkv")
    ///     .stream(OutputStream::all_of(&film, ""))
    ///     .stream(OutputStream::except(&film, "a"))]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -map 0 -map -0:a silent.mkv");
    /// ```
    pub fn except(input: &Input, specifier: impl Into<String>) -> Self {
        Self::from_source(MapSource::Except { input: input.clone(), streams: specifier.into() }, None)
    }

    /// The stream of a kind that FFmpeg selects: the best, if the format accepts the kind.
    ///
    /// FFmpeg selects streams of every kind for an output without streams of inputs; streams from a graph count as the
    /// best of their kind. With a graph, only the first output can do so: [`Command::check`](crate::Command::check)
    /// reports others.
    ///
    /// ```
    /// # use afmpeg_cmd::{Codec, Command, Filter, Input, MediaKind, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let output = Output::new("loud.mp4")
    ///     .stream(OutputStream::automatic(MediaKind::Video).codec(Codec::copy()))
    ///     .stream(OutputStream::automatic(MediaKind::Audio).filter(Filter::new("volume").opt("volume", 2)));
    /// assert_eq!(
    ///     Command::from_input([&film], [output]).to_args().join(" "),
    ///     "-i film.mkv -c:v copy -filter:a volume=volume=2 loud.mp4"
    /// );
    ///
    /// let flipped = film.video().filter("hflip");
    /// let output = Output::new("a.mp4").map(&flipped).stream(OutputStream::automatic(MediaKind::Audio));
    /// let command = Command::new([output]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -filter_complex [0:v:0]hflip@n0 a.mp4");
    /// ```
    pub fn automatic(kind: MediaKind) -> Self {
        Self::from_source(MapSource::Automatic(kind), Some(kind))
    }

    /// A pad of a text graph, by its label.
    ///
    /// ```
    /// # use afmpeg_cmd::{Arg, Command, MediaKind, Output, OutputStream};
    /// let output = Output::new("a.png").stream(OutputStream::label("red", MediaKind::Video).frames(1));
    /// let command = Command::new([output]).with(Arg::new("filter_complex", "color=red[red]"));
    /// assert_eq!(command.to_args().join(" "), "-filter_complex color=red[red] -map [red] -frames:v 1 a.png");
    /// ```
    pub fn label(label: impl Into<String>, kind: MediaKind) -> Self {
        Self::from_source(MapSource::Label(label.into()), Some(kind))
    }

    fn change(mut self, change: impl FnOnce(&mut StreamOptions)) -> Self {
        change(&mut self.options);
        self
    }

    /// Allows the stream to be missing: the question mark of `-map`.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Command, Input, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let french = OutputStream::new(film.stream::<Audio>("a:m:language:fra")).optional();
    /// let command = Command::new([Output::new("film.mp4").map(film.video()).stream(french)]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -map 0:v:0 -map 0:a:m:language:fra:? film.mp4");
    /// ```
    pub fn optional(mut self) -> Self {
        self.from = match self.from {
            MapSource::One(Origin::Input { input, streams, .. }) | MapSource::All { input, streams, .. } => {
                MapSource::All { input, streams, optional: true }
            }
            // A pad of a graph always exists.
            other => other,
        };
        self
    }

    /// `-c`: sets the encoder.
    pub fn codec(self, codec: impl Into<Codec>) -> Self {
        self.change(|options| codec.into().set(options))
    }

    /// `-filter`: adds a filter with one input and one output pad, for streams directly from an input; with several
    /// streams, each is filtered separately. Streams from a graph are filtered in the graph.
    pub fn filter(self, filter: impl Into<Filter>) -> Self {
        self.change(|options| options.filters.push(filter.into()))
    }

    /// `-frames`: limits the number of frames.
    pub fn frames(self, count: u64) -> Self {
        self.change(|options| options.frames = Some(count))
    }

    /// `-metadata:s`: sets a key of the stream: `language`, `title`.
    pub fn metadata(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let entry = Metadata { specifier: None, key: key.into(), value: value.into() };
        self.change(|options| options.metadata.push(entry))
    }

    /// `-disposition`: sets flags: `default`, `forced`, `attached_pic`; `0` clears them.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output, OutputStream};
    /// let (song, cover) = (Input::new("song.wav"), Input::image("cover.jpg"));
    /// let cover = OutputStream::new(cover.video()).codec("copy").disposition("attached_pic");
    /// let command = Command::new([Output::new("song.mp3").audio(song.audio(), "libmp3lame").stream(cover)]);
    /// assert_eq!(command.to_args()[10..], ["-c:v", "copy", "-disposition:v", "attached_pic", "song.mp3"]);
    /// ```
    pub fn disposition(self, flags: impl Into<String>) -> Self {
        self.change(|options| options.disposition = Some(flags.into()))
    }

    /// Adds any other option of a stream, by FFmpeg's name.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Adds any other option of a stream, possibly without a value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|options| options.args.push(arg))
    }
}
