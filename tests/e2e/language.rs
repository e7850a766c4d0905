//! The word patterns of CONTRIBUTING.md, "Plain English", that a machine can find.

use std::{fs, path::Path, process::Command};

use regex::{Regex, RegexSet};

use crate::harness::repository;

/// The patterns, each for one line of prose.
const PATTERNS: &[&str] = &[
    // A sentence needs a noun as its subject.
    r"(^|[.:;!?] )(What|Whatever|Who|Whoever) [a-z]",
    r"(?i)\bwhoever\b",
    // Software does not speak, wish or remember.
    r"\b(says|said|say|hears?|heard|wish|wishes|wished|forgets?|forgot|forgotten|tells|told)\b",
    r"\b(knows?|knew|believes?|believed|wants?|wanted|minds|asks|asked)\b",
    r"\b(is|are|was|were) no [a-z]",
    r"\bthere (is|are|was|were) not\b",
    // One genitive at most.
    r"\bof [A-Za-z]+'s *([.,;:)]|$)",
    r"\b(anew|befits)\b",
];

/// Phrases that are fine although they have a pattern.
const FINE: &str =
    r"(?i)\bthere (is|are|was|were) no\b|\bno (longer|more|other|one|different|less|\w+er than)\b";

/// Files with lines of others: FFmpeg's texts, command lines, patched sources, and the rules themselves.
const EXCEPT: &[&str] = &[
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "crates/afmpeg-cmd/src/facts/table.rs",
    "crates/afmpeg-cmd/src/filters/",
    "crates/afmpeg-cmd/tests/lines/",
    "crates/afmpeg-cmd/tests/printed/",
    "fixtures/",
    "tests/e2e/language.rs",
];

/// Returns the prose of a line: all of a document, the comments and the strings of code.
fn prose(path: &str, line: &str) -> String {
    let comment = match path.rsplit('.').next() {
        Some("md") => return line.to_owned(),
        Some("rs" | "c" | "h") => "//",
        _ => "#",
    };
    let mut prose = String::new();
    let (mut is_text, mut is_escaped) = (false, false);
    for (at, letter) in line.char_indices() {
        if !is_text && line[at..].starts_with(comment) {
            prose.push('\n');
            prose.push_str(line[at..].trim_start_matches(['/', '!', '#', ' ']));
            break;
        }
        match letter {
            '"' if !is_escaped => {
                is_text = !is_text;
                prose.push('\n');
            }
            _ if is_text => prose.push(letter),
            // Block comments of C.
            '*' if comment == "//" && !path.ends_with(".rs") => {
                prose.push('\n');
                prose.push_str(line[at..].trim_start_matches(['*', '/', ' ']));
                break;
            }
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    prose
}

#[test]
fn texts_have_none_of_the_word_patterns_that_contributing_refuses() {
    let (patterns, fine) = (RegexSet::new(PATTERNS).unwrap(), Regex::new(FINE).unwrap());
    let mut list = Command::new("git");
    list.current_dir(repository()).args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let listed = list.output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let is_text = |path: &&str| {
        let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("rs" | "md" | "toml" | "c" | "h" | "mak"))
            && !EXCEPT.iter().any(|except| path.starts_with(except))
    };
    let mut found = Vec::new();
    for path in listed.lines().filter(is_text) {
        let text = fs::read_to_string(repository().join(path)).unwrap();
        for (number, line) in text.lines().enumerate() {
            let prose = prose(path, line);
            let refused = prose.lines().filter(|line| patterns.is_match(&fine.replace_all(line, "")));
            found.extend(refused.map(|line| format!("{path}:{}: {line}", number + 1)));
        }
    }
    assert!(found.is_empty(), "see \"Plain English\" in CONTRIBUTING.md:\n{}", found.join("\n"));
}

#[test]
fn patterns_find_the_examples_of_contributing() {
    let (patterns, fine) = (RegexSet::new(PATTERNS).unwrap(), Regex::new(FINE).unwrap());
    let is_refused = |text: &str| patterns.is_match(&fine.replace_all(text, ""));
    for refused in [
        "What is open",
        "It is no ratio",
        "a name which there is not",
        "a failure of FFmpeg's",
        "the log says so",
        "the filesystem is told",
        "for whoever reads it",
        "made anew",
    ] {
        assert!(is_refused(refused), "{refused}");
    }
    for accepted in [
        "There is no ratio",
        "the file is no longer open",
        "Returns the open files",
        "an FFmpeg error",
        "of FFmpeg's tools",
    ] {
        assert!(!is_refused(accepted), "{accepted}");
    }
}
