use crate::{
    AnyStream, Arg, Audio, Codec, Filter, Input, LeftOut, MediaKind, Stream, Subtitle, Time, Value, Video,
    model::{self, Attachment, Metadata},
    node::Origin,
    path,
};

/// An output file, and what goes into it.
///
/// ```
/// use afmpeg_cmd::{Codec, Input, Job, Output};
///
/// let film = Input::new("film.mkv");
/// let job = Job::new([Output::new("film.mp4")
///     .video(film.video(), Codec::new("libx264").opt("crf", 20))
///     .audio(film.audio(), Codec::new("aac").opt("b", "160k"))
///     .faststart()
///     .metadata("title", "Film")]);
/// assert_eq!(
///     job.to_args().join(" "),
///     "-i film.mkv -map 0:v:0 -map 0:a:0 -c:v libx264 -crf:v 20 -c:a aac -b:a 160k \
///      -metadata title=Film -movflags +faststart film.mp4"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "an output is written only by a job"]
pub struct Output {
    pub(crate) data: model::Output,
    pub(crate) streams: Vec<OutputStream>,
    pub(crate) chapters: Option<Input>,
    pub(crate) metadata_from: Option<Input>,
    /// Whether streams without a codec of their own are copied.
    pub(crate) copies: bool,
}

impl Output {
    /// A file at this path, whose ending says its format.
    ///
    /// Colons in it are parts of the name; `-` is the standard output. In an image's path, `%d` is the number of the
    /// picture, unless [`arg`](Output::arg) says `update` 1.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let clip = Input::new("clip.mp4");
    /// let output = Output::new("10:30.mkv").copy(clip.video());
    /// assert_eq!(Job::new([output]).to_args().last().unwrap(), "./10:30.mkv");
    /// ```
    pub fn new(path: impl Into<String>) -> Self {
        Self::url(path::file(path))
    }

    /// What FFmpeg finds at this URL, with a protocol that the module has.
    pub fn url(url: impl Into<String>) -> Self {
        Self {
            data: model::Output { path: url.into(), ..model::Output::default() },
            streams: Vec::new(),
            chapters: None,
            metadata_from: None,
            copies: false,
        }
    }

    /// Decodes, filters, and throws away what comes out (`-f null`): for filters that measure.
    pub fn nowhere() -> Self {
        Self::new("-").format("null")
    }

    fn change(mut self, change: impl FnOnce(&mut model::Output)) -> Self {
        change(&mut self.data);
        self
    }

