use super::{Tags, section::object};
use crate::{Ratio, Time};

object! {
    /// A chapter, as printed by ffprobe's `-show_chapters`.
    ///
    /// ```
    /// use afmpeg_types::probe::Chapter;
    ///
    /// let chapter: Chapter = serde_json::from_str(r#"{"id": 1, "time_base": "1/1000", "start": 0, "end": 2500,
    ///     "start_time": "0.000000", "end_time": "2.500000", "tags": {"title": "Opening"}}"#).unwrap();
    /// assert_eq!(chapter.end_time().unwrap().as_micros(), 2_500_000);
    /// assert_eq!(chapter.title(), Some("Opening"));
    /// ```
    Chapter {
        /// The container's identifier.
        id: Option<i64>,
        /// The unit of `start` and `end`, in seconds: `1/1000`.
        time_base: Option<String>,
        /// The start, in units of `time_base`.
        start: Option<i64>,
        /// The start, in seconds.
        start_time: Option<String>,
        /// The end, in units of `time_base`.
        end: Option<i64>,
        /// The end, in seconds.
        end_time: Option<String>,
        /// The metadata, including `title`.
        tags: Tags,
    }
}

impl Chapter {
    /// Returns the start.
    pub fn start_time(&self) -> Option<Time> {
        self.start_time.as_deref()?.parse().ok()
    }

    /// Returns the end.
    pub fn end_time(&self) -> Option<Time> {
        self.end_time.as_deref()?.parse().ok()
    }

    /// Returns the unit of `start` and `end`, in seconds.
    pub fn time_base(&self) -> Option<Ratio> {
        self.time_base.as_deref()?.parse().ok()
    }

    /// Returns the title.
    pub fn title(&self) -> Option<&str> {
        self.tags.get("title").map(String::as_str)
    }
}
