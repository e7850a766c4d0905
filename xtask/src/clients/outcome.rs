//! Outcomes of tests, as the plugin of pytest writes them.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

/// The outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Passed,
    Failed,
    Skipped,
    LeftOut,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::LeftOut => "left out",
        })
    }
}

/// The outcome of a test, and the reason for which it failed or was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    test: String,
    outcome: Outcome,
    reason: String,
}

/// The outcomes of a run, by the names of the tests.
pub(super) type Outcomes = BTreeMap<String, Ended>;

/// Reads a file of the plugin: a line of JSON for each test.
pub(super) fn read(path: &Path) -> anyhow::Result<Outcomes> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> anyhow::Result<Outcomes> {
    let mut outcomes = Outcomes::new();
    for line in text.lines() {
        let Line { test, outcome, reason } = serde_json::from_str(line)?;
        let known = outcomes.insert(test.clone(), Ended { outcome, reason });
        // A name that stands for several tests is left out once for each.
        let is_twice = known.is_some_and(|known| known.outcome != Outcome::LeftOut);
        anyhow::ensure!(!is_twice, "{test} has two outcomes");
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(test: &str, outcome: &str) -> String {
        format!("{{\"test\": \"{test}\", \"outcome\": \"{outcome}\", \"reason\": \"\"}}\n")
    }

    #[test]
    fn each_line_is_the_outcome_of_a_test() {
        let text = line("a", "passed") + &line("b", "left-out") + &line("b", "left-out");
        let outcomes = parse(&text).unwrap();
        assert_eq!(outcomes["a"].outcome, Outcome::Passed);
        assert_eq!(outcomes["b"].outcome, Outcome::LeftOut);
        assert_eq!(outcomes.len(), 2);
    }

    #[test]
    fn two_outcomes_of_one_test_are_refused() {
        let text = line("a", "passed") + &line("a", "failed");
        assert_eq!(parse(&text).unwrap_err().to_string(), "a has two outcomes");
    }
}
