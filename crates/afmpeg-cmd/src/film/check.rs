//! The check of files against the plan.

use super::{
    difference::Difference,
    plan::{Chunk, FilmPlan, Join},
    sounds::audio_duration,
    timeline::in_seconds,
};
use crate::{MediaKind, Probe, Time, probe};

/// The largest difference between durations of audio: encoders add padding, and end with a whole frame.
const AUDIO_TOLERANCE: Time = Time::from_micros(100_000);

impl FilmPlan {
    /// Compares a joined film with the plan, by ffprobe's output for it with packets: the number of frames in each
    /// chunk and in all, the times of the chunks, the durations of video and audio, and the size if it is limited.
    ///
    /// # Errors
    ///
    /// The differences, at least one.
    pub fn check(&self, join: &Join, film: &Probe) -> Result<(), Vec<Difference>> {
        let video = Video::of(film).map_err(|difference| vec![difference])?;
        let mut differences = Vec::new();
        let chunks: &[Chunk] = &self.chunks;
        video.compare_frames(self.expected.frames, &mut differences);
        for chunk in chunks {
            differences.extend(self.chunk_difference(chunk, &video));
        }
        if let Some((first, last)) = chunks.first().zip(chunks.last()) {
            let expected = self.time_from(first.start, last.end);
            video.compare_duration(expected, self.time_from(last.last, last.end), &mut differences);
        }
        let audio = film.streams.iter().filter(|stream| stream.kind() == Some(MediaKind::Audio));
        let audio: Vec<_> = audio.map(|stream| audio_duration(film, stream)).collect();
        if audio.len() != self.expected.audio.len() {
            let (expected, found) = (self.expected.audio.len(), audio.len());
            differences.push(Difference::AudioStreams { expected, found });
        }
        for (stream, durations) in self.expected.audio.iter().zip(&audio).enumerate() {
            if let (Some(expected), Some(found)) = durations
                && distance(*expected, *found) > AUDIO_TOLERANCE
            {
                let (expected, found) = (*expected, *found);
                differences.push(Difference::AudioDuration { stream, expected, found });
            }
        }
        if let Some(most) = join.max_bytes.filter(|most| video.bytes > *most) {
            differences.push(Difference::Bytes { most, found: video.bytes });
        }
        if differences.is_empty() { Ok(()) } else { Err(differences) }
    }

    /// Compares a file of a chunk with the plan, by ffprobe's output for it with packets: the number of frames and the
    /// duration. So a worker can run the command again before the join.
    ///
    /// # Errors
    ///
    /// The differences, at least one.
    pub fn check_chunk(&self, chunk: &Chunk, file: &Probe) -> Result<(), Vec<Difference>> {
        let video = Video::of(file).map_err(|difference| vec![difference])?;
        let mut differences = Vec::new();
        video.compare_frames(chunk.frames, &mut differences);
        let last_frame = self.time_from(chunk.last, chunk.end);
        video.compare_duration(self.time_from(chunk.start, chunk.end), last_frame, &mut differences);
        if differences.is_empty() { Ok(()) } else { Err(differences) }
    }

    fn time_from(&self, start: i64, time: i64) -> Time {
        in_seconds(time.saturating_sub(start), self.time_base)
    }

    /// Compares the frames in the time of a chunk.
    fn chunk_difference(&self, chunk: &Chunk, video: &Video) -> Option<Difference> {
        let first = self.chunks.first().map_or(0, |chunk| chunk.start);
        let is_last = chunk.index + 1 == self.chunks.len();
        let [start, end] = [chunk.start, chunk.end].map(|time| self.time_from(first, time));
        let tolerance = video.tick;
        let before = |time: Time| video.times.partition_point(|found| *found < time - tolerance);
        let (from, to) = (before(start), if is_last { video.times.len() } else { before(end) });
        let found = to.saturating_sub(from) as u64;
        if found != chunk.frames {
            return Some(Difference::ChunkFrames { chunk: chunk.index, expected: chunk.frames, found });
        }
        let found = *video.times.get(from)?;
        let is_off = found > start + tolerance;
        is_off.then_some(Difference::ChunkStart { chunk: chunk.index, expected: start, found })
    }
}

/// The video of a file.
struct Video {
    /// The times of its frames from the first, in order.
    times: Vec<Time>,
    /// The end of the last frame, from the start of the first.
    duration: Time,
    /// The unit of its times.
    tick: Time,
    bytes: u64,
}

impl Video {
    fn of(file: &Probe) -> Result<Self, Difference> {
        let video = file.streams.iter().find(|stream| stream.is_video()).ok_or(Difference::NoVideo)?;
        let base = video.time_base().ok_or(Difference::NoPackets)?;
        let is_shown = |packet: &&probe::Packet| {
            packet.stream_index == Some(video.index)
                && !packet.flags.as_deref().is_some_and(|flags| flags.contains('D'))
        };
        let packets = || file.packets.iter().filter(is_shown);
        let first = packets().filter_map(|packet| packet.pts).min().ok_or(Difference::NoPackets)?;
        let since = |ticks: i64| in_seconds(ticks.saturating_sub(first), base);
        let mut times: Vec<Time> = packets().filter_map(|packet| packet.pts).map(since).collect();
        times.sort_unstable();
        let ends =
            packets().filter_map(|packet| packet.pts?.checked_add(packet.duration.unwrap_or_default()));
        let duration = since(ends.max().unwrap_or(first));
        let bytes = packets().filter_map(probe::Packet::size).sum();
        // Both times of a difference are rounded.
        let tick = in_seconds(1, base) + Time::from_micros(1);
        Ok(Self { times, duration, tick, bytes })
    }

    fn compare_frames(&self, expected: u64, differences: &mut Vec<Difference>) {
        let found = self.times.len() as u64;
        if found != expected {
            differences.push(Difference::Frames { expected, found });
        }
    }

    /// Compares the duration; the last frame may have lost its own, which is `last_frame`.
    fn compare_duration(&self, expected: Time, last_frame: Time, differences: &mut Vec<Difference>) {
        let found = self.duration;
        if distance(expected, found) > last_frame + self.tick {
            differences.push(Difference::Duration { expected, found });
        }
    }
}

fn distance(one: Time, other: Time) -> Time {
    if one < other { other - one } else { one - other }
}
