//! The selection of FATE's tests.

use glob::Pattern;
use sha2::{Digest as _, Sha256};

use super::selection::Selection;
use crate::failure::Failure;

/// The prefix of the tests' names.
pub(super) const PREFIX: &str = "fate-";

/// Returns the selected tests of `all`, without their prefix, in the order of `all`.
///
/// The sample is chosen by a hash of name and seed, so that adding a test replaces at most one other.
pub(super) fn choose(all: &[String], selection: &Selection) -> anyhow::Result<Vec<String>> {
    let mut chosen: Vec<&String> = if selection.patterns.is_empty() {
        all.iter().collect()
    } else {
        let patterns = selection.patterns.iter().map(|text| {
            let pattern = Pattern::new(text.strip_prefix(PREFIX).unwrap_or(text))?;
            anyhow::ensure!(all.iter().any(|name| pattern.matches(name)), no_test(text));
            Ok(pattern)
        });
        let patterns = patterns.collect::<anyhow::Result<Vec<_>>>()?;
        all.iter().filter(|name| patterns.iter().any(|pattern| pattern.matches(name))).collect()
    };
    if let Some(size) = selection.sample {
        chosen.sort_by_cached_key(|name| Sha256::digest(format!("{} {name}", selection.seed)));
        chosen.truncate(size);
        chosen.sort_by_key(|name| all.iter().position(|other| other == *name));
    }
    Ok(chosen.into_iter().cloned().collect())
}

fn no_test(pattern: &str) -> Failure {
    Failure::new(
        format!("FATE has no test {pattern} without sample files"),
        "`cargo xtask fate --list` prints all names",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        (0..500).map(|number| format!("vsynth{}-codec{number}", number % 3)).collect()
    }

    fn selection(patterns: &[&str], sample: Option<usize>, seed: u64) -> Selection {
        Selection {
            patterns: patterns.iter().map(|&text| text.to_owned()).collect(),
            sample,
            seed,
            list: false,
            threads: None,
        }
    }

    #[test]
    fn default_selection_is_all_tests() {
        assert_eq!(choose(&names(), &Selection::default()).unwrap(), names());
    }

    #[test]
    fn patterns_match_names_with_or_without_the_prefix() {
        let chosen = choose(&names(), &selection(&["fate-vsynth1-codec1", "vsynth0-*99"], None, 0)).unwrap();
        assert_eq!(chosen, ["vsynth1-codec1", "vsynth0-codec99", "vsynth0-codec399"]);
        let error = choose(&names(), &selection(&["vsynth9-*"], None, 0)).unwrap_err().to_string();
        assert!(error.contains("vsynth9-*"), "{error}");
    }

    #[test]
    fn sample_depends_only_on_its_seed() {
        let sample = |seed| choose(&names(), &selection(&[], Some(50), seed)).unwrap();
        assert_eq!(sample(1).len(), 50);
        assert_eq!(sample(1), sample(1));
        assert_ne!(sample(1), sample(2));
        assert!(sample(1).is_sorted_by_key(|name| names().iter().position(|other| other == name)));
    }

    #[test]
    fn new_test_replaces_at_most_one_in_a_sample() {
        let before = choose(&names(), &selection(&[], Some(50), 1)).unwrap();
        let more = [names(), vec!["new".to_owned()]].concat();
        let after = choose(&more, &selection(&[], Some(50), 1)).unwrap();
        let gone = before.iter().filter(|name| !after.contains(name)).count();
        assert!(gone <= 1, "{gone} of 50 changed");
    }
}
