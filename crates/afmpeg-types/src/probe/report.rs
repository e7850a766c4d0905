use std::{borrow::Cow, time::Duration};

use crate::MediaKind;

use super::{
    chapter::Chapter,
    format::Format,
    frame::{Frame, PacketOrFrame},
    group::{Program, StreamGroup},
    packet::Packet,
    section::{Section, object},
    side_data::SideData,
    stream::Stream,
    version::{LibraryVersion, ProbeError, ProgramVersion},
};

object! {
    /// ffprobe's output about a file: its container, streams, chapters, and other requested parts.
    ///
    /// The fields have ffprobe's names and types: numbers that it prints as strings stay strings, with accessors that
    /// parse them. Undeclared fields are kept in `extra`, so that nothing is lost on the way back to JSON.
    ///
    /// ```
    /// use afmpeg_types::{Probe, Ratio};
    ///
    /// let probe = Probe::from_json(br#"{"streams":[{"index":0,"codec_type":"video","codec_name":"h264",
    ///     "width":1280,"height":720,"avg_frame_rate":"25/1"}],"format":{"duration":"5.280000"}}"#).unwrap();
    /// let video = probe.video().unwrap();
    /// assert_eq!(video.size(), Some((1280, 720)));
    /// assert_eq!(video.frame_rate(), Some(Ratio::from(25)));
    /// assert_eq!(probe.duration().unwrap().as_millis(), 5280);
    /// ```
    Probe {
        /// The version of ffprobe; with `ProbeRequest::versions`.
        program_version: Option<ProgramVersion>,
        /// The versions of FFmpeg's libraries; with `ProbeRequest::versions`.
        library_versions: Section<LibraryVersion>,
        /// The packets, in the file's order; with `ProbeRequest::packets`.
        packets: Section<Packet>,
        /// The decoded frames; with `ProbeRequest::frames`.
        frames: Section<Frame>,
        /// Packets, each followed by the frames decoded from it; with both requested.
        packets_and_frames: Section<PacketOrFrame>,
        /// The programs, in containers that have them.
        programs: Section<Program>,
        /// The groups of streams, in containers that have them.
        stream_groups: Section<StreamGroup>,
        /// The streams, in the file's order.
        streams: Section<Stream>,
        /// The chapters, in the file's order.
        chapters: Section<Chapter>,
        /// The container.
        format: Option<Format>,
        /// ffprobe's failure, which `ProbeRequest::run` returns as an error.
        error: Option<ProbeError>,
    }
}

impl Probe {
    /// Parses the output of `ffprobe -of json`. Invalid UTF-8 becomes U+FFFD: ffprobe itself does that only in tags.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or a field has another type than ffprobe's.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&String::from_utf8_lossy(json))
    }

    /// Returns the first video stream that is not a cover image. An [image](Probe::is_image) has one, too. If it is a tile of a larger frame, as in most HEIC
    /// files, it is returned with the size and rotation of the whole frame. With `ProbeRequest::frames`, it has the
    /// rotation of its first frame, the only source of a photo's rotation.
    ///
    /// ```
    /// use afmpeg_types::Probe;
    ///
    /// let probe = Probe::from_json(br#"{
    ///     "stream_groups": [{"index": 0, "type": "Tile Grid", "streams": [{"index": 0}, {"index": 1}],
    ///         "components": [{"nb_tiles": 2, "width": 500, "height": 256}]}],
    ///     "streams": [{"index": 0, "codec_type": "video", "width": 256, "height": 256},
    ///         {"index": 1, "codec_type": "video", "width": 256, "height": 256}]
    /// }"#).unwrap();
    /// assert_eq!(probe.streams[0].size(), Some((256, 256)));
    /// assert_eq!(probe.video().unwrap().size(), Some((500, 256)));
    /// ```
    pub fn video(&self) -> Option<Cow<'_, Stream>> {
        let first = self.streams.iter().find(|stream| stream.is_video())?;
        let whole = self.tile_grid(first).and_then(|group| group.whole(first));
        let whole = whole.or_else(|| self.with_frame_rotation(first));
        Some(whole.map_or(Cow::Borrowed(first), Cow::Owned))
    }

    /// Returns the tiled image that has this stream as a tile. If there are several, returns the file's default, or
    /// else the first.
    pub fn tile_grid(&self, stream: &Stream) -> Option<&StreamGroup> {
        let grids = || self.stream_groups.iter().filter(|group| group.has_tile(stream));
        grids().find(|group| group.disposition.has("default")).or_else(|| grids().next())
    }

    /// Returns the clockwise rotation that makes a stream's frames upright, in degrees from 0 to 359: its own, or with
    /// [`frames`](Probe::frames), that of its first frame, the only source of a photo's rotation. FFmpeg rotates frames
    /// before the first filter, unless the input has `-noautorotate`.
    pub fn rotation(&self, stream: &Stream) -> Option<u16> {
        stream.rotation().or_else(|| self.matrix_of_frame(stream)?.rotation())
    }

    fn matrix_of_frame(&self, stream: &Stream) -> Option<&SideData> {
        let is_first = |frame: &&Frame| frame.stream_index == Some(stream.index);
        self.frames.iter().find(is_first)?.side_data_list.iter().find(|data| data.rotation().is_some())
    }

    /// Returns the stream with its first frame's rotation if it has none: a photo's rotation is in its EXIF data.
    fn with_frame_rotation(&self, stream: &Stream) -> Option<Stream> {
        let matrix = self.matrix_of_frame(stream).filter(|_| stream.rotation().is_none())?;
        let mut side_data = stream.side_data_list.to_vec();
        side_data.push(matrix.clone());
        Some(Stream { side_data_list: Section::from(side_data), ..stream.clone() })
    }

    /// Returns the first audio stream.
    pub fn audio(&self) -> Option<&Stream> {
        self.first(MediaKind::Audio)
    }

    /// Returns the first stream of a kind; for video, it may be a cover image.
    pub fn first(&self, kind: MediaKind) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.kind() == Some(kind))
    }

    /// Returns the container's duration, if it has one.
    pub fn duration(&self) -> Option<Duration> {
        self.format.as_ref()?.duration()
    }
}
