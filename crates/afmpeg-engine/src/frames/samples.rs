use std::{fmt, iter::FusedIterator};

use futures_util::Stream;

use super::{
    arguments::{self, AudioFormat, Input},
    entry::Entry,
    pipe::{Packet, Packets},
    selection::Part,
    source::{ProbedSource, Source},
    timestamp::Timestamp,
};
use crate::{
    Error, MediaKind, Ratio, Result, Runtime, Time,
    asynchronous::{self, JobTokens},
    probe,
};

/// The most bytes of a block with the rate and channels of the stream: more than a frame of any codec (FLAC: 65,535
/// samples of 8 channels, 2 MiB).
const BLOCK_LIMIT: u64 = 16 << 20;

/// The time in microseconds that decoding starts before the requested range: codecs need some preroll.
const RUN_UP: i64 = 1_000_000;

/// A block of consecutive samples, usually a frame of the codec.
///
/// ```no_run
/// # fn f(block: afmpeg_engine::frames::SampleBlock) {
/// let channels = block.channels() as usize;
/// for (number, sample) in block.samples().chunks_exact(channels).enumerate() {
///     println!("{}: left {}", block.start() + number as i64, sample[0]);
/// }
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct SampleBlock {
    start: i64,
    time: Time,
    rate: u32,
    channels: u32,
    samples: Vec<f32>,
}

impl SampleBlock {
    /// Returns the timestamp of the first sample, counted in samples at the [`rate`](SampleBlock::rate) from the zero
    /// of the stream's timestamps, and rounded to the nearest sample.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// Returns the time of the first sample from the start of the file, truncated to whole microseconds.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Returns the number of samples per second and channel.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// Returns the samples, from -1 to 1, or beyond if the audio is louder than full scale, with the channels
    /// interleaved in FFmpeg's order.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// Returns [`samples`](SampleBlock::samples) by value.
    pub fn into_samples(self) -> Vec<f32> {
        self.samples
    }
}

impl fmt::Debug for SampleBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleBlock")
            .field("start", &self.start)
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .field("samples", &self.samples.len())
            .finish_non_exhaustive()
    }
}

/// The samples of a [`SampleRequest`](crate::SampleRequest), decoded while the caller reads them.
///
/// The guest decodes a few blocks ahead and then waits for the reader; that time counts against the job's limits. An
/// error is the last item. Dropping the iterator cancels the job. A gap in the stream appears as a gap between
/// blocks.
#[derive(Debug)]
#[must_use = "samples are decoded while they are read"]
pub struct SampleBlocks {
    packets: Option<Packets>,
    format: AudioFormat,
    part: Part,
    file_start: i64,
    path: String,
    runtime: Runtime,
    tokens: JobTokens,
    /// Whether the stream has samples, of which none has arrived.
    must_have_samples: bool,
}

impl SampleBlocks {
    pub(super) fn start(
        source: &Source,
        probed: &ProbedSource,
        part: Part,
        format: AudioFormat,
    ) -> Result<Self> {
        let from = match part.start - RUN_UP {
            start if start > 0 => Entry::KeyFrame(start),
            _ => Entry::Beginning,
        };
        let job = source.job(|path| {
            let options = &source.input_options;
            let input = Input { options, path, track: probed.track(), from, colors: None };
            arguments::samples(&input, &format)
        });
        let limit = block_limit(&probed.stream, &format);
        let packets = Some(Packets::start(job, &source.path.text, MediaKind::Audio, limit)?);
        let must_have_samples = probed.has_frame() && part == Part::default();
        let (runtime, tokens) = (source.runtime.clone(), source.tokens.clone());
        let path = source.path.text.clone();
        let file_start = probed.file_start;
        Ok(Self { packets, format, part, file_start, path, runtime, tokens, must_have_samples })
    }

    /// Returns the blocks as a stream. A thread of the runtime reads one block ahead. Dropping the stream cancels the
    /// job. See [`SampleRequest::run_async`](super::SampleRequest::run_async) for an example.
    pub fn into_stream(self) -> impl Stream<Item = Result<SampleBlock>> + Send + Unpin + use<> {
        let (runtime, tokens) = (self.runtime.clone(), self.tokens.clone());
        asynchronous::stream(&runtime, tokens, self)
    }

