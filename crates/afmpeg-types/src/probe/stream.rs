use std::time::Duration;

use super::{Disposition, Section, SideData, Tags, section::object};
use crate::{MediaKind, Ratio, Time};

object! {
    /// A stream, as printed by ffprobe's `-show_streams`.
    ///
    /// ```
    /// use afmpeg_types::{Ratio, probe::Stream};
    ///
    /// let stream: Stream = serde_json::from_str(r#"{"index": 0, "codec_type": "video", "width": 720, "height": 576,
    ///     "sample_aspect_ratio": "16:15", "avg_frame_rate": "25/1", "time_base": "1/12800", "start_pts": -512}"#).unwrap();
    /// assert_eq!(stream.size(), Some((720, 576)));
    /// assert_eq!(stream.frame_rate(), Some(Ratio::from(25)));
    /// // Exact, where `start_time` is rounded to microseconds.
    /// let start = Ratio::new(stream.start_pts.unwrap(), 1).unwrap().checked_mul(stream.time_base().unwrap());
    /// assert_eq!(start, Ratio::new(-1, 25));
    /// ```
    Stream {
        @required {
            /// The index in the file, from 0.
            index: i64,
        }
        /// The codec's short name: `h264`, `aac`...
        codec_name: Option<String>,
        /// The codec's descriptive name.
        codec_long_name: Option<String>,
        /// The profile: `High`, `LC`... or its number.
        profile: Option<String>,
        /// `video`, `audio`, `subtitle`, `data` or `attachment`.
        codec_type: Option<String>,
        /// The container's four-character code for the codec.
        codec_tag_string: Option<String>,
        /// The same as a number: `0x31637661`.
        codec_tag: Option<String>,
        /// The codec string for web pages (RFC 6381): `avc1.4d401f`.
        mime_codec_string: Option<String>,
        /// The width in pixels, of video and some subtitles.
        width: Option<i64>,
        /// The height in pixels.
        height: Option<i64>,
        /// The width before cropping.
        coded_width: Option<i64>,
        /// The height before cropping.
        coded_height: Option<i64>,
        /// 1 if its frames have closed captions; with `-analyze_frames`.
        closed_captions: Option<i64>,
        /// 1 if its frames have film grain parameters; with `-analyze_frames`.
        film_grain: Option<i64>,
        /// The number of frames that the decoder may delay to reorder them.
        has_b_frames: Option<i64>,
        /// The ratio of pixel width to height: `1:1`.
        sample_aspect_ratio: Option<String>,
        /// The ratio of displayed width to height: `16:9`.
        display_aspect_ratio: Option<String>,
        /// The pixel format: `yuv420p`...
        pix_fmt: Option<String>,
        /// The codec's level, `31` for H.264's 3.1; -99 if it is unknown.
        level: Option<i64>,
        /// `tv` or `pc`.
        color_range: Option<String>,
        /// The matrix: `bt709`, `bt2020nc`...
        color_space: Option<String>,
        /// The transfer function: `bt709`, `smpte2084`...
        color_transfer: Option<String>,
        /// The primaries: `bt709`, `bt2020`...
        color_primaries: Option<String>,
        /// The location of chroma samples: `left`, `topleft`...
        chroma_location: Option<String>,
        /// The kind of alpha: `straight`, `premultiplied`.
        alpha_mode: Option<String>,
        /// `progressive`, or the order of fields: `tt`, `bb`, `tb`, `bt`.
        field_order: Option<String>,
        /// The number of reference frames; if frames were decoded.
        refs: Option<i64>,
        /// The sample format of audio: `fltp`...
        sample_fmt: Option<String>,
        /// The samples per second of audio.
        sample_rate: Option<String>,
        /// The number of channels of audio.
        channels: Option<i64>,
        /// The channel layout: `stereo`, `5.1`...
        channel_layout: Option<String>,
        /// The bits per sample, if the codec fixes them; else 0.
        bits_per_sample: Option<i64>,
        /// The number of padding samples that the encoder inserted at the start.
        initial_padding: Option<i64>,
        /// The container's identifier: `0x1`.
        id: Option<String>,
        /// FFmpeg's guess of the lowest rate that fits all timestamps: `25/1`.
        r_frame_rate: Option<String>,
        /// The average frames per second: `30000/1001`; `0/0` if undefined.
        avg_frame_rate: Option<String>,
        /// The unit of timestamps, in seconds: `1/90000`.
        time_base: Option<String>,
        /// The first timestamp, in units of `time_base`.
        start_pts: Option<i64>,
        /// The same in seconds.
        start_time: Option<String>,
        /// The duration, in units of `time_base`.
        duration_ts: Option<i64>,
        /// The same in seconds.
        duration: Option<String>,
        /// The bit rate, in bits per second.
        bit_rate: Option<String>,
        /// The maximum bit rate, in bits per second.
        max_bit_rate: Option<String>,
        /// The significant bits of a decoded sample or component.
        bits_per_raw_sample: Option<String>,
        /// The number of frames according to the container.
        nb_frames: Option<String>,
        /// The number of decoded frames; with `ProbeRequest::count_frames`.
        nb_read_frames: Option<String>,
        /// The number of read packets; with `ProbeRequest::count_packets`.
        nb_read_packets: Option<String>,
        /// The codec's header as a hex dump; with `-show_data`.
        extradata: Option<String>,
        /// The size of the codec's header, in bytes.
        extradata_size: Option<i64>,
        /// A hash of the codec's header; with `-show_data_hash`.
        extradata_hash: Option<String>,
        /// The purposes of the stream.
        disposition: Disposition,
        /// The metadata.
        tags: Tags,
        /// The side data of the whole stream: rotation, HDR...
        side_data_list: Section<SideData>,
    }
}

