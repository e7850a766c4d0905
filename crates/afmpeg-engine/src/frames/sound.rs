use std::{ops::RangeBounds, sync::Arc, time::Duration};

use afmpeg_vfs::Vfs;

use super::{
    samples::{SampleBlocks, Sound},
    selection::Part,
    source::{Kind, Source},
};
use crate::{Error, IntoArgs, Job, Result, Runtime};

/// A wish for the samples of a file's sound, to be refined and run.
///
/// By default it is all of the first audio stream, in its own rate and channels.
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
    pub fn samples(&self, fs: impl Vfs, path: &str) -> SampleRequest {
        SampleRequest::new(self, fs, path)
    }
}

impl SampleRequest {
    pub(crate) fn new(runtime: &Runtime, fs: impl Vfs, path: &str) -> Self {
        Self { source: Source::new(runtime, fs, path), part: Part::default(), rate: None, channels: None }
    }

    /// Samples a second and channel; other rates are resampled to it. Default: the stream's own.
    pub fn rate(mut self, hertz: u32) -> Self {
        self.rate = Some(hertz);
        self
    }

    /// How many channels, in FFmpeg's default layout of so many; others are mixed to them. Default: the stream's own.
    pub fn channels(mut self, count: u32) -> Self {
        self.channels = Some(count);
        self
    }

    /// Only the samples within this part of the file, from where the file starts, to the sample. After a seek, the times
    /// are as fine as the container's: a millisecond in Matroska. Default: all.
    pub fn range(mut self, range: impl RangeBounds<Duration>) -> Self {
        self.part = Part::new(range);
        self
    }

    /// Which of the file's streams, by its index. Default: the first audio stream.
    pub fn stream(mut self, index: usize) -> Self {
        self.source.stream = Some(index);
        self
    }

    /// Takes the path as FFmpeg's command line does: it may name a protocol, a sequence of images (`frame-%03d.png`), or the
    /// job's standard input. Not for names that somebody else has chosen. Default: it is the name of a file, whatever it
    /// looks like.
    pub fn as_url(mut self) -> Self {
        self.source.path.is_url = true;
        self
    }

    /// Adds options that say how to read the file: `-f`, a demuxer's own.
    pub fn input_options(mut self, options: impl IntoArgs) -> Self {
        self.source.add_input_options(options);
        self
    }

    /// Changes the jobs that will decode, one that probes and one that decodes: their limits, their token.
    pub fn with_job(mut self, change: impl Fn(Job) -> Job + Send + Sync + 'static) -> Self {
        self.source.change = Some(Arc::new(change));
        self
    }

    /// Probes the file on this thread, and starts to decode it on others.
    ///
    /// # Errors
    ///
    /// As [`Job::run`] of the probe; [`Error::NoStream`] where there is no such sound; [`Error::InvalidJob`] for a rate
    /// of 0 or no channels. Those of the decoding are items of [`SampleBlocks`].
    pub fn run(self) -> Result<SampleBlocks> {
        for (what, number) in [("the rate", self.rate), ("the number of channels", self.channels)] {
            if number == Some(0) {
                let (what, reason) = (what.to_owned(), "it is 0".to_owned());
                return Err(Error::InvalidJob { what, reason });
            }
        }
        let known = self.source.probe(Kind::Audio)?;
        let unknown = || Error::FrameOutput {
            path: self.source.path.text.clone(),
            reason: "its sound has no rate or channels that can be known".to_owned(),
        };
        let stream = &known.stream;
        let own_channels = stream.channels.and_then(|count| u32::try_from(count).ok());
        let rate = self.rate.or(stream.sample_rate()).filter(|rate| *rate > 0).ok_or_else(unknown)?;
        let channels = self.channels.or(own_channels).filter(|count| *count > 0).ok_or_else(unknown)?;
        let layout = stream.channel_layout.clone().filter(|_| self.channels.is_none());
        SampleBlocks::start(&self.source, &known, self.part, Sound { rate, channels, layout })
    }
}