    /// Returns the number of samples per second and channel.
    pub fn rate(&self) -> u32 {
        self.format.rate
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> u32 {
        self.format.channels
    }

    /// Returns FFmpeg's name of the channel layout, such as `stereo` or `5.1(side)`, if the stream has one and the
    /// request does not change its channels.
    pub fn channel_layout(&self) -> Option<&str> {
        self.format.layout.as_deref()
    }

    /// Returns the error if the stream has samples but the job returned none.
    fn missing(&self) -> Error {
        Error::InvalidJob {
            subject: format!("the rate of {} Hz", self.format.rate),
            reason: format!("{} is shorter than FFmpeg's resampler needs for it", self.path),
        }
    }

    fn broken(&self, reason: &str) -> Error {
        Error::FrameOutput { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// Returns the block's samples within the requested range, and whether the range has ended.
    fn block(&self, packet: Packet) -> Result<(Option<SampleBlock>, bool)> {
        let width = 4 * self.format.channels as usize;
        if packet.data.is_empty() || !packet.data.len().is_multiple_of(width) {
            return Err(self.broken("a block of samples is truncated"));
        }
        let sample = Ratio::new(1, self.format.rate.into());
        let start = packet.own.zip(sample).and_then(|(timestamp, sample)| in_samples(timestamp, sample));
        let (start, sample) = start.zip(sample).ok_or_else(|| self.broken("its samples have no times"))?;
        let time_of = |number: i64| {
            Timestamp { pts: start.saturating_add(number), time_base: sample }.since(self.file_start)
        };
        let count = i64::try_from(packet.data.len() / width).unwrap_or(i64::MAX);
        // Times ascend within a block, so that a binary search finds the range.
        let first_at = |micros: i64| {
            let (mut low, mut high) = (0, count);
            while low < high {
                let middle = low + (high - low) / 2;
                if time_of(middle).as_micros() < micros { low = middle + 1 } else { high = middle }
            }
            low
        };
        let from = if self.part.start == 0 { 0 } else { first_at(self.part.start) };
        let to = self.part.end.map_or(count, first_at);
        let is_over = to < count;
        if from >= to {
            return Ok((None, is_over));
        }
        let byte = |number: i64| usize::try_from(number).unwrap_or(0) * width;
        let bytes = &packet.data[byte(from)..byte(to)];
        let samples = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let (rate, channels) = (self.format.rate, self.format.channels);
        let block =
            SampleBlock { start: start.saturating_add(from), time: time_of(from), rate, channels, samples };
        Ok((Some(block), is_over))
    }
}

/// Returns the most bytes of a block after the conversion of `stream` to `format`.
fn block_limit(stream: &probe::Stream, format: &AudioFormat) -> u64 {
    let factor = |to: u32, from: Option<u32>| u64::from(to.div_ceil(from.unwrap_or(to).max(1)));
    let rates = factor(format.rate, stream.sample_rate());
    let channels = factor(format.channels, stream.channels.and_then(|count| u32::try_from(count).ok()));
    BLOCK_LIMIT.saturating_mul(rates).saturating_mul(channels)
}

/// Converts a timestamp to the nearest number of `sample` units.
fn in_samples(timestamp: Timestamp, sample: Ratio) -> Option<i64> {
    let factor = timestamp.time_base.checked_div(sample)?;
    let (num, den) = (i128::from(factor.num()), i128::from(factor.den()));
    let doubled = (i128::from(timestamp.pts) * num).checked_mul(2)?.checked_add(den)?;
    i64::try_from(doubled.div_euclid(den * 2)).ok()
}

impl Iterator for SampleBlocks {
    type Item = Result<SampleBlock>;

    fn next(&mut self) -> Option<Result<SampleBlock>> {
        loop {
            let packet = self.packets.as_mut()?.next();
            let item = match packet {
                Some(Ok(packet)) => {
                    self.must_have_samples = false;
                    self.block(packet)
                }
                Some(Err(error)) => Err(error),
                None if self.must_have_samples => Err(self.missing()),
                None => Ok((None, true)),
            };
            match item {
                Ok((block, is_over)) => {
                    if is_over {
                        self.packets = None;
                    }
                    if let Some(block) = block {
                        return Some(Ok(block));
                    }
                }
                Err(error) => {
                    self.packets = None;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl FusedIterator for SampleBlocks {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_out_of_range_has_no_sample_number() {
        let of = |pts, num| {
            let timestamp = Timestamp { pts, time_base: Ratio::new(num, 1).unwrap() };
            in_samples(timestamp, Ratio::from(1))
        };
        assert_eq!(of(3, 2), Some(6));
        assert_eq!((of(i64::MAX, i64::MAX), of(i64::MIN, i64::MAX)), (None, None));
    }
}
