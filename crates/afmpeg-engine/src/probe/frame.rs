use serde::{Deserialize, Serialize};

use super::{Packet, Section, SideData, Tags, Time, section::object};

object! {
    /// One decoded frame or subtitle, as ffprobe's `-show_frames` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Frame;
    ///
    /// let frame: Frame = serde_json::from_str(r#"{"media_type": "video", "key_frame": 1, "pict_type": "I",
    ///     "pts_time": "0.000000", "width": 1280, "height": 720}"#).unwrap();
    /// assert!(frame.is_key());
    /// assert_eq!((frame.width, frame.height), (Some(1280), Some(720)));
    /// ```
    Frame {
        /// `video`, `audio` or `subtitle`.
        media_type: Option<String>,
        /// The stream that it belongs to.
        stream_index: Option<i64>,
        /// 1 for a key frame.
        key_frame: Option<i64>,
        /// When it is to be shown, in units of the stream's time base; of a subtitle in microseconds.
        pts: Option<i64>,
        /// The same in seconds.
        pts_time: Option<String>,
        /// When its packet was to be decoded, in units of the stream's time base.
        pkt_dts: Option<i64>,
        /// The same in seconds.
        pkt_dts_time: Option<String>,
        /// `pts`, or FFmpeg's best guess at it.
        best_effort_timestamp: Option<i64>,
        /// The same in seconds.
        best_effort_timestamp_time: Option<String>,
        /// How long it is, in units of the stream's time base.
        duration: Option<i64>,
        /// The same in seconds.
        duration_time: Option<String>,
        /// Where its packet is in the file, in bytes.
        pkt_pos: Option<String>,
        /// The size of its packet, in bytes.
        pkt_size: Option<String>,
        /// Width in pixels.
        width: Option<i64>,
        /// Height in pixels.
        height: Option<i64>,
        /// Rows to leave out at the top.
        crop_top: Option<i64>,
        /// Rows to leave out at the bottom.
        crop_bottom: Option<i64>,
        /// Columns to leave out at the left.
        crop_left: Option<i64>,
        /// Columns to leave out at the right.
        crop_right: Option<i64>,
        /// The pixel format: `yuv420p`...
        pix_fmt: Option<String>,
        /// A pixel's width by its height: `1:1`.
        sample_aspect_ratio: Option<String>,
        /// `I`, `P`, `B`... or `?`.
        pict_type: Option<String>,
        /// 1 if its rows are of two moments.
        interlaced_frame: Option<i64>,
        /// 1 if the upper of its fields is shown first.
        top_field_first: Option<i64>,
        /// 1 if it lost nothing in coding.
        lossless: Option<i64>,
        /// By how many fields it is to be shown longer.
        repeat_pict: Option<i64>,
        /// `tv` or `pc`.
        color_range: Option<String>,
        /// The matrix: `bt709`, `bt2020nc`...
        color_space: Option<String>,
        /// The primaries: `bt709`, `bt2020`...
        color_primaries: Option<String>,
        /// The transfer function: `bt709`, `smpte2084`...
        color_transfer: Option<String>,
        /// Where chroma is sampled: `left`, `topleft`...
        chroma_location: Option<String>,
        /// What the alpha channel means: `straight`, `premultiplied`.
        alpha_mode: Option<String>,
        /// The sample format, of audio: `fltp`...
        sample_fmt: Option<String>,
        /// How many samples each channel has, of audio.
        nb_samples: Option<i64>,
        /// Channels, of audio.
        channels: Option<i64>,
        /// `stereo`, `5.1`...
        channel_layout: Option<String>,
        /// 0 for a subtitle of pictures, 1 for one of text.
        format: Option<i64>,
        /// When to show a subtitle, in milliseconds after its `pts`.
        start_display_time: Option<i64>,
        /// When to hide a subtitle, in milliseconds after its `pts`.
        end_display_time: Option<i64>,
        /// How many pictures or texts a subtitle has.
        num_rects: Option<i64>,
        /// Its metadata, with what filters have measured.
        tags: Tags,
        /// What comes with it: HDR, closed captions, timecodes...
        side_data_list: Section<SideData>,
    }
}

impl Frame {
    /// Whether it is a key frame.
    pub fn is_key(&self) -> bool {
        self.key_frame == Some(1)
    }

    /// When it is to be shown, as well as FFmpeg can tell.
    pub fn time(&self) -> Option<Time> {
        Time::parse(self.best_effort_timestamp_time.as_deref().or(self.pts_time.as_deref()))
    }
}

/// A packet, or what was decoded from the packets before: ffprobe lists them in one order when it is asked for both.
///
/// ```
/// use afmpeg_engine::PacketOrFrame;
///
/// let entry: PacketOrFrame = serde_json::from_str(r#"{"type": "frame", "media_type": "video"}"#).unwrap();
/// assert!(matches!(entry, PacketOrFrame::Frame(_)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "most are the larger")]
pub enum PacketOrFrame {
    /// A packet.
    Packet(Packet),
    /// A decoded picture or sound.
    Frame(Frame),
    /// A decoded subtitle.
    Subtitle(Frame),
}
