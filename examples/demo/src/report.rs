//! The progress bar and the table of results.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use afmpeg_engine::Probe;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::jobs::Job;

/// A progress bar over all jobs, in milliseconds of output.
#[derive(Clone)]
pub(crate) struct Bar {
    bar: ProgressBar,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The output of finished jobs, in milliseconds.
    done: u64,
    /// An incomplete line of progress.
    line: String,
}

impl Bar {
    pub(crate) fn new(seconds: f64) -> Self {
        let bar = ProgressBar::new(milliseconds(seconds));
        if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:32} {percent:>3}% {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, state: Arc::default() }
    }

    pub(crate) fn message(&self, message: impl Into<String>) {
        self.bar.set_message(message.into());
    }

    pub(crate) fn start(&self, job: &Job) {
        self.message(format!("{}: {}", job.name, job.output));
    }

    pub(crate) fn end(&self, job: &Job) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done += milliseconds(job.seconds);
        state.line.clear();
        self.bar.set_position(state.done);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Reads FFmpeg's `-progress` lines, which arrive in pieces.
    pub(crate) fn read(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.line.push_str(&String::from_utf8_lossy(bytes));
        while let Some(end) = state.line.find('\n') {
            let line: String = state.line.drain(..=end).collect();
            let microseconds = line.trim().strip_prefix("out_time_us=").and_then(|us| us.parse::<u64>().ok());
            if let Some(microseconds) = microseconds {
                self.bar.set_position(state.done + microseconds / 1000);
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a demonstration")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
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
    pub(crate) fn new(job: &Job, probe: &Probe, bytes: usize, elapsed: Duration) -> Self {
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
        let duration = probe.duration().filter(|_| job.seconds > 0.0);
        Self { name: job.name, output: job.output, streams: codecs.join(" + "), duration, bytes, elapsed }
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
