use std::{ops::RangeBounds, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use super::{
    frame::{FrameFormat, FrameSize},
    iter::{FrameSpec, Frames},
    selection::{Part, Selection, micros},
    source::Source,
};
use crate::{Error, Job, MediaKind, Result, Runtime, Tool, asynchronous};

/// The default for the most bytes of a frame: RGBA of 8192 x 8192 pixels.
const DEFAULT_MAX_FRAME_BYTES: u64 = 256 << 20;

/// A builder for a request to decode video frames.
///
/// By default it returns every frame of the first video stream that is not a cover image, as RGBA in the video's size,
/// with the file's rotation applied.
///
/// ```no_run
/// use std::time::Duration;
///
/// use afmpeg_engine::{Runtime, frames::{FrameFormat, FrameSize}};
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let frames = runtime
///     .frames(HostDir::open("media")?, "film.mp4")
///     .every(Duration::from_secs(10))
///     .size(FrameSize::Within { width: 320, height: 320 })
///     .format(FrameFormat::Png)
///     .run()?;
/// for frame in frames {
///     let frame = frame?;
///     std::fs::write(format!("{}.png", frame.time()), frame.data())?;
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
    size: FrameSize,
    format: FrameFormat,
    max_frame_bytes: u64,
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
            size: FrameSize::default(),
            format: FrameFormat::default(),
            max_frame_bytes: DEFAULT_MAX_FRAME_BYTES,
        }
    }

    /// Requests the frame shown at this time.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// let mut frames = runtime.frames(fs, "film.mp4").at(Duration::from_millis(1500)).run()?;
    /// let frame = frames.next().ok_or("there is one item for each time")??;
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(self, time: Duration) -> Self {
        self.at_times([time])
    }

    /// Requests the frames shown at these times, in a single pass. They are returned in ascending order, once for each
    /// distinct time, with the [requested](super::Frame::requested) time.
    ///
    /// Times count from the start of the file and are truncated to whole microseconds. The frame shown at a time is the
    /// last one that starts at or before it, or the video's first frame if none does. A time at or after the video's
    /// end returns an [`Error::NoFrame`] in place of a frame.
    pub fn at_times(mut self, times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<i64> = times.into_iter().map(micros).collect();
        times.sort_unstable();
        times.dedup();
        self.selection = Selection::Times(times);
        self
    }

    /// Requests the frame shown at the start of the [range](FrameRequest::range), and at every `interval` after it, as
    /// [`at_times`](FrameRequest::at_times) does. The frames end with the range or the video, without an error.
    pub fn every(mut self, interval: Duration) -> Self {
        self.selection = Selection::Interval(micros(interval));
        self
    }

    /// Requests the frames that begin a scene: those whose FFmpeg scene score, compared with the frame before, is above
    /// `threshold` (0 to 1). A threshold of 0.3 to 0.5 finds cuts. The first frame of a video does not begin a scene.
    pub fn scenes(mut self, threshold: f64) -> Self {
        self.selection = Selection::Scenes(threshold);
        self
    }

    /// Limits the request to a range of the video: to the frames that start in it or, with
    /// [`every`](FrameRequest::every), to the times that lie in it. Does not apply to
    /// [`at_times`](FrameRequest::at_times). Default: the whole video.
    pub fn range(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.part = Part::new(range);
        self
    }

    /// Sets the size of the frames. Default: the video's size. All frames have the same size, even if the video's
    /// changes.
    pub fn size(mut self, size: FrameSize) -> Self {
        self.size = size;
        self
    }

    /// Sets the format of the frames' data. Default: RGBA.
    pub fn format(mut self, format: FrameFormat) -> Self {
        self.format = format;
        self
    }

    /// Selects a stream by its index in the file. Default: the first video that is not a cover image.
    pub fn stream(mut self, index: usize) -> Self {
        self.source.stream = Some(index);
        self
    }

    /// Limits the bytes of a frame, both as RGBA and in its [format](FrameRequest::format), since a small file can
    /// claim huge frames. Default: 256 MiB, which is RGBA of 8192 x 8192 pixels. The guest's memory has a separate
    /// [limit](crate::Limits::memory).
    pub fn max_frame_bytes(mut self, bytes: u64) -> Self {
        self.max_frame_bytes = bytes;
        self
    }

    /// Interprets the path as FFmpeg's command line does: as a protocol's URL, a sequence of images (`frame-%03d.png`),
    /// or `-` for the job's standard input. Not safe for untrusted names. Default: the path is always a file name.
    pub fn as_url(mut self) -> Self {
        self.source.path.is_url = true;
        self
    }

    /// Adds options for reading the file: `-f`, `-framerate`, options of a demuxer.
    pub fn input_options(mut self, options: impl IntoIterator<Item: Into<String>>) -> Self {
        self.source.add_input_options(options);
        self
    }

    /// Configures the request's jobs: their limits, working directory or token. `change` is called for each job: one
    /// that probes, and one that decodes (several, if the container has no index of key frames).
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// use afmpeg_engine::Limits;
    ///
    /// let limits = Limits::default().memory(256 << 20);
    /// let frames = runtime.frames(fs, "upload").configure_job(move |job| job.limits(limits.clone())).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure_job(mut self, change: impl Fn(Job) -> Job + Send + Sync + 'static) -> Self {
        self.source.change = Some(Arc::new(change));
        self
    }

    /// Probes the file on this thread, and starts to decode it on others.
    ///
    /// # Errors
    ///
    /// Returns an error of [`Job::run`] if the file cannot be probed, [`Error::NoStream`] if it does not have the
    /// requested video, [`Error::FrameTooLarge`] if a frame exceeds the [limit](FrameRequest::max_frame_bytes),
    /// [`Error::UndecodableSize`] if FFmpeg does not decode its size, [`Error::FrameOutput`] if the video has no size,
    /// and [`Error::InvalidJob`] for an invalid request. Errors while decoding are items of [`Frames`].
    pub fn run(self) -> Result<Frames> {
        self.check()?;
        let probed = self.source.probe(MediaKind::Video)?;
        let path = || self.source.path.text.clone();
        let own = probed.size().ok_or_else(|| match &probed.invalid_size {
            Some(reason) => Error::UndecodableSize { path: path(), reason: reason.clone() },
            None => {
                let reason = "its video has no size".to_owned();
                Error::FrameOutput { path: path(), reason }
            }
        })?;
        let size = self.size.of(own, probed.pixel());
        let bytes = size.rgba_bytes();
        if bytes > self.max_frame_bytes {
            return Err(Error::FrameTooLarge { path: path(), bytes, limit: self.max_frame_bytes });
        }
        let spec = FrameSpec { selection: self.selection, part: self.part, format: self.format, size };
        Frames::start(self.source, probed, spec, self.max_frame_bytes)
    }

    /// The async version of [`run`](Self::run), for any executor. Dropping the future cancels the request.
    /// [`Frames::into_stream`] reads the frames.
    ///
    /// ```no_run
    /// use futures_util::StreamExt as _;
    ///
    /// # async fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// let mut frames = runtime.frames(fs, "upload.mp4").scenes(0.4).run_async().await?.into_stream();
    /// while let Some(frame) = frames.next().await {
    ///     println!("{:?}", frame?.time());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_async(self) -> Result<Frames> {
        let (runtime, tokens) = (self.source.runtime.clone(), self.source.tokens.clone());
        asynchronous::run(&runtime, Tool::Ffprobe, tokens, move || self.run()).await
    }

    /// Refuses values that FFmpeg would misinterpret.
    fn check(&self) -> Result<()> {
        let invalid =
            |subject: String, reason: &str| Err(Error::InvalidJob { subject, reason: reason.to_owned() });
        match &self.selection {
            Selection::Times(times) if times.is_empty() => {
                return invalid("the list of times".to_owned(), "it is empty");
            }
            Selection::Interval(0) => {
                return invalid("the interval".to_owned(), "it is shorter than a microsecond");
            }
            Selection::Scenes(threshold) if !(0.0..=1.0).contains(threshold) => {
                return invalid(format!("the threshold {threshold}"), "expected 0 to 1");
            }
            _ => {}
        }
        if let FrameFormat::Jpeg { quality } = self.format
            && !FrameFormat::JPEG_QUALITIES.contains(&quality)
        {
            return invalid(format!("the JPEG quality {quality}"), "expected 1 to 100");
        }
        match self.size {
            FrameSize::Exact { width, height } | FrameSize::Within { width, height }
                if width == 0 || height == 0 =>
            {
                invalid(format!("the size {width}x{height}"), "it has no pixels")
            }
            _ => Ok(()),
        }
    }
}