    /// Adds a video.
    pub fn video(self, stream: impl Into<Stream<Video>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds an audio.
    pub fn audio(self, stream: impl Into<Stream<Audio>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds subtitles.
    pub fn subtitle(self, stream: impl Into<Stream<Subtitle>>, codec: impl Into<Codec>) -> Self {
        self.stream(OutputStream::new(stream.into()).codec(codec))
    }

    /// Adds a stream whose packets are passed on as they are.
    pub fn copy(self, stream: impl Into<AnyStream>) -> Self {
        self.stream(OutputStream::new(stream).codec(Codec::copy()))
    }

    /// `-c copy`: passes on the packets of all its streams as they are, those too that FFmpeg chooses. Streams that have
    /// a codec or filters of their own, or come out of a graph, are encoded; of those that FFmpeg chooses, such as have a
    /// codec.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let film = Input::new("film.mkv");
    /// let job = Job::reading([&film], [Output::new("film.mp4").copy_all()]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -c copy film.mp4");
    ///
    /// let output = Output::new("film.mp4").map(film.video()).audio(film.audio(), "aac").copy_all();
    /// assert_eq!(
    ///     Job::new([output]).to_args().join(" "),
    ///     "-i film.mkv -map 0:v:0 -map 0:a:0 -c:v copy -c:a aac film.mp4"
    /// );
    /// ```
    ///
    /// Where a map brings several streams of an input that [is known](Input::known), those that the
    /// [container](crate::containers) does not hold are left out: data such as the timecodes of a camera, the fonts of a
    /// Matroska file, sound or subtitles of another codec.
    /// [`left_out`](Output::left_out) returns them. A stream that an output names by itself stays, and FFmpeg fails where
    /// the format does not hold it.
    pub fn copy_all(mut self) -> Self {
        self.copies = true;
        self
    }

    /// The streams that [`copy_all`](Output::copy_all) leaves out since the format does not hold them, in the order of
    /// the maps that would bring them; nothing of inputs that nobody has looked at.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Media, Output, OutputStream};
    /// let json = r#"{ "streams": [{ "codec_type": "video", "codec_name": "h264" },
    ///     { "codec_type": "subtitle", "codec_name": "subrip" }] }"#;
    /// let media: Media = serde_json::from_str(json).unwrap();
    /// let film = Input::new("film.mkv").known(&media);
    /// let output = Output::new("film.mp4").stream(OutputStream::all_of(&film, "")).copy_all();
    /// assert_eq!(output.left_out()[0].to_string(), "stream 1 (subtitle, subrip) is left out: mp4 cannot hold it");
    /// assert_eq!(Job::new([output]).to_args().join(" "), "-i film.mkv -map 0 -map -0:1 -c copy film.mp4");
    /// ```
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.cannot_hold().into_iter().map(|(_, left)| left).collect()
    }

    /// Adds a stream with the codec that FFmpeg takes for the format.
    pub fn map(self, stream: impl Into<AnyStream>) -> Self {
        self.stream(OutputStream::new(stream))
    }

    /// Adds a stream, or several that one map brings.
    pub fn stream(mut self, stream: OutputStream) -> Self {
        self.streams.push(stream);
        self
    }

    /// `-vn`: it has no video, whatever FFmpeg would choose.
    pub fn no_video(self) -> Self {
        self.with(Arg::flag("vn"))
    }

    /// `-an`: it has no audio, whatever FFmpeg would choose.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let film = Input::new("film.mkv");
    /// let job = Job::reading([&film], [Output::new("silent.mp4").copy_all().no_audio()]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -c copy -an silent.mp4");
    /// ```
    pub fn no_audio(self) -> Self {
        self.with(Arg::flag("an"))
    }

    /// `-sn`: it has no subtitles, whatever FFmpeg would choose.
    pub fn no_subtitle(self) -> Self {
        self.with(Arg::flag("sn"))
    }

    /// `-f`: its format, where its path does not say it.
    pub fn format(self, name: impl Into<String>) -> Self {
        self.change(|data| data.format = Some(name.into()))
    }

    /// `-ss`: decodes and throws away what is before this time. [`Input::seek`] does not even read it.
    pub fn seek(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek = Some(time.into()))
    }

    /// `-t`: it becomes so long at most.
    pub fn duration(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.duration = Some(time.into()))
    }

    /// `-to`: it stops there.
    pub fn to(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.to = Some(time.into()))
    }

    /// `-fs`: it stops at about so many bytes.
    pub fn max_bytes(self, bytes: u64) -> Self {
        self.change(|data| data.max_bytes = Some(bytes))
    }

    /// `-shortest`: it ends when the first of its streams ends.
    pub fn shortest(self) -> Self {
        self.change(|data| data.shortest = true)
    }

    /// `-metadata`: sets a key of the file's. An empty value takes away what an input has.
    pub fn metadata(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let entry = Metadata { specifier: None, key: key.into(), value: value.into() };
        self.change(|data| data.metadata.push(entry))
    }

    /// `-metadata`: sets a key of a chapter's (`c:0`), a program's (`p:0`), or of streams that FFmpeg chooses (`s:a`).
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let film = Input::new("film.mkv");
    /// let job = Job::new([Output::new("b.mkv").copy(&film.video()).metadata_of("c:0", "title", "Opening")]);
    /// assert_eq!(job.to_args()[6..], ["-metadata:c:0", "title=Opening", "b.mkv"]);
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

    /// `-map_metadata`: takes the file's metadata of this input, a film's or a text's in FFmpeg's own format. Without it,
    /// FFmpeg takes that of the first input.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let film = Input::new("film.mp4");
    /// let told = Input::new("film.txt").format("ffmetadata");
    /// let job = Job::new([Output::new("b.mp4").copy(film.video()).metadata_from(&told).chapters(&told)]);
    /// assert_eq!(
    ///     job.to_args().join(" "),
    ///     "-i film.mp4 -f ffmetadata -i film.txt -map 0:v:0 -c:v copy -map_chapters 1 -map_metadata 1 b.mp4"
    /// );
    /// ```
    pub fn metadata_from(mut self, input: &Input) -> Self {
        self.metadata_from = Some(input.clone());
        self
    }

    /// `-map_metadata -1`: it has no metadata but what is set: languages of streams and titles of chapters go as well.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let phone = Input::new("phone.mov");
    /// let job = Job::new([Output::new("b.mp4").copy(phone.video()).no_metadata().metadata("title", "B")]);
    /// assert_eq!(job.to_args()[6..], ["-metadata", "title=B", "-map_metadata", "-1", "b.mp4"]);
    /// ```
    pub fn no_metadata(mut self) -> Self {
        self.metadata_from = None;
        self.arg("map_metadata", -1)
    }

    /// `-map_chapters`: takes the chapters of this input. Without it, FFmpeg takes those of the first that has some.
    pub fn chapters(mut self, input: &Input) -> Self {
        self.chapters = Some(input.clone());
        self
    }

    /// `-map_chapters -1`: it has no chapters.
    pub fn no_chapters(mut self) -> Self {
        self.chapters = None;
        self.change(|data| data.chapters = Some(model::Chapters::None))
    }

    /// `-attach`: lets a file travel along, in a container that carries files.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let film = Input::new("film.mp4");
    /// let job = Job::new([Output::new("film.mkv").copy(film.video()).attach("a.ttf", "font/ttf")]);
    /// assert_eq!(
    ///     job.to_args().join(" "),
    ///     "-i film.mp4 -map 0:v:0 -c:v copy -attach a.ttf -metadata:s:t:0 mimetype=font/ttf film.mkv"
    /// );
    /// ```
    pub fn attach(self, path: impl Into<String>, mime_type: impl Into<String>) -> Self {
        let attachment = Attachment { path: path::file(path), mime_type: Some(mime_type.into()) };
        self.change(|data| data.attachments.push(attachment))
    }

    /// `-movflags +faststart`: puts the index of an MP4 or MOV before its media, so that playing can begin at once.
    pub fn faststart(self) -> Self {
        self.arg("movflags", "+faststart")
    }

    /// Any other option of the output: `-name value`.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Any other option of the output, with a specifier or without a value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|data| data.args.push(arg))
    }
}

