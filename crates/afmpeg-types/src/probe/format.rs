use std::time::Duration;

use super::{Tags, section::object};
use crate::Time;

object! {
    /// The container, as printed by ffprobe's `-show_format`.
    ///
    /// ```
    /// use afmpeg_types::probe::Format;
    ///
    /// let format: Format = serde_json::from_str(r#"{"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "size": "1055736",
    ///     "duration": "5.312000", "bit_rate": "1589963"}"#).unwrap();
    /// assert!(format.is("mp4"));
    /// assert_eq!((format.size(), format.bit_rate()), (Some(1_055_736), Some(1_589_963)));
    /// ```
    Format {
        /// The probed path.
        filename: Option<String>,
        /// The number of streams.
        nb_streams: Option<i64>,
        /// The number of programs.
        nb_programs: Option<i64>,
        /// The number of stream groups.
        nb_stream_groups: Option<i64>,
        /// The demuxer's names: `mov,mp4,m4a,3gp,3g2,mj2`.
        format_name: Option<String>,
        /// The descriptive name.
        format_long_name: Option<String>,
        /// The start of the stream that starts first, in seconds.
        start_time: Option<String>,
        /// The duration, in seconds.
        duration: Option<String>,
        /// The size, in bytes.
        size: Option<String>,
        /// The bit rate, in bits per second.
        bit_rate: Option<String>,
        /// The demuxer's confidence that the file has this format, from 0 to 100.
        probe_score: Option<i64>,
        /// The metadata.
        tags: Tags,
    }
}

impl Format {
    /// Whether `name` is one of the demuxer's names.
    pub fn is(&self, name: &str) -> bool {
        self.format_name.as_deref().is_some_and(|names| names.split(',').any(|found| found == name))
    }

    /// Returns the duration, from the container or as FFmpeg's estimate.
    pub fn duration(&self) -> Option<Duration> {
        self.duration.as_deref()?.parse::<Time>().ok()?.to_duration()
    }

    /// Returns the start of the file: that of the stream that starts first.
    pub fn start_time(&self) -> Option<Time> {
        self.start_time.as_deref()?.parse().ok()
    }

    /// Returns the size in bytes.
    pub fn size(&self) -> Option<u64> {
        self.size.as_deref()?.parse().ok()
    }

    /// Returns the bit rate in bits per second.
    pub fn bit_rate(&self) -> Option<u64> {
        self.bit_rate.as_deref()?.parse().ok()
    }

    /// Returns the title.
    pub fn title(&self) -> Option<&str> {
        self.tags.get("title").map(String::as_str)
    }
}
