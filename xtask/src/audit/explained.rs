//! `wasm-build/indirect-calls.toml`: conversions of functions that are safe, with reasons.

use std::{cell::Cell, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

/// The explained conversions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Explained {
    /// Conversions with a warning of the compiler.
    #[serde(default)]
    warned: Vec<Entry>,
    /// Conversions that no flag of the compiler reports.
    #[serde(default)]
    unseen: Vec<Entry>,
}

/// Lines of a source, and the reason that applies to all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// A path in the folder of sources, which begins with the name of a source; `*` matches any part of it.
    source: String,
    /// Text that each of the lines contains. Empty text matches every line.
    #[serde(default)]
    line: String,
    reason: String,
    #[serde(skip)]
    is_used: Cell<bool>,
}

impl Entry {
    fn explains(&self, source: &str, line: &str) -> bool {
        let is_source =
            glob::Pattern::new(&self.source).map_or(self.source == source, |pattern| pattern.matches(source));
        let explains = is_source && line.contains(&self.line);
        if explains {
            self.is_used.set(true);
        }
        explains
    }
}

impl Explained {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let list: Self = toml::from_str(text)?;
        for entry in list.warned.iter().chain(&list.unseen) {
            anyhow::ensure!(!entry.reason.trim().is_empty(), "{} has no reason", entry.source);
        }
        Ok(list)
    }

    /// Whether an entry explains the warning about a line.
    pub(super) fn explains(&self, source: &str, line: &str) -> bool {
        self.warned.iter().filter(|entry| entry.explains(source, line)).count() > 0
    }

    /// Marks the unseen conversions that are in this source as used.
    pub(super) fn look_at(&self, source: &str, text: &str) {
        for entry in &self.unseen {
            entry.explains(source, text);
        }
    }

    /// The sources with unseen conversions, as paths or patterns.
    pub(super) fn unseen_sources(&self) -> impl Iterator<Item = &str> {
        self.unseen.iter().map(|entry| entry.source.as_str())
    }

    /// The entries that explain nothing.
    pub(super) fn unused(&self) -> Vec<String> {
        let unused = self.warned.iter().chain(&self.unseen).filter(|entry| !entry.is_used.get());
        unused.map(|entry| format!("{}: {}", entry.source, entry.line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_of_the_repository_can_be_read() {
        Explained::read(&super::super::explained()).unwrap();
    }

    #[test]
    fn entry_explains_its_lines_and_nothing_else() {
        let list = Explained::parse(
            "[[warned]]\nsource = 'x/*.c'\nline = '(void*)f'\nreason = 'r'\n\
             [[unseen]]\nsource = 'y/a.cpp'\nline = 'cast<'\nreason = 'r'\n",
        )
        .unwrap();
        assert!(!list.explains("x/a.c", "run( (void*)g )"));
        assert!(!list.explains("y/a.cpp", "cast<"), "an unseen conversion explains no warning");
        assert_eq!(list.unused().len(), 2);
        assert!(list.explains("x/a.c", "run( (void*)f )"));
        list.look_at("y/a.cpp", "int a;\ncast<int>(b);\n");
        assert_eq!(list.unused().len(), 0);
    }

    #[test]
    fn entry_without_a_reason_is_refused() {
        let error = Explained::parse("[[warned]]\nsource = 'a'\nreason = ' '\n").unwrap_err().to_string();
        assert_eq!(error, "a has no reason");
    }
}
