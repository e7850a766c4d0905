//! Common parts of HLS and DASH: renditions with key frames at the same times.

use std::time::Duration;

use super::{
    Ladder,
    error::{RecipeError, nonzero_duration},
};
use crate::{Codec, Output, OutputStream, Value};

/// Adds all videos with key frames at the start of segments, then the audio, once.
pub(super) fn aligned(output: Output, ladder: &Ladder, segment: Duration) -> Result<Output, RecipeError> {
    let seconds = Value::from(nonzero_duration("segment", segment)?);
    let mut output = output;
    let rate = ladder.frame_rate();
    let ladder = &rate.map_or_else(|| ladder.clone(), |rate| ladder.clone().rate(rate));
    for (_, video, codec) in ladder.videos()? {
        // These muxers accept only constant rates, for which FFmpeg repeats frames up to the highest rate of their
        // times.
        let codec = if rate.is_none() { codec.opt("fps_mode", "vfr") } else { codec };
        // Encoders also insert key frames at scene changes, which differ between renditions. Frames after a key frame
        // that is not an IDR may refer to frames before it, so playback cannot start there.
        let codec = match codec.name() {
            Some("libx264" | "libx264rgb") => codec.opt("sc_threshold", 0).opt("forced-idr", true),
            Some("libx265") => codec.opt("forced-idr", true),
            _ => codec,
        };
        let is_due = match rate {
            Some(_) => format!("gte(t,n_forced*{seconds})"),
            // A gap may be longer than a segment: a count would then force a key frame at every later frame.
            None => format!("if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{seconds}))"),
        };
        let codec = codec.opt("force_key_frames", format!("expr:{is_due}"));
        output = output.stream(OutputStream::new(video).codec(codec));
    }
    Ok(match ladder.encoded_audio() {
        Some((audio, codec)) => output.audio(audio, codec),
        None => output,
    })
}

/// Refuses `copy` as the video codec.
pub(super) fn encoded(ladder: &Ladder) -> Result<(), RecipeError> {
    let is_copy = |codec: &Codec| codec.name() == Some("copy");
    for (_, _, codec) in ladder.videos()? {
        if is_copy(&codec) {
            return Err(RecipeError::new("video_codec", "copy", "an encoder, since key frames are inserted"));
        }
    }
    Ok(())
}

/// Joins a folder and a name.
pub(super) fn inside(folder: &str, name: &str) -> String {
    crate::path::file(match folder.trim_end_matches('/') {
        "" if folder.is_empty() => name.to_owned(),
        folder => format!("{folder}/{name}"),
    })
}
