use serde::{Deserialize, Serialize};

/// Whether a failed job keeps its output files. In both cases the filesystem is not committed: a filesystem that
/// uploads has uploaded nothing.
///
/// ```no_run
/// use afmpeg_engine::{PartialOutputs, Runtime};
/// use afmpeg_vfs::HostDir;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
/// let job = runtime.job(HostDir::open("media")?).args(["-i", "clip.mp4", "small.mp4"]);
/// job.partial_outputs(PartialOutputs::Remove).run()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PartialOutputs {
    /// Files stay, complete or not, as with native FFmpeg.
    #[default]
    Keep,
    /// Every file that the job opened for writing is removed. Its contents before the job are not restored: to keep them,
    /// give the job an [`Overlay`](afmpeg_vfs::Overlay). Folders that the job created stay.
    Remove,
}