impl Stream {
    /// Returns the kind; `None` if FFmpeg does not recognise it.
    pub fn kind(&self) -> Option<MediaKind> {
        self.codec_type.as_deref()?.parse().ok()
    }

    /// Whether it is a video and not an attached cover image, as the stream specifier `V` selects.
    pub fn is_video(&self) -> bool {
        self.kind() == Some(MediaKind::Video) && !self.is_attached_picture()
    }

    /// Whether it is an attached cover image and not a video.
    pub fn is_attached_picture(&self) -> bool {
        self.disposition.has("attached_pic")
    }

    /// Returns the language as in the file, usually three letters (ISO 639-2): `eng`.
    pub fn language(&self) -> Option<&str> {
        self.tags.get("language").map(String::as_str)
    }

    /// Returns the title.
    pub fn title(&self) -> Option<&str> {
        self.tags.get("title").map(String::as_str)
    }

    /// Returns the width and height in pixels, if both are positive.
    pub fn size(&self) -> Option<(u32, u32)> {
        let positive = |number: Option<i64>| u32::try_from(number?).ok().filter(|number| *number > 0);
        positive(self.width).zip(positive(self.height))
    }

    /// Returns the width and height of its frames in pixels after [rotation](Stream::rotation), if both are known.
    pub fn upright_size(&self) -> Option<(u32, u32)> {
        self.size().map(|size| upright(size, self.rotation()))
    }

    /// Returns the size at which players show its frames, in square pixels: the width is multiplied by the
    /// [`sample_aspect_ratio`](Stream::sample_aspect_ratio), and a [rotation](Stream::rotation) by a quarter turn swaps
    /// width and height.
    ///
    /// ```
    /// use afmpeg_types::probe::Stream;
    ///
    /// let json = r#"{ "index": 0, "codec_type": "video", "width": 720, "height": 576,
    ///     "sample_aspect_ratio": "64:45" }"#;
    /// let stream: Stream = serde_json::from_str(json).unwrap();
    /// assert_eq!(stream.display_size(), Some((1024, 576)));
    /// ```
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float that is too large becomes the largest whole number"
    )]
    pub fn display_size(&self) -> Option<(u32, u32)> {
        let (width, height) = self.size()?;
        let aspect = self.sample_aspect_ratio().map_or(1.0, Ratio::as_f64);
        let width = (f64::from(width) * aspect).round().max(1.0) as u32;
        Some(upright((width, height), self.rotation()))
    }

    /// Returns the duration, if the container has one.
    pub fn duration(&self) -> Option<Duration> {
        self.duration.as_deref()?.parse::<Time>().ok()?.to_duration()
    }

    /// Returns the start, often slightly before or after zero.
    pub fn start_time(&self) -> Option<Time> {
        self.start_time.as_deref()?.parse().ok()
    }

    /// Returns FFmpeg's guess of the lowest frame rate that fits the times of all frames exactly (`r_frame_rate`). For
    /// a variable rate, it may be far above the [average](Stream::frame_rate).
    pub fn base_frame_rate(&self) -> Option<Ratio> {
        positive_ratio(self.r_frame_rate.as_deref())
    }

    /// Returns the average frames per second.
    pub fn frame_rate(&self) -> Option<Ratio> {
        positive_ratio(self.avg_frame_rate.as_deref())
    }

    /// Returns the unit of timestamps, in seconds.
    pub fn time_base(&self) -> Option<Ratio> {
        positive_ratio(self.time_base.as_deref())
    }

    /// Returns the ratio of pixel width to height.
    pub fn sample_aspect_ratio(&self) -> Option<Ratio> {
        positive_ratio(self.sample_aspect_ratio.as_deref())
    }

    /// Returns the ratio of displayed width to height.
    pub fn display_aspect_ratio(&self) -> Option<Ratio> {
        positive_ratio(self.display_aspect_ratio.as_deref())
    }

    /// Returns the samples per second of audio.
    pub fn sample_rate(&self) -> Option<u32> {
        self.sample_rate.as_deref()?.parse().ok()
    }

    /// Returns the bit rate in bits per second.
    pub fn bit_rate(&self) -> Option<u64> {
        self.bit_rate.as_deref()?.parse().ok()
    }

    /// Returns the number of frames according to the container.
    pub fn frame_count(&self) -> Option<u64> {
        self.nb_frames.as_deref()?.parse().ok()
    }

    /// Returns the clockwise rotation in degrees that displays its frames upright, if it has one.
    pub fn rotation(&self) -> Option<u16> {
        self.side_data_list.iter().find_map(SideData::rotation)
    }
}

/// A positive ratio: FFmpeg prints `0/1` or `0/0` for an unknown one.
fn positive_ratio(text: Option<&str>) -> Option<Ratio> {
    text?.parse().ok().filter(|ratio: &Ratio| ratio.num() > 0)
}

/// Whether a [rotation](Stream::rotation) swaps width and height: at any angle but a quarter turn, FFmpeg's `rotate` keeps
/// the size.
///
/// ```
/// use afmpeg_types::probe::is_quarter_turn;
///
/// assert!(is_quarter_turn(Some(270)) && !is_quarter_turn(Some(180)) && !is_quarter_turn(None));
/// ```
pub fn is_quarter_turn(rotation: Option<u16>) -> bool {
    matches!(rotation, Some(90 | 270))
}

fn upright((width, height): (u32, u32), rotation: Option<u16>) -> (u32, u32) {
    if is_quarter_turn(rotation) { (height, width) } else { (width, height) }
}
