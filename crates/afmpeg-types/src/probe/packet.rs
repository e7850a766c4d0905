use super::{Section, SideData, Tags, section::object};
use crate::Time;

object! {
    /// A packet, as printed by ffprobe's `-show_packets`.
    ///
    /// ```
    /// use afmpeg_types::probe::Packet;
    ///
    /// let packet: Packet = serde_json::from_str(r#"{"codec_type": "video", "stream_index": 0, "pts": 512,
    ///     "pts_time": "0.040000", "size": "1234", "flags": "K__"}"#).unwrap();
    /// assert!(packet.is_key());
    /// assert_eq!((packet.size(), packet.pts_time().unwrap().as_micros()), (Some(1234), 40_000));
    /// ```
    Packet {
        /// `video`, `audio`, `subtitle`, `data` or `attachment`.
        codec_type: Option<String>,
        /// The index of its stream.
        stream_index: Option<i64>,
        /// The presentation timestamp, in units of the stream's time base.
        pts: Option<i64>,
        /// The same in seconds.
        pts_time: Option<String>,
        /// The decoding timestamp, in units of the stream's time base.
        dts: Option<i64>,
        /// The same in seconds.
        dts_time: Option<String>,
        /// The duration, in units of the stream's time base.
        duration: Option<i64>,
        /// The same in seconds.
        duration_time: Option<String>,
        /// The size, in bytes.
        size: Option<String>,
        /// The byte offset in the file.
        pos: Option<String>,
        /// `K` for a key frame, `D` for a discarded and `C` for a corrupt packet; else `_`.
        flags: Option<String>,
        /// The data as a hex dump; with `-show_data`.
        data: Option<String>,
        /// A hash of the data; with `-show_data_hash`.
        data_hash: Option<String>,
        /// The metadata.
        tags: Tags,
        /// The side data.
        side_data_list: Section<SideData>,
    }
}

impl Packet {
    /// Whether decoding can start here.
    pub fn is_key(&self) -> bool {
        self.flags.as_deref().is_some_and(|flags| flags.starts_with('K'))
    }

    /// Returns the presentation time.
    pub fn pts_time(&self) -> Option<Time> {
        self.pts_time.as_deref()?.parse().ok()
    }

    /// Returns the decoding time.
    pub fn dts_time(&self) -> Option<Time> {
        self.dts_time.as_deref()?.parse().ok()
    }

    /// Returns the size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.size.as_deref()?.parse().ok()
    }
}
