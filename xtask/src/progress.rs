//! Progress of long tasks: a line with the time of each step.

use std::{
    io::IsTerminal as _,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// The lines of running steps, at the bottom of the terminal.
static RUNNING: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Prints a line to standard error, above the lines of running steps.
pub(crate) fn print(line: &str) {
    RUNNING.suspend(|| eprintln!("{line}"));
}

/// A counter of the steps of a task, some of which can run at once.
#[derive(Debug)]
pub(crate) struct Progress {
    task: String,
    step: AtomicUsize,
    steps: usize,
}

impl Progress {
    pub(crate) fn new(task: impl Into<String>, steps: usize) -> Self {
        Self { task: task.into(), step: AtomicUsize::new(0), steps }
    }

    /// Runs the next step. On a terminal its line ticks meanwhile; elsewhere, such as in a log, a line also marks its start.
    pub(crate) fn step<T>(&self, name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let label = self.next(name);
        let spinner = RUNNING.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template("{msg} {elapsed} {spinner}") {
            spinner.set_style(style);
        }
        spinner.set_message(label.clone());
        spinner.enable_steady_tick(Duration::from_millis(250));

        if !std::io::stderr().is_terminal() {
            print(&format!("{label}..."));
        }
        let started = Instant::now();
        let done = work();
        spinner.finish_and_clear();
        let outcome = if done.is_ok() { "" } else { ", failed" };
        print(&format!("{label}: {:.1} s{outcome}", started.elapsed().as_secs_f64()));
        done
    }

    /// Prints the next step, which needs no work.
    pub(crate) fn skip(&self, name: &str) {
        let label = self.next(name);
        print(&label);
    }

    fn next(&self, name: &str) -> String {
        let step = self.step.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{} [{step:>2}/{}] {name}", self.task, self.steps)
    }
}
