use std::{fmt, sync::Arc};

use crate::{
    Arg, Audio, Filter, Kind, Media, MediaKind, MediaStream, Stream, Subtitle, Time, Value, Video, model,
    node::{Origin, Sequence},
    path,
};

/// An input file, and how it is read. A cheap handle: clones are the same input, and appear once in a command.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Input, Job, Output};
///
/// let clip = Input::new("clip.mp4").seek(Duration::from_secs(10)).duration(Duration::from_secs(5));
/// let job = Job::new([Output::new("part.mkv").copy(clip.video()).copy(clip.audio())]);
/// assert_eq!(
///     job.to_args().join(" "),
///     "-ss 10 -t 5 -i clip.mp4 -map 0:v:0 -map 0:a:0 -c:v copy -c:a copy part.mkv"
/// );
/// ```
#[derive(Clone)]
#[must_use = "an input is read only if an output takes of it"]
pub struct Input(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    made: Sequence,
    data: model::Input,
    /// The name of its file as it was given, where it is one.
    name: Option<String>,
    /// What a probe has found in it.
    known: Option<Arc<Media>>,
}

/// A clone is another input: it is made where one that is in use is changed.
impl Clone for Shared {
    fn clone(&self) -> Self {
        Self {
            made: Sequence::next(),
            data: self.data.clone(),
            name: self.name.clone(),
            known: self.known.clone(),
        }
    }
}

