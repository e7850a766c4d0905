//! Programs and groups of streams.

use super::{Disposition, Section, SideData, Stream, Tags, section::object};
use crate::fields::{FieldValue, Fields};

object! {
    /// A program: one of several broadcasts in a file, as printed by ffprobe's `-show_programs`.
    ///
    /// ```
    /// use afmpeg_types::probe::Program;
    ///
    /// let program: Program = serde_json::from_str(r#"{"program_id": 1, "program_num": 1, "nb_streams": 1,
    ///     "tags": {"service_name": "News"}, "streams": [{"index": 0}]}"#).unwrap();
    /// assert_eq!(program.streams[0].index, 0);
    /// ```
    Program {
        /// The container's identifier.
        program_id: Option<i64>,
        /// The program number in the broadcast.
        program_num: Option<i64>,
        /// The number of streams.
        nb_streams: Option<i64>,
        /// The identifier of the packets that describe it, in MPEG-TS.
        pmt_pid: Option<i64>,
        /// The identifier of the packets that carry its clock, in MPEG-TS.
        pcr_pid: Option<i64>,
        /// The metadata: `service_name`, `service_provider`.
        tags: Tags,
        /// The streams, as in [`Probe::streams`](crate::Probe::streams).
        streams: Section<Stream>,
    }
}

object! {
    /// Streams that form a unit: the tiles of a frame, the layers of an audio scene, as printed by ffprobe's
    /// `-show_stream_groups`.
    ///
    /// ```
    /// use afmpeg_types::probe::StreamGroup;
    ///
    /// let group: StreamGroup = serde_json::from_str(r#"{"index": 0, "type": "Tile Grid", "nb_streams": 4,
    ///     "components": [{"nb_tiles": 4, "width": 1024, "height": 768}]}"#).unwrap();
    /// assert_eq!(group.kind.as_deref(), Some("Tile Grid"));
    /// assert_eq!(group.components[0]["nb_tiles"], 4);
    /// ```
    StreamGroup {
        @required {
            /// The index in the file, from 0.
            index: i64,
        }
        /// The container's identifier: `0x1`.
        id: Option<String>,
        /// The number of streams.
        nb_streams: Option<i64>,
        /// ffprobe's `type`: `Tile Grid`, `IAMF Audio Element`...
        #[serde(rename = "type")]
        kind: Option<String>,
        /// The composition of the streams, with fields that depend on the kind.
        components: Section<Fields>,
        /// The purpose of the group.
        disposition: Disposition,
        /// The metadata.
        tags: Tags,
        /// The streams, as in [`Probe::streams`](crate::Probe::streams).
        streams: Section<Stream>,
    }
}

impl StreamGroup {
    /// Returns the width and height in pixels of the whole frame of a tile grid, before rotation; `None` for other groups.
    pub fn tile_grid_size(&self) -> Option<(u32, u32)> {
        let grid = self.tile_grid()?;
        let size = |name| u32::try_from(grid[name].as_i64()?).ok().filter(|size| *size > 0);
        size("width").zip(size("height"))
    }

    /// Returns the clockwise rotation in degrees that displays the whole frame upright, if the file has one.
    pub fn rotation(&self) -> Option<u16> {
        self.side_data().iter().find_map(SideData::rotation)
    }

    /// The description of the grid. FFmpeg treats a single tile as a plain frame.
    fn tile_grid(&self) -> Option<&Fields> {
        let is_grid = self.kind.as_deref() == Some("Tile Grid");
        let grid = self.components.first().filter(|_| is_grid)?;
        grid["nb_tiles"].as_i64().filter(|tiles| *tiles > 1).map(|_| grid)
    }

    fn side_data(&self) -> Vec<SideData> {
        let list = self.tile_grid().and_then(|grid| grid["side_data_list"].as_list()).unwrap_or_default();
        list.iter().filter_map(FieldValue::as_object).cloned().map(SideData::from_fields).collect()
    }

    /// Whether it is a tiled image and a stream is one of its tiles.
    pub(super) fn has_tile(&self, stream: &Stream) -> bool {
        self.tile_grid_size().is_some() && self.streams.iter().any(|own| own.index == stream.index)
    }

    /// Returns the tile's stream with the properties of the whole frame.
    pub(super) fn whole(&self, tile: &Stream) -> Option<Stream> {
        let (width, height) = self.tile_grid_size()?;
        let mut whole = Stream { width: Some(width.into()), height: Some(height.into()), ..tile.clone() };
        (whole.coded_width, whole.coded_height) = (whole.width, whole.height);
        whole.display_aspect_ratio = None;
        whole.side_data_list = Section::from(self.side_data());
        Some(whole)
    }
}
