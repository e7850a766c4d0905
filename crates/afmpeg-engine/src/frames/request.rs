use std::{ops::RangeBounds, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use super::{
    picture::{PictureFormat, PictureSize},
    pictures::{Pictures, Wanted},
    selection::{Part, Selection, micros},
    source::{Kind, Source},
};
use crate::{Error, IntoArgs, Job, Result, Runtime};

/// The most bytes of one picture unless the request says otherwise: an RGBA picture of 8192 x 8192 pixels.
const DEFAULT_PICTURE_LIMIT: u64 = 256 << 20;

/// A wish for pictures of a video, to be refined and run.
///
/// By default it is every picture of the first video that is not a cover, in its own size, as RGBA, turned as the file
/// says it is to be shown.
///
/// ```no_run
/// use std::time::Duration;
///
/// use afmpeg_engine::{PictureFormat, PictureSize, Runtime};
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let pictures = runtime
///     .frames(HostDir::open("media")?, "film.mp4")
///     .every(Duration::from_secs(10))
///     .size(PictureSize::Within { width: 320, height: 320 })
///     .format(PictureFormat::Png)
///     .run()?;
/// for picture in pictures {
///     let picture = picture?;
///     std::fs::write(format!("{}.png", picture.time()), picture.data())?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a request does nothing until it is run"]
pub struct FrameRequest {
    source: Source,
    selection: Selection,
    part: Part,
    size: PictureSize,
    format: PictureFormat,
    picture_limit: u64,
}

impl Runtime {
    /// Returns a builder for decoding frames of the video at `path`.
    pub fn frames(&self, fs: impl Vfs, path: &str) -> FrameRequest {
        FrameRequest::new(self, fs, path)
    }
}

impl FrameRequest {
    pub(crate) fn new(runtime: &Runtime, fs: impl Vfs, path: &str) -> Self {
        Self {
            source: Source::new(runtime, fs, path),
            selection: Selection::Every,
            part: Part::default(),
            size: PictureSize::default(),
            format: PictureFormat::default(),
            picture_limit: DEFAULT_PICTURE_LIMIT,
        }
    }

    /// Asks for the picture that is shown at this time.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// let mut pictures = runtime.frames(fs, "film.mp4").at(Duration::from_millis(1500)).run()?;
    /// let picture = pictures.next().ok_or("there is one item for each time")??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(self, time: Duration) -> Self {
        self.at_times([time])
    }

    /// Asks for the pictures that are shown at these times, all in one decoding. They come in ascending order, each
    /// time once, with the time that was [asked](crate::Picture::asked).
    ///
    /// Times count from where the file starts, in whole microseconds; what is finer is cut off. Shown is the last
    /// picture that begins at the time or before it; before the first, the first. A time at or after the video's end is
    /// an [`Error::NoFrame`] in the place of the picture.
    pub fn at_times(mut self, times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<i64> = times.into_iter().map(micros).collect();
        times.sort_unstable();
        times.dedup();
        self.selection = Selection::Times(times);
        self
    }

    /// Asks for the pictures that are shown every so often, from the start of the [range](FrameRequest::range) to its
    /// end or the video's: as [`at_times`](FrameRequest::at_times) of each multiple, but that the end is no error.
    pub fn every(mut self, interval: Duration) -> Self {
        self.selection = Selection::Interval(micros(interval));
        self
    }

    /// Asks for the pictures that begin a new scene: those that differ from the one before by more than `threshold`, of
    /// 0 to 1, by FFmpeg's measure. 0.3 to 0.5 finds cuts. The first picture of a video begins none.
    pub fn scenes(mut self, threshold: f64) -> Self {
        self.selection = Selection::Scenes(threshold);
        self
    }

    /// Only pictures that begin within this part of the video, or of an [interval](FrameRequest::every) the times that
    /// are in it. It does not concern [`at_times`](FrameRequest::at_times). Default: all of it.
    pub fn range(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.part = Part::new(range);
        self
    }

    /// How large the pictures are to be. Default: the video's own size. All come in one size, even where the video
    /// changes its own.
    pub fn size(mut self, size: PictureSize) -> Self {
        self.size = size;
        self
    }

    /// In what form. Default: RGBA.
    pub fn format(mut self, format: PictureFormat) -> Self {
        self.format = format;
        self
    }

    /// Which of the file's streams, by its index. Default: the first video that is not a cover.
    pub fn stream(mut self, index: usize) -> Self {
        self.source.stream = Some(index);
        self
    }

    /// The most bytes that one picture may have: a small file can claim to be huge. Default: 256 MiB, 8192 x 8192
    /// pixels of RGBA. The guest's own memory has its own [limit](crate::Limits::memory).
    pub fn picture_limit(mut self, bytes: u64) -> Self {
        self.picture_limit = bytes;
        self
    }

    /// Takes the path as FFmpeg's command line does: it may name a protocol, a sequence of images (`frame-%03d.png`), or the
    /// job's standard input. Not for names that somebody else has chosen. Default: it is the name of a file, whatever it
    /// looks like.
    pub fn as_url(mut self) -> Self {
        self.source.path.is_url = true;
        self
    }

    /// Adds options that say how to read the file: `-f`, `-framerate`, a demuxer's own.
    pub fn input_options(mut self, options: impl IntoArgs) -> Self {
        self.source.add_input_options(options);
        self
    }

    /// Changes the jobs that will decode: their limits, their working directory, their token. It is called for each: one
    /// that probes, and one that decodes or, where a container cannot tell its key frames, a few.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// use afmpeg_engine::Limits;
    ///
    /// let limits = Limits::default().memory(256 << 20);
    /// let pictures = runtime.frames(fs, "upload").with_job(move |job| job.limits(limits.clone())).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_job(mut self, change: impl Fn(Job) -> Job + Send + Sync + 'static) -> Self {
        self.source.change = Some(Arc::new(change));
        self
    }

    /// Probes the file on this thread, and starts to decode it on others.
    ///
    /// # Errors
    ///
    /// As [`Job::run`] of the probe; [`Error::NoStream`] where there is no such video; [`Error::PictureTooLarge`] where
    /// its pictures are larger than they [may](FrameRequest::picture_limit) be, and [`Error::UndecodableSize`] where they
    /// are larger than FFmpeg decodes; [`Error::InvalidJob`] where the request
    /// makes no sense. Those of the decoding are items of [`Pictures`].
    pub fn run(self) -> Result<Pictures> {
        self.check()?;
        let known = self.source.probe(Kind::Video)?;
        let path = || self.source.path.text.clone();
        let own = known.shape().ok_or_else(|| match &known.invalid_size {
            Some(reason) => Error::UndecodableSize { path: path(), reason: reason.clone() },
            None => {
                let reason = "its video has no size that can be known".to_owned();
                Error::FrameOutput { path: path(), reason }
            }
        })?;
        let shape = self.size.of(own, known.pixel());
        let bytes = shape.rgba_bytes();
        if bytes > self.picture_limit {
            return Err(Error::PictureTooLarge { path: path(), bytes, limit: self.picture_limit });
        }
        let wanted = Wanted { selection: self.selection, part: self.part, format: self.format, shape };
        Pictures::start(self.source, known, wanted, self.picture_limit)
    }

    /// Refuses what FFmpeg would misunderstand.
    fn check(&self) -> Result<()> {
        let invalid = |what: String, reason: &str| Err(Error::InvalidJob { what, reason: reason.to_owned() });
        match &self.selection {
            Selection::Times(times) if times.is_empty() => {
                return invalid("the list of times".to_owned(), "it is empty");
            }
            Selection::Interval(0) => {
                return invalid("the interval".to_owned(), "it is shorter than a microsecond");
            }
            Selection::Scenes(threshold) if !(0.0..=1.0).contains(threshold) => {
                return invalid(format!("the threshold {threshold}"), "it is not from 0 to 1");
            }
            _ => {}
        }
        match self.size {
            PictureSize::Exact { width, height } | PictureSize::Within { width, height }
                if width == 0 || height == 0 =>
            {
                invalid(format!("the size {width}x{height}"), "there is nothing to see in it")
            }
            _ => Ok(()),
        }
    }
}
