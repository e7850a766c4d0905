use crate::Time;

/// A difference between a file and the plan. Prints as one line.
///
/// ```
/// use afmpeg_cmd::film::Difference;
///
/// let difference = Difference::ChunkFrames { chunk: 7, expected: 720, found: 719 };
/// assert_eq!(difference.to_string(), "chunk 7: expected 720 frames, found 719");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// The file has no video.
    #[error("expected a video, found none")]
    NoVideo,
    /// The probe has no packets of the video with times.
    #[error("expected a probe with packets, found none: probe the file again, with `ProbeRequest::packets`")]
    NoPackets,
    /// The number of frames.
    #[error("expected {expected} frames, found {found}")]
    Frames {
        /// The number in the plan.
        expected: u64,
        /// The number in the file.
        found: u64,
    },
    /// The number of frames in the time of one chunk.
    #[error("chunk {chunk}: expected {expected} frames, found {found}")]
    ChunkFrames {
        /// The number of the chunk, from 0.
        chunk: usize,
        /// The number in the plan.
        expected: u64,
        /// The number in the file.
        found: u64,
    },
    /// The time of the first frame of a chunk, from the first frame of the film.
    #[error("chunk {chunk}: expected its first frame at {expected} s, found {found} s")]
    ChunkStart {
        /// The number of the chunk, from 0.
        chunk: usize,
        /// The time in the plan.
        expected: Time,
        /// The time in the file.
        found: Time,
    },
    /// The duration of the video, which differs by more than that of the last frame.
    #[error("expected a duration of {expected} s, found {found} s")]
    Duration {
        /// The duration in the plan.
        expected: Time,
        /// The duration in the file.
        found: Time,
    },
    /// The number of audio streams.
    #[error("expected {expected} audio streams, found {found}")]
    AudioStreams {
        /// The number in the plan.
        expected: usize,
        /// The number in the file.
        found: usize,
    },
    /// The duration of an audio stream, which differs by more than 0.1 seconds.
    #[error("audio stream {stream}: expected a duration of {expected} s, found {found} s")]
    AudioDuration {
        /// Its number among the audio streams, from 0.
        stream: usize,
        /// The duration in the plan.
        expected: Time,
        /// The duration in the file.
        found: Time,
    },
    /// The size of the video, above the limit of the variant.
    #[error("expected at most {most} bytes of video, found {found}")]
    Bytes {
        /// The limit.
        most: u64,
        /// The size in the file.
        found: u64,
    },
}
