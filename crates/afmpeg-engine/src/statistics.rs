//! What ffmpeg counted while it ran.

use std::fmt;

/// What ffmpeg counted over all streams of a job: the damage that it met in its inputs, and the frames that it left out
/// or repeated to keep the rate of an output.
///
/// ffmpeg goes on after damage, and exits with success: [`Job::fail_on_damage`](crate::Job::fail_on_damage) makes it an
/// error.
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
    /// How often a demuxer could not read an input to its end, as with an upload that broke off. ffmpeg then ends the
    /// outputs with the frames that it has. A numbered sequence of images with a gap that FFmpeg runs into counts, too:
    /// see `sequence_gaps`. Formats without an index or lengths, such as MP3, Ogg and MPEG-TS, do not show
    /// that something is missing.
    pub read_errors: u32,
    /// Packets that a decoder could not decode.
    pub decode_errors: u32,
    /// Packets that a demuxer marked as corrupt (`AV_PKT_FLAG_CORRUPT`).
    pub corrupt_packets: u32,
    /// Frames that a decoder marked as corrupt (`AV_FRAME_FLAG_CORRUPT`, `decode_error_flags`).
    pub corrupt_frames: u32,
    /// Frames that ffmpeg left out to keep the rate of an output.
    pub dropped_frames: u32,
    /// Frames that ffmpeg repeated to keep the rate of an output.
    pub duplicated_frames: u32,
    /// Inputs that are numbered sequences of images (`f%03d.png`) and were read up to a number that is missing, although
    /// there are images with higher ones. ffmpeg ends at a gap, and takes some of them for the end of the sequence; to
    /// those it says nothing, and they are no damage. Counted by the filesystem when the job has succeeded.
    pub sequence_gaps: u32,
}

impl Statistics {
    /// The damage in the inputs; none if every packet was whole and every frame decoded.
    pub fn damage(&self) -> Option<Damage> {
        let Self { read_errors, decode_errors, corrupt_packets, corrupt_frames, .. } = *self;
        let damage = Damage { read_errors, decode_errors, corrupt_packets, corrupt_frames };
        damage.kinds().next().is_some().then_some(damage)
    }
}

/// The damage that ffmpeg met in the inputs of a job: see [`Statistics`].
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
    /// The count of each kind that was met, and its name.
    fn kinds(&self) -> impl Iterator<Item = (u32, &'static str)> {
        let counts = [
            (self.read_errors, "input that breaks off", "inputs that break off"),
            (self.decode_errors, "decode error", "decode errors"),
            (self.corrupt_packets, "corrupt packet", "corrupt packets"),
            (self.corrupt_frames, "corrupt frame", "corrupt frames"),
        ];
        let met = counts.into_iter().filter(|(count, ..)| *count > 0);
        met.map(|(count, one, many)| (count, if count == 1 { one } else { many }))
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
    fn damage_names_each_kind_that_was_met() {
        assert_eq!(Statistics { dropped_frames: 3, ..Statistics::default() }.damage(), None);
        let damaged = Statistics { decode_errors: 1, corrupt_frames: 2, ..Statistics::default() };
        assert_eq!(damaged.damage().unwrap().to_string(), "1 decode error, 2 corrupt frames");
    }
}
