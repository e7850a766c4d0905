use std::time::Duration;

use super::{Copied, copy::copy_all, error::RecipeError};
use crate::{Input, Probe, Value};

/// Cuts a part of a file without encoding: fast and lossless. Streams that the output's format cannot hold are dropped,
/// and returned: see [`copy_all`].
///
/// Its packets start at the key frame at or before `from`, since decoding cannot start elsewhere. MP4 and MOV have an
/// edit list, by which players skip everything before `from`; in other formats the part starts at that key frame. For
/// an exact part, encode: use [`Input::seek`] and [`Input::to`] with an encoder.
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Command, Probe, recipes::trim};
///
/// // ffprobe's output for the file.
/// let probe: Probe = serde_json::from_str(r#"{ "streams": [{ "index": 0, "codec_type": "video", "codec_name": "h264" }] }"#).unwrap();
/// let part = trim("film.mp4", &probe, Duration::from_secs(60), Duration::from_secs(90), "part.mp4")?;
/// assert_eq!(part.dropped, []);
/// let command = Command::new([part.output]);
/// assert_eq!(command.expected_duration(&[Some(Duration::from_secs(600))]), Some(Duration::from_secs(30)));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// `to` is not after `from`. The file is a raw stream, such as `film.h264`, whose packets have no times. The output's
/// format holds none of the streams.
pub fn trim(
    path: impl Into<String>,
    probe: &Probe,
    from: Duration,
    to: Duration,
    output: impl Into<String>,
) -> Result<Copied, RecipeError> {
    if to <= from {
        let expected = format!("a time after the start at {}", Value::from(from));
        return Err(RecipeError::new("to", Value::from(to), expected));
    }
    let raw = probe
        .format
        .as_ref()
        .and_then(|format| format.format_name.as_deref())
        .filter(|format| RAW_STREAMS.contains(format));
    if let Some(format) = raw {
        let expected = "a container, whose packets have times";
        return Err(RecipeError::new("probe", format!("a raw stream of {format}"), expected));
    }
    let input = Input::new(path).seek(from).to(to);
    let copied = copy_all(&input, probe, output);
    match copied.dropped.first() {
        Some(left) if copied.dropped.len() == probe.streams.len() => {
            let expected = "a format that holds one of the streams, or an encoder";
            Err(RecipeError::new("output", &left.format, expected))
        }
        _ => Ok(copied),
    }
}

/// FFmpeg's demuxers of packets without times, which cannot be cut.
const RAW_STREAMS: [&str; 13] = [
    "h264",
    "hevc",
    "vvc",
    "evc",
    "m4v",
    "mpegvideo",
    "cavsvideo",
    "dirac",
    "dnxhd",
    "vc1",
    "h261",
    "h263",
    "mjpeg",
];
