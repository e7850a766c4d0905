use std::fmt;

use serde::{Deserialize, Serialize};

use super::seam::Seam;
use crate::{Command, MediaKind, Ratio, Time};

/// The commands that encode a film in chunks, and join them.
///
/// The commands of [`chunks`](FilmPlan::chunks) and [`sound`](FilmPlan::sound) can run in any order and at the same
/// time; those of [`joins`](FilmPlan::joins) need their files. Commands overwrite their outputs, so that they can run
/// again. The folders of all paths have to exist.
///
/// Times are in units of [`time_base`](FilmPlan::time_base), as in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FilmPlan {
    /// The path of the source, which every command reads.
    pub source: String,
    /// The policy for the seams between chunks.
    pub seam: Seam,
    /// The unit of times, in seconds.
    pub time_base: Ratio,
    /// The chunks, in order; at least one.
    pub chunks: Vec<Chunk>,
    /// The sound; `None` if the film is silent.
    pub sound: Option<Sound>,
    /// The joins, one for each variant.
    pub joins: Vec<Join>,
    /// The properties of each joined film, for [`check`](FilmPlan::check).
    pub expected: Expected,
    /// The streams of the source that the film does not have.
    pub omitted: Vec<OmittedStream>,
    /// The number of frames at the start of the source that the film does not have: they precede the first key frame,
    /// so they cannot be decoded. Recordings of broadcasts start so.
    pub undecodable_frames: u64,
}

/// A part of the video, encoded by one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Chunk {
    /// Its number, from 0.
    pub index: usize,
    /// The time of its first frame in the source.
    pub start: i64,
    /// The time of its last frame.
    pub last: i64,
    /// The time of the first frame of the next chunk, or the end of the last frame.
    pub end: i64,
    /// The number of its frames.
    pub frames: u64,
    /// The files that the command writes, one for each variant. Their times start at 0.
    pub paths: Vec<String>,
    /// The command.
    pub command: Command,
}

/// All audio of a film, encoded or copied by one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Sound {
    /// The file that the command writes.
    pub path: String,
    /// The command.
    pub command: Command,
}

/// The copies that make one film of the chunks of a variant and of the sound. Chapters and metadata are the source's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Join {
    /// The name of the variant.
    pub variant: String,
    /// The path of the list that the command reads.
    pub list_path: String,
    /// The text to write to the list before the command runs. It has the exact duration of each chunk, since those in
    /// the chunks' files are rounded.
    pub list: String,
    /// The film that the command writes.
    pub path: String,
    /// The maximum size of its video in bytes, without the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// The command.
    pub command: Command,
}

/// The properties of a joined film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Expected {
    /// The number of frames.
    pub frames: u64,
    /// The duration of the video in seconds, from the start of the first frame to the end of the last.
    pub duration: Ratio,
    /// The duration of each audio stream, if known.
    pub audio: Vec<Option<Time>>,
}

/// A stream of the source that the film does not have. Prints as one line.
///
/// ```
/// # use afmpeg_cmd::film::OmittedStream;
/// let json = r#"{ "stream": 2, "kind": "subtitle", "codec": "subrip" }"#;
/// let omitted: OmittedStream = serde_json::from_str(json).unwrap();
/// assert_eq!(omitted.to_string(), "omitted stream 2 (subtitle, subrip)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OmittedStream {
    /// The index in the source.
    pub stream: usize,
    /// The kind, if known.
    pub kind: Option<MediaKind>,
    /// The codec, if known.
    pub codec: Option<String>,
}

impl fmt::Display for OmittedStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("unknown".to_owned(), |kind| kind.to_string());
        write!(f, "omitted stream {} ({kind}, {})", self.stream, self.codec.as_deref().unwrap_or("unknown"))
    }
}
