use super::{Section, SideData, Tags, Time, section::object};

object! {
    /// One packet, as ffprobe's `-show_packets` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Packet;
    ///
    /// let packet: Packet = serde_json::from_str(r#"{"codec_type": "video", "stream_index": 0, "pts": 512,
    ///     "pts_time": "0.040000", "size": "1234", "flags": "K__"}"#).unwrap();
    /// assert!(packet.is_key());
    /// assert_eq!((packet.size(), packet.pts_time().unwrap().as_micros()), (Some(1234), 40_000));
    /// ```
    Packet {
        /// `video`, `audio`, `subtitle`, `data` or `attachment`.
        codec_type: Option<String>,
        /// The stream that it belongs to.
        stream_index: Option<i64>,
        /// When it is to be shown, in units of the stream's time base.
        pts: Option<i64>,
        /// The same in seconds.
        pts_time: Option<String>,
        /// When it is to be decoded, in units of the stream's time base.
        dts: Option<i64>,
        /// The same in seconds.
        dts_time: Option<String>,
        /// How long it is, in units of the stream's time base.
        duration: Option<i64>,
        /// The same in seconds.
        duration_time: Option<String>,
        /// In bytes.
        size: Option<String>,
        /// Where it is in the file, in bytes.
        pos: Option<String>,
        /// `K` for a key frame, `D` if it is to be discarded, `C` if it is damaged; else `_`.
        flags: Option<String>,
        /// Its bytes as a hex dump; with `-show_data`.
        data: Option<String>,
        /// A hash of its bytes; with `-show_data_hash`.
        data_hash: Option<String>,
        /// Its metadata.
        tags: Tags,
        /// What comes with it.
        side_data_list: Section<SideData>,
    }
}

impl Packet {
    /// Whether decoding can start here.
    pub fn is_key(&self) -> bool {
        self.flags.as_deref().is_some_and(|flags| flags.starts_with('K'))
    }

    /// When it is to be shown.
    pub fn pts_time(&self) -> Option<Time> {
        Time::parse(self.pts_time.as_deref())
    }

    /// When it is to be decoded.
    pub fn dts_time(&self) -> Option<Time> {
        Time::parse(self.dts_time.as_deref())
    }

    /// In bytes.
    pub fn size(&self) -> Option<u64> {
        self.size.as_deref()?.parse().ok()
    }
}
