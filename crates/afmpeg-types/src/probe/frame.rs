use serde::{Deserialize, Serialize};

use super::{Packet, Section, SideData, Tags, section::object};
use crate::Time;

object! {
    /// A decoded frame or subtitle, as printed by ffprobe's `-show_frames`.
    ///
    /// ```
    /// use afmpeg_types::probe::Frame;
    ///
    /// let frame: Frame = serde_json::from_str(r#"{"media_type": "video", "key_frame": 1, "pict_type": "I",
    ///     "pts_time": "0.000000", "width": 1280, "height": 720}"#).unwrap();
    /// assert!(frame.is_key());
    /// assert_eq!((frame.width, frame.height), (Some(1280), Some(720)));
    /// ```
    Frame {
        /// `video`, `audio` or `subtitle`.
        media_type: Option<String>,
        /// The index of its stream.
        stream_index: Option<i64>,
        /// 1 for a key frame.
        key_frame: Option<i64>,
        /// The presentation timestamp, in units of the stream's time base; in microseconds for a subtitle.
        pts: Option<i64>,
        /// The same in seconds.
        pts_time: Option<String>,
        /// The decoding timestamp of its packet, in units of the stream's time base.
        pkt_dts: Option<i64>,
        /// The same in seconds.
        pkt_dts_time: Option<String>,
        /// `pts`, or FFmpeg's best guess at it.
        best_effort_timestamp: Option<i64>,
        /// The same in seconds.
        best_effort_timestamp_time: Option<String>,
        /// The duration, in units of the stream's time base.
        duration: Option<i64>,
        /// The same in seconds.
        duration_time: Option<String>,
        /// The byte offset of its packet in the file.
        pkt_pos: Option<String>,
        /// The size of its packet, in bytes.
        pkt_size: Option<String>,
        /// The width in pixels.
        width: Option<i64>,
        /// The height in pixels.
        height: Option<i64>,
        /// The rows to crop at the top.
        crop_top: Option<i64>,
        /// The rows to crop at the bottom.
        crop_bottom: Option<i64>,
        /// The columns to crop at the left.
        crop_left: Option<i64>,
        /// The columns to crop at the right.
        crop_right: Option<i64>,
        /// The pixel format: `yuv420p`...
        pix_fmt: Option<String>,
        /// The ratio of pixel width to height: `1:1`.
        sample_aspect_ratio: Option<String>,
        /// `I`, `P`, `B`... or `?`.
        pict_type: Option<String>,
        /// 1 if it is interlaced.
        interlaced_frame: Option<i64>,
        /// 1 if its top field is displayed first.
        top_field_first: Option<i64>,
        /// 1 if its coding is lossless.
        lossless: Option<i64>,
        /// The number of extra fields for which it is shown.
        repeat_pict: Option<i64>,
        /// `tv` or `pc`.
        color_range: Option<String>,
        /// The matrix: `bt709`, `bt2020nc`...
        color_space: Option<String>,
        /// The primaries: `bt709`, `bt2020`...
        color_primaries: Option<String>,
        /// The transfer function: `bt709`, `smpte2084`...
        color_transfer: Option<String>,
        /// The location of chroma samples: `left`, `topleft`...
        chroma_location: Option<String>,
        /// The kind of alpha: `straight`, `premultiplied`.
        alpha_mode: Option<String>,
        /// The sample format of audio: `fltp`...
        sample_fmt: Option<String>,
        /// The number of samples per channel of audio.
        nb_samples: Option<i64>,
        /// The number of channels of audio.
        channels: Option<i64>,
        /// The channel layout: `stereo`, `5.1`...
        channel_layout: Option<String>,
        /// 0 for a bitmap subtitle, 1 for a text subtitle.
        format: Option<i64>,
        /// The start of a subtitle's display, in milliseconds after its `pts`.
        start_display_time: Option<i64>,
        /// The end of a subtitle's display, in milliseconds after its `pts`.
        end_display_time: Option<i64>,
        /// The number of bitmaps or texts of a subtitle.
        num_rects: Option<i64>,
        /// The metadata, including measurements of filters.
        tags: Tags,
        /// The side data: HDR, closed captions, timecodes...
        side_data_list: Section<SideData>,
    }
}

impl Frame {
    /// Whether it is a key frame.
    pub fn is_key(&self) -> bool {
        self.key_frame == Some(1)
    }

    /// Returns the presentation time, or FFmpeg's best guess at it.
    pub fn time(&self) -> Option<Time> {
        self.best_effort_timestamp_time.as_deref().or(self.pts_time.as_deref())?.parse().ok()
    }
}

/// A packet, or a frame decoded from the packets before it: ffprobe lists both in one sequence if both are requested.
///
/// ```
/// use afmpeg_types::probe::PacketOrFrame;
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
    /// A decoded video or audio frame.
    Frame(Frame),
    /// A decoded subtitle.
    Subtitle(Frame),
}
