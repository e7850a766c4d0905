use std::{ops::RangeBounds, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use super::{arguments::AudioFormat, samples::SampleBlocks, selection::Part, source::Source};
use crate::{Error, Job, MediaKind, Result, Runtime, Tool, asynchronous};

/// A builder for a request to decode audio samples.
///
/// By default it returns the whole first audio stream, with its sample rate and channels.
///
/// ```no_run
/// use afmpeg_engine::Runtime;
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let blocks = runtime.samples(HostDir::open("media")?, "film.mp4").rate(16_000).channels(1).run()?;
/// let mut peak = 0.0_f32;
/// for block in blocks {
///     peak = block?.samples().iter().fold(peak, |peak, sample| peak.max(sample.abs()));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a request does nothing until it is run"]
pub struct SampleRequest {
    source: Source,
    part: Part,
    rate: Option<u32>,
    channels: Option<u32>,
}

impl Runtime {
    /// Returns a builder for decoding samples of the audio at `path`.
    ///
    /// ```no_run
    /// # fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// for block in runtime.samples(fs, "film.mp4").channels(1).run()? {
    ///     let block = block?;
    ///     println!("{} samples at {} s", block.samples().len(), block.time());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn samples(&self, fs: impl Vfs, path: &str) -> SampleRequest {
        SampleRequest::new(self, fs, path)
    }
}

impl SampleRequest {
    pub(crate) fn new(runtime: &Runtime, fs: impl Vfs, path: &str) -> Self {
        Self { source: Source::new(runtime, fs, path), part: Part::default(), rate: None, channels: None }
    }

    /// Sets the sample rate: audio with another rate is resampled. Default: the stream's. FFmpeg's resampler returns
    /// nothing for audio that is shorter than about 25 samples at a lower rate, such as one second at 20 Hz. A stream
    /// without any samples left is an error.
    pub fn rate(mut self, hertz: u32) -> Self {
        self.rate = Some(hertz);
        self
    }

    /// Sets the number of channels: other audio is mixed to FFmpeg's default layout with that number. Default: the
    /// stream's channels.
    pub fn channels(mut self, count: u32) -> Self {
        self.channels = Some(count);
        self
    }

    /// Limits the request to the samples within this range, whose times count from the start of the file. It is
    /// accurate to one sample or, if the range starts after the first second, to the container's resolution: a
    /// millisecond in Matroska. Default: the whole stream.
    pub fn range(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.part = Part::new(range);
        self
    }

    /// Selects a stream by its index in the file. Default: the first audio stream.
    pub fn stream(mut self, index: usize) -> Self {
        self.source.stream = Some(index);
        self
    }

    /// Interprets the path as FFmpeg's command line does: as a protocol's URL, a sequence of images (`frame-%03d.png`),
    /// or `-` for the job's standard input. Not safe for untrusted names. Default: the path is always a file name.
    pub fn as_url(mut self) -> Self {
        self.source.path.is_url = true;
        self
    }

    /// Adds options for reading the file: `-f`, options of a demuxer.
    pub fn input_options(mut self, options: impl IntoIterator<Item: Into<String>>) -> Self {
        self.source.add_input_options(options);
        self
    }

    /// Configures the request's jobs: their limits, working directory or token. One job probes, and one decodes.
    pub fn configure_job(mut self, change: impl Fn(Job) -> Job + Send + Sync + 'static) -> Self {
        self.source.change = Some(Arc::new(change));
        self
    }

    /// Probes the file on this thread, and starts to decode it on others.
    ///
    /// # Errors
    ///
    /// Returns an error of [`Job::run`] if the file cannot be probed, [`Error::NoStream`] if it does not have the
    /// requested audio stream, [`Error::FrameOutput`] if the stream has no sample rate or channels, and
    /// [`Error::InvalidJob`] for a rate or a number of channels of 0. Errors while decoding are items of
    /// [`SampleBlocks`].
    pub fn run(self) -> Result<SampleBlocks> {
        for (name, number) in [("the rate", self.rate), ("the number of channels", self.channels)] {
            if number == Some(0) {
                let (subject, reason) = (name.to_owned(), "it is 0".to_owned());
                return Err(Error::InvalidJob { subject, reason });
            }
        }
        let probed = self.source.probe(MediaKind::Audio)?;
        let unknown = || Error::FrameOutput {
            path: self.source.path.text.clone(),
            reason: "its audio has no sample rate or no channels".to_owned(),
        };
        let stream = &probed.stream;
        let own_channels = stream.channels.and_then(|count| u32::try_from(count).ok());
        let rate = self.rate.or(stream.sample_rate()).filter(|rate| *rate > 0).ok_or_else(unknown)?;
        let channels = self.channels.or(own_channels).filter(|count| *count > 0).ok_or_else(unknown)?;
        let layout = stream.channel_layout.clone().filter(|_| self.channels.is_none());
        SampleBlocks::start(&self.source, &probed, self.part, AudioFormat { rate, channels, layout })
    }

    /// The async version of [`run`](Self::run), for any executor. Dropping the future cancels the request.
    /// [`SampleBlocks::into_stream`] reads the samples.
    ///
    /// ```no_run
    /// use futures_util::StreamExt as _;
    ///
    /// # async fn f(runtime: afmpeg_engine::Runtime, fs: afmpeg_vfs::MemFs) -> afmpeg_engine::Result<()> {
    /// let mut blocks = runtime.samples(fs, "upload.mp4").channels(1).run_async().await?.into_stream();
    /// while let Some(block) = blocks.next().await {
    ///     println!("{}", block?.time());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_async(self) -> Result<SampleBlocks> {
        let (runtime, tokens) = (self.source.runtime.clone(), self.source.tokens.clone());
        asynchronous::run(&runtime, Tool::Ffprobe, tokens, move || self.run()).await
    }
}
