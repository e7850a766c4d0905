//! The report of a run: JSON with every time, and a table in Markdown.

use std::{collections::BTreeMap, fmt::Write as _, fs, num::NonZero, thread};

use serde::Serialize;

use super::{
    measure::{Measured, Time},
    rows::Threads,
};

/// A finished run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: Machine,
    /// The names of the programs, with their versions.
    pub(super) theirs: String,
    pub(super) ours: String,
    /// The time that compiling our module takes, in seconds.
    pub(super) compilation: f64,
    rounds: usize,
    pub(super) rows: Vec<ReportRow>,
}

#[derive(Debug, Serialize)]
struct Machine {
    processor: String,
    processors: usize,
    system: String,
}

/// A row with its times in seconds, by round.
#[derive(Debug, Serialize)]
pub(super) struct ReportRow {
    pub(super) name: String,
    threads: Threads,
    arguments: Vec<String>,
    theirs: Times,
    ours: Times,
    /// Ratios of our time to theirs.
    pub(super) processor: Ratio,
    pub(super) elapsed: Ratio,
}

#[derive(Debug, Serialize)]
struct Times {
    processor: Vec<f64>,
    elapsed: Vec<f64>,
}

/// The ratios of the rounds: their median and their range.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Ratio {
    pub(super) median: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

impl Ratio {
    fn of(ours: &[f64], theirs: &[f64]) -> Self {
        let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let [lowest, .., highest] = ratios[..] else {
            let only = ratios.first().copied().unwrap_or(f64::NAN);
            return Self { median: only, lowest: only, highest: only };
        };
        Self { median: median(&mut ratios), lowest, highest }
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2} to {:.2})", self.median, self.lowest, self.highest)
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

impl Times {
    fn of(times: &[Time]) -> Self {
        Self {
            processor: times.iter().map(|time| time.processor.as_secs_f64()).collect(),
            elapsed: times.iter().map(|time| time.elapsed.as_secs_f64()).collect(),
        }
    }

    /// Returns the median of the processor time.
    fn typical(&self) -> f64 {
        median(&mut self.processor.clone())
    }
}

impl ReportRow {
    pub(super) fn new(measured: &Measured) -> Self {
        let (ours, theirs) = (Times::of(&measured.ours), Times::of(&measured.theirs));
        Self {
            name: measured.row.to_string(),
            threads: measured.row.threads,
            arguments: measured.row.arguments.clone(),
            processor: Ratio::of(&ours.processor, &theirs.processor),
            elapsed: Ratio::of(&ours.elapsed, &theirs.elapsed),
            theirs,
            ours,
        }
    }

    /// Returns the cells of the table: name, times and ratios.
    pub(super) fn cells(&self) -> [String; 5] {
        [
            self.name.clone(),
            format!("{:.2} s", self.theirs.typical()),
            format!("{:.2} s", self.ours.typical()),
            self.processor.to_string(),
            self.elapsed.to_string(),
        ]
    }
}

/// The headings of [`ReportRow::cells`].
pub(super) const HEADINGS: [&str; 5] =
    ["work", "theirs", "ours", "processor time, ours / theirs", "elapsed time"];

impl Report {
    pub(super) fn new(
        theirs: String,
        ours: String,
        compilation: f64,
        rounds: usize,
        rows: Vec<ReportRow>,
    ) -> Self {
        Self { machine: Machine::this(), theirs, ours, compilation, rounds, rows }
    }

    /// Returns the report in Markdown.
    pub(super) fn markdown(&self) -> String {
        let Self { machine, theirs, ours, compilation, rounds, rows } = self;
        let mut text = String::from("# The codecs bench\n\n");
        let _ = write!(
            text,
            "Written by `cargo xtask bench codecs`; `--list` prints the command lines.\n\n\
             - machine: {} processors of {}, {}\n- theirs: {theirs}\n- ours: {ours}\n\
             - compiling our module: {compilation:.1} s, once per machine\n\
             - rounds: {rounds}\n\n\
             Whole processes with their start, in alternating pairs. Times are medians of the processor \
             time of all threads; ratios are medians of the ratios of each round, with their range. Rows without \
             \"all cores\" run on one thread.\n\n",
            machine.processors, machine.processor, machine.system,
        );
        let _ = writeln!(text, "| {} |\n|---|--:|--:|--:|--:|", HEADINGS.join(" | "));
        for row in rows {
            let _ = writeln!(text, "| {} |", row.cells().join(" | "));
        }
        text
    }
}

impl Machine {
    fn this() -> Self {
        let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let facts: BTreeMap<&str, &str> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let system = rustix::system::uname();
        Self {
            processor: facts.get("model name").copied().unwrap_or("an unknown model").to_owned(),
            processors: thread::available_parallelism().map_or(1, NonZero::get),
            system: format!(
                "{} {} on {}",
                system.sysname().to_string_lossy(),
                system.release().to_string_lossy(),
                system.machine().to_string_lossy()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_is_the_median_of_the_ratios_of_each_round() {
        let ratio = Ratio::of(&[2.0, 30.0, 8.0], &[1.0, 10.0, 2.0]);
        assert_eq!((ratio.lowest, ratio.median, ratio.highest), (2.0, 3.0, 4.0));
        assert_eq!(Ratio::of(&[2.0, 8.0], &[1.0, 2.0]).median, 3.0);
        assert_eq!(Ratio::of(&[2.0], &[1.0]).median, 2.0);
    }
}
