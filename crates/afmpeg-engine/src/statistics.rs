//! ffmpeg's counters of a job.

use std::fmt;

/// ffmpeg's counters over all streams of a job: damage in its inputs, gaps in sequences of images, and frames that
/// were dropped or repeated to keep the rate of an output.
///
/// ffmpeg continues after damage and exits with success; [`Job::fail_on_damage`](crate::Job::fail_on_damage) makes damage
/// an error.
///
/// ```no_run
/// # use afmpeg_engine::Runtime;
/// # use afmpeg_vfs::HostDir;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let output = runtime.run(HostDir::open("media")?, ["-i", "upload.mp4", "small.mp4"])?;
/// if let Some(damage) = output.statistics().damage() {
///     println!("upload.mp4 is damaged: {damage}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Inputs that a demuxer could not read to their end, such as a truncated upload. ffmpeg then ends the outputs with
    /// the frames so far. A gap in a numbered sequence of images counts too, unless FFmpeg takes it for the end: see
    /// `sequence_gaps`. In formats without an index or lengths, such as MP3, Ogg and MPEG-TS, truncation is
    /// undetectable.
    pub read_errors: u32,
    /// Packets that a decoder could not decode.
    pub decode_errors: u32,
    /// Packets that a demuxer marked as corrupt (`AV_PKT_FLAG_CORRUPT`).
    pub corrupt_packets: u32,
    /// Frames that a decoder marked as corrupt (`AV_FRAME_FLAG_CORRUPT`, `decode_error_flags`).
    pub corrupt_frames: u32,
    /// Frames that ffmpeg dropped to keep the rate of an output.
    pub dropped_frames: u32,
    /// Frames that ffmpeg repeated to keep the rate of an output.
    pub duplicated_frames: u32,
    /// Inputs that are numbered sequences of images (`f%03d.png`) and were read up to a missing number, although images
    /// with higher numbers exist. ffmpeg stops at a gap. If it takes the gap for the end of the sequence, it reports no
    /// error, and the gap is not damage. Counted on the filesystem after the job has succeeded.
    pub sequence_gaps: u32,
}

impl Statistics {
    /// Returns the damage in the inputs; `None` if all inputs were read to their ends, and all packets and frames were
    /// intact.
    pub fn damage(&self) -> Option<Damage> {
        let Self { read_errors, decode_errors, corrupt_packets, corrupt_frames, .. } = *self;
        let damage = Damage { read_errors, decode_errors, corrupt_packets, corrupt_frames };
        damage.kinds().next().is_some().then_some(damage)
    }
}

/// The damage in the inputs of a job: see [`Statistics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// See [`Statistics::read_errors`].
    pub read_errors: u32,
    /// See [`Statistics::decode_errors`].
    pub decode_errors: u32,
    /// See [`Statistics::corrupt_packets`].
    pub corrupt_packets: u32,
    /// See [`Statistics::corrupt_frames`].
    pub corrupt_frames: u32,
}

impl Damage {
    /// Returns the count and name of each kind that occurred.
    fn kinds(&self) -> impl Iterator<Item = (u32, &'static str)> {
        let counts = [
            (self.read_errors, "truncated input", "truncated inputs"),
            (self.decode_errors, "decode error", "decode errors"),
            (self.corrupt_packets, "corrupt packet", "corrupt packets"),
            (self.corrupt_frames, "corrupt frame", "corrupt frames"),
        ];
        let nonzero = counts.into_iter().filter(|(count, ..)| *count > 0);
        nonzero.map(|(count, one, many)| (count, if count == 1 { one } else { many }))
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (count, kind) in self.kinds() {
            write!(f, "{separator}{count} {kind}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_lists_each_kind_that_occurred() {
        assert_eq!(Statistics { dropped_frames: 3, ..Statistics::default() }.damage(), None);
        let damaged = Statistics { decode_errors: 1, corrupt_frames: 2, ..Statistics::default() };
        assert_eq!(damaged.damage().unwrap().to_string(), "1 decode error, 2 corrupt frames");
    }
}
