//! Streams that belong together.

use super::{Disposition, Section, SideData, Stream, Tags, section::object};
use crate::fields::{FieldValue, Fields};

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
        components: Section<Fields>,
        /// What it is for.
        disposition: Disposition,
        /// Its metadata.
        tags: Tags,
        /// Its streams, as they are in [`Probe::streams`](crate::Probe::streams).
        streams: Section<Stream>,
    }
}

impl StreamGroup {
    /// The width and height in pixels of the whole frame that the group's streams are tiles of, before rotation; `None`
    /// where they are not tiles.
    pub fn tile_grid_size(&self) -> Option<(u32, u32)> {
        let grid = self.tile_grid()?;
        let size = |name| u32::try_from(grid[name].as_i64()?).ok().filter(|size| *size > 0);
        size("width").zip(size("height"))
    }

    /// By how many degrees, clockwise, the whole frame is turned to be seen upright, if the file says so.
    pub fn rotation(&self) -> Option<u16> {
        self.side_data().iter().find_map(SideData::rotation)
    }

    /// What describes the grid. FFmpeg takes a single tile for a frame of its own.
    fn tile_grid(&self) -> Option<&Fields> {
        let is_grid = self.kind.as_deref() == Some("Tile Grid");
        let grid = self.components.first().filter(|_| is_grid)?;
        grid["nb_tiles"].as_i64().filter(|tiles| *tiles > 1).map(|_| grid)
    }

    fn side_data(&self) -> Vec<SideData> {
        let list = self.tile_grid().and_then(|grid| grid["side_data_list"].as_list()).unwrap_or_default();
        list.iter().filter_map(FieldValue::as_object).cloned().map(SideData::from_fields).collect()
    }

    fn has(&self, stream: &Stream) -> bool {
        self.streams.iter().any(|own| own.index == stream.index)
    }

    /// The group that makes a whole frame of this stream and others: of several, the one that the file shows by default.
    pub(crate) fn with_tile<'a>(groups: &'a [Self], stream: &Stream) -> Option<&'a Self> {
        let with_tile =
            || groups.iter().filter(|group| group.has(stream) && group.tile_grid_size().is_some());
        with_tile().find(|group| group.disposition.has("default")).or_else(|| with_tile().next())
    }

    /// This tile as the whole frame.
    pub(super) fn whole(&self, tile: &Stream) -> Option<Stream> {
        let (width, height) = self.tile_grid_size()?;
        let mut whole = Stream { width: Some(width.into()), height: Some(height.into()), ..tile.clone() };
        (whole.coded_width, whole.coded_height) = (whole.width, whole.height);
        whole.display_aspect_ratio = None;
        whole.side_data_list = Section::from(self.side_data());
        Some(whole)
    }
}
