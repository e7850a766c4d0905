//! The progress of a job, on a terminal.

use std::{borrow::Cow, thread, time::Duration};

use afmpeg_engine::{Job, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The resolution of the bar.
const STEPS: u64 = 1_000;

/// A progress bar on the standard error, which shows nothing unless that is a terminal. It disappears with this value.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(step: impl Into<Cow<'static, str>>, is_hidden: bool) -> Self {
        let bar = match is_hidden {
            true => ProgressBar::hidden(),
            false => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
        };
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {spinner} {prefix} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(step);
        bar.tick();
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Shows the completed fraction, or the time and frames where the end is not known.
    pub(crate) fn show(&self, progress: &Progress) {
        let Some(fraction) = progress.fraction.filter(|_| progress.time.is_some()) else {
            let frames = progress.frame.filter(|frames| *frames > 0).map(|frames| format!("{frames} frames"));
            self.0.set_message(frames.unwrap_or_default());
            return;
        };
        self.show_fraction(fraction);
        let left = progress.eta.map(|left| format!("{} s left", left.as_secs() + 1));
        self.0.set_message(left.unwrap_or_default());
    }

    /// Shows the completed fraction, from 0 to 1.
    pub(crate) fn show_fraction(&self, fraction: f64) {
        if self.0.length().is_none() {
            let template = "{elapsed:>4} {prefix} {bar:32} {percent:>3}% {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.0.set_style(style);
            }
            self.0.set_length(STEPS);
        }
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a fraction is from 0 to 1"
        )]
        self.0.set_position((fraction * STEPS as f64) as u64);
    }

    /// Shows the progress of a job while `run` runs it.
    pub(crate) fn during<T>(&self, job: Job, run: impl FnOnce(Job) -> T) -> T {
        let progress = job.progress();
        thread::scope(|scope| {
            scope.spawn(|| progress.for_each(|progress| self.show(&progress)));
            run(job)
        })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
