//! Streams that belong together.

use serde_json::{Map, Value};

use super::{Disposition, Section, Stream, Tags, section::object};

object! {
    /// A program: one of the broadcasts that share a file, as ffprobe's `-show_programs` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Program;
    ///
    /// let program: Program = serde_json::from_str(r#"{"program_id": 1, "program_num": 1, "nb_streams": 1,
    ///     "tags": {"service_name": "News"}, "streams": [{"index": 0}]}"#).unwrap();
    /// assert_eq!(program.streams[0].index, 0);
    /// ```
    Program {
        /// The container's number for it.
        program_id: Option<i64>,
        /// The number that the broadcast gives it.
        program_num: Option<i64>,
        /// How many streams it has.
        nb_streams: Option<i64>,
        /// The identifier of the packets that describe it, in MPEG-TS.
        pmt_pid: Option<i64>,
        /// The identifier of the packets that carry its clock, in MPEG-TS.
        pcr_pid: Option<i64>,
        /// Its metadata: `service_name`, `service_provider`.
        tags: Tags,
        /// Its streams, as they are in [`Probe::streams`](crate::Probe::streams).
        streams: Section<Stream>,
    }
}

object! {
    /// Streams that make one thing: the tiles of a picture, the layers of a sound, as ffprobe's
    /// `-show_stream_groups` gives them.
    ///
    /// ```
    /// use afmpeg_engine::StreamGroup;
    ///
    /// let group: StreamGroup = serde_json::from_str(r#"{"index": 0, "type": "Tile Grid", "nb_streams": 4,
    ///     "components": [{"nb_tiles": 4, "width": 1024, "height": 768}]}"#).unwrap();
    /// assert_eq!(group.kind.as_deref(), Some("Tile Grid"));
    /// assert_eq!(group.components[0]["nb_tiles"], 4);
    /// ```
    StreamGroup {
        @required {
            /// Its place in the file, from 0.
            index: i64,
        }
        /// The container's own number for it: `0x1`.
        id: Option<String>,
        /// How many streams it has.
        nb_streams: Option<i64>,
        /// ffprobe's `type`: `Tile Grid`, `IAMF Audio Element`...
        #[serde(rename = "type")]
        kind: Option<String>,
        /// How the streams make it: the fields differ with its kind.
        components: Section<Map<String, Value>>,
        /// What it is for.
        disposition: Disposition,
        /// Its metadata.
        tags: Tags,
        /// Its streams, as they are in [`Probe::streams`](crate::Probe::streams).
        streams: Section<Stream>,
    }
}
