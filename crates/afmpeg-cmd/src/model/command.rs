use std::fmt;

use serde::{Deserialize, Serialize, de};

use super::{Graph, Input, Output};
use crate::Arg;

/// One run of `ffmpeg`.
///
/// Built from outputs by [`Command::new`], by hand, or from JSON, to which it serializes as well.
///
/// ```
/// use afmpeg_cmd::{Codec, Command, Input, Output, filters::video::scale};
///
/// let clip = Input::new("clip.mp4");
/// let small = clip.video().filter(scale().w(640).h(-2));
/// let command = Command::new([Output::new("small.mp4")
///     .video(&small, Codec::new("libx264").opt("crf", 23))
///     .audio(clip.audio(), Codec::copy())]);
/// assert_eq!(
///     command.to_args().join(" "),
///     "-i clip.mp4 -filter_complex [0:v:0]scale@n0=w=640:h=-2[v0] -map [v0] -map 0:a:0 \
///      -c:v libx264 -crf:v 23 -c:a copy small.mp4"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The version of the JSON.
    #[serde(default)]
    pub version: Version,
    /// Options of the whole command: `-y`, `-loglevel`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// The input files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// The filter graph.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub graph: Graph,
    /// The output files.
    pub outputs: Vec<Output>,
}

fn is_empty(graph: &Graph) -> bool {
    *graph == Graph::default()
}

/// The version of a command's JSON: 1. JSON of another version is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Version;

/// The version number in JSON.
const VERSION: u32 = 1;

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        VERSION.fmt(f)
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        VERSION.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            VERSION => Ok(Self),
            other => Err(de::Error::custom(format!(
                "expected a command of version {VERSION}, found version {other}"
            ))),
        }
    }
}
