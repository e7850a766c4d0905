use std::{io, sync::Arc, time::Duration};

use afmpeg_cmd::{Capabilities, Job};
use afmpeg_engine::{Progress, Runtime};
use afmpeg_vfs::{MemFs, Mount, PathError, ReadOnly, VPath, Vfs, VfsExt as _};

use crate::{
    Mistakes, Plan, Storyboard,
    files::Files,
    plan::{CAPTIONS, FILM, FOLDER, SHEET},
};

/// A film, and what it looks like at a glance.
#[derive(Debug, Clone)]
pub struct Reel {
    /// An mp4, its index first.
    pub film: Vec<u8>,
    /// A PNG.
    pub sheet: Vec<u8>,
    /// What was done.
    pub plan: Plan,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The film is rendered.
    Film,
    /// The sheet is made of it.
    Sheet,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The storyboard is wrong.
    #[error(transparent)]
    Storyboard(#[from] Mistakes),
    /// A job failed.
    #[error(transparent)]
    Job(#[from] afmpeg_engine::Error),
    /// Memory could not be read or written.
    #[error("cannot use the filesystem in memory: {0}")]
    Memory(#[from] io::Error),
    /// What the module has could not be told.
    #[error("cannot read what the module has: {0}")]
    Module(#[from] serde_json::Error),
    /// A path of our own is none.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Renders a storyboard whose files are in `folder`, which is only read; everything that comes of it is in memory.
///
/// `progress` is told how far a step has come, whenever that has changed. The crate's documentation has an example.
///
/// # Errors
///
/// The storyboard has mistakes, all of which are told, or a job fails.
pub fn render(
    runtime: &Runtime,
    folder: Arc<dyn Vfs>,
    storyboard: &Storyboard,
    mut progress: impl FnMut(Step, &Progress),
) -> Result<Reel, Error> {
    let memory = MemFs::new();
    let folder: Arc<dyn Vfs> = Arc::new(ReadOnly::new(folder));
    let fs: Arc<dyn Vfs> = Arc::new(Mount::new(Arc::new(memory.clone())).mount(VPath::new(FOLDER)?, folder));

    let files = Files::look(runtime, &fs, storyboard);
    let plan = Plan::of(storyboard, Some(&files))?;
    let module: Capabilities = serde_json::from_value(serde_json::to_value(runtime.capabilities()?)?)?;
    plan.check(storyboard, &module)?;

    if let Some(captions) = &plan.captions {
        memory.write(CAPTIONS, captions.clone())?;
    }
    for (step, job) in [(Step::Film, &plan.film), (Step::Sheet, &plan.sheet)] {
        run(runtime, &fs, job, plan.duration, |now| progress(step, now))?;
    }
    Ok(Reel { film: memory.read(FILM)?.into(), sheet: memory.read(SHEET)?.into(), plan })
}

fn run(
    runtime: &Runtime,
    fs: &Arc<dyn Vfs>,
    job: &Job,
    duration: Duration,
    mut progress: impl FnMut(&Progress),
) -> afmpeg_engine::Result<()> {
    let running = runtime.job(Arc::clone(fs)).args(["-nostdin", "-hide_banner"]).args(job);
    // Subtitles end when they like: only the plan knows how long the film becomes.
    let running = running.expected_duration(duration);
    let watch = running.progress();
    let handle = running.spawn()?;
    watch.for_each(|now| progress(&now));
    handle.wait().map(drop)
}
