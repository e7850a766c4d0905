//! The progress bar and the table of results.

use std::time::Duration;

use afmpeg::{Probe, Progress};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::jobs::Step;

/// A progress bar over all jobs, in milliseconds of output.
#[derive(Clone)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// The output of the jobs that have ended.
    done: u64,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new(100);
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:32} {percent:>3}% {msg}") {
            bar.set_style(style);
        }
        bar.set_message("loading the module");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, done: 0 }
    }

    /// Shows the part of the module that is compiled.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of 1, as a percentage"
    )]
    pub(crate) fn compiling(&self, part: f64) {
        self.bar.set_message("compiling the module, once");
        self.bar.set_position((part * 100.0) as u64);
    }

    /// Begins the jobs.
    pub(crate) fn begin(&self, steps: &[Step]) {
        self.bar.set_length(steps.iter().map(|step| milliseconds(step.duration)).sum());
        self.bar.set_position(0);
    }

    pub(crate) fn start(&self, step: &Step) {
        self.bar.set_message(format!("{}: {}", step.name, step.output));
    }

    pub(crate) fn show(&self, step: &Step, progress: &Progress) {
        let of_step = progress.time.unwrap_or_default().min(step.duration);
        self.bar.set_position(self.done + milliseconds(of_step));
    }

    pub(crate) fn end(&mut self, step: &Step) {
        self.done += milliseconds(step.duration);
        self.bar.set_position(self.done);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The result of one job.
pub(crate) struct Row {
    name: &'static str,
    output: &'static str,
    streams: String,
    duration: Option<Duration>,
    bytes: usize,
    elapsed: Duration,
}

impl Row {
    pub(crate) fn new(step: &Step, probe: &Probe, bytes: usize, elapsed: Duration) -> Self {
        let codecs: Vec<String> = probe
            .streams
            .iter()
            .map(|stream| {
                let codec = stream.codec_name.clone().unwrap_or_default();
                match stream.width.zip(stream.height) {
                    Some((width, height)) => format!("{codec} {width}x{height}"),
                    None => codec,
                }
            })
            .collect();
        // The duration of a picture's single frame is meaningless.
        let duration = probe.duration().filter(|_| !step.duration.is_zero());
        Self { name: step.name, output: step.output, streams: codecs.join(" + "), duration, bytes, elapsed }
    }
}

pub(crate) fn print_table(rows: &[Row]) {
    println!(
        "{:<14} {:<18} {:<28} {:>9} {:>11} {:>8} {:>7}",
        "job", "output", "streams", "duration", "size", "time", "speed"
    );
    for row in rows {
        let took = row.elapsed.as_secs_f64();
        let duration =
            row.duration.map_or_else(String::new, |length| format!("{:.2} s", length.as_secs_f64()));
        let speed =
            row.duration.map_or_else(String::new, |length| format!("{:.1}x", length.as_secs_f64() / took));
        println!(
            "{:<14} {:<18} {:<28} {duration:>9} {:>11} {:>8} {speed:>7}",
            row.name,
            row.output,
            row.streams,
            HumanBytes(row.bytes as u64).to_string(),
            format!("{took:.2} s"),
        );
    }
}
