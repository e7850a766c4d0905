//! Streams that a format does not hold.

use std::fmt;

use crate::{
    Input, Media, MediaKind, MediaStream, Output,
    containers::Container,
    node::{Origin, Sequence},
    output::Taken,
    path::ending,
};

/// ffprobe's text for a stream to which its container gives no letters.
const NO_TAG: &str = "[0][0][0][0]";

/// A stream that is not copied, since the output's format does not hold it. It prints as one line.
///
/// ```
/// use afmpeg_cmd::{Input, Media, Output, OutputStream};
///
/// let json = r#"{ "streams": [{ "codec_type": "video", "codec_name": "h264" },
///     { "codec_type": "data", "codec_tag_string": "tmcd" }] }"#;
/// let media: Media = serde_json::from_str(json).unwrap();
/// let phone = Input::new("phone.mov").known(&media);
/// let output = Output::new("phone.mp4").stream(OutputStream::all_of(&phone, "")).copy_all();
/// let left_out = output.left_out();
/// assert_eq!((left_out[0].stream, left_out[0].codec.as_deref()), (1, Some("tmcd")));
/// assert_eq!(left_out[0].to_string(), "stream 1 (data, tmcd) is left out: mp4 cannot hold it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Its index in the input.
    pub stream: usize,
    /// What it carries, where that is known.
    pub kind: Option<MediaKind>,
    /// Its codec, or where there is none, the container's own four letters for it.
    pub codec: Option<String>,
    /// The output's format, by its name or by the ending of the output's path.
    pub format: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream {} ({}) is left out: {} cannot hold it", self.stream, self.carries(), self.format)
    }
}

impl LeftOut {
    /// Its kind and its codec.
    pub(crate) fn carries(&self) -> String {
        let kind = self.kind.map_or("unknown".to_owned(), |kind| kind.to_string());
        format!("{kind}, {}", self.codec.as_deref().unwrap_or("unknown"))
    }
}

/// An output's format, and what it has taken already.
#[derive(Debug)]
pub(crate) struct Room {
    format: String,
    container: Option<&'static Container>,
    taken: Vec<MediaKind>,
}

impl Room {
    /// That of an output: the name of its format, if it has one, and its path.
    pub(crate) fn of(format: Option<&str>, path: &str) -> Self {
        Self {
            format: format.map_or_else(|| ending(path), str::to_owned),
            container: Container::of_output(format, path),
            taken: Vec::new(),
        }
    }

    /// Has a stream of this kind in it, whatever its codec becomes.
    pub(crate) fn fill(&mut self, kind: MediaKind) {
        self.taken.push(kind);
    }

    /// Takes packets of a stream, or returns that there is no room for them.
    pub(crate) fn take(&mut self, index: usize, stream: &MediaStream) -> Option<LeftOut> {
        let is_one_too_many = self.container.is_some_and(Container::takes_one_of_each)
            && !stream.attached_picture
            && stream.kind.is_some_and(|kind| self.taken.contains(&kind));
        if is_one_too_many {
            return Some(self.left_out(index, stream));
        }
        let left = self.cannot_hold(index, stream);
        if left.is_none() && !stream.attached_picture {
            self.taken.extend(stream.kind);
        }
        left
    }

    /// The bitstream filter that packets of a stream need in it.
    pub(crate) fn bitstream_filter(&self, stream: &MediaStream) -> Option<&'static str> {
        self.container?.bitstream_filter(stream.codec.as_deref()?)
    }

    /// Whether it is known which packets files of the format can hold.
    pub(crate) fn is_known(&self) -> bool {
        self.container.is_some()
    }

    /// Returns a stream whose packets files of the format cannot hold.
    pub(crate) fn cannot_hold(&self, index: usize, stream: &MediaStream) -> Option<LeftOut> {
        (!self.holds(stream)).then(|| self.left_out(index, stream))
    }

    fn left_out(&self, index: usize, stream: &MediaStream) -> LeftOut {
        LeftOut {
            stream: index,
            kind: stream.kind,
            codec: stream.codec.clone().or_else(|| stream.tag.clone().filter(|tag| tag != NO_TAG)),
            format: self.format.clone(),
        }
    }

    /// In a format that is not in the table, FFmpeg decides about video, audio and subtitles.
    fn holds(&self, stream: &MediaStream) -> bool {
        match (self.container, stream.kind) {
            (Some(container), _) => container.holds(stream),
            (None, kind) => matches!(kind, Some(MediaKind::Video | MediaKind::Audio | MediaKind::Subtitle)),
        }
    }
}

impl Output {
    /// The streams of [`left_out`](Output::left_out), each with its input.
    pub(crate) fn cannot_hold(&self) -> Vec<(Input, LeftOut)> {
        let mut found: Vec<(Input, LeftOut)> = Vec::new();
        if !self.copies {
            return found;
        }
        let mut room = Room::of(self.data.format.as_deref(), &self.data.path);
        // What leaves a stream out takes it from every map: one that an output names by itself stays.
        let mut seen: Vec<(Sequence, usize)> = Vec::new();
        for stream in &self.streams {
            let (input, streams) = match &stream.from {
                Taken::All { input, streams, .. } => (input, streams),
                Taken::One(origin) => {
                    stream.data.kind.into_iter().for_each(|kind| room.fill(kind));
                    if let Origin::Input { input, streams, .. } = origin {
                        let fitting = input.media().and_then(|media| media.fitting_indices(streams));
                        seen.extend(fitting.iter().flatten().map(|index| (input.made(), *index)));
                    }
                    continue;
                }
                Taken::Label(_) | Taken::Automatic(_) => {
                    stream.data.kind.into_iter().for_each(|kind| room.fill(kind));
                    continue;
                }
                Taken::Except { .. } => continue,
            };
            let Some(media) = input.media() else { continue };
            // Streams that were named by their properties are there because somebody wants them.
            let Some(fitting) = media.fitting_indices(streams) else { continue };
            let is_copied = stream.data.codec.as_deref().is_none_or(|codec| codec == "copy")
                && stream.data.filters.is_empty();
            for index in fitting {
                let found_stream = &media.streams[index];
                if seen.contains(&(input.made(), index)) || self.excepts(input, media, index) {
                    continue;
                }
                if !is_copied {
                    found_stream.kind.into_iter().for_each(|kind| room.fill(kind));
                    continue;
                }
                seen.push((input.made(), index));
                if let Some(left) = room.take(index, found_stream) {
                    found.push((input.clone(), left));
                }
            }
        }
        found
    }

    /// Whether it is said already that a stream is not wanted.
    fn excepts(&self, input: &Input, media: &Media, index: usize) -> bool {
        self.streams.iter().any(|stream| match &stream.from {
            Taken::Except { input: other, streams } if other.made() == input.made() => {
                media.fitting_indices(streams).is_some_and(|fitting| fitting.contains(&index))
            }
            _ => false,
        })
    }
}
