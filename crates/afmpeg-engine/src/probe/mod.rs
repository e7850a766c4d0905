//! What ffprobe says of a file.

mod chapter;
mod format;
mod frame;
mod group;
mod listing;
mod named;
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
pub use format::Format;
pub use frame::{Frame, PacketOrFrame};
pub use group::{Program, StreamGroup};
pub use named::{Disposition, Named, Tags};
pub use packet::Packet;
pub use ratio::{NotARatio, Ratio};
pub use request::ProbeRequest;
pub use section::Section;
pub use side_data::{Chromaticity, ContentLightLevel, MasteringDisplay, SideData};
pub use stream::Stream;
pub use time::Time;
pub use version::{LibraryVersion, ProbeError, ProgramVersion};

use section::object;

object! {
    /// ffprobe's answer about a file: its container, streams, chapters, and what else was asked for.
    ///
    /// The fields have ffprobe's own names and its own types: numbers that it prints as strings stay strings, with
    /// accessors that read them. What is not modelled is kept in `extra`, so nothing is lost on the way back to
    /// JSON.
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
        /// Which ffprobe this is; with [`ProbeRequest::versions`].
        program_version: Option<ProgramVersion>,
        /// FFmpeg's libraries; with [`ProbeRequest::versions`].
        library_versions: Section<LibraryVersion>,
        /// The packets, in the file's order; with [`ProbeRequest::packets`].
        packets: Section<Packet>,
        /// What was decoded; with [`ProbeRequest::frames`].
        frames: Section<Frame>,
        /// Packets, each followed by what was decoded from it; where both were asked for.
        packets_and_frames: Section<PacketOrFrame>,
        /// The programs, of a container that has such.
        programs: Section<Program>,
        /// The streams that belong together, of a container that says so.
        stream_groups: Section<StreamGroup>,
        /// The streams, in the file's order.
        streams: Section<Stream>,
        /// The chapters, in the file's order.
        chapters: Section<Chapter>,
        /// The container.
        format: Option<Format>,
        /// Why ffprobe failed. [`ProbeRequest::run`] makes an [`Error`](crate::Error) of it.
        error: Option<ProbeError>,
    }
}

impl Probe {
    /// Reads what `ffprobe -of json` printed. Bytes that are not UTF-8 become U+FFFD: ffprobe itself does that to
    /// tags, but not to all it prints.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or a field has another type than ffprobe gives it.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&String::from_utf8_lossy(json))
    }

    /// The first video stream that is not a cover picture. Where it is a tile of a larger frame, as in most HEIC files,
    /// it is returned with the size and the rotation of the whole frame. Where [`frames`](ProbeRequest::frames) were asked
    /// for, it has the rotation of the first, which of photos is told nowhere else.
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
        let whole = group.and_then(|group| group.whole(first)).or_else(|| self.turned(first));
        Some(whole.map_or(Cow::Borrowed(first), Cow::Owned))
    }

    /// The stream with the rotation that its first frame has, where it has none of its own: a photo's is in its EXIF data.
    fn turned(&self, stream: &Stream) -> Option<Stream> {
        let is_first = |frame: &&Frame| frame.stream_index == Some(stream.index);
        let frame = self.frames.iter().find(is_first).filter(|_| stream.rotation().is_none())?;
        let matrix = frame.side_data_list.iter().find(|data| data.rotation().is_some())?;
        let mut side_data = stream.side_data_list.to_vec();
        side_data.push(matrix.clone());
        Some(Stream { side_data_list: Section::from(side_data), ..stream.clone() })
    }

    /// The first audio stream.
    pub fn audio(&self) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.is("audio"))
    }

    /// The container's duration, if it has one.
    pub fn duration(&self) -> Option<Duration> {
        self.format.as_ref()?.duration()
    }
}
