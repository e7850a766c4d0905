//! What the results of a run amount to.

use std::{collections::BTreeMap, fmt};

use super::known::KnownFailures;

/// How one test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    /// The whole report: where the output differs, then what the program said.
    Failed(String),
}

/// The results of a run beside what was expected of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    passed: usize,
    unexplained: Vec<String>,
    /// Tests that failed, with the known cause.
    explained: Vec<(String, String)>,
    /// Tests that passed although a cause is known for which they must fail.
    passing_now: Vec<String>,
    /// Tests that left no result: what they need could not be made.
    not_run: Vec<String>,
}

impl Verdict {
    /// Judges every test that ran, and every one of `asked` that did not.
    pub(super) fn of(asked: &[String], results: &BTreeMap<String, Outcome>, known: &KnownFailures) -> Self {
        let mut verdict = Self {
            passed: 0,
            unexplained: Vec::new(),
            explained: Vec::new(),
            passing_now: Vec::new(),
            not_run: Vec::new(),
        };
        for (test, outcome) in results {
            match (outcome, known.cause(test)) {
                (Outcome::Passed, cause) => {
                    verdict.passed += 1;
                    verdict.passing_now.extend(cause.map(|_| test.clone()));
                }
                (Outcome::Failed(_), Some(cause)) => verdict.explained.push((test.clone(), cause.to_owned())),
                (Outcome::Failed(_), None) => verdict.unexplained.push(test.clone()),
            }
        }
        for test in asked.iter().filter(|test| !results.contains_key(*test)) {
            match known.cause(test) {
                Some(cause) => verdict.explained.push((test.clone(), cause.to_owned())),
                None => verdict.not_run.push(test.clone()),
            }
        }
        verdict
    }

    /// Whether all that failed is explained, and all that is explained failed.
    pub(super) fn is_good(&self) -> bool {
        self.unexplained.is_empty() && self.passing_now.is_empty() && self.not_run.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (test, cause) in &self.explained {
            writeln!(f, "explained: {test}: {cause}")?;
        }
        for test in &self.unexplained {
            writeln!(f, "failed: {test}")?;
        }
        for test in &self.not_run {
            writeln!(f, "not run: {test}: what it needs could not be made")?;
        }
        for test in &self.passing_now {
            writeln!(f, "passes now: {test}; take it out of known-failures.toml")?;
        }
        let failed = self.explained.len() + self.unexplained.len() + self.not_run.len();
        write!(f, "FATE: {} passed, {failed} failed", self.passed)?;
        match self.explained.len() {
            0 => writeln!(f),
            explained => writeln!(f, ", {explained} of them explained"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn verdict(asked: &[&str], passed: &[&str], failed: &[&str], known: &[&str]) -> Verdict {
        let mut results: BTreeMap<String, Outcome> =
            passed.iter().map(|&name| (name.to_owned(), Outcome::Passed)).collect();
        results.extend(failed.iter().map(|&name| (name.to_owned(), Outcome::Failed("-a\n+b".to_owned()))));
        let known: String = known
            .iter()
            .map(|name| format!("[[failure]]\ntests = ['{name}']\ncause = 'because'\n"))
            .collect();
        Verdict::of(&names(asked), &results, &KnownFailures::parse(&known).unwrap())
    }

    #[test]
    fn run_is_good_when_all_passed_or_is_explained() {
        let all_passed = verdict(&["a", "b"], &["a", "b"], &[], &[]);
        assert!(all_passed.is_good());
        assert_eq!(all_passed.to_string(), "FATE: 2 passed, 0 failed\n");
        let explained = verdict(&["a", "b"], &["a"], &["b"], &["b", "not-asked-for"]);
        assert!(explained.is_good());
        assert_eq!(
            explained.to_string(),
            "explained: b: because\nFATE: 1 passed, 1 failed, 1 of them explained\n"
        );
    }

    #[test]
    fn run_is_bad_when_a_failure_is_not_explained() {
        let verdict = verdict(&["a", "b"], &["a"], &["b"], &[]);
        assert!(!verdict.is_good());
        assert_eq!(verdict.to_string(), "failed: b\nFATE: 1 passed, 1 failed\n");
    }

    #[test]
    fn run_is_bad_when_an_explained_failure_passes() {
        let verdict = verdict(&["a"], &["a"], &[], &["a"]);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().contains("passes now: a"), "{verdict}");
        assert!(verdict.to_string().ends_with("FATE: 1 passed, 0 failed\n"), "{verdict}");
    }

    #[test]
    fn test_that_left_no_result_has_failed() {
        let verdict = verdict(&["a", "b"], &["a"], &[], &[]);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().contains("not run: b"), "{verdict}");
        assert!(verdict.to_string().ends_with("FATE: 1 passed, 1 failed\n"), "{verdict}");
    }

    #[test]
    fn what_a_test_needed_counts_too() {
        assert!(!verdict(&["a"], &["a"], &["needed-by-a"], &[]).is_good());
    }
}
