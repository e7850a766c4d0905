//! `cargo xtask audit-calls`: functions that are called as another type.
//!
//! On a processor, a call with an extra argument or an unset result works. WebAssembly compares types when it calls
//! through a pointer, and traps where the number or the kinds of values differ. So the audit compiles every source with
//! warnings about such conversions, and reports those between types that differ in WebAssembly.

mod explained;
mod signature;
mod warning;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    failure::Failure,
    project,
    wasm::calls::{self, Record, Records},
};
use {
    explained::Explained,
    signature::Signature,
    warning::{Type, Warning},
};

/// The warnings that name both types.
const BETWEEN_FUNCTIONS: &[&str] = &[
    "cast-function-type",
    "cast-function-type-mismatch",
    "cast-function-type-strict",
    "incompatible-function-pointer-types",
    "incompatible-function-pointer-types-strict",
];

/// The text of the warning about functions that pass through `void *`, which has no name but `-Wpedantic`.
const THROUGH_VOID: &str = "converts between void pointer and function pointer";

/// The beginnings of messages that name the target type before the original type.
const TARGET_FIRST: &[&str] = &["assigning", "initializing"];

/// A conversion after which a call may trap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    source: String,
    line: usize,
    column: usize,
    /// The text of the line.
    text: String,
    problem: String,
}

/// Compiles all sources of the fullest module, or those of the named parts, and reports the unexplained conversions.
pub(crate) fn run(parts: &[String]) -> anyhow::Result<()> {
    let explained = Explained::read(&explained())?;
    let records = calls::record(parts)?;
    let findings = findings(&records)?;
    let (known, unknown): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| explained.explains(&finding.source, &finding.text));
    for finding in &unknown {
        println!("{}:{}:{}: {}", finding.source, finding.line, finding.column, finding.problem);
        println!("    {}", finding.text.trim());
    }
    look_at_unseen(&explained, &records.build)?;
    let unused = if parts.is_empty() { explained.unused() } else { Vec::new() };
    for entry in &unused {
        println!("explained, but not found: {entry}");
    }
    eprintln!(
        "{} sources: {} conversions are explained, {} are not",
        records.records.len(),
        known.len(),
        unknown.len()
    );
    if unknown.is_empty() && unused.is_empty() {
        fs::remove_dir_all(&records.build).context("cannot remove the build folder")?;
        return Ok(());
    }
    Err(Failure::new(
        format!(
            "{} conversions of functions are not explained, {} explanations match none",
            unknown.len(),
            unused.len()
        ),
        "patch the source, or explain in wasm-build/indirect-calls.toml why no such call is made",
    )
    .into())
}

fn explained() -> PathBuf {
    project::root().join("wasm-build/indirect-calls.toml")
}

/// Searches for the conversions without a warning in the sources in which they were found by hand.
fn look_at_unseen(explained: &Explained, build: &Path) -> anyhow::Result<()> {
    for pattern in explained.unseen_sources() {
        let pattern = build.join("source").join(pattern);
        for path in glob::glob(&pattern.to_string_lossy())? {
            let path = path?;
            let source = calls::in_build(build, &path)?.context("a source is in the build folder")?;
            explained.look_at(&source, &String::from_utf8_lossy(&fs::read(&path)?));
        }
    }
    Ok(())
}

fn findings(records: &Records) -> anyhow::Result<BTreeSet<Finding>> {
    let scratch = tempfile::tempdir()?;
    let mut seen = BTreeSet::new();
    let mut findings = BTreeSet::new();
    for record in &records.records {
        let mut through_void = Vec::new();
        for warning in record.text.lines().filter_map(Warning::read) {
            // The warnings of a header are repeated for each source that includes it.
            if !seen.insert(warning.clone()) {
                continue;
            }
            let Some(source) = calls::in_build(&records.build, &warning.path)? else { continue };
            let code = String::from_utf8_lossy(&fs::read(&warning.path)?).into_owned();
            let place = Place { source, code, warning };
            if let Some(problem) = between_functions(&place.warning) {
                findings.insert(place.finding(problem));
            } else if place.warning.message.contains(THROUGH_VOID) {
                through_void.push(place);
            }
        }
        let functions = functions_of(record, &through_void, scratch.path())?;
        for place in &through_void {
            if let Some(problem) = place.problem_through_void(&functions) {
                findings.insert(place.finding(problem));
            }
        }
    }
    Ok(findings)
}

