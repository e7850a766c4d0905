//! Runs the conformance suites on every filesystem of this crate.
#![cfg(all(
    unix,
    feature = "conformance",
    feature = "embed",
    feature = "host",
    feature = "http",
    feature = "object-store",
    feature = "tar",
    feature = "trace",
    feature = "wasmer",
    feature = "zip"
))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod backends;

use std::sync::Arc;

use afmpeg_vfs::{
    FaultRule, Faulty, MemFs, Overlay, ReadOnly, VPath, Vfs as _, VfsExt as _,
    conformance::{Feature, ReadOnlySuite, Suite},
};
use backends::{ReadOnlyOne, Writable};

#[test]
fn every_writable_filesystem_conforms() {
    backends::each(
        backends::writable(),
        |one| one.name,
        |Writable { fresh, lacks, .. }| {
            lacks.iter().fold(Suite::new(fresh), |suite, lacking| suite.without(*lacking)).run();
        },
    );
}

#[test]
fn every_read_only_filesystem_conforms() {
    backends::each(
        backends::read_only(),
        |one| one.name,
        |ReadOnlyOne { holding, .. }| ReadOnlySuite::new(holding).run(),
    );
}

/// Parses the feature table of the README: the names, and which features each has.
fn documented() -> Vec<(String, Vec<bool>)> {
    let readme = include_str!("../README.md");
    let header = Feature::ALL.iter().map(|feature| format!(" {feature} |")).collect::<String>();
    let table = readme.split_once(&header).expect("the table with a column for every feature").1;
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells =
        |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    rows.map(cells).map(|row| (row[0].clone(), row[1..].iter().map(|cell| cell == "yes").collect())).collect()
}

#[test]
fn documentation_lists_the_features_of_each_filesystem() {
    let tested = backends::writable();
    for (name, has) in documented() {
        let plain = name.trim_matches(['[', ']', '`']).rsplit("::").next().unwrap().to_owned();
        let one =
            tested.iter().find(|one| one.name == plain).unwrap_or_else(|| panic!("{name} is not tested"));
        let expected: Vec<bool> = Feature::ALL.iter().map(|feature| !one.lacks.contains(feature)).collect();
        assert_eq!(has, expected, "{name}");
    }
    // Every filesystem that lacks a feature must have a row.
    for one in tested.iter().filter(|one| !one.lacks.is_empty() && !one.name.contains('(')) {
        assert!(documented().iter().any(|(name, _)| name.contains(one.name)), "{} has no row", one.name);
    }
}

/// The suites do not require short reads and writes, but the copies of an overlay must handle them.
#[test]
fn overlay_copies_from_short_reads_to_short_writes() {
    let bytes: Vec<u8> = (0..3_000_000u32).map(|at| (at / 7) as u8).collect();
    let (lower, upper) = (MemFs::new(), MemFs::new());
    lower.write("/a", bytes.clone()).unwrap();
    let short = |fs: MemFs, seed| Arc::new(Faulty::new(fs).with(FaultRule::short_at_random(seed)));
    let fs = Overlay::new(short(lower, 1), short(upper.clone(), 2));
    fs.rename(&VPath::new("/a").unwrap(), &VPath::new("/b").unwrap()).unwrap();
    assert!(upper.read("/b").unwrap() == bytes);
}

#[test]
#[should_panic(expected = "files::contents_are_read_back_as_written")]
fn suite_names_failed_checks() {
    Suite::new(|| ReadOnly::new(MemFs::new())).run();
}
