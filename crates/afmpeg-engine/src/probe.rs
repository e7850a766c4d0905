//! What ffprobe says of a file.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// ffprobe's answer about a file: its container, streams and chapters.
///
/// The fields have ffprobe's own names and its own types: numbers that it prints as strings stay strings, with
/// accessors that read them. What is not modelled is kept in `extra`, so nothing is lost on the way back to
/// JSON.
///
/// ```
/// use afmpeg_engine::Probe;
///
/// let probe = Probe::from_json(br#"{"streams":[{"index":0,"codec_type":"video","codec_name":"h264",
///     "width":1280,"height":720,"avg_frame_rate":"25/1"}],"format":{"duration":"5.280000"}}"#).unwrap();
/// let video = probe.video().unwrap();
/// assert_eq!((video.width, video.height), (Some(1280), Some(720)));
/// assert_eq!(video.frame_rate(), Some(25.0));
/// assert_eq!(probe.duration().unwrap().as_millis(), 5280);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Probe {
    /// The streams, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Stream>,
    /// The chapters, in the file's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    /// The container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Everything else that ffprobe printed.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Probe {
    /// The arguments that make ffprobe print what [`Probe::from_json`] reads.
    pub(crate) fn arguments(path: &str) -> Vec<String> {
        [
            "-hide_banner",
            "-v",
            "error",
            "-of",
            "json",
            "-show_format",
            "-show_streams",
            "-show_chapters",
            "-i",
            path,
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// Reads what `ffprobe -of json` printed.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or a field has another type than ffprobe gives it.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// The first video stream that is not a cover picture.
    pub fn video(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is("video") && !stream.is_attached_picture())
    }

    /// The first audio stream.
    pub fn audio(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is("audio"))
    }

    /// The container's duration, if it has one.
    pub fn duration(&self) -> Option<Duration> {
        seconds(self.format.as_ref()?.duration.as_deref())
    }
}

/// One stream, as ffprobe's `-show_streams` gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stream {
    /// Its place in the file, from 0.
    pub index: u32,
    /// The codec's short name: `h264`, `aac`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec_name: Option<String>,
    /// `video`, `audio`, `subtitle`, `data` or `attachment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec_type: Option<String>,
    /// The profile: `High`, `LC`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Width in pixels, of video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, of video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The pixel format: `yuv420p`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pix_fmt: Option<String>,
    /// Samples a second, of audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<String>,
    /// Channels, of audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// `stereo`, `5.1`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_layout: Option<String>,
    /// Frames a second on average, as a ratio: `30000/1001`. `0/0` where it means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avg_frame_rate: Option<String>,
    /// The unit of the stream's timestamps, in seconds, as a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_base: Option<String>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// In bits a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<String>,
    /// How many frames the container says there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nb_frames: Option<String>,
    /// What the stream is for, each 0 or 1: `default`, `forced`, `attached_pic`...
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub disposition: Map<String, Value>,
    /// Its metadata.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, Value>,
    /// Everything else that ffprobe printed.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Stream {
    fn is(&self, kind: &str) -> bool {
        self.codec_type.as_deref() == Some(kind)
    }

    fn is_attached_picture(&self) -> bool {
        self.disposition.get("attached_pic").and_then(Value::as_u64) == Some(1)
    }

    /// Its duration, if the container says.
    pub fn duration(&self) -> Option<Duration> {
        seconds(self.duration.as_deref())
    }

    /// Frames a second on average.
    pub fn frame_rate(&self) -> Option<f64> {
        let (numerator, denominator) = self.avg_frame_rate.as_deref()?.split_once('/')?;
        let rate = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
        Some(rate).filter(|rate| rate.is_finite() && *rate > 0.0)
    }

    /// Samples a second, of audio.
    pub fn sample_rate(&self) -> Option<u32> {
        self.sample_rate.as_deref()?.parse().ok()
    }
}

/// One chapter, as ffprobe's `-show_chapters` gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Chapter {
    /// Where it starts, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Where it ends, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// Its metadata; `title` among it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, Value>,
    /// Everything else that ffprobe printed.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The container, as ffprobe's `-show_format` gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Format {
    /// The demuxer's names: `mov,mp4,m4a,3gp,3g2,mj2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_name: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format_long_name: Option<String>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// In bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// In bits a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<String>,
    /// Its metadata.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, Value>,
    /// Everything else that ffprobe printed.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn seconds(text: Option<&str>) -> Option<Duration> {
    Duration::try_from_secs_f64(text?.parse().ok()?).ok()
}
