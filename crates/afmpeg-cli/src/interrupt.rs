//! Interrupts: the first lets FFmpeg finish its output, the second stops it immediately.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use afmpeg_engine::CancelToken;

/// Whether a terminating signal has been received.
pub(crate) struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// Redirects terminating signals to the jobs of `cancel`. `SIGQUIT` is included only while keys are read, as in
    /// FFmpeg: the terminal must be restored.
    #[cfg(unix)]
    pub(crate) fn watch(cancel: &CancelToken, with_keys: bool) -> Self {
        use signal_hook::{
            consts::signal::{SIGINT, SIGQUIT, SIGTERM},
            iterator::Signals,
        };

        let received = Arc::new(AtomicBool::new(false));
        let signals = [SIGINT, SIGTERM].into_iter().chain(with_keys.then_some(SIGQUIT));
        // Signals that cannot be watched end the program as usual.
        if let Ok(mut signals) = Signals::new(signals) {
            let (received, cancel) = (Arc::clone(&received), cancel.clone());
            std::thread::spawn(move || {
                for _ in signals.forever() {
                    if received.swap(true, Ordering::SeqCst) {
                        cancel.cancel();
                    } else {
                        cancel.finish();
                    }
                }
            });
        }
        Self(received)
    }

    /// Does nothing on other systems, where an interrupt ends the program.
    #[cfg(not(unix))]
    pub(crate) fn watch(_: &CancelToken, _: bool) -> Self {
        Self(Arc::default())
    }

    pub(crate) fn received(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
