//! `wasm-build/fate/known-failures.toml`: tests that fail, with their causes.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

/// The causes of known failures, by test name.
#[derive(Debug, Default)]
pub(super) struct KnownFailures(BTreeMap<String, String>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    failure: Vec<Entry>,
}

/// Tests that fail for the same cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    tests: Vec<String>,
    cause: String,
}

impl KnownFailures {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("invalid {}", path.display()))
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut causes = BTreeMap::new();
        for entry in toml::from_str::<List>(text)?.failure {
            anyhow::ensure!(!entry.cause.trim().is_empty(), "no cause for {}", entry.tests.join(", "));
            for test in entry.tests {
                let twice = causes.insert(test.clone(), entry.cause.clone()).is_some();
                anyhow::ensure!(!twice, "{test} is listed twice");
            }
        }
        Ok(Self(causes))
    }

    /// Returns the known cause of a failure of `test`.
    pub(super) fn cause(&self, test: &str) -> Option<&str> {
        self.0.get(test).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_in_the_repository_is_valid() {
        KnownFailures::read(&super::super::known_failures()).unwrap();
    }

    #[test]
    fn each_test_has_the_cause_of_its_entry() {
        let known = KnownFailures::parse(
            "[[failure]]\ntests = ['a', 'b']\ncause = 'no sockets'\n[[failure]]\ntests = ['c']\ncause = 'other'\n",
        )
        .unwrap();
        assert_eq!(known.cause("a"), Some("no sockets"));
        assert_eq!(known.cause("b"), Some("no sockets"));
        assert_eq!(known.cause("c"), Some("other"));
        assert_eq!(known.cause("d"), None);
        assert_eq!(KnownFailures::parse("").unwrap().cause("a"), None);
    }

    #[test]
    fn entry_without_a_cause_or_listed_twice_is_refused() {
        let error = |text| KnownFailures::parse(text).unwrap_err().to_string();
        assert!(error("[[failure]]\ntests = ['a']\ncause = ' '\n").contains("no cause for a"));
        let twice = "[[failure]]\ntests = ['a', 'a']\ncause = 'x'\n";
        assert!(error(twice).contains("a is listed twice"));
        KnownFailures::parse("[[failure]]\ntests = ['a']\n").unwrap_err();
    }
}
