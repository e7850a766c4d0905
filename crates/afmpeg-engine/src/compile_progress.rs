//! The progress of a compilation, for a callback and `tracing`.

use std::{fmt, sync::Arc};

use parking_lot::Mutex;
use wasmer_types::{CompilationProgress, CompilationProgressCallback};

/// A callback with the completed fraction, from 0 to 1.
type Callback = dyn Fn(f64) + Send + Sync;

/// Reports the progress of a compilation to `tracing`, and to a callback if there is one.
#[derive(Clone, Default)]
pub(crate) struct CompileProgress(Option<Arc<Callback>>);

/// The fraction of a compilation between two reports.
const STEP: f64 = 0.01;

/// The fraction between two `tracing` events.
const TRACED: f64 = 0.1;

/// The fractions that were last reported and traced.
#[derive(Default)]
struct Reported {
    part: f64,
    traced: f64,
}

impl CompileProgress {
    pub(crate) fn new(callback: impl Fn(f64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    /// Called before the first function is compiled.
    pub(crate) fn begin(&self, module: &str) {
        announce(module, is_unoptimised());
        self.report(0.0);
    }

    pub(crate) fn end(&self) {
        self.report(1.0);
    }

    fn report(&self, part: f64) {
        if let Some(callback) = &self.0 {
            callback(part);
        }
    }

    /// Returns the callback for wasmer, which calls it from several threads.
    pub(crate) fn callback(&self) -> CompilationProgressCallback {
        let (progress, reported) = (self.clone(), Mutex::new(Reported::default()));
        CompilationProgressCallback::new(move |step| {
            let Some(part) = part_of(&step) else { return Ok(()) };
            // Reported under the lock, so that it never decreases. `end` reports 1 once the module exists.
            let mut reported = reported.lock();
            if part >= reported.part + STEP && part < 1.0 {
                reported.part = part;
                progress.report(part);
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
            "compiling the module takes many minutes, because the compiler itself was built without optimisation; add \
             the table `[profile.dev.package]` of afmpeg's README to the Cargo.toml of the workspace"
        );
    } else {
        tracing::info!(module, "compiling the module; its code is cached if there is a cache");
    }
}

/// Whether the compiler is slow, assuming that it is built with this crate's `opt-level`. From 1 on, calls are inlined, and
/// a compilation does not take many minutes.
fn is_unoptimised() -> bool {
    env!("AFMPEG_OPT_LEVEL") == "0"
}

#[allow(clippy::cast_precision_loss, reason = "a fraction of so many steps needs no more digits")]
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
    fn progress_is_reported_in_small_steps_that_never_decrease() {
        let reported = Arc::new(Mutex::new(Vec::new()));
        let parts = Arc::clone(&reported);
        let progress = CompileProgress::new(move |part| parts.lock().push(part));
        progress.begin("a.wasm");
        let callback = progress.callback();
        for step in [1, 50, 40, 500, 505, 1000] {
            callback.notify(CompilationProgress::new(None, Some(1000), Some(step))).unwrap();
        }
        callback.notify(CompilationProgress::new(None, None, None)).unwrap();
        progress.end();
        assert_eq!(*reported.lock(), [0.0, 0.05, 0.5, 1.0]);
    }

    /// Collects `tracing` events as text.
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
            self.0.lock().push(text);
        }

        fn enter(&self, _: &tracing::span::Id) {}

        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[test]
    fn unoptimised_build_warns_with_the_reason_and_the_fix() {
        for (is_unoptimised, level) in [(true, "WARN"), (false, "INFO")] {
            let messages = Arc::new(Mutex::new(Vec::new()));
            let subscriber = Messages(Arc::clone(&messages));
            tracing::subscriber::with_default(subscriber, || announce("a.wasm", is_unoptimised));
            let messages = messages.lock();
            let [message] = messages.as_slice() else { panic!("{messages:?}") };
            assert!(message.starts_with(level) && message.contains("a.wasm"), "{message}");
            let helps = ["without optimisation", "[profile.dev.package]", "README"];
            for words in helps {
                assert_eq!(message.contains(words), is_unoptimised, "{message}");
            }
        }
    }
}
