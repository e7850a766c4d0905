//! Filters that count frames, and the lengths of their outputs at a known frame rate.

use super::{
    length::Length::{self, Endless, Known, Unknown},
    options::{has_only, time as time_of},
};
use crate::{Filter, Ratio, Time};

/// The length and frame rate of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) length: Length,
    /// Frames per second, if constant.
    pub(super) rate: Option<Ratio>,
    /// Whether it is a single frame, of any length.
    pub(super) is_one: bool,
}

impl Span {
    pub(super) const fn of(length: Length) -> Self {
        Self { length, rate: None, is_one: false }
    }

    /// A number of frames at a rate.
    fn count(frames: u64, rate: Ratio) -> Self {
        Self { length: Known(time(frames, rate)), rate: Some(rate), is_one: frames == 1 }
    }

    /// Returns the number of frames; `None` if the length is not a whole number of frames, which some filters round and
    /// others truncate.
    fn frames(self) -> Option<u64> {
        match (self.length, self.rate) {
            _ if self.is_one => Some(1),
            (Known(length), Some(rate)) => whole_frames(length, rate),
            _ => None,
        }
    }
}

/// Parses a rate that is a number or a ratio.
pub(super) fn rate(text: &str) -> Option<Ratio> {
    text.parse().ok().filter(|rate: &Ratio| rate.num() > 0)
}

/// Returns the length of a number of frames.
pub(super) fn time(frames: u64, rate: Ratio) -> Time {
    let (num, den) = (i128::from(rate.num()), i128::from(rate.den()));
    let micros = (i128::from(frames) * den).saturating_mul(1_000_000).saturating_add(num / 2) / num;
    Time::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn whole_frames(length: Time, rate: Ratio) -> Option<u64> {
    let frames = nearest_frames(length, rate)?;
    // Times are whole microseconds, unlike frames at 30000/1001 per second.
    let is_whole = time(frames, rate).as_micros().abs_diff(length.as_micros()) <= 1;
    is_whole.then_some(frames)
}

fn nearest_frames(length: Time, rate: Ratio) -> Option<u64> {
    let unit = i128::from(rate.den()) * 1_000_000;
    let frames = (i128::from(length.as_micros()) * i128::from(rate.num()) + unit / 2).div_euclid(unit);
    u64::try_from(frames).ok()
}

/// Parses a number of frames from an option; an error if it is not a plain number.
fn number(filter: &Filter, name: &str) -> Result<Option<i64>, ()> {
    filter.option(name).map(|value| value.parse().map_err(|_| ())).transpose()
}

/// `fps`, which keeps the length.
pub(super) fn fps(filter: &Filter, first: Span) -> Span {
    let unnamed = filter.options.first().filter(|option| option.name.is_none());
    let text = filter.option("fps").or_else(|| unnamed.map(|option| option.value.as_str()));
    Span { rate: rate(text.unwrap_or("25")), ..Span::of(first.length) }
}

/// `setpts` that spaces frames at a rate.
pub(super) fn numbered(first: Span, rate: Ratio) -> Span {
    first.frames().map_or(Span { rate: Some(rate), ..Span::of(Unknown) }, |frames| Span::count(frames, rate))
}

/// `setpts` that keeps the time between frames.
pub(super) fn as_they_come(filter: &Filter, first: Span) -> Span {
    let rate = first.rate.filter(|_| filter.option("strip_fps").is_none());
    Span { rate, is_one: first.frames() == Some(1), ..first }
}

/// The frame rate of a video source.
pub(super) fn of_source(filter: &Filter) -> Option<Ratio> {
    let is_sound = matches!(filter.name.as_str(), "sine" | "anoisesrc");
    let text = filter.option("rate").or_else(|| filter.option("r")).unwrap_or("25");
    rate(text).filter(|_| !is_sound)
}

/// `trim` and `atrim`: frames pass from the earliest start to the latest end.
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
        // A decoded stream has at least one frame.
        return Span { length: Unknown, rate: None, is_one: true };
    }
    let frame_at = |frame: Option<i64>| match frame.map(u64::try_from) {
        // No limit.
        None | Some(Err(_)) => Ok(None),
        Some(Ok(0)) => Ok(Some(Time::ZERO)),
        Some(Ok(frame)) => first.rate.map(|rate| Some(time(frame, rate))).ok_or(()),
    };
    let (Ok(start_frame), Ok(end_frame)) = (frame_at(start_frame), frame_at(end_frame)) else {
        return Span::of(Unknown);
    };
    let start = [start, start_frame].into_iter().flatten().min().unwrap_or_default().max(Time::ZERO);
    // A duration of zero means none.
    let duration = duration.filter(|duration| *duration > Time::ZERO);
    let end = [end, end_frame, duration.map(|duration| start + duration)].into_iter().flatten().max();
    let length = first.length.until(end).map(|length| length - start);
    let trimmed = Span { length, rate: first.rate, is_one: false };
    Span { is_one: trimmed.frames() == Some(1), ..trimmed }
}

/// `zoompan`, which outputs `d` frames per input frame.
pub(super) fn zoompan(filter: &Filter, first: Span) -> Span {
    // At least one, and a whole number. Without a dot, anything else is an expression.
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

/// `loop`, which repeats some frames.
pub(super) fn repeat(filter: &Filter, first: Span) -> Span {
    let unknown = Span { rate: first.rate, ..Span::of(Unknown) };
    if !has_only(filter, &["loop", "size", "start"]) {
        return unknown;
    }
    let option = |name: &str| number(filter, name).map(|number| number.unwrap_or(0));
    let (Ok(times), Ok(size), Ok(start)) = (option("loop"), option("size"), option("start")) else {
        return unknown;
    };
    // A negative start means a time, which is not set.
    let (Ok(size), Ok(start)) = (u64::try_from(size), u64::try_from(start)) else { return unknown };
    match (first.length, first.frames(), first.rate) {
        _ if times == 0 || size == 0 => first,
        (Endless, ..) => first,
        // The counter includes the current frame: starting at the first or the second is the same.
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

/// `tpad`, which adds frames at both ends.
pub(super) fn tpad(filter: &Filter, first: Span) -> Span {
    const KNOWN: &[&str] =
        &["start", "stop", "start_mode", "stop_mode", "start_duration", "stop_duration", "color"];
    let unknown = Span { rate: first.rate, ..Span::of(Unknown) };
    if !has_only(filter, KNOWN) {
        return unknown;
    }
    let added = |frames: &str, duration: &str| -> Result<Length, ()> {
        // A duration of zero means none; any other overrides a number of frames.
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
    let (Ok(before), Ok(after)) = (added("start", "start_duration"), added("stop", "stop_duration")) else {
        return unknown;
    };
    match after {
        // Regardless of the length of the input.
        Endless => Span { length: Endless, ..unknown },
        _ => Span { length: before.plus(first.length).plus(after), ..unknown },
    }
}
