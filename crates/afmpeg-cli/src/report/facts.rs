//! The facts of a media file, as plain data. Times count from the start of the file.

use std::{collections::BTreeMap, time::Duration};

use afmpeg::cmd::measure::Span;
use afmpeg_engine::{
    MediaKind, Probe, Time,
    probe::{Frame, SideData, Stream},
    statistics::Damage,
};
use serde::Serialize;

use super::unread::Unread;

/// A file of the report.
#[derive(Debug)]
pub(crate) struct FileFacts {
    /// Its name on the command line.
    pub(crate) name: String,
    pub(crate) media: Result<MediaFacts, Unread>,
}

/// The facts of a file that FFmpeg can read.
#[derive(Debug, Default)]
pub(crate) struct MediaFacts {
    pub(crate) probe: Probe,
    /// The packets of each stream, in the order of the streams.
    pub(crate) packets: Vec<PacketFacts>,
    /// The first decoded frame of the first video.
    pub(crate) first_frame: Option<Frame>,
    /// The pixel formats of the streams, by name.
    pub(crate) pixel_formats: BTreeMap<String, PixelFacts>,
    /// The place of the index, in an MP4 or MOV.
    pub(crate) index: Option<IndexPlace>,
    /// Measurements of the first video; `None` for a file without one, and for a still image.
    pub(crate) picture: Option<Result<PictureFacts, Unread>>,
    pub(crate) sound: Vec<SoundFacts>,
    /// The still image, or the covers.
    pub(crate) stills: Vec<StillFacts>,
}

/// The packets of a stream.
#[derive(Debug, Default, Clone)]
pub(crate) struct PacketFacts {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    /// The packets with a time, in the order of presentation.
    pub(crate) timed: Vec<TimedPacket>,
    /// The end of the packet that ends last.
    pub(crate) end: Option<Time>,
    /// Packets without a presentation time.
    pub(crate) without_pts: u64,
    /// Packets whose decoding time is not after that of the packet before.
    pub(crate) backward: u64,
    /// The time of the first of these.
    pub(crate) first_backward: Option<Time>,
    /// Packets that are marked as corrupt.
    pub(crate) corrupt: u64,
    /// Whether the first packet is a key frame.
    pub(crate) starts_with_key: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct TimedPacket {
    /// The presentation time, or else the decoding time.
    pub(crate) time: Time,
    pub(crate) bytes: u32,
    pub(crate) is_key: bool,
    /// Whether it is decoded, but not shown.
    pub(crate) is_discarded: bool,
}

/// The properties of a pixel format that problems depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFacts {
    /// The number of columns and rows of pixels that share a sample of colour.
    pub(crate) shared: (u32, u32),
    /// The bits of the deepest component.
    pub(crate) depth: u8,
    pub(crate) is_rgb: bool,
}

/// The place of the index in an MP4 or MOV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IndexPlace {
    BeforeMedia,
    AfterMedia,
}

/// Measurements of a video.
#[derive(Debug)]
pub(crate) struct PictureFacts {
    /// The index of its stream.
    pub(crate) stream: i64,
    /// The times of the first frames of scenes, without the first scene.
    pub(crate) scenes: Vec<Time>,
    pub(crate) black: Vec<Span>,
    pub(crate) frozen: Vec<Span>,
    pub(crate) strip: Strip,
    pub(crate) damage: Option<Damage>,
}

/// Frames at even distances, side by side in one JPEG.
#[derive(Debug)]
pub(crate) struct Strip {
    pub(crate) jpeg: Vec<u8>,
    /// The width and height of a frame, in pixels.
    pub(crate) cell: (u32, u32),
    /// The time at which each frame is shown.
    pub(crate) times: Vec<Duration>,
}

/// Measurements of an audio stream.
#[derive(Debug)]
pub(crate) struct SoundFacts {
    /// The index of its stream.
    pub(crate) stream: i64,
    pub(crate) levels: Result<SoundLevels, Unread>,
}

#[derive(Debug, Default)]
pub(crate) struct SoundLevels {
    pub(crate) waveform: Vec<Wave>,
    pub(crate) loudness: Vec<LoudnessPoint>,
    /// The loudness of the whole stream, in LUFS; `None` for a stream that is too short to measure.
    pub(crate) integrated: Option<f64>,
    /// The loudness range, in LU.
    pub(crate) range: f64,
    /// The true peak, in dBTP; minus infinity for silence.
    pub(crate) true_peak: f64,
    pub(crate) silences: Vec<Span>,
    pub(crate) damage: Option<Damage>,
}

/// The levels of a block of samples, from -1 to 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wave {
    pub(crate) time: Time,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) rms: f64,
}

/// The loudness at a time, in LUFS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoudnessPoint {
    pub(crate) time: Time,
    /// The loudness of the last 400 ms.
    pub(crate) momentary: f64,
    /// The loudness of the last 3 s.
    pub(crate) short_term: f64,
}

/// A picture without time: a cover, or the file itself.
#[derive(Debug)]
pub(crate) struct StillFacts {
    /// The index of its stream.
    pub(crate) stream: i64,
    pub(crate) preview: Result<Preview, Unread>,
}

/// A PNG that fits into a page.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) png: Vec<u8>,
    pub(crate) size: (u32, u32),
}

impl MediaFacts {
    /// Returns each stream with its packets.
    pub(crate) fn streams(&self) -> impl Iterator<Item = (&Stream, &PacketFacts)> {
        self.probe.streams.iter().zip(&self.packets)
    }

    /// Returns the streams of a kind that have a timeline: a cover has none.
    pub(crate) fn timed_streams(&self, kind: MediaKind) -> impl Iterator<Item = (&Stream, &PacketFacts)> {
        self.streams().filter(move |(stream, _)| stream.kind() == Some(kind) && !stream.is_attached_picture())
    }

    /// Returns the first video that is not a cover.
    pub(crate) fn video(&self) -> Option<(&Stream, &PacketFacts)> {
        self.timed_streams(MediaKind::Video).next()
    }

    /// Returns the end of the last packet.
    pub(crate) fn end_of_packets(&self) -> Option<Time> {
        let timed = self.streams().filter(|(stream, _)| !stream.is_attached_picture());
        timed.filter_map(|(_, packets)| packets.end).max()
    }

    /// Returns the duration: up to the end of the last packet, or else as in the header.
    pub(crate) fn duration(&self) -> Duration {
        let packets = self.end_of_packets().and_then(Time::to_duration).filter(|end| !end.is_zero());
        packets.or(self.probe.duration()).unwrap_or_default()
    }

    /// Returns the side data of a stream, and that of its first frame.
    pub(crate) fn side_data<'a>(&'a self, stream: &'a Stream) -> impl Iterator<Item = &'a SideData> {
        let frame = self.first_frame.iter().filter(move |frame| frame.stream_index == Some(stream.index));
        stream.side_data_list.iter().chain(frame.flat_map(|frame| frame.side_data_list.iter()))
    }
}
