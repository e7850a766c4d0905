use std::time::Duration;

use super::{Disposition, Ratio, Section, SideData, Tags, Time, section::object};

object! {
    /// One stream, as ffprobe's `-show_streams` gives it.
    ///
    /// ```
    /// use afmpeg_engine::{Ratio, Stream};
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
            /// Its place in the file, from 0.
            index: i64,
        }
        /// The codec's short name: `h264`, `aac`...
        codec_name: Option<String>,
        /// The codec's name in words.
        codec_long_name: Option<String>,
        /// The profile: `High`, `LC`... or its number.
        profile: Option<String>,
        /// `video`, `audio`, `subtitle`, `data` or `attachment`.
        codec_type: Option<String>,
        /// The container's four characters for the codec.
        codec_tag_string: Option<String>,
        /// The same as a number: `0x31637661`.
        codec_tag: Option<String>,
        /// What a web page calls it (RFC 6381): `avc1.4d401f`.
        mime_codec_string: Option<String>,
        /// Width in pixels, of video and of some subtitles.
        width: Option<i64>,
        /// Height in pixels.
        height: Option<i64>,
        /// Width with what is cropped away.
        coded_width: Option<i64>,
        /// Height with what is cropped away.
        coded_height: Option<i64>,
        /// 1 if there are closed captions in its frames; with `-analyze_frames`.
        closed_captions: Option<i64>,
        /// 1 if its frames ask for film grain; with `-analyze_frames`.
        film_grain: Option<i64>,
        /// How many frames at most are decoded before one that is shown earlier.
        has_b_frames: Option<i64>,
        /// A pixel's width by its height: `1:1`.
        sample_aspect_ratio: Option<String>,
        /// The picture's: `16:9`.
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
        /// Where chroma is sampled: `left`, `topleft`...
        chroma_location: Option<String>,
        /// What the alpha channel means: `straight`, `premultiplied`.
        alpha_mode: Option<String>,
        /// `progressive`, or which field comes first: `tt`, `bb`, `tb`, `bt`.
        field_order: Option<String>,
        /// How many frames the decoder refers to; where frames were decoded.
        refs: Option<i64>,
        /// The sample format, of audio: `fltp`...
        sample_fmt: Option<String>,
        /// Samples a second, of audio.
        sample_rate: Option<String>,
        /// Channels, of audio.
        channels: Option<i64>,
        /// `stereo`, `5.1`...
        channel_layout: Option<String>,
        /// Bits a sample, of formats where that is fixed; else 0.
        bits_per_sample: Option<i64>,
        /// Samples that the encoder put before the first.
        initial_padding: Option<i64>,
        /// The container's own number for it: `0x1`.
        id: Option<String>,
        /// The lowest rate at which all timestamps can be written, a guess: `25/1`.
        r_frame_rate: Option<String>,
        /// Frames a second on average: `30000/1001`. `0/0` where it means nothing.
        avg_frame_rate: Option<String>,
        /// The unit of its timestamps, in seconds: `1/90000`.
        time_base: Option<String>,
        /// Its first timestamp, in units of `time_base`.
        start_pts: Option<i64>,
        /// The same in seconds.
        start_time: Option<String>,
        /// How long it is, in units of `time_base`.
        duration_ts: Option<i64>,
        /// The same in seconds.
        duration: Option<String>,
        /// In bits a second.
        bit_rate: Option<String>,
        /// The most, in bits a second.
        max_bit_rate: Option<String>,
        /// Bits that a decoded sample or component really has.
        bits_per_raw_sample: Option<String>,
        /// How many frames the container says there are.
        nb_frames: Option<String>,
        /// How many frames were decoded; with [`count_frames`](crate::ProbeRequest::count_frames).
        nb_read_frames: Option<String>,
        /// How many packets were read; with [`count_packets`](crate::ProbeRequest::count_packets).
        nb_read_packets: Option<String>,
        /// The codec's header as a hex dump; with `-show_data`.
        extradata: Option<String>,
        /// The size of the codec's header, in bytes.
        extradata_size: Option<i64>,
        /// A hash of the codec's header; with `-show_data_hash`.
        extradata_hash: Option<String>,
        /// What the stream is for.
        disposition: Disposition,
        /// Its metadata.
        tags: Tags,
        /// What the container says of all its packets: rotation, HDR...
        side_data_list: Section<SideData>,
    }
}

impl Stream {
    pub(super) fn is(&self, kind: &str) -> bool {
        self.codec_type.as_deref() == Some(kind)
    }

    /// Whether it is a picture that belongs to the file, a cover, and no video.
    pub fn is_attached_picture(&self) -> bool {
        self.disposition.has("attached_pic")
    }

    /// Its language as the file gives it, mostly three letters (ISO 639-2): `eng`.
    pub fn language(&self) -> Option<&str> {
        self.tags.get("language").map(String::as_str)
    }

    /// Its title.
    pub fn title(&self) -> Option<&str> {
        self.tags.get("title").map(String::as_str)
    }

    /// Width and height in pixels, if it has both.
    pub fn size(&self) -> Option<(u32, u32)> {
        let positive = |number: Option<i64>| u32::try_from(number?).ok().filter(|number| *number > 0);
        positive(self.width).zip(positive(self.height))
    }

    /// Its duration, if the container says.
    pub fn duration(&self) -> Option<Duration> {
        Time::parse(self.duration.as_deref())?.to_duration()
    }

    /// Where it starts: often a little before or after zero.
    pub fn start_time(&self) -> Option<Time> {
        Time::parse(self.start_time.as_deref())
    }

    /// Frames a second on average.
    pub fn frame_rate(&self) -> Option<Ratio> {
        positive_ratio(self.avg_frame_rate.as_deref())
    }

    /// The unit of its timestamps, in seconds.
    pub fn time_base(&self) -> Option<Ratio> {
        positive_ratio(self.time_base.as_deref())
    }

    /// A pixel's width by its height.
    pub fn sample_aspect_ratio(&self) -> Option<Ratio> {
        positive_ratio(self.sample_aspect_ratio.as_deref())
    }

    /// The picture's width by its height, as it is to be seen.
    pub fn display_aspect_ratio(&self) -> Option<Ratio> {
        positive_ratio(self.display_aspect_ratio.as_deref())
    }

    /// Samples a second, of audio.
    pub fn sample_rate(&self) -> Option<u32> {
        self.sample_rate.as_deref()?.parse().ok()
    }

    /// In bits a second.
    pub fn bit_rate(&self) -> Option<u64> {
        self.bit_rate.as_deref()?.parse().ok()
    }

    /// How many frames the container says there are.
    pub fn frame_count(&self) -> Option<u64> {
        self.nb_frames.as_deref()?.parse().ok()
    }

    /// By how many degrees, clockwise, its pictures are to be turned to be seen upright, if it says so.
    pub fn rotation(&self) -> Option<u16> {
        self.side_data_list.iter().find_map(SideData::rotation)
    }
}

/// A ratio that counts or measures something: FFmpeg writes `0/1` or `0/0` where it does not know.
fn positive_ratio(text: Option<&str>) -> Option<Ratio> {
    text?.parse().ok().filter(|ratio: &Ratio| ratio.num() > 0)
}
