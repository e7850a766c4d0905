use crate::{Probe, Ratio, Time, probe, recipes::RecipeError};

const PROBE: &str = "probe";

/// The frames of a source's video, in units of its time base.
#[derive(Debug)]
pub(super) struct Timeline {
    /// The index of the video in the source.
    pub(super) stream: usize,
    pub(super) time_base: Ratio,
    /// The times of the frames, in order.
    pub(super) frames: Vec<i64>,
    /// The end of the last frame.
    pub(super) end: i64,
    /// The duration from the start of the first frame to the end, in seconds.
    pub(super) duration: Ratio,
    /// The key frames after the first frame, at which the video can be cut, in order.
    pub(super) keys: Vec<Key>,
    /// The number of frames before the first that can be decoded.
    pub(super) undecodable: u64,
}

/// A key frame at which a video can be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) time: i64,
    /// The time to seek to, so that decoding starts at the key frame before; `None` for the start of the file.
    pub(super) seek: Option<Time>,
}

/// The demuxers whose seeking was tried, and whether they have an index of key frames: without one, FFmpeg seeks to any
/// packet before the time.
const DEMUXERS: [(&str, bool); 6] =
    [("mov", true), ("matroska", true), ("mpegts", false), ("nut", false), ("flv", false), ("mxf", false)];

/// A packet with its times.
struct Timed {
    time: i64,
    /// The earlier of the presentation and the decoding time.
    earliest: i64,
    duration: Option<i64>,
    is_key: bool,
    /// Whether it is decoded and not shown, as before the start of an edit list.
    is_discarded: bool,
}

impl Timeline {
    pub(super) fn of(source: &Probe) -> Result<Self, RecipeError> {
        let has_index = has_index(source)?;
        if source.is_image() {
            return Err(RecipeError::new(PROBE, "an image", "a video"));
        }
        let Some((stream, video)) = source.streams.iter().enumerate().find(|(_, stream)| stream.is_video())
        else {
            let hint = "choose a file with video; an attached picture is not video";
            return Err(RecipeError::missing(PROBE, "video", hint));
        };
        if video.codec_name.as_deref() == Some("vp8") {
            let expected = "a codec with a frame for each packet: encode the file by one command";
            return Err(RecipeError::new(PROBE, "vp8, with packets of hidden frames", expected));
        }
        // Offsets of files are in microseconds.
        let is_coarse = |base: &Ratio| i128::from(base.num()) * 1_000_000 >= i128::from(base.den());
        let time_base = match video.time_base() {
            Some(base) if is_coarse(&base) && u32::try_from(base.den()).is_ok() => base,
            found => {
                let found = found.map_or("none".to_owned(), |base| base.to_string());
                let expected = "at least a microsecond: copy the file into Matroska";
                return Err(RecipeError::new("the time base of the video", found, expected));
            }
        };
        let packets = packets(source, video)?;
        let shown = Shown::of(&packets, time_base)?;
        // With several videos, an index may be that of another one.
        let videos = source.streams.iter().filter(|stream| stream.is_video()).count();
        let keys = keys(&shown, time_base, has_index && videos == 1);
        let Shown { frames, end, duration, undecodable, .. } = shown;
        Ok(Self { stream, time_base, frames, end, duration, keys, undecodable })
    }

    /// Returns a time in seconds, rounded to the nearest microsecond.
    pub(super) fn time(&self, ticks: i64) -> Time {
        in_seconds(ticks, self.time_base)
    }
}

/// Returns a time in seconds, rounded to the nearest microsecond.
pub(super) fn in_seconds(ticks: i64, time_base: Ratio) -> Time {
    let (doubled, unit) = (i128::from(time_base.num()) * 2_000_000, i128::from(time_base.den()));
    let micros = (i128::from(ticks) * doubled + unit).div_euclid(2 * unit);
    Time::from_micros(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
}

/// The packets that are decoded and the frames that are shown.
struct Shown<'a> {
    /// The packets from the first key frame, in the file's order.
    packets: &'a [Timed],
    frames: Vec<i64>,
    end: i64,
    duration: Ratio,
    undecodable: u64,
}