/// The problem of a conversion from one type of functions to another.
fn between_functions(warning: &Warning) -> Option<String> {
    if !warning.names.iter().any(|name| BETWEEN_FUNCTIONS.contains(&name.as_str())) {
        return None;
    }
    let types = warning.types();
    let [Type { full: first }, Type { full: second }] = types.as_slice() else {
        return Some(format!("unknown types: {}", warning.message));
    };
    match (Signature::of(first), Signature::of(second)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(one), Some(other)) => Some(format!("{one} and {other}: {}", warning.message)),
        _ => Some(format!("an unknown type: {}", warning.message)),
    }
}

/// A warning, and the source that it is about.
struct Place {
    source: String,
    code: String,
    warning: Warning,
}

impl Place {
    fn finding(&self, problem: String) -> Finding {
        let Warning { line, column, .. } = self.warning;
        let text = self.code.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned();
        Finding { source: self.source.clone(), line, column, text, problem }
    }

    /// The target type and the original type.
    fn target_and_origin(&self) -> Option<(String, String)> {
        let types = self.warning.types();
        let [Type { full: first }, Type { full: second }] = types.as_slice() else { return None };
        let is_target_first = TARGET_FIRST.iter().any(|word| self.warning.message.starts_with(word));
        let (target, origin) = if is_target_first { (first, second) } else { (second, first) };
        Some((target.clone(), origin.clone()))
    }

    /// The names in the converted expression, except those of members.
    fn names(&self) -> Vec<String> {
        self.warning.ranges.last().map_or_else(Vec::new, |range| names_in(&range.of(&self.code)))
    }

    /// The problem of a conversion of a function to `void *`, or of the reverse.
    fn problem_through_void(&self, functions: &BTreeMap<String, String>) -> Option<String> {
        let message = &self.warning.message;
        let Some((target, origin)) = self.target_and_origin() else {
            return Some(format!("unknown types: {message}"));
        };
        if origin.contains('(') {
            return Some(format!("a function becomes data: {message}"));
        }
        let Some(expected) = Signature::of(&target) else {
            return Some(format!("an unknown type: {message}"));
        };
        let found: Vec<(&String, &String)> =
            self.names().iter().filter_map(|name| functions.get_key_value(name)).collect();
        if found.is_empty() {
            return Some(format!("no known function becomes {expected}: {message}"));
        }
        let mut problem = String::new();
        for (name, text) in found {
            match Signature::of(text) {
                Some(own) if own == expected => {}
                Some(own) => _ = write!(problem, "{name} is {own}, and called as {expected}; "),
                None => _ = write!(problem, "{name} is {text}, and called as {expected}; "),
            }
        }
        (!problem.is_empty()).then(|| problem + message)
    }
}

/// The words of an expression that can be names of functions.
fn names_in(expression: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
        let before = rest[..start].trim_end();
        let is_member = before.ends_with('.') || before.ends_with("->");
        let name_and_rest = &rest[start..];
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = name_and_rest.find(|letter| !is_of_name(letter)).unwrap_or(name_and_rest.len());
        if !is_member {
            names.push(name_and_rest[..end].to_owned());
        }
        rest = &name_and_rest[end..];
    }
    names
}

