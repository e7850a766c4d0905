use std::{io, sync::Arc, time::Duration};

use afmpeg_cmd::Command;
use afmpeg_engine::{Progress, Runtime, Tool};
use afmpeg_vfs::{MemFs, Mount, PathError, ReadOnly, VPath, Vfs, VfsExt as _};

use crate::{
    Mistakes, Plan, Storyboard,
    files::Files,
    plan::{CAPTIONS, FILM, FOLDER, SHEET},
};

/// A rendered film and its contact sheet.
#[derive(Debug, Clone)]
pub struct Reel {
    /// An MP4 file with the index at the front.
    pub film: Vec<u8>,
    /// A PNG file.
    pub sheet: Vec<u8>,
    /// The commands that were run.
    pub plan: Plan,
}

/// A step of rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rendering the film.
    Film,
    /// Rendering the contact sheet from the film.
    Sheet,
}

/// An error of [`render`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The storyboard has mistakes.
    #[error(transparent)]
    Storyboard(#[from] Mistakes),
    /// A job failed.
    #[error(transparent)]
    Job(#[from] afmpeg_engine::Error),
    /// The filesystem in memory could not be read or written.
    #[error("cannot use the filesystem in memory: {0}")]
    Memory(#[from] io::Error),
    /// A path of the program itself is invalid.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Renders a storyboard with the files in `folder`, which is only read; the results are in memory.
///
/// `progress` is called whenever the progress of a step changes. The crate's documentation has an example.
///
/// # Errors
///
/// All mistakes of the storyboard, or the error of a job.
pub fn render(
    runtime: &Runtime,
    folder: Arc<dyn Vfs>,
    storyboard: &Storyboard,
    mut progress: impl FnMut(Step, &Progress),
) -> Result<Reel, Error> {
    let memory = MemFs::new();
    let folder: Arc<dyn Vfs> = Arc::new(ReadOnly::new(folder));
    let fs: Arc<dyn Vfs> = Arc::new(Mount::new(Arc::new(memory.clone())).mount(VPath::new(FOLDER)?, folder));

    let files = Files::probe(runtime, &fs, storyboard);
    let plan = Plan::of(storyboard, Some(&files))?;
    plan.check(storyboard, runtime.capabilities()?)?;

    if let Some(captions) = &plan.captions {
        memory.write(CAPTIONS, captions.clone())?;
    }
    for (step, command) in [(Step::Film, &plan.film), (Step::Sheet, &plan.sheet)] {
        run(runtime, &fs, command, plan.duration, |now| progress(step, now))?;
    }
    Ok(Reel { film: memory.read(FILM)?.into(), sheet: memory.read(SHEET)?.into(), plan })
}

fn run(
    runtime: &Runtime,
    fs: &Arc<dyn Vfs>,
    command: &Command,
    duration: Duration,
    mut progress: impl FnMut(&Progress),
) -> afmpeg_engine::Result<()> {
    let running =
        runtime.job(Arc::clone(fs)).args(Tool::Ffmpeg.unattended_args().iter().copied()).args(command);
    // Subtitles have no known end, so the duration comes from the plan.
    let running = running.expected_duration(duration);
    let watch = running.progress();
    let handle = running.spawn()?;
    watch.for_each(|now| progress(&now));
    handle.wait().map(drop)
}