/// What an output takes in: one stream, or what a map of FFmpeg's brings.
///
/// ```
/// use afmpeg_cmd::{Codec, Input, Job, Output, OutputStream};
///
/// let film = Input::new("film.mkv");
/// let job = Job::new([Output::new("film.mp4")
///     .copy(film.video())
///     .stream(OutputStream::new(film.audio()).codec("aac").metadata("language", "deu").disposition("default"))
///     .stream(OutputStream::all_of(&film, "s").optional().codec("mov_text"))]);
/// assert_eq!(
///     job.to_args().join(" "),
///     "-i film.mkv -map 0:v:0 -map 0:a:0 -map 0:s? -c:v copy -c:a aac -metadata:s:a language=deu \
///      -disposition:a default -c:s mov_text film.mp4"
/// );
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is written only as a part of an output"]
pub struct OutputStream {
    pub(crate) data: model::OutputStream,
    pub(crate) from: Taken,
}

/// Where an output takes from.
#[derive(Debug, Clone)]
pub(crate) enum Taken {
    /// One stream.
    One(Origin),
    /// All that a specifier fits.
    All { input: Input, streams: String, optional: bool },
    /// None of those, after all.
    Except { input: Input, streams: String },
    /// A pad of a graph that was given as text.
    Label(String),
    /// What FFmpeg chooses.
    Automatic(MediaKind),
}

impl OutputStream {
    fn taking(from: Taken, kind: Option<MediaKind>) -> Self {
        let map = model::Map::Label(String::new());
        let data = model::OutputStream {
            map,
            kind,
            codec: None,
            filters: Vec::new(),
            bitstream_filters: Vec::new(),
            frames: None,
            metadata: Vec::new(),
            disposition: None,
            args: Vec::new(),
        };
        Self { data, from }
    }

    /// One stream.
    pub fn new(stream: impl Into<AnyStream>) -> Self {
        let AnyStream { origin, kind } = stream.into();
        Self::taking(Taken::One(origin), Some(kind))
    }

    /// Every stream of an input that a specifier fits: `a` is all audio, an empty one is everything.
    pub fn all_of(input: &Input, specifier: impl Into<String>) -> Self {
        let streams = specifier.into();
        let kind = MediaKind::of_specifier(&streams);
        Self::taking(Taken::All { input: input.clone(), streams, optional: false }, kind)
    }

    /// Takes streams away that maps before it have brought.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let job = Job::new([Output::new("silent.mkv")
    ///     .stream(OutputStream::all_of(&film, ""))
    ///     .stream(OutputStream::except(&film, "a"))]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -map 0 -map -0:a silent.mkv");
    /// ```
    pub fn except(input: &Input, specifier: impl Into<String>) -> Self {
        Self::taking(Taken::Except { input: input.clone(), streams: specifier.into() }, None)
    }

