//! The frames that are shown at given times: for each time, the last frame that starts at it or earlier.

use std::time::Duration;

use super::error::RecipeError;
use crate::{Arg, Filter, Input, Stream, Time, Video, path};

/// Seconds between selected frames while they are counted: more than any time base.
const SLOT: u32 = 3600;

/// Microseconds that a frame may start after a time and count as shown at it: FFmpeg rounds times to microseconds.
const TOLERANCE: i64 = 1;

/// The seek before a time: key frames are indexed by decoding time, which precedes the display time of reordered
/// frames.
const LEAD: Duration = Duration::from_secs(2);

/// Evenly spaced times: `count` per `duration`, from `first`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) duration: Duration,
    pub(super) count: u32,
    pub(super) first: First,
}

/// The position of the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The start.
    Start,
    /// The middle of the first interval.
    Middle,
}

impl Times {
    /// Selects the frames that are shown at the first `frames` of these times, and sets their timestamps to these times
    /// from zero. The last frame covers times after the end of the video, and the first one times before its start.
    pub(super) fn of(self, video: &Stream<Video>, frames: u32) -> Result<Stream<Video>, RecipeError> {
        let Self { duration, count, first } = self;
        if duration > Duration::from_secs(1 << 40) {
            return Err(RecipeError::new("duration", format!("{duration:?}"), "less than 30,000 years"));
        }
        let micros = duration.as_micros();
        let start = match first {
            First::Start => "0".to_owned(),
            First::Middle => format!("{micros}/{}", u64::from(count) * 2),
        };
        // The number of times that have passed when a frame starts: the last frame of each number is the one that is
        // shown at the next time.
        let passed = format!("max(0,floor((T*1000000-{TOLERANCE}-{start})*{count}/{micros})+1)");
        Ok(slots(video, &passed).filters([
            Filter::new("tpad").opt("stop", -1).opt("stop_mode", "clone"),
            Filter::new("trim").opt("end_frame", frames),
            Filter::new("settb").opt("expr", "AVTB"),
            Filter::new("setpts").opt("expr", format!("N*{micros}/{count}")),
        ]))
    }
}

/// Returns a video from the frame that is shown at `time`. Files with an index are read from the last key frame before
/// that time. The frames' times are lost. The video is empty if it ends before that time.
pub(super) fn from(input: &Input, time: Duration, video: impl Fn(&Input) -> Stream<Video>) -> Stream<Video> {
    if time.is_zero() {
        return video(input);
    }
    // Without accurate seeking, FFmpeg keeps frames between the key frame and the time.
    let (input, time) = match has_index(input) {
        true => {
            let lead = time.min(LEAD);
            (input.clone().seek(time - lead).with(Arg::flag("noaccurate_seek")), lead)
        }
        false => (input.clone(), time),
    };
    let time = Time::from(time).as_micros();
    let (soon, just) =
        (Time::from_micros(time.saturating_add(TOLERANCE)), Time::from_micros(time - TOLERANCE));
    // At the end, the expression is evaluated once more. A last frame without a duration ends when it starts.
    let has_ended = format!("gt(N,0)*eq(T,ld(1))*gte(T,{just})");
    slots(&video(&input), &format!("if(lt(T,{soon})*not({has_ended}),0*st(1,T),st(0,ld(0)+1))"))
}

/// Assigns frames to numbers by an expression, and keeps the last frame of each number.
fn slots(video: &Stream<Video>, number: &str) -> Stream<Video> {
    video.filters([
        Filter::new("setpts").opt("expr", format!("{number}*{SLOT}/TB")),
        Filter::new("fps").opt("fps", format!("1/{SLOT}")).opt("start_time", 0).opt("round", "up"),
    ])
}

/// Whether FFmpeg finds key frames of a file by an index. In other containers (MPEG-TS, MPEG-PS) a seek may end after
/// the time, so the frame that is shown at it would never be decoded.
fn has_index(input: &Input) -> bool {
    let format = input.probed().and_then(|probe| probe.format.as_ref()?.format_name.as_deref());
    match format {
        Some(names) => names.split(',').any(|name| matches!(name, "mov" | "matroska" | "flv" | "nut")),
        None => matches!(
            path::ending(&input.data().path).as_str(),
            "mp4" | "m4v" | "mov" | "3gp" | "3g2" | "mkv" | "webm" | "flv" | "nut"
        ),
    }
}
