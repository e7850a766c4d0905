//! The verdict on a run.

use std::{collections::BTreeMap, fmt};

use super::known::KnownFailures;

/// The outcome of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    /// The whole report: the difference in the output, then the program's errors.
    Failed(String),
}

/// The results of a run compared with the known failures.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    passed: usize,
    unexplained: Vec<String>,
    /// Tests that failed, with the known cause.
    explained: Vec<(String, String)>,
    /// Tests that passed although they are known failures.
    passing_now: Vec<String>,
    /// Tests without a result, because a test that they depend on failed.
    not_run: Vec<String>,
}

impl Verdict {
    /// Judges every test that ran, and every one of `requested` that did not.
    pub(super) fn of(
        requested: &[String],
        results: &BTreeMap<String, Outcome>,
        known: &KnownFailures,
    ) -> Self {
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
        for test in requested.iter().filter(|test| !results.contains_key(*test)) {
            match known.cause(test) {
                Some(cause) => verdict.explained.push((test.clone(), cause.to_owned())),
                None => verdict.not_run.push(test.clone()),
            }
        }
        verdict
    }

    /// Returns whether exactly the known failures failed.
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
            writeln!(f, "not run: {test}: a test that it depends on failed")?;
        }
        for test in &self.passing_now {
            writeln!(f, "passes now: {test}; remove it from known-failures.toml")?;
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

    fn verdict(requested: &[&str], passed: &[&str], failed: &[&str], known: &[&str]) -> Verdict {
        let mut results: BTreeMap<String, Outcome> =
            passed.iter().map(|&name| (name.to_owned(), Outcome::Passed)).collect();
        results.extend(failed.iter().map(|&name| (name.to_owned(), Outcome::Failed("-a\n+b".to_owned()))));
        let known: String = known
            .iter()
            .map(|name| format!("[[failure]]\ntests = ['{name}']\ncause = 'because'\n"))
            .collect();
        Verdict::of(&names(requested), &results, &KnownFailures::parse(&known).unwrap())
    }

    #[test]
    fn run_is_good_if_every_failure_is_explained() {
        let all_passed = verdict(&["a", "b"], &["a", "b"], &[], &[]);
        assert!(all_passed.is_good());
        assert_eq!(all_passed.to_string(), "FATE: 2 passed, 0 failed\n");
        let explained = verdict(&["a", "b"], &["a"], &["b"], &["b", "not-requested"]);
        assert!(explained.is_good());
        assert_eq!(
            explained.to_string(),
            "explained: b: because\nFATE: 1 passed, 1 failed, 1 of them explained\n"
        );
    }

    #[test]
    fn run_is_bad_if_a_failure_is_not_explained() {
        let verdict = verdict(&["a", "b"], &["a"], &["b"], &[]);
        assert!(!verdict.is_good());
        assert_eq!(verdict.to_string(), "failed: b\nFATE: 1 passed, 1 failed\n");
    }

    #[test]
    fn run_is_bad_if_an_explained_failure_passes() {
        let verdict = verdict(&["a"], &["a"], &[], &["a"]);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().contains("passes now: a"), "{verdict}");
        assert!(verdict.to_string().ends_with("FATE: 1 passed, 0 failed\n"), "{verdict}");
    }

    #[test]
    fn test_without_a_result_counts_as_failed() {
        let verdict = verdict(&["a", "b"], &["a"], &[], &[]);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().contains("not run: b"), "{verdict}");
        assert!(verdict.to_string().ends_with("FATE: 1 passed, 1 failed\n"), "{verdict}");
    }

    #[test]
    fn failed_dependency_of_a_test_counts_too() {
        assert!(!verdict(&["a"], &["a"], &["needed-by-a"], &[]).is_good());
    }
}
