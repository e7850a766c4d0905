//! The outcomes with native FFmpeg compared with those with afmpeg.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    client::Client,
    outcome::{Ended, Outcome, Outcomes},
};

/// The outcomes of a test in both runs; none in a run that lacks it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) native: Option<&'a Ended>,
    pub(super) afmpeg: Option<&'a Ended>,
}

impl Pair<'_> {
    fn is(self, outcome: Outcome) -> bool {
        [self.native, self.afmpeg].iter().all(|ended| ended.is_some_and(|ended| ended.outcome == outcome))
    }

    fn differs(self) -> bool {
        self.native.map(|ended| ended.outcome) != self.afmpeg.map(|ended| ended.outcome)
    }
}

impl fmt::Display for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [native, afmpeg] = [self.native, self.afmpeg]
            .map(|ended| ended.map_or_else(|| "not run".to_owned(), |ended| ended.outcome.to_string()));
        write!(f, "{native} natively, {afmpeg} on afmpeg")
    }
}

/// The comparison of two runs of a client's tests.
#[derive(Debug)]
pub(super) struct Verdict<'a> {
    pub(super) client: &'a Client,
    pub(super) pairs: BTreeMap<&'a str, Pair<'a>>,
    /// The names in `clients.toml` that are not those of tests.
    unknown: Vec<&'a str>,
}

impl<'a> Verdict<'a> {
    pub(super) fn of(client: &'a Client, native: &'a Outcomes, afmpeg: &'a Outcomes) -> Self {
        let names: BTreeSet<&String> = native.keys().chain(afmpeg.keys()).collect();
        let pairs: BTreeMap<&str, Pair<'a>> = names
            .into_iter()
            .map(|name| (name.as_str(), Pair { native: native.get(name), afmpeg: afmpeg.get(name) }))
            .collect();
        let listed = client.left_out.iter().flat_map(|left_out| &left_out.tests);
        let listed = listed.chain(client.differences.iter().flat_map(|known| &known.tests));
        let unknown = listed.map(String::as_str).filter(|name| !pairs.contains_key(name)).collect();
        Self { client, pairs, unknown }
    }

    /// Returns the number of tests that had this outcome in both runs.
    pub(super) fn count(&self, outcome: Outcome) -> usize {
        self.pairs.values().filter(|pair| pair.is(outcome)).count()
    }

    /// Returns the tests whose outcomes differ, with the known cause.
    pub(super) fn differences(&self) -> impl Iterator<Item = (&'a str, Pair<'a>, Option<&'a str>)> {
        self.pairs.iter().filter(|(_, pair)| pair.differs()).map(|(&name, &pair)| {
            let known = self.client.difference(name).filter(|known| {
                let is = |ended: Option<&Ended>, outcome| ended.is_some_and(|ended| ended.outcome == outcome);
                is(pair.native, known.native) && is(pair.afmpeg, known.afmpeg)
            });
            (name, pair, known.map(|known| known.cause.as_str()))
        })
    }

    /// Returns the tests with a known difference and equal outcomes.
    fn equal_now(&self) -> impl Iterator<Item = &'a str> {
        let equal = self.pairs.iter().filter(|(_, pair)| !pair.differs()).map(|(&name, _)| name);
        equal.filter(|name| self.client.difference(name).is_some())
    }

    /// Returns whether exactly the known differences were found.
    pub(super) fn is_good(&self) -> bool {
        self.unknown.is_empty()
            && self.equal_now().next().is_none()
            && self.differences().all(|(_, _, cause)| cause.is_some())
    }
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = &self.client.name;
        for (test, pair, cause) in self.differences() {
            match cause {
                Some(cause) => writeln!(f, "explained: {client}: {test}: {pair}: {cause}")?,
                None => writeln!(f, "DIFFERENT: {client}: {test}: {pair}")?,
            }
        }
        for test in self.equal_now() {
            writeln!(f, "equal now: {client}: {test}; remove its difference from clients.toml")?;
        }
        for name in &self.unknown {
            writeln!(f, "unknown: {client}: clients.toml lists {name}, which is not a test")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::client::Difference;

    fn outcomes(list: &[(&str, Outcome)]) -> Outcomes {
        let ended = |outcome| Ended { outcome, reason: String::new() };
        list.iter().map(|(name, outcome)| ((*name).to_owned(), ended(*outcome))).collect()
    }

    fn client(differences: Vec<Difference>) -> Client {
        Client {
            name: "c".to_owned(),
            version: "1".to_owned(),
            sdist: None,
            tests: Vec::new(),
            media: BTreeMap::new(),
            fixtures: BTreeMap::new(),
            left_out: Vec::new(),
            differences,
        }
    }

    fn failing(test: &str) -> Difference {
        Difference {
            tests: vec![test.to_owned()],
            native: Outcome::Passed,
            afmpeg: Outcome::Failed,
            cause: "because".to_owned(),
        }
    }

    #[test]
    fn equal_outcomes_are_good_also_those_of_failed_tests() {
        let both = outcomes(&[("a", Outcome::Passed), ("b", Outcome::Failed), ("c", Outcome::Skipped)]);
        let client = client(Vec::new());
        let verdict = Verdict::of(&client, &both, &both);
        assert!(verdict.is_good());
        assert_eq!(verdict.to_string(), "");
        assert_eq!([Outcome::Passed, Outcome::Failed].map(|outcome| verdict.count(outcome)), [1, 1]);
    }

    #[test]
    fn difference_is_bad_unless_it_is_the_known_one() {
        let [passed, failed, skipped] =
            [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(|outcome| outcomes(&[("a", outcome)]));
        let (plain, known) = (client(Vec::new()), client(vec![failing("a")]));
        let text = Verdict::of(&plain, &passed, &failed).to_string();
        assert_eq!(text, "DIFFERENT: c: a: passed natively, failed on afmpeg\n");
        assert!(!Verdict::of(&plain, &passed, &failed).is_good());
        assert!(!Verdict::of(&plain, &passed, &Outcomes::new()).is_good(), "a test that did not run");
        assert!(Verdict::of(&known, &passed, &failed).is_good());
        assert!(!Verdict::of(&known, &passed, &skipped).is_good(), "another difference");
    }

    #[test]
    fn listed_difference_that_is_gone_is_bad() {
        let passed = outcomes(&[("a", Outcome::Passed)]);
        let (equal, unknown) = (client(vec![failing("a")]), client(vec![failing("b")]));
        let verdict = Verdict::of(&equal, &passed, &passed);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().starts_with("equal now: c: a"), "{verdict}");
        let verdict = Verdict::of(&unknown, &passed, &passed);
        assert!(!verdict.is_good());
        assert!(verdict.to_string().starts_with("unknown: c: clients.toml lists b"), "{verdict}");
    }
}
