//! The table, as text and as JSON.

use std::time::Duration;

use serde::Serialize;

use super::jobs::{Need, Threads, Work};
use crate::{failure::Failure, job_result};

/// The programs and the machine.
pub(super) struct Head {
    /// The version of the module's FFmpeg.
    pub(super) ffmpeg: String,
    /// The version and the path of the installed one.
    pub(super) native: Option<(String, String)>,
    pub(super) processors: usize,
    pub(super) rounds: u32,
}

/// The best times of a job.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    job: &'static str,
    threads: Threads,
    seconds: Option<f64>,
    native_seconds: Option<f64>,
    /// Our time divided by the native one.
    ratio: Option<f64>,
    /// The components that a program lacks.
    missing: Vec<Missing>,
}

#[derive(Debug, Serialize)]
struct Missing {
    /// `module` or `native`.
    program: &'static str,
    kind: String,
    name: &'static str,
}

#[derive(Serialize)]
struct Report<'a> {
    afmpeg: &'static str,
    ffmpeg: &'a str,
    native: Option<Program<'a>>,
    processors: usize,
    rounds: u32,
    jobs: &'a [Row],
}

#[derive(Serialize)]
struct Program<'a> {
    version: &'a str,
    path: &'a str,
}

/// Returns the table as one line of JSON.
pub(super) fn line(head: &Head, rows: &[Row]) -> Result<String, Failure> {
    job_result::to_line(&Report {
        afmpeg: env!("CARGO_PKG_VERSION"),
        ffmpeg: &head.ffmpeg,
        native: head.native.as_ref().map(|(version, path)| Program { version, path }),
        processors: head.processors,
        rounds: head.rounds,
        jobs: rows,
    })
}

impl Head {
    /// Returns the lines above the rows.
    pub(super) fn text(&self) -> String {
        let rounds = match self.rounds {
            1 => "one round".to_owned(),
            rounds => format!("best of {rounds} rounds"),
        };
        let jobs = format!("afmpeg {}, FFmpeg {}; {rounds}", env!("CARGO_PKG_VERSION"), self.ffmpeg);
        match &self.native {
            Some((version, path)) => format!(
                "{jobs}\nnative: FFmpeg {version}, {path}\n\n{:<22}  {:<10}  {:>9}  {:>9}  {:>6}\n",
                "job", "threads", "afmpeg", "native", "ratio"
            ),
            None => format!(
                "{jobs}\nno native FFmpeg in PATH to compare with: name one with --native\n\n\
                 {:<22}  {:<10}  {:>9}\n",
                "job", "threads", "afmpeg"
            ),
        }
    }
}

impl Row {
    pub(super) fn new(work: &Work, threads: Threads) -> Self {
        let (seconds, native_seconds, ratio, missing) = Default::default();
        Self { job: work.name, threads, seconds, native_seconds, ratio, missing }
    }

    /// Notes that a program lacks a component.
    pub(super) fn lacks(&mut self, program: &'static str, need: Need) {
        self.missing.push(Missing { program, kind: need.kind.to_string(), name: need.name });
    }

    /// Adds a time of the module.
    pub(super) fn add(&mut self, time: Duration) {
        self.seconds = best(self.seconds, time);
        self.compare();
    }

    /// Adds a time of the native program.
    pub(super) fn add_native(&mut self, time: Duration) {
        self.native_seconds = best(self.native_seconds, time);
        self.compare();
    }

    fn compare(&mut self) {
        self.ratio = self.seconds.zip(self.native_seconds).map(|(ours, native)| ours / native);
    }

    /// Returns the row as a line.
    pub(super) fn text(&self, has_native: bool) -> String {
        let time = |seconds: Option<f64>| seconds.map_or("absent".to_owned(), |it| format!("{it:.3} s"));
        let (job, threads, ours) = (self.job, self.threads.name(), time(self.seconds));
        if !has_native {
            return format!("{job:<22}  {threads:<10}  {ours:>9}\n");
        }
        let ratio = self.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}x"));
        let line =
            format!("{job:<22}  {threads:<10}  {ours:>9}  {:>9}  {ratio:>6}", time(self.native_seconds));
        format!("{}\n", line.trim_end())
    }
}

fn best(known: Option<f64>, time: Duration) -> Option<f64> {
    let seconds = time.as_secs_f64();
    Some(known.map_or(seconds, |known| known.min(seconds)))
}

#[cfg(test)]
mod tests {
    use super::{super::jobs::JOBS, *};

    #[test]
    fn best_times_are_compared_and_absent_ones_are_shown() {
        let millis = Duration::from_millis;
        let mut row = Row::new(&JOBS[0], Threads::One);
        assert_eq!(row.text(true), "decode H.264            one thread     absent     absent\n");
        [900, 600, 750].map(millis).into_iter().for_each(|time| row.add(time));
        assert_eq!(row.text(true), "decode H.264            one thread    0.600 s     absent\n");
        [400, 500].map(millis).into_iter().for_each(|time| row.add_native(time));
        assert_eq!(row.text(true), "decode H.264            one thread    0.600 s    0.400 s   1.50x\n");
        assert_eq!(row.text(false), "decode H.264            one thread    0.600 s\n");
    }
}
