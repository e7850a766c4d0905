use std::{fmt, sync::Arc};

use crate::{
    Arg, Audio, Filter, Kind, Stream, Subtitle, Time, Value, Video, model,
    node::{Origin, Sequence},
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
}

/// A clone is another input: it is made where one that is in use is changed.
impl Clone for Shared {
    fn clone(&self) -> Self {
        Self { made: Sequence::next(), data: self.data.clone() }
    }
}

impl Input {
    /// The file at this path: of the filesystem that the job is given, and no URL but in a filesystem that has them.
    ///
    /// FFmpeg takes what is before a colon for a protocol (`a:b.mp4`, `concat:a|b`), and a `%d` in an image's path for a
    /// sequence: put a folder, `./` at least, before a name that somebody else has chosen, and take images by
    /// [`picture`](Input::picture).
    pub fn new(path: impl Into<String>) -> Self {
        Self::from(model::Input { path: path.into(), ..model::Input::default() })
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
        Self::new(Filter::chain(&chain)).format("lavfi")
    }

    /// One picture: a video of one frame. A `%d` in its name, which [`new`](Input::new) leaves to FFmpeg to take for a
    /// sequence of files, is a part of the name.
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
        let path = path.into();
        // Only image2 has patterns, and it believes endings: where it is not needed, FFmpeg looks into the file.
        let may_be_pattern = path.contains('%');
        let picture = Self::new(path);
        if may_be_pattern { picture.format("image2").arg("pattern_type", "none") } else { picture }
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

    /// `-f`: its format, where FFmpeg shall not guess.
    pub fn format(self, name: impl Into<String>) -> Self {
        self.change(|data| data.format = Some(name.into()))
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

    /// Its first video. A cover counts, if it comes first; `V:0` is the first that is none.
    pub fn video(&self) -> Stream<Video> {
        self.nth(0)
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
        Self(Arc::new(Shared { made: Sequence::next(), data }))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.0.data.path).finish()
    }
}
