//! The progress of a compilation, as a callback and `tracing` receive it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use wasmer_types::{CompilationProgress, CompilationProgressCallback};

/// Receives the part that is done, from 0 to 1.
type Callback = dyn Fn(f64) + Send + Sync;

/// Reports the progress of a compilation to `tracing`, and to a callback if there is one.
#[derive(Clone, Default)]
pub(crate) struct CompileProgress(Option<Arc<Callback>>);

/// How much of a compilation passes between two reports.
const STEP: f64 = 0.01;

/// How much passes between two events of `tracing`.
const TRACED: f64 = 0.1;

/// The part that was reported, and the part that was traced.
#[derive(Default)]
struct Reported {
    part: f64,
    traced: f64,
}

impl CompileProgress {
    pub(crate) fn new(callback: impl Fn(f64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    /// Before the first function is compiled.
    pub(crate) fn begin(&self, module: &str) {
        if is_unoptimised() {
            tracing::warn!(
                module,
                "compiling the module takes many minutes: the compiler itself was built without optimisation; put \
                 `[profile.dev.package.\"*\"]` with `opt-level = 3` into the Cargo.toml of the workspace"
            );
        } else {
            tracing::info!(module, "compiling the module; its code is kept for later where there is a cache");
        }
        self.tell(0.0);
    }

    pub(crate) fn end(&self) {
        self.tell(1.0);
    }

    fn tell(&self, part: f64) {
        if let Some(callback) = &self.0 {
            callback(part);
        }
    }

    /// What wasmer calls from its threads.
    pub(crate) fn callback(&self) -> CompilationProgressCallback {
        let (progress, reported) = (self.clone(), Mutex::new(Reported::default()));
        CompilationProgressCallback::new(move |step| {
            let Some(part) = part_of(&step) else { return Ok(()) };
            // Reported under the lock, so that it never goes back. The end is reported once the module exists.
            let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
            if part >= reported.part + STEP && part < 1.0 {
                reported.part = part;
                progress.tell(part);
            }
            if part >= reported.traced + TRACED {
                reported.traced = part;
                tracing::info!(part, "compiling the module");
            }
            Ok(())
        })
    }
}

/// Whether the compiler, built like this crate in the usual profiles, is slow.
fn is_unoptimised() -> bool {
    env!("AFMPEG_OPT_LEVEL") == "0"
}

#[allow(clippy::cast_precision_loss, reason = "a part of so many steps needs no more digits")]
fn part_of(step: &CompilationProgress) -> Option<f64> {
    let (done, all) = (step.phase_step()?, step.phase_step_count()?);
    (all > 0).then(|| done as f64 / all as f64)
}

impl fmt::Debug for CompileProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompileProgress").field(&self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_small_steps_that_never_go_back() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let parts = Arc::clone(&told);
        let progress = CompileProgress::new(move |part| parts.lock().unwrap().push(part));
        progress.begin("a.wasm");
        let callback = progress.callback();
        for step in [1, 50, 40, 500, 505, 1000] {
            callback.notify(CompilationProgress::new(None, Some(1000), Some(step))).unwrap();
        }
        callback.notify(CompilationProgress::new(None, None, None)).unwrap();
        progress.end();
        assert_eq!(*told.lock().unwrap(), [0.0, 0.05, 0.5, 1.0]);
    }
}
