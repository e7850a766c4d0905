use std::sync::Arc;

use crate::{
    Arg, Audio, Filter, Input, Kind, MediaKind, Probe, Stream, Subtitle, Time, Value, Video, model,
    node::{Origin, Sequence, Shared},
    path, probe,
};

impl Input {
    /// The file at this path of the job's filesystem, whatever characters the path contains: `pipe:0`, `-` and
    /// `img%03d.png` are plain file names. [`url`](Input::url) takes FFmpeg's own syntax.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let args = |path: &str| Command::new([Output::new("b.mkv").map(Input::new(path).video())]).to_args();
    /// assert_eq!(args("a.mkv")[..2], ["-i", "a.mkv"]);
    /// assert_eq!(args("12:30.mkv")[..2], ["-i", "./12:30.mkv"]);
    /// assert_eq!(args("-")[..2], ["-i", "./-"]);
    /// ```
    pub fn new(path: impl Into<String>) -> Self {
        let name = path.into();
        let is_pattern = path::is_pattern(&name);
        Self::named(name, is_pattern)
    }

    fn named(name: String, is_pattern: bool) -> Self {
        let mut data = model::Input { path: path::input_file(&name), ..model::Input::default() };
        if is_pattern {
            // Only image2 has patterns, and it trusts file extensions: without one, FFmpeg probes the content.
            data.format = Some("image2".to_owned());
            data.args.push(Arg::new("pattern_type", "none"));
        }
        Self(Arc::new(Shared { sequence: Sequence::next(), data, name: Some(name), probe: None }))
    }

    /// The source at this URL: `concat:` and other protocols of the module, `-` for standard input, `img%03d.png` for a
    /// sequence of images. An untrusted path could be any of these: pass it to [`new`](Input::new).
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let shots = Input::url("img%03d.png").arg("framerate", 12);
    /// let command = Command::new([Output::new("b.mkv").map(shots.video())]);
    /// assert_eq!(command.to_args()[..4], ["-framerate", "12", "-i", "img%03d.png"]);
    /// ```
    pub fn url(url: impl Into<String>) -> Self {
        Self::from(model::Input { path: url.into(), ..model::Input::default() })
    }

    /// The output of a graph of filters without inputs, through `-f lavfi`.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output, Time, filters::source::testsrc};
    ///
    /// let bars = Input::lavfi([testsrc().size("320x240").duration(Time::from_secs(2))]);
    /// let command = Command::new([Output::new("bars.mkv").map(bars.video())]);
    /// assert_eq!(
    ///     command.to_args().join(" "),
    ///     "-f lavfi -i testsrc=size=320x240:duration=2 -map 0:v:0 bars.mkv"
    /// );
    /// ```
    pub fn lavfi(chain: impl IntoIterator<Item: Into<Filter>>) -> Self {
        let chain: Vec<Filter> = chain.into_iter().map(Into::into).collect();
        Self::url(Filter::chain(&chain)).format("lavfi")
    }

    /// An image: a video of one frame.
    ///
    /// ```
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let photo = |path: &str| Command::new([Output::new("b.png").map(Input::image(path).video())]);
    /// assert_eq!(photo("a.png").to_args()[..2], ["-i", "a.png"]);
    /// assert_eq!(
    ///     photo("100%d.png").to_args()[..6],
    ///     ["-f", "image2", "-pattern_type", "none", "-i", "100%d.png"]
    /// );
    /// ```
    pub fn image(path: impl Into<String>) -> Self {
        let name = path.into();
        let may_be_pattern = name.contains('%');
        Self::named(name, may_be_pattern)
    }

    /// An [`image`](Input::image) that is shown for `duration`, at 25 frames per second unless [`arg`](Input::arg) sets
    /// another `framerate`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Command, Input, Output};
    /// let still = Input::still("a.png", Duration::from_secs(3));
    /// let command = Command::new([Output::new("a.mp4").map(still.video())]);
    /// assert_eq!(command.to_args().join(" "), "-t 3 -loop 1 -i a.png -map 0:v:0 a.mp4");
    /// ```
    pub fn still(path: impl Into<String>, duration: impl Into<Time>) -> Self {
        Self::image(path).arg("loop", 1).duration(duration)
    }

    fn change(mut self, change: impl FnOnce(&mut model::Input)) -> Self {
        change(&mut Arc::make_mut(&mut self.0).data);
        self
    }

    /// `-f`: sets the format, instead of probing. With `lavfi`, the path is a graph.
    pub fn format(mut self, name: impl Into<String>) -> Self {
        let format = name.into();
        let shared = Arc::make_mut(&mut self.0);
        if let Some(graph) = shared.name.take_if(|_| format == "lavfi") {
            shared.data.path = graph;
        }
        shared.data.format = Some(format);
        self
    }

