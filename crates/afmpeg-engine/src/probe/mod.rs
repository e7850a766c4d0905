//! ffprobe's output about a file, as data.

mod chapter;
mod dictionary;
mod format;
mod frame;
mod group;
mod listing;
mod packet;
mod ratio;
mod request;
mod section;
mod side_data;
mod stream;
mod time;
mod version;

use std::{borrow::Cow, time::Duration};

pub use chapter::Chapter;
pub use dictionary::{Dictionary, Disposition, Tags};
pub use format::Format;
pub use frame::{Frame, PacketOrFrame};
pub use group::{Program, StreamGroup};
pub use packet::Packet;
pub use ratio::{ParseRatioError, Ratio};
pub use request::ProbeRequest;
pub use section::Section;
pub use side_data::{Chromaticity, ContentLightLevel, MasteringDisplay, SideData};
pub use stream::Stream;
pub use time::Time;
pub use version::{LibraryVersion, ProbeError, ProgramVersion};

use section::object;

object! {
    /// ffprobe's output about a file: its container, streams, chapters, and other requested parts.
    ///
    /// The fields have ffprobe's names and types: numbers that it prints as strings stay strings, with accessors that
    /// parse them. Fields without a type are kept in `extra`, so that nothing is lost on the way back to JSON.
    ///
    /// ```
    /// use afmpeg_engine::{Probe, Ratio};
    ///
    /// let probe = Probe::from_json(br#"{"streams":[{"index":0,"codec_type":"video","codec_name":"h264",
    ///     "width":1280,"height":720,"avg_frame_rate":"25/1"}],"format":{"duration":"5.280000"}}"#).unwrap();
    /// let video = probe.video().unwrap();
    /// assert_eq!(video.size(), Some((1280, 720)));
    /// assert_eq!(video.frame_rate(), Some(Ratio::from(25)));
    /// assert_eq!(probe.duration().unwrap().as_millis(), 5280);
    /// ```
    Probe {
        /// The version of ffprobe; with [`ProbeRequest::versions`].
        program_version: Option<ProgramVersion>,
        /// The versions of FFmpeg's libraries; with [`ProbeRequest::versions`].
        library_versions: Section<LibraryVersion>,
        /// The packets, in the file's order; with [`ProbeRequest::packets`].
        packets: Section<Packet>,
        /// The decoded frames; with [`ProbeRequest::frames`].
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
        /// ffprobe's failure, which [`ProbeRequest::run`] returns as an [`Error`](crate::Error).
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

    /// Returns the first video stream that is not a cover image. If it is a tile of a larger frame, as in most HEIC files,
    /// it is returned with the size and rotation of the whole frame. With [`frames`](ProbeRequest::frames), it has the
    /// rotation of its first frame, the only source of a photo's rotation.
    ///
    /// ```
    /// use afmpeg_engine::Probe;
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
        let first = self.streams.iter().find(|stream| stream.is("video") && !stream.is_attached_picture())?;
        let group = StreamGroup::with_tile(&self.stream_groups, first);
        let whole = group.and_then(|group| group.whole(first)).or_else(|| self.with_frame_rotation(first));
        Some(whole.map_or(Cow::Borrowed(first), Cow::Owned))
    }

    /// Returns the stream with its first frame's rotation if it has none: a photo's rotation is in its EXIF data.
    fn with_frame_rotation(&self, stream: &Stream) -> Option<Stream> {
        let is_first = |frame: &&Frame| frame.stream_index == Some(stream.index);
        let frame = self.frames.iter().find(is_first).filter(|_| stream.rotation().is_none())?;
        let matrix = frame.side_data_list.iter().find(|data| data.rotation().is_some())?;
        let mut side_data = stream.side_data_list.to_vec();
        side_data.push(matrix.clone());
        Some(Stream { side_data_list: Section::from(side_data), ..stream.clone() })
    }

    /// Returns the first audio stream.
    pub fn audio(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is("audio"))
    }

    /// Returns the container's duration, if it has one.
    pub fn duration(&self) -> Option<Duration> {
        self.format.as_ref()?.duration()
    }
}
