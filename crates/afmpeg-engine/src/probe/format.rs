use std::time::Duration;

use super::{Tags, Time, section::object};

object! {
    /// The container, as ffprobe's `-show_format` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Format;
    ///
    /// let format: Format = serde_json::from_str(r#"{"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "size": "1055736",
    ///     "duration": "5.312000", "bit_rate": "1589963"}"#).unwrap();
    /// assert!(format.is("mp4"));
    /// assert_eq!((format.size(), format.bit_rate()), (Some(1_055_736), Some(1_589_963)));
    /// ```
    Format {
        /// The path that was asked about.
        filename: Option<String>,
        /// How many streams there are.
        nb_streams: Option<i64>,
        /// How many programs there are.
        nb_programs: Option<i64>,
        /// How many stream groups there are.
        nb_stream_groups: Option<i64>,
        /// The demuxer's names: `mov,mp4,m4a,3gp,3g2,mj2`.
        format_name: Option<String>,
        /// In words.
        format_long_name: Option<String>,
        /// Where its first stream starts, in seconds.
        start_time: Option<String>,
        /// In seconds.
        duration: Option<String>,
        /// In bytes.
        size: Option<String>,
        /// In bits a second.
        bit_rate: Option<String>,
        /// How sure the demuxer is that the file is its own, of 100.
        probe_score: Option<i64>,
        /// Its metadata.
        tags: Tags,
    }
}

impl Format {
    /// Whether this is one of the demuxer's names.
    pub fn is(&self, name: &str) -> bool {
        self.format_name.as_deref().is_some_and(|names| names.split(',').any(|found| found == name))
    }

    /// Its duration, if the container says or FFmpeg can tell.
    pub fn duration(&self) -> Option<Duration> {
        Time::parse(self.duration.as_deref())?.to_duration()
    }

    /// Where its first stream starts.
    pub fn start_time(&self) -> Option<Time> {
        Time::parse(self.start_time.as_deref())
    }

    /// In bytes.
    pub fn size(&self) -> Option<u64> {
        self.size.as_deref()?.parse().ok()
    }

    /// In bits a second.
    pub fn bit_rate(&self) -> Option<u64> {
        self.bit_rate.as_deref()?.parse().ok()
    }

    /// Its title.
    pub fn title(&self) -> Option<&str> {
        self.tags.get("title").map(String::as_str)
    }
}
