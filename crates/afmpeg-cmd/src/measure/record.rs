//! The records of measurements.

use crate::Time;

/// A value that a filter attached to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The number of its [`Series`](super::Series) in the command.
    pub stream: usize,
    /// The number of the frame.
    pub frame: u64,
    /// The frame's timestamp, if it has one.
    pub time: Option<Time>,
    /// The name of the value: `lavfi.silence_start`.
    pub key: String,
    /// The value, as FFmpeg prints it.
    pub value: String,
}

impl Record {
    /// A record, with its time in microseconds.
    pub fn new(
        stream: usize,
        frame: u64,
        micros: Option<i64>,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self { stream, frame, time: micros.map(Time::from_micros), key: key.into(), value: value.into() }
    }
}
