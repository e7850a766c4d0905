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
        announce(module, is_unoptimised());
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

fn announce(module: &str, is_unoptimised: bool) {
    if is_unoptimised {
        tracing::warn!(
            module,
            "compiling the module takes many minutes: the compiler itself was built without optimisation; put \
             `[profile.dev.package.\"*\"]` with `opt-level = 3` into the Cargo.toml of the workspace"
        );
    } else {
        tracing::info!(module, "compiling the module; its code is kept for later where there is a cache");
    }
}

/// Whether the compiler, built like this crate in the usual profiles, is slow. From `opt-level = 1` on, calls are inlined,
/// and the compile takes longer, but not many minutes.
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

    /// Keeps what `tracing` gets as text.
    struct Messages(Arc<Mutex<Vec<String>>>);

    impl tracing::Subscriber for Messages {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }

        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

        fn event(&self, event: &tracing::Event<'_>) {
            let mut text = event.metadata().level().to_string();
            event.record(&mut |field: &tracing::field::Field, value: &dyn fmt::Debug| {
                text += &format!(" {field}={value:?}");
            });
            self.0.lock().unwrap().push(text);
        }

        fn enter(&self, _: &tracing::span::Id) {}

        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[test]
    fn unoptimised_build_says_why_it_is_slow_and_which_lines_help() {
        for (is_unoptimised, level) in [(true, "WARN"), (false, "INFO")] {
            let messages = Arc::new(Mutex::new(Vec::new()));
            let subscriber = Messages(Arc::clone(&messages));
            tracing::subscriber::with_default(subscriber, || announce("a.wasm", is_unoptimised));
            let messages = messages.lock().unwrap();
            let [message] = messages.as_slice() else { panic!("{messages:?}") };
            assert!(message.starts_with(level) && message.contains("a.wasm"), "{message}");
            let helps = ["without optimisation", "[profile.dev.package.\"*\"]", "opt-level = 3"];
            for words in helps {
                assert_eq!(message.contains(words), is_unoptimised, "{message}");
            }
        }
    }
}