    /// The stream of a kind that FFmpeg chooses: the best that there is, if the format takes any.
    ///
    /// It chooses so, for every kind, where an output has nothing from inputs; what a graph makes is the best of its
    /// kind. That is for the first output only, if something comes out of a graph: [`Job::check`](crate::Job::check)
    /// says where it cannot be.
    ///
    /// ```
    /// # use afmpeg_cmd::{Codec, Filter, Input, Job, MediaKind, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let output = Output::new("loud.mp4")
    ///     .stream(OutputStream::automatic(MediaKind::Video).codec(Codec::copy()))
    ///     .stream(OutputStream::automatic(MediaKind::Audio).filter(Filter::new("volume").opt("volume", 2)));
    /// assert_eq!(
    ///     Job::reading([&film], [output]).to_args().join(" "),
    ///     "-i film.mkv -c:v copy -filter:a volume=volume=2 loud.mp4"
    /// );
    ///
    /// let flipped = film.video().filter("hflip");
    /// let output = Output::new("a.mp4").map(&flipped).stream(OutputStream::automatic(MediaKind::Audio));
    /// let job = Job::new([output]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -filter_complex [0:v:0]hflip@n0 a.mp4");
    /// ```
    pub fn automatic(kind: MediaKind) -> Self {
        Self::taking(Taken::Automatic(kind), Some(kind))
    }

    /// A pad of a graph that was given as text, by its label.
    ///
    /// ```
    /// # use afmpeg_cmd::{Arg, Job, MediaKind, Output, OutputStream};
    /// let output = Output::new("a.png").stream(OutputStream::label("red", MediaKind::Video).frames(1));
    /// let job = Job::new([output]).with(Arg::new("filter_complex", "color=red[red]"));
    /// assert_eq!(job.to_args().join(" "), "-filter_complex color=red[red] -map [red] -frames:v 1 a.png");
    /// ```
    pub fn label(label: impl Into<String>, kind: MediaKind) -> Self {
        Self::taking(Taken::Label(label.into()), Some(kind))
    }

    fn change(mut self, change: impl FnOnce(&mut model::OutputStream)) -> Self {
        change(&mut self.data);
        self
    }

    /// Lets there be none: the question mark of `-map`.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Input, Job, Output, OutputStream};
    /// let film = Input::new("film.mkv");
    /// let french = OutputStream::new(film.stream::<Audio>("a:m:language:fra")).optional();
    /// let job = Job::new([Output::new("film.mp4").map(film.video()).stream(french)]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -map 0:v:0 -map 0:a:m:language:fra:? film.mp4");
    /// ```
    pub fn optional(mut self) -> Self {
        self.from = match self.from {
            Taken::One(Origin::Input { input, streams, .. }) | Taken::All { input, streams, .. } => {
                Taken::All { input, streams, optional: true }
            }
            // What a graph makes is there, or the graph fails.
            other => other,
        };
        self
    }

    /// `-c`: its encoder.
    pub fn codec(self, codec: impl Into<Codec>) -> Self {
        self.change(|data| codec.into().set(data))
    }

    /// `-filter`: adds a filter with one pad in and one out, for streams that come right from an input: where a map
    /// brings several, each has its own. Streams from a graph are filtered in the graph.
    pub fn filter(self, filter: impl Into<Filter>) -> Self {
        self.change(|data| data.filters.push(filter.into()))
    }

    /// `-frames`: it has so many frames at most.
    pub fn frames(self, count: u64) -> Self {
        self.change(|data| data.frames = Some(count))
    }

    /// `-metadata:s`: sets a key of the stream's: `language`, `title`.
    pub fn metadata(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        let entry = Metadata { specifier: None, key: key.into(), value: value.into() };
        self.change(|data| data.metadata.push(entry))
    }

    /// `-disposition`: `default`, `forced`, `attached_pic`; `0` for none.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output, OutputStream};
    /// let (song, cover) = (Input::new("song.wav"), Input::picture("cover.jpg"));
    /// let cover = OutputStream::new(cover.video()).codec("copy").disposition("attached_pic");
    /// let job = Job::new([Output::new("song.mp3").audio(song.audio(), "libmp3lame").stream(cover)]);
    /// assert_eq!(job.to_args()[10..], ["-c:v", "copy", "-disposition:v", "attached_pic", "song.mp3"]);
    /// ```
    pub fn disposition(self, flags: impl Into<String>) -> Self {
        self.change(|data| data.disposition = Some(flags.into()))
    }

    /// Any other option that is for one stream, by FFmpeg's name for it.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Any other option that is for one stream, and may have no value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|data| data.args.push(arg))
    }
}
