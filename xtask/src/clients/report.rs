//! The results of all clients: a table, and the outcomes by name.

use std::{fmt::Write as _, time::Duration};

use comfy_table::{Cell, CellAlignment, Table, presets};

use super::{
    outcome::{Ended, Outcome},
    verdict::Verdict,
};

const HEADS: [&str; 10] = [
    "client",
    "version",
    "tests",
    "passed on both",
    "failed on both",
    "skipped on both",
    "left out",
    "different",
    "native, s",
    "afmpeg, s",
];

/// A compared client, with the times of its runs.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) verdict: &'a Verdict<'a>,
    pub(super) native: Duration,
    pub(super) afmpeg: Duration,
}

/// Returns a line for each client.
pub(super) fn table(rows: &[Row<'_>]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(HEADS);
    for Row { verdict, native, afmpeg } in rows {
        let left_out = verdict.count(Outcome::LeftOut);
        let counts = [
            verdict.pairs.len() - left_out,
            verdict.count(Outcome::Passed),
            verdict.count(Outcome::Failed),
            verdict.count(Outcome::Skipped),
            left_out,
            verdict.differences().count(),
        ];
        let seconds = [native, afmpeg].map(|time| format!("{:.0}", time.as_secs_f64()));
        let numbers = counts.iter().map(usize::to_string).chain(seconds);
        let words = [&verdict.client.name, &verdict.client.version].map(Cell::new);
        let numbers = numbers.map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row(words.into_iter().chain(numbers));
    }
    table
}

/// Returns the outcomes of all tests of a client by name, with the reasons of those that did not pass.
pub(super) fn by_name(verdict: &Verdict<'_>) -> String {
    let mut text = format!("{} {}\n", verdict.client.name, verdict.client.version);
    for left_out in &verdict.client.left_out {
        for test in &left_out.tests {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {test}: left out: {}", left_out.reason);
        }
    }
    for (test, pair) in &verdict.pairs {
        let has = |outcome| [pair.native, pair.afmpeg].iter().flatten().any(|ended| ended.outcome == outcome);
        if has(Outcome::LeftOut) {
            continue;
        }
        let _ = writeln!(text, "    {test}: {pair}");
        for (name, ended) in [("native", pair.native), ("afmpeg", pair.afmpeg)] {
            if let Some(Ended { reason, .. }) = ended
                && !reason.is_empty()
            {
                let _ = writeln!(text, "        {name}: {}", reason.replace('\n', "\n            "));
            }
        }
    }
    text
}
