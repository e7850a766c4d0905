//! The frames that are shown at given times: of each time, the last frame that begins at it or before.

use std::time::Duration;

use super::error::RecipeError;
use crate::{Arg, Filter, Input, Stream, Time, Video, path};

/// Seconds between the frames that were found while they are counted: more than any time base.
const SLOT: u32 = 3600;

/// Microseconds that a frame may begin behind a time and be shown at it: FFmpeg rounds times to microseconds.
const TOLERANCE: i64 = 1;

/// How much earlier than a time FFmpeg seeks: a key frame is found by when it is decoded, which is before it is shown
/// where frames are reordered.
const LEAD: Duration = Duration::from_secs(2);

/// Times that are as far from each other: of `duration`, `count` of them, the first one `first` later than its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) duration: Duration,
    pub(super) count: u32,
    pub(super) first: First,
}

/// Where the first of several times is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// At the start.
    Start,
    /// In the middle of the first share of the time.
    Middle,
}

impl Times {
    /// Leaves the frames that are shown at the first `frames` of these times, one for each, at these times from zero on.
    /// The last frame stands for times after the end of the video, and the first one for times before its beginning.
    pub(super) fn of(self, video: &Stream<Video>, frames: u32) -> Result<Stream<Video>, RecipeError> {
        let Self { duration, count, first } = self;
        if duration > Duration::from_secs(1 << 40) {
            return Err(RecipeError::new("duration", format!("{duration:?}"), "shorter than 30,000 years"));
        }
        let micros = duration.as_micros();
        let start = match first {
            First::Start => "0".to_owned(),
            First::Middle => format!("{micros}/{}", u64::from(count) * 2),
        };
        // The number of times that have passed when a frame begins, so that the last frame of a number is the one that
        // is shown at the next time.
        let passed = format!("max(0,floor((T*1000000-{TOLERANCE}-{start})*{count}/{micros})+1)");
        Ok(slots(video, &passed).filters([
            Filter::new("tpad").opt("stop", -1).opt("stop_mode", "clone"),
            Filter::new("trim").opt("end_frame", frames),
            Filter::new("settb").opt("expr", "AVTB"),
            Filter::new("setpts").opt("expr", format!("N*{micros}/{count}")),
        ]))
    }
}

/// A video from the frame on that is shown at the time `at` of a file, which is read from the last key frame before that
/// time where its index leads there. Times of the frames are lost. It is empty if the video has ended by then.
pub(super) fn from(input: &Input, at: Duration, video: impl Fn(&Input) -> Stream<Video>) -> Stream<Video> {
    if at.is_zero() {
        return video(input);
    }
    // Without accuracy, FFmpeg decodes from the key frame on, and keeps what is shown at the time but begins before it.
    let (input, at) = match has_index(input) {
        true => {
            let lead = at.min(LEAD);
            (input.clone().seek(at - lead).with(Arg::flag("noaccurate_seek")), lead)
        }
        false => (input.clone(), at),
    };
    let at = Time::from(at).as_micros();
    let (soon, just) = (Time::from_micros(at.saturating_add(TOLERANCE)), Time::from_micros(at - TOLERANCE));
    // At the end, the expression is evaluated once more. A last frame without a duration ends when it begins.
    let has_ended = format!("gt(N,0)*eq(T,ld(1))*gte(T,{just})");
    slots(&video(&input), &format!("if(lt(T,{soon})*not({has_ended}),0*st(1,T),st(0,ld(0)+1))"))
}

/// Moves frames to numbers, which an expression counts, and leaves of each number the last frame.
fn slots(video: &Stream<Video>, number: &str) -> Stream<Video> {
    video.filters([
        Filter::new("setpts").opt("expr", format!("{number}*{SLOT}/TB")),
        Filter::new("fps").opt("fps", format!("1/{SLOT}")).opt("start_time", 0).opt("round", "up"),
    ])
}

/// Whether FFmpeg finds key frames of a file by an index. In other containers (MPEG-TS, MPEG-PS) it may arrive behind the
/// time, and then the frame that is shown at the time is never decoded.
fn has_index(input: &Input) -> bool {
    let format = input.media().and_then(|media| media.format.as_deref());
    match format {
        Some(names) => names.split(',').any(|name| matches!(name, "mov" | "matroska" | "flv" | "nut")),
        None => matches!(
            path::ending(&input.data().path).as_str(),
            "mp4" | "m4v" | "mov" | "3gp" | "3g2" | "mkv" | "webm" | "flv" | "nut"
        ),
    }
}
