//! Interrupts: the first ends FFmpeg in good order, the second at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use afmpeg_engine::CancelToken;

/// Whether a signal has come that ends the program.
pub(crate) struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// Lets the signals that end a program end the jobs of `cancel` instead. `SIGQUIT` is one of them only where keys are
    /// read, as in FFmpeg: the terminal must be restored.
    #[cfg(unix)]
    pub(crate) fn watch(cancel: &CancelToken, with_keys: bool) -> Self {
        use signal_hook::{
            consts::signal::{SIGINT, SIGQUIT, SIGTERM},
            iterator::Signals,
        };

        let come = Arc::new(AtomicBool::new(false));
        let signals = [SIGINT, SIGTERM].into_iter().chain(with_keys.then_some(SIGQUIT));
        // Where they cannot be watched, they end the program as they always do.
        if let Ok(mut signals) = Signals::new(signals) {
            let (come, cancel) = (Arc::clone(&come), cancel.clone());
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    if come.swap(true, Ordering::SeqCst) {
                        cancel.cancel();
                    } else {
                        cancel.finish();
                    }
                }
            });
        }
        Self(come)
    }

    /// Elsewhere an interrupt ends the program.
    #[cfg(not(unix))]
    pub(crate) fn watch(_: &CancelToken, _: bool) -> Self {
        Self(Arc::default())
    }

    pub(crate) fn has_come(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
