//! Filters that count frames: how long they make something, where it is known at which rate they come.

use super::{
    has_only,
    length::Length::{self, Endless, Known, Unknown},
    time as time_of,
};
use crate::{Filter, Ratio, Time};

/// What is known of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) length: Length,
    /// Frames a second, where they come evenly.
    pub(super) rate: Option<Ratio>,
    /// Whether it is one frame, however long.
    pub(super) is_one: bool,
}

impl Span {
    pub(super) const fn of(length: Length) -> Self {
        Self { length, rate: None, is_one: false }
    }

    /// So many frames.
    fn count(frames: u64, rate: Ratio) -> Self {
        Self { length: Known(time(frames, rate)), rate: Some(rate), is_one: frames == 1 }
    }

    /// How many frames it is; none where its length is not that of whole frames, which some filters round and others
    /// cut.
    fn frames(self) -> Option<u64> {
        match (self.length, self.rate) {
            _ if self.is_one => Some(1),
            (Known(length), Some(rate)) => whole_frames(length, rate),
            _ => None,
        }
    }
}

/// A rate as options give it, where it is a plain number or a ratio.
pub(super) fn rate(text: &str) -> Option<Ratio> {
    text.parse().ok().filter(|rate: &Ratio| rate.num() > 0)
}

/// How long so many frames are.
pub(super) fn time(frames: u64, rate: Ratio) -> Time {
    let (num, den) = (i128::from(rate.num()), i128::from(rate.den()));
    let micros = (i128::from(frames) * den).saturating_mul(1_000_000).saturating_add(num / 2) / num;
    Time::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn whole_frames(length: Time, rate: Ratio) -> Option<u64> {
    let frames = nearest_frames(length, rate)?;
    // Times are whole microseconds, which no frame of 30000/1001 a second is.
    let is_whole = time(frames, rate).as_micros().abs_diff(length.as_micros()) <= 1;
    is_whole.then_some(frames)
}

fn nearest_frames(length: Time, rate: Ratio) -> Option<u64> {
    let unit = i128::from(rate.den()) * 1_000_000;
    let frames = (i128::from(length.as_micros()) * i128::from(rate.num()) + unit / 2).div_euclid(unit);
    u64::try_from(frames).ok()
}

/// A number of frames that an option gives; an error where it is no plain number.
fn number(filter: &Filter, name: &str) -> Result<Option<i64>, ()> {
    filter.option(name).map(|value| value.parse().map_err(|_| ())).transpose()
}

/// `fps`, which keeps the length.
pub(super) fn fps(filter: &Filter, first: Span) -> Span {
    let unnamed = filter.options.first().filter(|option| option.name.is_none());
    let text = filter.option("fps").or_else(|| unnamed.map(|option| option.value.as_str()));
    Span { rate: rate(text.unwrap_or("25")), ..Span::of(first.length) }
}

/// `setpts` that gives frames the times of a rate.
pub(super) fn numbered(first: Span, rate: Ratio) -> Span {
    first.frames().map_or(Span { rate: Some(rate), ..Span::of(Unknown) }, |frames| Span::count(frames, rate))
}

/// `setpts` that leaves the time between frames as it is.
pub(super) fn as_they_come(filter: &Filter, first: Span) -> Span {
    let rate = first.rate.filter(|_| filter.option("strip_fps").is_none());
    Span { rate, is_one: first.frames() == Some(1), ..first }
}

/// The rate of a source of pictures.
pub(super) fn of_source(filter: &Filter) -> Option<Ratio> {
    let is_sound = matches!(filter.name.as_str(), "sine" | "anoisesrc");
    let text = filter.option("rate").or_else(|| filter.option("r")).unwrap_or("25");
    rate(text).filter(|_| !is_sound)
}

/// `trim` and `atrim`. A frame passes from the first of the beginnings on, up to the last of the ends.
pub(super) fn trim(filter: &Filter, first: Span) -> Span {
    const KNOWN: &[&str] =
        &["start", "starti", "end", "endi", "duration", "durationi", "start_frame", "end_frame"];
    if !has_only(filter, KNOWN) {
        return Span::of(Unknown);
    }
    let time_at = |names: &[&str]| time_of(filter, names).transpose();
    let (Ok(start), Ok(end), Ok(duration), Ok(start_frame), Ok(end_frame)) = (
        time_at(&["start", "starti"]),
        time_at(&["end", "endi"]),
        time_at(&["duration", "durationi"]),
        number(filter, "start_frame"),
        number(filter, "end_frame"),
    ) else {
        return Span::of(Unknown);
    };
    let is_from_start = start.is_none() && start_frame.is_none_or(|frame| frame <= 0);
    let is_only_end = end.is_none() && duration.is_none() && is_from_start;
    if first.rate.is_none() && is_only_end && (end_frame == Some(1) || first.is_one && end_frame > Some(0)) {
        // What is decoded has one frame at least.
        return Span { length: Unknown, rate: None, is_one: true };
    }
    let frame_at = |frame: Option<i64>| match frame.map(u64::try_from) {
        // Without a number.
        None | Some(Err(_)) => Ok(None),
        Some(Ok(0)) => Ok(Some(Time::ZERO)),
        Some(Ok(frame)) => first.rate.map(|rate| Some(time(frame, rate))).ok_or(()),
    };
    let (Ok(start_frame), Ok(end_frame)) = (frame_at(start_frame), frame_at(end_frame)) else {
        return Span::of(Unknown);
    };
    let start = [start, start_frame].into_iter().flatten().min().unwrap_or_default().max(Time::ZERO);
    // A duration of zero is none.
    let duration = duration.filter(|duration| *duration > Time::ZERO);
    let end = [end, end_frame, duration.map(|duration| start.plus(duration))].into_iter().flatten().max();
    let length = first.length.until(end).map(|length| length.minus(start));
    let trimmed = Span { length, rate: first.rate, is_one: false };
    Span { is_one: trimmed.frames() == Some(1), ..trimmed }
}

/// `zoompan`, which makes so many frames of each.
pub(super) fn zoompan(filter: &Filter, first: Span) -> Span {
    // At least one, and whole ones. What has no dot is an expression, if it is no number.
    let each = match filter.option("d").unwrap_or("90").parse::<u32>() {
        Ok(frames) => u64::from(frames.max(1)),
        Err(_) => return Span::of(Unknown),
    };
    let rate = rate(filter.option("fps").unwrap_or("25"));
    match (first.frames(), rate) {
        (Some(frames), Some(rate)) => Span::count(frames.saturating_mul(each), rate),
        _ if first.length == Endless => Span { rate, ..Span::of(Endless) },
        _ => Span { rate, ..Span::of(Unknown) },
    }
}

/// `loop`, which plays some frames again.
pub(super) fn repeat(filter: &Filter, first: Span) -> Span {
    let unknown = Span { rate: first.rate, ..Span::of(Unknown) };
    if !has_only(filter, &["loop", "size", "start"]) {
        return unknown;
    }
    let option = |name: &str| number(filter, name).map(|number| number.unwrap_or(0));
    let (Ok(times), Ok(size), Ok(start)) = (option("loop"), option("size"), option("start")) else {
        return unknown;
    };
    // From -1 on, it waits for a time, which there is none of.
    let (Ok(size), Ok(start)) = (u64::try_from(size), u64::try_from(start)) else { return unknown };
    match (first.length, first.frames(), first.rate) {
        _ if times == 0 || size == 0 => first,
        (Endless, ..) => first,
        // It counts the frame that comes: to begin with the first, or with the second, is the same.
        (_, Some(frames), _) if start > frames => first,
        _ if times < 0 && start <= 1 => Span { length: Endless, ..unknown },
        (_, Some(frames), Some(rate)) => {
            let played = size.min(frames - start.saturating_sub(1));
            match u64::try_from(times) {
                Ok(times) => Span::count(frames.saturating_add(played.saturating_mul(times)), rate),
                Err(_) => Span { length: Endless, ..unknown },
            }
        }
        _ => unknown,
    }
}

/// `tpad`, which adds frames before and behind.
pub(super) fn tpad(filter: &Filter, first: Span) -> Span {
    const KNOWN: &[&str] =
        &["start", "stop", "start_mode", "stop_mode", "start_duration", "stop_duration", "color"];
    let unknown = Span { rate: first.rate, ..Span::of(Unknown) };
    if !has_only(filter, KNOWN) {
        return unknown;
    }
    let added = |frames: &str, duration: &str| -> Result<Length, ()> {
        // A duration of zero is none, and another counts before a number of frames.
        let duration = time_of(filter, &[duration]).transpose()?.filter(|time| *time != Time::ZERO);
        Ok(match (duration, number(filter, frames)?.unwrap_or(0)) {
            (Some(duration), _) => Known(match first.rate {
                Some(rate) => time(nearest_frames(duration, rate).ok_or(())?, rate),
                None => duration,
            }),
            (None, 0) => Known(Time::ZERO),
            (None, -1) => Endless,
            (None, frames) => match (u64::try_from(frames), first.rate) {
                (Ok(frames), Some(rate)) => Known(time(frames, rate)),
                _ => Unknown,
            },
        })
    };
    let (Ok(before), Ok(behind)) = (added("start", "start_duration"), added("stop", "stop_duration")) else {
        return unknown;
    };
    match behind {
        // However long it is itself.
        Endless => Span { length: Endless, ..unknown },
        _ => Span { length: before.plus(first.length).plus(behind), ..unknown },
    }
}
