//! Streams that a format cannot hold.

use std::fmt;

use crate::{MediaKind, containers::Container, path::ending, probe};

/// ffprobe's text for a stream without a tag.
const NO_TAG: &str = "[0][0][0][0]";

/// A stream that is dropped instead of copied, since the output's format cannot hold it. Prints as one line.
///
/// ```
/// use afmpeg_cmd::{Input, Output, OutputStream, Probe};
///
/// let json = r#"{ "streams": [{ "index": 0, "codec_type": "video", "codec_name": "h264" },
///     { "index": 1, "codec_type": "data", "codec_tag_string": "tmcd" }] }"#;
/// let probe: Probe = serde_json::from_str(json).unwrap();
/// let phone = Input::new("phone.mov").probe(&probe);
/// let output = Output::new("phone.mp4").stream(OutputStream::all_of(&phone, "")).copy_all();
/// let dropped = output.dropped();
/// assert_eq!((dropped[0].stream, dropped[0].codec.as_deref()), (1, Some("tmcd")));
/// assert_eq!(dropped[0].to_string(), "dropped stream 1 (data, tmcd): mp4 cannot hold it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedStream {
    /// The index in the input.
    pub stream: usize,
    /// The kind, if known.
    pub kind: Option<MediaKind>,
    /// The codec or, without one, the container's four-character tag.
    pub codec: Option<String>,
    /// The output's format, by name or by the extension of its path.
    pub format: String,
}

impl fmt::Display for DroppedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dropped stream {} ({}): {} cannot hold it", self.stream, self.carries(), self.format)
    }
}

impl DroppedStream {
    /// Returns the kind and the codec.
    pub(crate) fn carries(&self) -> String {
        let kind = self.kind.map_or("unknown".to_owned(), |kind| kind.to_string());
        format!("{kind}, {}", self.codec.as_deref().unwrap_or("unknown"))
    }
}

/// An output's format, and the kinds of the streams in it.
#[derive(Debug)]
pub(crate) struct Capacity {
    format: String,
    container: Option<&'static Container>,
    taken: Vec<MediaKind>,
}

impl Capacity {
    /// The capacity of an output, by its format or path.
    pub(crate) fn of(format: Option<&str>, path: &str) -> Self {
        Self {
            format: format.map_or_else(|| ending(path), str::to_owned),
            container: Container::of_output(format, path),
            taken: Vec::new(),
        }
    }

    /// Adds a stream of this kind, of any codec.
    pub(crate) fn fill(&mut self, kind: MediaKind) {
        self.taken.push(kind);
    }

    /// Adds a copied stream, or returns it if there is no room.
    pub(crate) fn take(&mut self, index: usize, stream: &probe::Stream) -> Option<DroppedStream> {
        let is_one_too_many = self.container.is_some_and(Container::takes_one_of_each)
            && !stream.is_attached_picture()
            && stream.kind().is_some_and(|kind| self.taken.contains(&kind));
        if is_one_too_many {
            return Some(self.dropped(index, stream));
        }
        let left = self.cannot_hold(index, stream);
        if left.is_none() && !stream.is_attached_picture() {
            self.taken.extend(stream.kind());
        }
        left
    }

    /// Returns the bitstream filter that packets of a stream need in the format.
    pub(crate) fn bitstream_filter(&self, stream: &probe::Stream) -> Option<&'static str> {
        self.container?.bitstream_filter(stream.codec_name.as_deref()?)
    }

    /// Whether the format stores side data of a stream only with `-strict unofficial`: Dolby Vision, stereoscopic and
    /// spherical video in MP4.
    pub(crate) fn needs_unofficial(&self, stream: &probe::Stream) -> bool {
        let kinds = ["DOVI configuration record", "Stereo 3D", "Spherical Mapping"];
        let is_mp4 = self.container.is_some_and(|container| container.muxers().contains(&"mp4"));
        let mut types = stream.side_data_list.iter().filter_map(|data| data.side_data_type.as_deref());
        is_mp4 && types.any(|name| kinds.contains(&name))
    }

    /// Whether the format is in the table of containers.
    pub(crate) fn is_known(&self) -> bool {
        self.container.is_some()
    }

    /// Returns the stream if files of the format cannot hold its packets.
    pub(crate) fn cannot_hold(&self, index: usize, stream: &probe::Stream) -> Option<DroppedStream> {
        (!self.holds(stream)).then(|| self.dropped(index, stream))
    }

    /// Returns the image if files of the format cannot hold it as a cover.
    pub(crate) fn cannot_hold_cover(&self, index: usize, image: &probe::Stream) -> Option<DroppedStream> {
        let codec = image.codec_name.as_deref().unwrap_or_default();
        let is_held = self.container.is_none_or(|container| container.holds_cover(codec));
        (!is_held).then(|| self.dropped(index, image))
    }

    fn dropped(&self, index: usize, stream: &probe::Stream) -> DroppedStream {
        DroppedStream {
            stream: index,
            kind: stream.kind(),
            codec: stream
                .codec_name
                .clone()
                .or_else(|| stream.codec_tag_string.clone().filter(|tag| tag != NO_TAG)),
            format: self.format.clone(),
        }
    }

    /// For formats outside of the table, FFmpeg decides about video, audio and subtitles.
    fn holds(&self, stream: &probe::Stream) -> bool {
        match (self.container, stream.kind()) {
            (Some(container), _) => container.holds(stream),
            (None, kind) => matches!(kind, Some(MediaKind::Video | MediaKind::Audio | MediaKind::Subtitle)),
        }
    }
}