impl Input {
    /// The file at this path of the filesystem that the job is given, whatever characters are in it: `pipe:0`, `-` and
    /// `img%03d.png` are names like others. [`url`](Input::url) is what FFmpeg makes of a path otherwise.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let args = |path: &str| Job::new([Output::new("b.mkv").map(Input::new(path).video())]).to_args();
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
            // Only image2 has patterns, and it believes endings: where it is not needed, FFmpeg looks into the file.
            data.format = Some("image2".to_owned());
            data.args.push(Arg::new("pattern_type", "none"));
        }
        Self(Arc::new(Shared { made: Sequence::next(), data, name: Some(name), known: None }))
    }

    /// What FFmpeg finds at this URL: `https:` and other protocols that the module has, `-` for the standard input, and
    /// `img%03d.png` for a sequence of pictures. A path that somebody else has chosen could be any of these: that is
    /// [`new`](Input::new)'s.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let shots = Input::url("img%03d.png").arg("framerate", 12);
    /// let job = Job::new([Output::new("b.mkv").map(shots.video())]);
    /// assert_eq!(job.to_args()[..4], ["-framerate", "12", "-i", "img%03d.png"]);
    /// ```
    pub fn url(url: impl Into<String>) -> Self {
        Self::from(model::Input { path: url.into(), ..model::Input::default() })
    }

    /// What a source filter makes: a graph of filters without inputs, as `-f lavfi` reads it.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Job, Output, Time, filters::source::testsrc};
    ///
    /// let bars = Input::lavfi([testsrc().size("320x240").duration(Time::from_secs(2))]);
    /// let job = Job::new([Output::new("bars.mkv").map(bars.video())]);
    /// assert_eq!(
    ///     job.to_args().join(" "),
    ///     "-f lavfi -i testsrc=size=320x240:duration=2 -map 0:v:0 bars.mkv"
    /// );
    /// ```
    pub fn lavfi(chain: impl IntoIterator<Item: Into<Filter>>) -> Self {
        let chain: Vec<Filter> = chain.into_iter().map(Into::into).collect();
        Self::url(Filter::chain(&chain)).format("lavfi")
    }

    /// One picture: a video of one frame.
    ///
    /// ```
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let photo = |path: &str| Job::new([Output::new("b.png").map(Input::picture(path).video())]);
    /// assert_eq!(photo("a.png").to_args()[..2], ["-i", "a.png"]);
    /// assert_eq!(
    ///     photo("100%d.png").to_args()[..6],
    ///     ["-f", "image2", "-pattern_type", "none", "-i", "100%d.png"]
    /// );
    /// ```
    pub fn picture(path: impl Into<String>) -> Self {
        let name = path.into();
        let may_be_pattern = name.contains('%');
        Self::named(name, may_be_pattern)
    }

    /// A still [`picture`](Input::picture) that is shown for so long, at 25 frames a second unless [`arg`](Input::arg)
    /// says another `framerate`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use afmpeg_cmd::{Input, Job, Output};
    /// let still = Input::still("a.png", Duration::from_secs(3));
    /// let job = Job::new([Output::new("a.mp4").map(still.video())]);
    /// assert_eq!(job.to_args().join(" "), "-t 3 -loop 1 -i a.png -map 0:v:0 a.mp4");
    /// ```
    pub fn still(path: impl Into<String>, duration: impl Into<Time>) -> Self {
        Self::picture(path).arg("loop", 1).duration(duration)
    }

    fn change(mut self, change: impl FnOnce(&mut model::Input)) -> Self {
        change(&mut Arc::make_mut(&mut self.0).data);
        self
    }

    /// `-f`: its format, where FFmpeg shall not guess. The path of `lavfi` is a graph.
    pub fn format(mut self, name: impl Into<String>) -> Self {
        let format = name.into();
        let shared = Arc::make_mut(&mut self.0);
        if let Some(graph) = shared.name.take_if(|_| format == "lavfi") {
            shared.data.path = graph;
        }
        shared.data.format = Some(format);
        self
    }

    /// `-ss`: where to begin. It is found by the file's index, and exact where the stream is decoded.
    pub fn seek(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek = Some(time.into()))
    }

    /// `-sseof`: where to begin, so long before the end.
    pub fn seek_before_end(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.seek_from_end = Some(-time.into()))
    }

    /// `-t`: how much to read.
    pub fn duration(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.duration = Some(time.into()))
    }

    /// `-to`: where to stop.
    pub fn to(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.to = Some(time.into()))
    }

    /// `-itsoffset`: moves all its timestamps by so much.
    pub fn offset(self, time: impl Into<Time>) -> Self {
        self.change(|data| data.offset = Some(time.into()))
    }

    /// `-stream_loop`: reads it so many times more.
    pub fn repeat(self, times: u16) -> Self {
        self.change(|data| data.repeats = Some(times.into()))
    }

    /// `-stream_loop -1`: reads it for ever. Something else must end the output.
    pub fn repeat_for_ever(self) -> Self {
        self.change(|data| data.repeats = Some(-1))
    }

    /// Any other option of the input: `-name value`.
    pub fn arg(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with(Arg::new(name, value))
    }

    /// Any other option of the input, with a specifier or without a value.
    pub fn with(self, arg: Arg) -> Self {
        self.change(|data| data.args.push(arg))
    }

    /// Tells what a probe has found in the file. [`Output::copy_all`](crate::Output::copy_all) leaves streams out by that.
    ///
    /// A picture that is made of tiles, as in most HEIC files, is its first tile
    /// to FFmpeg where one of its streams is named: with this, [`video`](Input::video) is the whole picture.
    ///
    /// ```
    /// use afmpeg_cmd::{Input, Job, Media, Output};
    ///
    /// let json = r#"{
    ///     "stream_groups": [{ "index": 0, "type": "Tile Grid", "streams": [{ "index": 0 }, { "index": 1 }],
    ///         "components": [{ "nb_tiles": 2, "width": 500, "height": 256 }] }],
    ///     "streams": [{ "index": 0, "codec_type": "video", "width": 256, "height": 256 },
    ///         { "index": 1, "codec_type": "video", "width": 256, "height": 256 }]
    /// }"#;
    /// let media: Media = serde_json::from_str(json).unwrap();
    /// let photo = Input::new("photo.heic").known(&media);
    /// let job = Job::new([Output::new("photo.png").map(photo.video())]);
    /// assert_eq!(job.to_args().join(" "), "-i photo.heic -filter_complex [0:g:0]null@n0[v0] -map [v0] photo.png");
    /// ```
    pub fn known(mut self, media: &Media) -> Self {
        Arc::make_mut(&mut self.0).known = Some(Arc::new(media.clone()));
        self
    }

    pub(crate) fn media(&self) -> Option<&Media> {
        self.0.known.as_deref()
    }

    /// What is known of the video that a specifier names; of a picture of tiles, of one of them.
    pub(crate) fn known_video(&self, streams: &str) -> Option<&MediaStream> {
        let media = self.media()?;
        let fitting = media.fitting(streams).unwrap_or_default();
        fitting.into_iter().find(|stream| stream.kind == Some(MediaKind::Video)).or(media.video())
    }

    /// Its first video. A cover counts, if it comes first; `V:0` is the first that is none. Of a picture that is made of
    /// tiles it is the whole, if the input [is known](Input::known): [`Job::check`](crate::Job::check) refuses this stream
    /// of a HEIF file (`.heic`, `.heif`, `.hif`, `.avif`) that is not.
    pub fn video(&self) -> Stream<Video> {
        self.first_picture(|_| true).unwrap_or_else(|| self.nth(0))
    }

    /// Its first video that is no cover.
    pub(crate) fn film(&self) -> Stream<Video> {
        self.first_picture(|stream| !stream.attached_picture).unwrap_or_else(|| self.stream("V:0"))
    }

    /// The whole of a picture of tiles. Where a file that may be one is none, the first video by its index: that it was
    /// looked at is seen from the specifier then.
    fn first_picture(&self, is_wanted: impl Fn(&MediaStream) -> bool) -> Option<Stream<Video>> {
        let media = self.media()?;
        if let Some(tiles) = media.tiles_of_first_video() {
            // The name of what FFmpeg's own graph puts together: only a graph can take it.
            return Some(self.stream::<Video>(format!("g:{}", tiles.group)).filter("null"));
        }
        if !path::may_be_tiled(&self.0.data.path) {
            return None;
        }
        let is_first = |stream: &MediaStream| stream.kind == Some(MediaKind::Video) && is_wanted(stream);
        media.streams.iter().position(is_first).map(|index| self.stream(index.to_string()))
    }

    /// Its first audio.
    pub fn audio(&self) -> Stream<Audio> {
        self.nth(0)
    }

    /// Its first subtitles.
    pub fn subtitle(&self) -> Stream<Subtitle> {
        self.nth(0)
    }

    /// The stream of a kind with this index among its kind, from 0 on.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Input, Job, Output};
    /// let film = Input::new("film.mkv");
    /// let job = Job::new([Output::new("second.flac").map(film.nth::<Audio>(1))]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -map 0:a:1 second.flac");
    /// ```
    pub fn nth<K: Kind>(&self, index: usize) -> Stream<K> {
        self.stream(format!("{}:{index}", K::KIND.specifier()))
    }

    /// The stream that a specifier of FFmpeg's names. That it is one stream, and of this kind, is yours to know.
    ///
    /// ```
    /// # use afmpeg_cmd::{Audio, Input, Job, Output};
    /// let film = Input::new("film.mkv");
    /// let job = Job::new([Output::new("german.flac").map(film.stream::<Audio>("m:language:deu"))]);
    /// assert_eq!(job.to_args().join(" "), "-i film.mkv -map 0:m:language:deu german.flac");
    /// ```
    pub fn stream<K: Kind>(&self, specifier: impl Into<String>) -> Stream<K> {
        let origin = Origin::Input { input: self.clone(), streams: specifier.into(), kind: K::KIND };
        Stream::from_origin(origin)
    }

    pub(crate) fn data(&self) -> &model::Input {
        &self.0.data
    }

    /// What tells it from others, and which of two came first.
    pub(crate) fn made(&self) -> Sequence {
        self.0.made
    }
}

/// For inputs that were read from JSON, or made by hand.
impl From<model::Input> for Input {
    fn from(data: model::Input) -> Self {
        Self(Arc::new(Shared { made: Sequence::next(), data, name: None, known: None }))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.0.data.path).finish()
    }
}
