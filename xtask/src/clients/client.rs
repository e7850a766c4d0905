//! `clients.toml`: the clients, the tests that are left out, and the known differences.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;

use super::outcome::Outcome;

const CLIENTS: &str = include_str!("clients.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    client: Vec<Client>,
}

/// A package of Python that runs FFmpeg.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Client {
    pub(super) name: String,
    pub(super) version: String,
    /// The sha256 of its sdist. Without one, the tests are in `files/`.
    pub(super) sdist: Option<String>,
    /// Files and folders.
    pub(super) tests: Vec<String>,
    /// The options of native FFmpeg that make a file, by the path of the file.
    #[serde(default)]
    pub(super) media: BTreeMap<String, String>,
    /// The name of a fixture, by the path of its copy.
    #[serde(default)]
    pub(super) fixtures: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) left_out: Vec<LeftOut>,
    #[serde(default, rename = "difference")]
    pub(super) differences: Vec<Difference>,
}

/// Tests that run neither with native FFmpeg nor with afmpeg.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOut {
    pub(super) tests: Vec<String>,
    pub(super) reason: String,
}

/// Tests whose outcomes differ, with the cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Difference {
    pub(super) tests: Vec<String>,
    pub(super) native: Outcome,
    pub(super) afmpeg: Outcome,
    pub(super) cause: String,
}

impl Client {
    /// Returns all clients.
    pub(super) fn all() -> anyhow::Result<Vec<Self>> {
        parse(CLIENTS).context("xtask/src/clients/clients.toml")
    }

    /// Returns the names of the tests that are left out, in JSON.
    pub(super) fn left_out_json(&self) -> anyhow::Result<String> {
        let names: Vec<&String> = self.left_out.iter().flat_map(|left_out| &left_out.tests).collect();
        Ok(serde_json::to_string(&names)?)
    }

    /// Returns the known difference in the outcomes of a test.
    pub(super) fn difference(&self, test: &str) -> Option<&Difference> {
        self.differences.iter().find(|known| known.tests.iter().any(|name| name == test))
    }
}

fn parse(text: &str) -> anyhow::Result<Vec<Client>> {
    let clients = toml::from_str::<List>(text)?.client;
    for client in &clients {
        let listed = client.left_out.iter().map(|left_out| (&left_out.tests, &left_out.reason));
        let listed = listed.chain(client.differences.iter().map(|known| (&known.tests, &known.cause)));
        let mut names = Vec::new();
        for (tests, why) in listed {
            anyhow::ensure!(!why.trim().is_empty(), "{}: no reason for {}", client.name, tests.join(", "));
            for test in tests {
                anyhow::ensure!(!names.contains(&test), "{}: {test} is listed twice", client.name);
                names.push(test);
            }
        }
        if let Some(same) = client.differences.iter().find(|known| known.native == known.afmpeg) {
            anyhow::bail!("{}: the outcomes of {} are equal", client.name, same.tests.join(", "));
        }
    }
    Ok(clients)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "[[client]]\nname = 'c'\nversion = '1'\ntests = ['t']\n";

    #[test]
    fn list_of_the_repository_is_valid_and_its_versions_are_those_that_are_installed() {
        let installed = include_str!("requirements.txt");
        for client in Client::all().unwrap() {
            let pin = format!("{}=={} ", client.name, client.version);
            assert!(client.sdist.is_some() || installed.lines().any(|line| line.starts_with(&pin)), "{pin}");
        }
    }

    #[test]
    fn test_has_the_difference_of_its_entry() {
        let known =
            "[[client.difference]]\ntests = ['a']\nnative = 'passed'\nafmpeg = 'failed'\ncause = 'x'\n";
        let clients = parse(&format!("{CLIENT}{known}")).unwrap();
        assert_eq!(clients[0].difference("a").unwrap().cause, "x");
        assert!(clients[0].difference("b").is_none());
    }

    #[test]
    fn entry_without_a_reason_or_listed_twice_is_refused() {
        let error = |text: &str| parse(&format!("{CLIENT}{text}")).unwrap_err().to_string();
        assert_eq!(error("[[client.left-out]]\ntests = ['a']\nreason = ' '\n"), "c: no reason for a");
        assert_eq!(error("[[client.left-out]]\ntests = ['a', 'a']\nreason = 'x'\n"), "c: a is listed twice");
        let same =
            "[[client.difference]]\ntests = ['a']\nnative = 'failed'\nafmpeg = 'failed'\ncause = 'x'\n";
        assert_eq!(error(same), "c: the outcomes of a are equal");
    }
}
