use crate::Time;

/// The prefix of the devices' names.
pub(super) const DEVICE: &str = "measurements";

/// One value that a filter attached to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// The number *n* of the device `/dev/measurements`*n* that it was printed to, from 0.
    pub stream: usize,
    /// The number of the frame, from 0. Frames without metadata count too.
    pub frame: u64,
    /// The frame's presentation time at the measuring filter; `None` if it has no timestamp.
    pub time: Option<Time>,
    /// The name of the value: `lavfi.silence_start`.
    pub key: String,
    /// The value, as FFmpeg prints it: `2.5`, `-inf`, `progressive`.
    pub value: String,
}
