//! The distances between frames, and between key frames.

use afmpeg_engine::{Ratio, Time};

use super::facts::{PacketFacts, TimedPacket};

/// The distances between the frames of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameTimes {
    /// The number of distances: one less than frames.
    pub(crate) count: usize,
    /// The median.
    pub(crate) usual: Time,
    pub(crate) shortest: Time,
    pub(crate) longest: Time,
    /// The start of the longest.
    pub(crate) longest_at: Time,
    /// The number of distances that differ from the usual one by more than the resolution of the container.
    pub(crate) uneven: usize,
    /// The number of frames with the time of the frame before.
    pub(crate) repeated: usize,
}

impl FrameTimes {
    /// Returns the distances between the packets of a video that are shown; `None` for less than three of them.
    pub(crate) fn of(packets: &PacketFacts, time_base: Option<Ratio>) -> Option<Self> {
        let shown: Vec<Time> = shown(packets).map(|packet| packet.time).collect();
        let mut distances: Vec<(Time, Time)> =
            shown.windows(2).map(|pair| (pair[1] - pair[0], pair[0])).collect();
        distances.sort_unstable();
        let (first, last) = (*distances.first()?, *distances.last()?);
        let usual = distances.get(distances.len() / 2).filter(|_| distances.len() > 1)?.0;
        // Times are rounded to the unit of the container, and to microseconds.
        let unit = time_base.map_or(0.0, Ratio::as_f64) * 1e6;
        let tolerance = unit + 2.0 + 0.02 * usual.as_secs_f64() * 1e6;
        let is_uneven = |distance: Time| (distance - usual).as_secs_f64().abs() * 1e6 > tolerance;
        Some(Self {
            count: distances.len(),
            usual,
            shortest: first.0,
            longest: last.0,
            longest_at: last.1,
            uneven: distances.iter().filter(|(distance, _)| is_uneven(*distance)).count(),
            repeated: distances.iter().filter(|(distance, _)| *distance == Time::ZERO).count(),
        })
    }

    /// Whether the frame rate varies: more than one in a hundred distances differ from the usual one. A few are gaps.
    pub(crate) fn is_variable(&self) -> bool {
        self.uneven > 1 && self.uneven * 100 > self.count
    }
}

/// The part of a video from a key frame to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyDistance {
    pub(crate) start: Time,
    pub(crate) length: Time,
}

/// Returns the distances between key frames, and from the last one to the end of the video.
pub(crate) fn key_distances(packets: &PacketFacts) -> Vec<KeyDistance> {
    let keys: Vec<Time> = shown(packets).filter(|packet| packet.is_key).map(|packet| packet.time).collect();
    let ends = keys.iter().skip(1).copied().chain(packets.end);
    let distances = keys.iter().zip(ends);
    distances
        .map(|(start, end)| KeyDistance { start: *start, length: (end - *start).max(Time::ZERO) })
        .collect()
}

fn shown(packets: &PacketFacts) -> impl Iterator<Item = &TimedPacket> {
    packets.timed.iter().filter(|packet| !packet.is_discarded)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Packets at these times in microseconds; every `interval`-th is a key frame.
    pub(crate) fn packets(micros: &[i64], interval: usize) -> PacketFacts {
        let packet = |(number, micros): (usize, &i64)| TimedPacket {
            time: Time::from_micros(*micros),
            bytes: 1000,
            is_key: number % interval == 0,
            is_discarded: false,
        };
        let timed: Vec<TimedPacket> = micros.iter().enumerate().map(packet).collect();
        let end = timed.last().map(|last| last.time + Time::from_micros(40_000));
        PacketFacts {
            count: timed.len() as u64,
            bytes: 1000 * timed.len() as u64,
            starts_with_key: true,
            timed,
            end,
            ..PacketFacts::default()
        }
    }

    fn times(micros: &[i64], time_base: &str) -> FrameTimes {
        FrameTimes::of(&packets(micros, 1), time_base.parse().ok()).unwrap()
    }

    #[test]
    fn rounded_times_of_a_constant_rate_are_even() {
        // 30000/1001 frames a second, in milliseconds.
        let millis: Vec<i64> = (0..300).map(|frame| (frame * 1001 + 15) / 30 * 1000).collect();
        let times = times(&millis, "1/1000");
        assert_eq!((times.uneven, times.is_variable()), (0, false));
        assert_eq!((times.shortest, times.longest), (Time::from_micros(33_000), Time::from_micros(34_000)));
    }

    #[test]
    fn alternating_distances_vary_and_a_single_gap_does_not() {
        let pulled: Vec<i64> = (0..100).map(|frame| frame * 40_000 + (frame % 2) * 10_000).collect();
        assert!(times(&pulled, "1/90000").is_variable());
        let gap: Vec<i64> =
            (0..100).map(|frame| frame * 40_000 + if frame < 50 { 0 } else { 3_000_000 }).collect();
        let gap = times(&gap, "1/90000");
        assert_eq!((gap.uneven, gap.is_variable()), (1, false));
        assert_eq!((gap.longest.as_micros(), gap.longest_at.as_micros()), (3_040_000, 49 * 40_000));
    }

    #[test]
    fn few_frames_have_no_rate() {
        assert_eq!(FrameTimes::of(&packets(&[], 1), None), None);
        assert_eq!(FrameTimes::of(&packets(&[0, 40_000], 1), None), None);
    }

    #[test]
    fn last_key_frame_lasts_to_the_end() {
        let frames: Vec<i64> = (0..60).map(|frame| frame * 40_000).collect();
        let lengths: Vec<i64> =
            key_distances(&packets(&frames, 25)).iter().map(|it| it.length.as_micros()).collect();
        assert_eq!(lengths, [1_000_000, 1_000_000, 400_000]);
    }
}
