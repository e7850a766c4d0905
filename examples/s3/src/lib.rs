#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod failure;

use std::{sync::Arc, time::Duration};

use afmpeg::{
    Limits, Runtime, RuntimeExt as _, VfsExt as _,
    cmd::{Command, DroppedStream, recipes::trim},
    vfs::ObjectFs,
};
use object_store::ObjectStore;

pub use crate::failure::Failure;

/// The longest part, in bytes: it is in memory until it is uploaded.
pub const MAX_PART: u64 = 512 << 20;

/// A part of a film in a bucket.
#[derive(Debug, Clone)]
pub struct Part {
    /// The key of the film.
    pub film: String,
    /// The start, as a time of the film.
    pub from: Duration,
    /// The end, as a time of the film.
    pub to: Duration,
    /// The key of the MP4 to write: it ends in `.mp4`.
    pub output: String,
    /// Whether an object at the key of the output is replaced.
    pub overwrite: bool,
}

/// Cuts `part` in the bucket `store`, and returns the streams of the film that an MP4 cannot hold.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
///
/// use afmpeg_s3::{Part, cut};
/// use object_store::aws::AmazonS3Builder;
///
/// # fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = afmpeg::Runtime::builder().find_module().build()?;
/// let bucket = Arc::new(AmazonS3Builder::from_env().with_bucket_name("media").build()?);
/// let part = Part {
///     film: "talks/whole.mov".into(),
///     from: Duration::from_secs(3600),
///     to: Duration::from_secs(3660),
///     output: "talks/question.mp4".into(),
///     overwrite: false,
/// };
/// cut(&runtime, bucket, &part)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The film does not exist, or FFmpeg cannot read it; the store refuses a request; the part is empty or too long; the
/// output exists.
pub fn cut(
    runtime: &Runtime,
    store: Arc<dyn ObjectStore>,
    part: &Part,
) -> Result<Vec<DroppedStream>, Failure> {
    if !part.output.to_ascii_lowercase().ends_with(".mp4") {
        let message = format!("the key {:?} is not that of an MP4", part.output);
        return Err(Failure::new(message, "end it in .mp4"));
    }
    let fs = ObjectFs::builder(store)
        .create_only(!part.overwrite)
        .spool_file_bytes(MAX_PART)
        .spool_memory_bytes(MAX_PART)
        .spool_disk_bytes(0)
        .build()?;
    // Both jobs share the cache, so that the second does not fetch the film's index again.
    let probe = runtime.probe(fs.clone(), &part.film)?;
    let cut = trim(&part.film, &probe, part.from, part.to, &part.output)?;
    // A bucket has no empty folders, but FFmpeg expects one.
    if let Some((folder, _)) = part.output.rsplit_once('/') {
        fs.create_dir_all(folder)?;
    }
    let command = Command::new([cut.output.faststart()]);
    let command = if part.overwrite { command.overwrite() } else { command };
    let job = runtime.prepare(fs, &command).probes([Some(probe)]).job();
    job.limits(Limits::default().output(MAX_PART)).run()?;
    Ok(cut.dropped)
}
