use std::fmt;

use crate::{Input, Media, MediaKind, MediaStream, Output, OutputStream};

/// All streams of an input that the output's format holds, copied as packets; see [`copy_all`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Copied {
    /// The streams that are copied.
    pub output: Output,
    /// The others, each of which prints as one line.
    pub left_out: Vec<LeftOut>,
}

/// ffprobe's text for a stream to which its container gives no letters.
const NO_TAG: &str = "[0][0][0][0]";

/// A stream that is not copied, since the output's format does not hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Its index in the input.
    pub stream: usize,
    /// What it carries, where that is known.
    pub kind: Option<MediaKind>,
    /// Its codec, or where there is none, the container's own four letters for it.
    pub codec: Option<String>,
    /// The ending of the output's path.
    pub format: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("unknown".to_owned(), |kind| kind.to_string());
        let codec = self.codec.as_deref().unwrap_or("unknown");
        write!(f, "stream {} ({kind}, {codec}) is left out: {} cannot hold it", self.stream, self.format)
    }
}

/// Copies every stream of an input but those that the output's format, by the ending of its path, does not hold: data
/// such as the timecodes of a camera, the fonts of a Matroska file, subtitles of another kind.
///
/// Timecodes and chapters are kept as what the output has for them where they are metadata, too.
///
/// ```
/// use afmpeg_cmd::{Input, Job, Media, recipes::copy_all};
///
/// let json = r#"{ "streams": [
///     { "codec_type": "video", "codec_name": "h264" },
///     { "codec_type": "data", "codec_tag_string": "tmcd" }
/// ] }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let copied = copy_all(&Input::new("phone.mov"), &media, "phone.mp4");
/// assert_eq!(copied.left_out[0].to_string(), "stream 1 (data, tmcd) is left out: mp4 cannot hold it");
/// let job = Job::new([copied.output]);
/// assert_eq!(job.to_args().join(" "), "-i phone.mov -map 0 -map -0:1 -c copy phone.mp4");
/// ```
pub fn copy_all(input: &Input, media: &Media, path: impl Into<String>) -> Copied {
    let path = path.into();
    let name = path.rsplit('/').next().unwrap_or_default();
    let format = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let holds = |stream: &MediaStream| holds(&format, stream);
    let streams = media.streams.iter().enumerate();
    let left_out: Vec<LeftOut> = streams
        .filter(|(_, stream)| !holds(stream))
        .map(|(index, stream)| LeftOut {
            stream: index,
            kind: stream.kind,
            codec: stream.codec.clone().or_else(|| stream.tag.clone().filter(|tag| tag != NO_TAG)),
            format: format.clone(),
        })
        .collect();
    let output = Output::new(path).stream(OutputStream::all_of(input, ""));
    let except = |index: usize| OutputStream::except(input, index.to_string());
    let output = left_out.iter().fold(output, |output, left| output.stream(except(left.stream)));
    Copied { output: output.copy_all(), left_out }
}

/// Whether the muxer for files of this ending takes packets of this stream. What is not known here is FFmpeg's to say.
fn holds(ending: &str, stream: &MediaStream) -> bool {
    let codec = stream.codec.as_deref().unwrap_or_default();
    let is_among = |codecs: &[&str]| codecs.contains(&codec);
    let Some(kind) = stream.kind else { return false };
    match (ending, kind) {
        ("webm", MediaKind::Video) => is_among(&["vp8", "vp9", "av1"]),
        ("webm", MediaKind::Audio) => is_among(&["opus", "vorbis"]),
        (_, MediaKind::Video | MediaKind::Audio) => true,
        ("mp4" | "m4v" | "m4a" | "m4b" | "3gp" | "3g2", MediaKind::Subtitle) => {
            is_among(&["mov_text", "dvd_subtitle", "ttml"])
        }
        ("mov", MediaKind::Subtitle) => is_among(&["mov_text", "eia_608"]),
        ("mkv" | "mka" | "mks", MediaKind::Subtitle) => is_among(&[
            "subrip",
            "ass",
            "ssa",
            "text",
            "webvtt",
            "dvd_subtitle",
            "dvb_subtitle",
            "hdmv_pgs_subtitle",
            "hdmv_text_subtitle",
            "arib_caption",
        ]),
        ("webm", MediaKind::Subtitle) => is_among(&["webvtt"]),
        ("ts" | "mts" | "m2ts", MediaKind::Subtitle) => {
            is_among(&["dvb_subtitle", "dvb_teletext", "hdmv_pgs_subtitle", "arib_caption"])
        }
        (_, MediaKind::Subtitle) => true,
        // A MOV's own timecodes are what its muxer takes.
        ("mov", MediaKind::Data) => stream.tag.as_deref() == Some("tmcd"),
        ("ts" | "mts" | "m2ts", MediaKind::Data) => {
            is_among(&["klv", "smpte_klv", "timed_id3", "scte_35", "smpte_2038"])
        }
        (_, MediaKind::Data) => false,
        ("mkv" | "mka" | "mks", MediaKind::Attachment) => true,
        (_, MediaKind::Attachment) => false,
    }
}