    /// `-ss`: sets the start. FFmpeg seeks by the file's index; the start is exact where the stream is decoded.
    pub fn seek(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek = Some(time.into()))
    }

    /// `-sseof`: sets the start, as a time before the end.
    pub fn seek_before_end(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek_from_end = Some(-time.into()))
    }

    /// `-t`: limits the duration that is read.
    pub fn duration(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.duration = Some(time.into()))
    }

    /// `-to`: sets the end.
    pub fn to(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.to = Some(time.into()))
    }

    /// `-itsoffset`: shifts all timestamps.
    pub fn offset(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.offset = Some(time.into()))
    }

    /// `-stream_loop`: reads the input this many more times.
    pub fn repeat(self, times: u16) -> Self {
        self.change(|data| data.repeats = Some(times.into()))
    }

    /// `-stream_loop -1`: reads the input endlessly. The output needs a limit of its own.
    pub fn repeat_for_ever(self) -> Self {
        self.change(|data| data.repeats = Some(-1))
    }

    /// Adds any other option of the input: `-name value`.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Adds any other option of the input, with a specifier or without a value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|data| data.args.push(arg))
    }

    /// Sets ffprobe's output for the file, with which the command is built: [recipes](crate::recipes) read sizes, colours
    /// and durations from it, and [`Output::copy_all`](crate::Output::copy_all) drops streams by it.
    ///
    /// The finished [`Command`](crate::Command) is plain data, which can be printed and parsed, and has no probes. So its
    /// checks need them again, in the order of its inputs:
    /// [`Command::problems_with_probes`](crate::Command::problems_with_probes), or `PreparedCommand::probes` of the crate
    /// `afmpeg`, which then does not probe these files a second time.
    ///
    /// Where one stream of a tiled image is named, as in most HEIC files, FFmpeg returns its first tile; with this,
    /// [`video`](Input::video) is the whole image.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output, Probe};
    ///
    /// let json = r#"{
    ///     "stream_groups": [{ "index": 0, "type": "Tile Grid", "streams": [{ "index": 0 }, { "index": 1 }],
    ///         "components": [{ "nb_tiles": 2, "width": 500, "height": 256 }] }],
    ///     "streams": [{ "index": 0, "codec_type": "video", "width": 256, "height": 256 },
    ///         { "index": 1, "codec_type": "video", "width": 256, "height": 256 }]
    /// }"#;
    /// let probe: Probe = serde_json::from_str(json).unwrap();
    /// let photo = Input::new("photo.heic").probe(&probe);
    /// let command = Command::new([Output::new("photo.png").map(photo.video())]);
    /// assert_eq!(command.to_args().join(" "), "-i photo.heic -filter_complex [0:g:0]null@n0[v0] -map [v0] photo.png");
    /// ```
    pub fn probe(mut self, probe: &Probe) -> Self {
        Arc::make_mut(&mut self.0).probe = Some(Arc::new(probe.clone()));
        self
    }

    /// Returns its first video. A cover that comes first counts; `V:0` is the first video that is not a cover. For a
    /// tiled image it is the whole image, if the input has a [probe](Input::probe):
    /// [`Command::check`](crate::Command::check) refuses this stream of a HEIF file (`.heic`, `.heif`, `.hif`, `.avif`)
    /// without a probe.
    pub fn video(&self) -> Stream<Video> {
        self.first_picture(|_| true).unwrap_or_else(|| self.nth(0))
    }

    /// Returns its first video that is not a cover.
    pub(crate) fn film(&self) -> Stream<Video> {
        self.first_picture(|stream| !stream.is_attached_picture()).unwrap_or_else(|| self.stream("V:0"))
    }

    /// Returns the whole tiled image. For a probed file that may be tiled and is not, returns the first video by its
    /// index: the specifier then shows that it was probed.
    fn first_picture(&self, is_match: impl Fn(&probe::Stream) -> bool) -> Option<Stream<Video>> {
        let probe = self.probed()?;
        let tile = probe.streams.iter().find(|stream| stream.is_video());
        if let Some(grid) = tile.and_then(|tile| probe.tile_grid(tile)) {
            // FFmpeg's name of the assembled image, which only a graph accepts.
            return Some(self.stream::<Video>(format!("g:{}", grid.index)).filter("null"));
        }
        if !path::may_be_tiled(&self.0.data.path) {
            return None;
        }
        let is_first = |stream: &probe::Stream| stream.kind() == Some(MediaKind::Video) && is_match(stream);
        probe.streams.iter().position(is_first).map(|index| self.stream(index.to_string()))
    }

    /// Returns its first audio.
    pub fn audio(&self) -> Stream<Audio> {
        self.nth(0)
    }

    /// Returns its first subtitles.
    pub fn subtitle(&self) -> Stream<Subtitle> {
        self.nth(0)
    }

    /// Returns a stream by its index among the streams of its kind, from 0.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Command, Input, Output};
    /// let film = Input::new("film.mkv");
    /// let command = Command::new([Output::new("second.flac").map(film.nth::<Audio>(1))]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -map 0:a:1 second.flac");
    /// ```
    pub fn nth<K: Kind>(&self, index: usize) -> Stream<K> {
        self.stream(format!("{}:{index}", K::KIND.specifier()))
    }

    /// Returns the stream that an FFmpeg specifier selects. It must be a single stream of this kind; nothing checks
    /// that.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Command, Input, Output};
    /// let film = Input::new("film.mkv");
    /// let command = Command::new([Output::new("german.flac").map(film.stream::<Audio>("m:language:deu"))]);
    /// assert_eq!(command.to_args().join(" "), "-i film.mkv -map 0:m:language:deu german.flac");
    /// ```
    pub fn stream<K: Kind>(&self, specifier: impl Into<String>) -> Stream<K> {
        let origin = Origin::Input { input: self.clone(), streams: specifier.into(), kind: K::KIND };
        Stream::from_origin(origin)
    }
}

/// An input from JSON, or built by hand.
impl From<model::Input> for Input {
    fn from(data: model::Input) -> Self {
        Self(Arc::new(Shared { sequence: Sequence::next(), data, name: None, probe: None }))
    }
}

/// The first stream of the kind; for video, [`Input::video`].
impl<K: Kind> From<&Input> for Stream<K> {
    fn from(input: &Input) -> Self {
        input.video().any().typed().unwrap_or_else(|| input.nth(0))
    }
}
