//! The conformance suites, on every filesystem of this crate.
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
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may fail where it stands")]

mod backends;

use std::sync::Arc;

use afmpeg_vfs::{
    FaultRule, Faulty, MemFs, Overlay, ReadOnly, VPath, Vfs as _, VfsExt as _,
    conformance::{Feature, ReadOnlySuite, Suite},
};
use backends::{ReadOnlyOne, Writable};

#[test]
fn every_filesystem_that_can_be_written_to_conforms() {
    backends::each(
        backends::writable(),
        |one| one.name,
        |Writable { fresh, lacks, .. }| {
            lacks.iter().fold(Suite::new(fresh), |suite, lacking| suite.without(*lacking)).run();
        },
    );
}

#[test]
fn every_filesystem_that_only_reads_conforms() {
    backends::each(
        backends::read_only(),
        |one| one.name,
        |ReadOnlyOne { holding, .. }| ReadOnlySuite::new(holding).run(),
    );
}

/// The rows of the table of features in the README: the names, and which features each has.
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
fn documentation_says_what_each_filesystem_has() {
    let tested = backends::writable();
    for (name, has) in documented() {
        let plain = name.trim_matches(['[', ']', '`']).rsplit("::").next().unwrap().to_owned();
        let one =
            tested.iter().find(|one| one.name == plain).unwrap_or_else(|| panic!("{name} is not tested"));
        let expected: Vec<bool> = Feature::ALL.iter().map(|feature| !one.lacks.contains(feature)).collect();
        assert_eq!(has, expected, "{name}");
    }
    // Wrappers have what is in them; whatever lacks something has a row.
    for one in tested.iter().filter(|one| !one.lacks.is_empty() && !one.name.contains('(')) {
        assert!(documented().iter().any(|(name, _)| name.contains(one.name)), "{} has no row", one.name);
    }
}

/// The suites only ask for what programs rely on; an overlay's own copying must bear with short reads, too.
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
#[should_panic(expected = "files::contents_come_back_as_they_were_written")]
fn suite_names_what_failed() {
    Suite::new(|| ReadOnly::new(MemFs::new())).run();
}