impl<'a> Shown<'a> {
    fn of(all: &'a [Timed], time_base: Ratio) -> Result<Self, RecipeError> {
        let refused =
            |found: String, expected: &str| Err(RecipeError::new("the frames of the video", found, expected));
        let seconds = |ticks: i64| in_seconds(ticks, time_base);
        let Some(first_key) = all.iter().position(|packet| packet.is_key) else {
            let hint = "choose a file that FFmpeg can start to decode";
            return Err(RecipeError::missing("the probed video", "key frame", hint));
        };
        let packets = &all[first_key..];
        if let Some((time, key)) = jump_back(packets) {
            let found = format!("{} s after the key frame at {} s", seconds(time), seconds(key));
            return refused(found, "times in order: repair the file, or encode it by one command");
        }
        // Pictures before the first key frame, in the file or in time, may refer to others that the file lacks.
        let is_shown = |packet: &&Timed| !packet.is_discarded && packet.time >= packets[0].time;
        let mut shown: Vec<&Timed> = packets.iter().filter(is_shown).collect();
        shown.sort_by_key(|packet| packet.time);
        let frames: Vec<i64> = shown.iter().map(|packet| packet.time).collect();
        let Some((first, last)) = shown.first().zip(shown.last()) else {
            return Err(RecipeError::missing(
                "the probed video",
                "frame that is shown",
                "choose another file",
            ));
        };
        if let Some(pair) = frames.windows(2).find(|pair| pair[0] == pair[1]) {
            return refused(format!("two at {} s", seconds(pair[0])), "frames at different times");
        }
        let before_last = frames.iter().rev().nth(1).map(|time| last.time.saturating_sub(*time));
        let length = last.duration.filter(|length| *length > 0).or(before_last).unwrap_or(1);
        let end = last.time.saturating_add(length);
        let ticks = end.checked_sub(first.time).and_then(|ticks| Ratio::new(ticks, 1));
        let Some(duration) = ticks.and_then(|ticks| ticks.checked_mul(time_base)) else {
            let found = format!("some from {} to {end}, in units of {time_base} s", first.time);
            return refused(found, "a duration of less than 64 bits");
        };
        let undecodable = all.iter().filter(|packet| !packet.is_discarded).count() - frames.len();
        Ok(Self { packets, frames, end, duration, undecodable: undecodable as u64 })
    }
}

/// Returns the key frames at which the video can be cut, with times to seek to.
fn keys(shown: &Shown<'_>, time_base: Ratio, has_index: bool) -> Vec<Key> {
    let Shown { packets, frames, .. } = shown;
    let mut keys = Vec::new();
    let (Some(first), Some(start)) = (packets.first(), frames.first()) else { return keys };
    let (mut latest, mut previous) = (i64::MIN, first);
    for packet in *packets {
        if packet.is_key {
            // All frames before it in the file have to precede it in time.
            if !packet.is_discarded && packet.time > *start && packet.time > latest {
                let next = frames.partition_point(|time| *time < packet.time);
                let gap = packet.time.saturating_sub(frames[next - 1]);
                let before = if has_index { packet } else { previous };
                // Half a frame before, so that rounding never finds the key frame itself.
                let seek = before.earliest.saturating_sub((gap / 2).max(1));
                let seek = (seek > first.earliest).then(|| in_seconds(seek, time_base));
                keys.push(Key { time: packet.time, seek });
            }
            previous = packet;
        }
        latest = latest.max(packet.time);
    }
    keys
}

/// Returns the time of a packet after a key frame that precedes the key frame before that one, and the time of that
/// one, if there is any. Decoding times do not show this: those of Matroska are guesses.
fn jump_back(packets: &[Timed]) -> Option<(i64, i64)> {
    let (mut before, mut key) = (i64::MIN, i64::MIN);
    packets.iter().find_map(|packet| {
        if packet.is_key {
            (before, key) = (key, packet.time);
        }
        (packet.time < before).then_some((packet.time, before))
    })
}

/// Whether the source has an index of its key frames.
fn has_index(source: &Probe) -> Result<bool, RecipeError> {
    let Some(format) = &source.format else {
        return Err(RecipeError::missing(PROBE, "format", "probe the file again, with its format"));
    };
    let Some((_, has_index)) = DEMUXERS.iter().find(|(name, _)| format.is(name)) else {
        let found = format.format_name.as_deref().unwrap_or("unknown");
        let expected = "MP4, MOV, Matroska, WebM, MPEG-TS, NUT, FLV or MXF: copy the file into one";
        return Err(RecipeError::new("the format of the source", found, expected));
    };
    Ok(*has_index)
}

/// Returns the packets of a video, in the file's order.
fn packets(source: &Probe, video: &probe::Stream) -> Result<Vec<Timed>, RecipeError> {
    if !source.packets.is_present() {
        let hint = "probe the file again, with `ProbeRequest::packets`";
        return Err(RecipeError::missing(PROBE, "packets", hint));
    }
    let of_video = source.packets.iter().filter(|packet| packet.stream_index == Some(video.index));
    let mut timed = Vec::new();
    for (number, packet) in of_video.enumerate() {
        let Some(time) = packet.pts else {
            let hint = "encode the file by one command";
            return Err(RecipeError::missing(format!("packet {number} of the video"), "time", hint));
        };
        timed.push(Timed {
            time,
            earliest: packet.dts.map_or(time, |dts| dts.min(time)),
            duration: packet.duration,
            is_key: packet.is_key(),
            is_discarded: packet.flags.as_deref().is_some_and(|flags| flags.contains('D')),
        });
    }
    Ok(timed)
}