/// The types of the functions among the names at these places, which the compiler prints when it compiles their source.
fn functions_of(
    record: &Record,
    places: &[Place],
    scratch: &Path,
) -> anyhow::Result<BTreeMap<String, String>> {
    let names: BTreeSet<String> = places.iter().flat_map(Place::names).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: Vec<String> = names.into_iter().collect();
    let mut lines = String::from("void afmpeg_types(void) { int afmpeg_type;\n");
    for name in &names {
        // The compiler refuses an address as a number, and prints its type.
        writeln!(lines, "afmpeg_type = &{name};")?;
    }
    lines.push_str("}\n");
    let text = record.compile_with(&lines, scratch)?;
    let mut functions = BTreeMap::new();
    for warning in text.lines().filter_map(Warning::read) {
        // The source is included in the first line, and the names begin in the third.
        let index = warning.line.checked_sub(3);
        let name = index.and_then(|index| names.get(index)).filter(|_| warning.path.starts_with(scratch));
        let types = warning.types();
        if let (Some(name), Some(last)) = (name, types.last())
            && last.full.contains("(*)")
        {
            functions.insert(name.clone(), last.full.clone());
        }
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_members_are_left_out_of_an_expression() {
        assert_eq!(names_in("(void*)slices_write"), ["void", "slices_write"]);
        assert_eq!(names_in("a ? (void*)&f_1 : h->pool.g"), ["a", "void", "f_1", "h"]);
        assert_eq!(names_in("1 + 2"), [] as [&str; 0]);
    }

    #[track_caller]
    fn problem(message: &str, name: &str, code: &str, functions: &[(&str, &str)]) -> Option<String> {
        let text = format!("/x.c:1:1:{{1:1-1:{}}}: warning: {message} [-W{name}]", code.len() + 1);
        let warning = Warning::read(&text).unwrap();
        if let Some(problem) = between_functions(&warning) {
            return Some(problem);
        }
        let functions =
            functions.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let place = Place { source: "x.c".to_owned(), code: code.to_owned(), warning };
        place.warning.message.contains(THROUGH_VOID).then(|| place.problem_through_void(&functions)).flatten()
    }

    #[test]
    fn cast_that_changes_only_targets_of_pointers_is_accepted() {
        let message =
            "cast from 'void (*)(struct S *)' to 'void (*)(void *)' converts to incompatible function type";
        assert_eq!(problem(message, "cast-function-type-strict", "f", &[]), None);
    }

    #[test]
    fn cast_that_changes_the_result_is_a_problem() {
        let message =
            "cast from 'void (*)(struct S *)' to 'int (*)(void *)' converts to incompatible function type";
        let problem = problem(message, "cast-function-type-strict", "f", &[]).unwrap();
        assert!(problem.starts_with("(i32) and (i32) -> i32: "), "{problem}");
    }

    #[test]
    fn function_that_passes_through_void_is_compared_with_the_type_of_its_calls() {
        let message = "passing 'void *' to parameter of type 'void *(*)(void *)' converts between void pointer and \
                       function pointer";
        let problem =
            |functions: &[(&str, &str)]| problem(message, "pedantic", "(void*)slices_write", functions);
        assert_eq!(problem(&[("slices_write", "void *(*)(struct S *)")]), None);
        let returns_nothing = problem(&[("slices_write", "void (*)(struct S *)")]).unwrap();
        assert!(returns_nothing.starts_with("slices_write is (i32), and called as (i32) -> i32; "));
        assert!(problem(&[]).unwrap().starts_with("no known function becomes (i32) -> i32"));
    }

    #[test]
    fn function_that_becomes_data_is_a_problem() {
        let message = "initializing 'void *' with an expression of type 'void (int)' converts between void pointer \
                       and function pointer";
        assert!(problem(message, "pedantic", "f", &[]).unwrap().starts_with("a function becomes data"));
    }

    #[test]
    fn other_warnings_are_ignored() {
        assert_eq!(problem("ISO C forbids 'x' and 'y'", "pedantic", "f", &[]), None);
    }
}
