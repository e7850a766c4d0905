//! Interrupts of jobs.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use afmpeg_engine::CancelToken;

/// The number of signals after which the process exits at once, as FFmpeg does: a call to a server or a disk may block a job
/// that is to end.
#[cfg(unix)]
const LAST_SIGNAL: usize = 4;

/// FFmpeg's exit code after that signal.
#[cfg(unix)]
const EXIT_CODE: i32 = 123;

/// Whether a terminating signal has been received.
pub(crate) struct Interrupts(Arc<AtomicBool>);

impl Interrupts {
    /// Redirects terminating signals to the jobs of `cancel`: the first lets them finish, a second cancels them. `SIGQUIT`
    /// is included only while keys are read, as in FFmpeg: the terminal must be restored.
    #[cfg(unix)]
    pub(crate) fn watch(cancel: &CancelToken, with_keys: bool) -> Self {
        let cancel = cancel.clone();
        Self::on(with_keys, move |is_first| if is_first { cancel.finish() } else { cancel.cancel() })
    }

    /// Redirects terminating signals to the jobs of `cancel`: the first cancels them.
    #[cfg(unix)]
    pub(crate) fn cancelling(cancel: &CancelToken) -> Self {
        let cancel = cancel.clone();
        Self::on(false, move |_| cancel.cancel())
    }

    /// Redirects terminating signals: the first cancels `first`, and the others `second`.
    #[cfg(all(unix, feature = "fleet"))]
    pub(crate) fn in_turn(first: &CancelToken, second: &CancelToken) -> Self {
        let (first, second) = (first.clone(), second.clone());
        Self::on(false, move |is_first| if is_first { first.cancel() } else { second.cancel() })
    }

    /// Calls `end` for each terminating signal, with whether it is the first.
    #[cfg(unix)]
    fn on(with_keys: bool, end: impl Fn(bool) + Send + 'static) -> Self {
        use signal_hook::{
            consts::signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
            iterator::Signals,
        };

        let received = Arc::new(AtomicBool::new(false));
        let hangup = (!ignores_hangup()).then_some(SIGHUP);
        let signals = [SIGINT, SIGTERM].into_iter().chain(hangup).chain(with_keys.then_some(SIGQUIT));
        // Signals that cannot be watched end the program as usual.
        if let Ok(mut signals) = Signals::new(signals) {
            let received = Arc::clone(&received);
            std::thread::spawn(move || {
                for (number, _) in (1..).zip(signals.forever()) {
                    end(!received.swap(true, Ordering::SeqCst));
                    if number == LAST_SIGNAL {
                        std::process::exit(EXIT_CODE);
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

    /// Does nothing on other systems.
    #[cfg(all(not(unix), feature = "fleet"))]
    pub(crate) fn in_turn(_: &CancelToken, _: &CancelToken) -> Self {
        Self(Arc::default())
    }

    /// Does nothing on other systems.
    #[cfg(not(unix))]
    pub(crate) fn cancelling(_: &CancelToken) -> Self {
        Self(Arc::default())
    }

    pub(crate) fn received(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Whether `SIGHUP` is ignored, as `nohup` ensures: a handler would undo that. Where this is unknown, the signal is left
/// alone.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The lowest bit is signal 1, which is SIGHUP.
    mask.is_none_or(|mask| mask & 1 == 1)
}
