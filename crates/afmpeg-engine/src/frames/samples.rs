use std::{fmt, iter::FusedIterator};

use super::{
    arguments::{self, Entry, Input, SampleShape},
    moment::Moment,
    pipe::{Packet, Packets},
    selection::Part,
    source::{Known, Source},
};
use crate::{Error, Ratio, Result, Time};

/// The most bytes of one block: more than a frame of any codec has. (FLAC's: 65,535 samples of 8 channels, 2 MiB.)
const BLOCK_LIMIT: u64 = 16 << 20;

/// How long before the part that is asked for decoding begins, in microseconds: codecs need a little run.
const RUN_UP: i64 = 1_000_000;

/// How samples come.
#[derive(Debug, Clone)]
pub(super) struct Sound {
    pub(super) rate: u32,
    pub(super) channels: u32,
    pub(super) layout: Option<String>,
}

/// Samples that belong together, as the codec made them.
///
/// ```no_run
/// # fn f(block: afmpeg_engine::SampleBlock) {
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
    /// When its first sample is, exactly: in samples of [`rate`](SampleBlock::rate), by the stream's own clock.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// When its first sample is, from where the file starts, in whole microseconds; what is finer is cut off.
    pub fn time(&self) -> Time {
        self.time
    }

    /// Samples a second and channel.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How many channels.
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// The samples, -1 to 1 where nothing clips, all channels of one moment together, in FFmpeg's order of channels.
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// [`SampleBlock::samples`] by value.
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

/// The samples of a [`SampleRequest`](crate::SampleRequest), block by block, as they are decoded.
///
/// The guest decodes a few blocks ahead, and waits while nobody takes them; that time counts as the job's. A failure of
/// the job is the last item. Dropping this ends the job. Where a stream has gaps, so have the blocks.
#[derive(Debug)]
#[must_use = "samples are decoded as they are taken"]
pub struct SampleBlocks {
    packets: Option<Packets>,
    sound: Sound,
    part: Part,
    file_start: i64,
    path: String,
}

impl SampleBlocks {
    pub(super) fn start(source: &Source, known: &Known, part: Part, sound: Sound) -> Result<Self> {
        let from = match part.start - RUN_UP {
            start if start > 0 => Entry::KeyFrame(start),
            _ => Entry::Beginning,
        };
        let shape =
            SampleShape { rate: sound.rate, channels: sound.channels, layout: sound.layout.as_deref() };
        let job = source.job(|path| {
            let options = &source.input_options;
            let input = Input { options, path, track: known.track(), from, colors: None };
            arguments::samples(&input, &shape)
        });
        let packets = Some(Packets::start(job, &source.path.text, BLOCK_LIMIT)?);
        Ok(Self { packets, sound, part, file_start: known.file_start, path: source.path.text.clone() })
    }

    /// Samples a second and channel.
    pub fn rate(&self) -> u32 {
        self.sound.rate
    }

    /// How many channels.
    pub fn channels(&self) -> u32 {
        self.sound.channels
    }

    /// The channels' layout in FFmpeg's words, `stereo`, `5.1(side)`: the stream's own, where it has one and its channels
    /// were not changed.
    pub fn channel_layout(&self) -> Option<&str> {
        self.sound.layout.as_deref()
    }

    fn broken(&self, reason: &str) -> Error {
        Error::FrameOutput { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// The block without what is not in the part that is asked for, and whether that part is over.
    fn block(&self, packet: Packet) -> Result<(Option<SampleBlock>, bool)> {
        let width = 4 * self.sound.channels as usize;
        if packet.data.is_empty() || !packet.data.len().is_multiple_of(width) {
            return Err(self.broken("a block of samples is cut off"));
        }
        let sample = Ratio::new(1, self.sound.rate.into());
        let start = packet.own.zip(sample).and_then(|(moment, sample)| in_samples(moment, sample));
        let (start, sample) = start.zip(sample).ok_or_else(|| self.broken("its samples have no times"))?;
        let time_of = |number: i64| {
            Moment { pts: start.saturating_add(number), time_base: sample }.since(self.file_start)
        };
        let count = i64::try_from(packet.data.len() / width).unwrap_or(i64::MAX);
        // Times only grow within a block, so the part's ends are found by halves.
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
        let (rate, channels) = (self.sound.rate, self.sound.channels);
        let block =
            SampleBlock { start: start.saturating_add(from), time: time_of(from), rate, channels, samples };
        Ok((Some(block), is_over))
    }
}

/// The moment in units of `sample`, the nearest.
fn in_samples(moment: Moment, sample: Ratio) -> Option<i64> {
    let factor = moment.time_base.checked_div(sample)?;
    let (num, den) = (i128::from(factor.num()), i128::from(factor.den()));
    let doubled = (i128::from(moment.pts) * num).checked_mul(2)?.checked_add(den)?;
    i64::try_from(doubled.div_euclid(den * 2)).ok()
}

impl Iterator for SampleBlocks {
    type Item = Result<SampleBlock>;

    fn next(&mut self) -> Option<Result<SampleBlock>> {
        loop {
            let packet = self.packets.as_mut()?.next();
            let item = match packet {
                Some(Ok(packet)) => self.block(packet),
                Some(Err(error)) => Err(error),
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
    fn moment_beyond_all_numbers_has_no_place_among_samples() {
        let of = |pts, num| {
            let moment = Moment { pts, time_base: Ratio::new(num, 1).unwrap() };
            in_samples(moment, Ratio::from(1))
        };
        assert_eq!(of(3, 2), Some(6));
        assert_eq!((of(i64::MAX, i64::MAX), of(i64::MIN, i64::MAX)), (None, None));
    }
}
