//! Parses the output of `-progress`: `key=value` lines, with the key `progress` at the end of each report.

use std::time::{Duration, Instant};

use super::{JobState, Progress};

/// The longest line of a report, in bytes; the rest of a line is ignored.
const MAX_LINE: usize = 1 << 10;

/// The largest fraction before the job has succeeded.
const ALMOST: f64 = 0.999;

/// Parses every report into a [`Progress`].
#[derive(Debug)]
pub(crate) struct ReportReader {
    line: Vec<u8>,
    progress: Progress,
    started: Instant,
    expected: Option<Duration>,
}

impl ReportReader {
    /// Creates a reader for a job that starts now, with an output of the duration `expected`, if known.
    pub(crate) fn new(expected: Option<Duration>) -> Self {
        let progress =
            Progress { state: JobState::Running, fraction: expected.map(|_| 0.0), ..Progress::default() };
        Self { line: Vec::new(), progress, started: Instant::now(), expected }
    }

    /// Returns the progress before the first report.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Processes a write, and calls `report` for every completed report.
    pub(crate) fn write(&mut self, bytes: &[u8], mut report: impl FnMut(&Progress)) {
        for &byte in bytes {
            if byte != b'\n' {
                if self.line.len() < MAX_LINE {
                    self.line.push(byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if let Some((key, value)) = std::str::from_utf8(&line).ok().and_then(|line| line.split_once('='))
            {
                self.take(key.trim(), value.trim(), &mut report);
            }
        }
    }

    fn take(&mut self, key: &str, value: &str, report: &mut impl FnMut(&Progress)) {
        let now = &mut self.progress;
        // `N/A` and other text that is not a number keep the last value.
        match key {
            "frame" => keep_largest(&mut now.frame, value.parse().ok()),
            "fps" => now.fps = value.parse().ok().filter(|fps: &f64| fps.is_finite()).or(now.fps),
            "total_size" => keep_largest(&mut now.bytes, value.parse().ok()),
            // Negative before the first timestamp of an output that starts before zero.
            "out_time_us" => {
                let time =
                    value.parse::<i64>().ok().map(|us| Duration::from_micros(us.max(0).cast_unsigned()));
                keep_largest(&mut now.time, time);
            }
            "dup_frames" => keep_largest(&mut now.dup, value.parse().ok()),
            "drop_frames" => keep_largest(&mut now.drop, value.parse().ok()),
            "speed" => {
                let speed = value.trim_end_matches('x').trim().parse().ok();
                now.speed = speed.filter(|speed: &f64| speed.is_finite()).or(now.speed);
            }
            "progress" => {
                self.estimate();
                report(&self.progress);
            }
            _ => {}
        }
    }

    fn estimate(&mut self) {
        let now = &mut self.progress;
        now.elapsed = self.started.elapsed();
        let (Some(expected), Some(time)) = (self.expected, now.time) else { return };
        if expected.is_zero() {
            return;
        }
        let done = (time.as_secs_f64() / expected.as_secs_f64()).min(ALMOST).max(now.fraction.unwrap_or(0.0));
        now.fraction = Some(done);
        now.eta = (done > 0.0)
            .then(|| Duration::try_from_secs_f64(now.elapsed.as_secs_f64() * (1.0 - done) / done).ok())
            .flatten();
    }
}

fn keep_largest<T: PartialOrd>(largest: &mut Option<T>, new: Option<T>) {
    if new.is_some() && new > *largest {
        *largest = new;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &str = "frame=25\nfps=50.00\nstream_0_0_q=28.0\nbitrate=N/A\ntotal_size=4096\nout_time_us=1000000\n\
        out_time_ms=1000000\nout_time=00:00:01.000000\ndup_frames=1\ndrop_frames=2\nspeed=2.01x\nprogress=continue\n";

    fn read(reader: &mut ReportReader, text: &str) -> Vec<Progress> {
        let mut seen = Vec::new();
        reader.write(text.as_bytes(), |progress| seen.push(progress.clone()));
        seen
    }

    #[test]
    fn report_has_the_values_of_ffmpeg() {
        let seen = read(&mut ReportReader::new(None), REPORT);
        let [progress] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((progress.frame, progress.fps, progress.speed), (Some(25), Some(50.0), Some(2.01)));
        assert_eq!((progress.bytes, progress.dup, progress.drop), (Some(4096), Some(1), Some(2)));
        assert_eq!(progress.time, Some(Duration::from_secs(1)));
        assert_eq!((progress.fraction, progress.eta), (None, None));
    }

    #[test]
    fn fraction_of_the_expected_duration_is_below_one() {
        let mut reader = ReportReader::new(Some(Duration::from_secs(4)));
        let progress = read(&mut reader, REPORT).remove(0);
        assert_eq!(progress.fraction, Some(0.25));
        assert!(progress.eta.is_some());
        let late = read(&mut reader, "out_time_us=9000000\nprogress=end\n").remove(0);
        assert_eq!(late.fraction, Some(ALMOST));
    }

    #[test]
    fn unknown_values_are_none() {
        let seen =
            read(&mut ReportReader::new(None), "out_time_us=N/A\nspeed=N/A\nfps=nan\nprogress=continue\n");
        assert_eq!((seen[0].time, seen[0].speed, seen[0].fps), (None, None, None));
    }

    proptest! {
        #[test]
        fn progress_never_decreases_and_no_report_is_lost(
            times in prop::collection::vec(-10_000_000i64..10_000_000, 1..20),
            noise in "[ -~]{0,40}",
            cut in 1usize..9,
        ) {
            let text: String =
                times.iter().map(|us| format!("{noise}\nout_time_us={us}\nprogress=continue\n")).collect();
            let mut reader = ReportReader::new(Some(Duration::from_secs(5)));
            let mut seen = Vec::new();
            for piece in text.as_bytes().chunks(cut) {
                reader.write(piece, |progress| seen.push(progress.clone()));
            }
            prop_assert!(seen.len() >= times.len());
            prop_assert!(seen.windows(2).all(|two| two[0].time <= two[1].time));
            prop_assert!(seen.windows(2).all(|two| two[0].fraction <= two[1].fraction));
            prop_assert!(seen.iter().all(|progress| progress.fraction < Some(1.0)));
        }
    }
}
