//! Streams that a format does not hold.

use std::fmt;

use crate::{Media, MediaKind, MediaStream};

/// ffprobe's text for a stream to which its container gives no letters.
const NO_TAG: &str = "[0][0][0][0]";

/// A stream that is not copied, since the output's format does not hold it. It prints as one line.
///
/// ```
/// use afmpeg_cmd::{Input, Media, Output, OutputStream};
///
/// let json = r#"{ "streams": [{ "codec_type": "video", "codec_name": "h264" },
///     { "codec_type": "data", "codec_tag_string": "tmcd" }] }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let phone = Input::new("phone.mov").known(&media);
/// let output = Output::new("phone.mp4").stream(OutputStream::all_of(&phone, "")).copy_all();
/// let left_out = output.left_out();
/// assert_eq!((left_out[0].stream, left_out[0].codec.as_deref()), (1, Some("tmcd")));
/// assert_eq!(left_out[0].to_string(), "stream 1 (data, tmcd) is left out: mp4 cannot hold it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Its index in the input.
    pub stream: usize,
    /// What it carries, where that is known.
    pub kind: Option<MediaKind>,
    /// Its codec, or where there is none, the container's own four letters for it.
    pub codec: Option<String>,
    /// The output's format, by its name or by the ending of the output's path.
    pub format: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("unknown".to_owned(), |kind| kind.to_string());
        let codec = self.codec.as_deref().unwrap_or("unknown");
        write!(f, "stream {} ({kind}, {codec}) is left out: {} cannot hold it", self.stream, self.format)
    }
}

/// The streams of an input that files of this format cannot hold; it is the name of a muxer, or the ending of a path.
pub(crate) fn left_out(media: &Media, format: &str) -> Vec<LeftOut> {
    let streams = media.streams.iter().enumerate();
    streams
        .filter(|(_, stream)| !holds(format, stream))
        .map(|(index, stream)| LeftOut {
            stream: index,
            kind: stream.kind,
            codec: stream.codec.clone().or_else(|| stream.tag.clone().filter(|tag| tag != NO_TAG)),
            format: format.to_owned(),
        })
        .collect()
}

/// Whether the muxer of this name, or for files of this ending, takes packets of this stream. FFmpeg decides about what
/// is not known here.
fn holds(ending: &str, stream: &MediaStream) -> bool {
    let codec = stream.codec.as_deref().unwrap_or_default();
    let is_among = |codecs: &[&str]| codecs.contains(&codec);
    let Some(kind) = stream.kind else { return false };
    let ending = match ending {
        "matroska" => "mkv",
        "mpegts" => "ts",
        "ipod" => "m4a",
        ending => ending,
    };
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
