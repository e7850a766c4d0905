//! What HLS and DASH have in common: renditions whose key frames are at the same times.

use std::time::Duration;

use super::{
    Ladder,
    error::{RecipeError, some_time},
};
use crate::{Codec, Output, OutputStream, Value};

/// All videos with key frames where segments begin, then the sound, once.
pub(super) fn aligned(output: Output, ladder: &Ladder, segment: Duration) -> Result<Output, RecipeError> {
    let seconds = Value::from(some_time("segment", segment)?);
    let mut output = output;
    let rate = ladder.frame_rate();
    let ladder = &rate.map_or_else(|| ladder.clone(), |rate| ladder.clone().rate(rate));
    for (_, video, codec) in ladder.videos()? {
        // These muxers take only a constant rate, and FFmpeg repeats frames up to the highest that their times allow.
        let codec = if rate.is_none() { codec.opt("fps_mode", "vfr") } else { codec };
        // Encoders put key frames where scenes change too, and each rendition would have others. A key frame that is no
        // IDR may be followed by pictures that need what is before it: nothing to begin with.
        let codec = match codec.name() {
            Some("libx264" | "libx264rgb") => codec.opt("sc_threshold", 0).opt("forced-idr", true),
            Some("libx265") => codec.opt("forced-idr", true),
            _ => codec,
        };
        let is_due = match rate {
            Some(_) => format!("gte(t,n_forced*{seconds})"),
            // Frames may be missing for longer than a segment: counted, each frame behind them would be due.
            None => format!("if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{seconds}))"),
        };
        let codec = codec.opt("force_key_frames", format!("expr:{is_due}"));
        output = output.stream(OutputStream::new(video).codec(codec));
    }
    Ok(match ladder.sound() {
        Some((audio, codec)) => output.audio(audio, codec),
        None => output,
    })
}

/// Refuses encoders that are none.
pub(super) fn encoded(ladder: &Ladder) -> Result<(), RecipeError> {
    let is_copy = |codec: &Codec| codec.name() == Some("copy");
    for (_, _, codec) in ladder.videos()? {
        if is_copy(&codec) {
            return Err(RecipeError::new("video_codec", "copy", "an encoder: key frames are put anew"));
        }
    }
    Ok(())
}

/// A folder and what is in it.
pub(super) fn inside(folder: &str, name: &str) -> String {
    crate::path::file(match folder.trim_end_matches('/') {
        "" if folder.is_empty() => name.to_owned(),
        folder => format!("{folder}/{name}"),
    })
}
