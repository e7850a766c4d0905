//! Media that means harm, or that was harmed: the short form of `cargo xtask soak --hostile`.

use std::sync::OnceLock;

use afmpeg_engine::Runtime;
use afmpeg_tests::{
    hostile::{Case, Corpus, Report},
    soak::Sample,
};

use crate::harness::{full, repository};

/// How many of the truncations are tried, and how many other damages. `cargo xtask soak --hostile` tries more.
const TRUNCATIONS: usize = 120;
const DAMAGES: u64 = 150;

/// What an allocator may keep of jobs that are gone, in bytes.
const TOLERANCE: u64 = 64 << 20;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| full().runtime)
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::make(runtime(), &repository()).unwrap())
}

/// Each case read by both tools ends well, or with an error that says what is wrong with it, within its limits.
#[track_caller]
fn assert_tame(cases: impl IntoIterator<Item = Case>) -> Report {
    let report = Report::of(runtime(), cases);
    assert!(report.surprises.is_empty(), "{report}\n{}", report.surprises.join("\n\n"));
    report
}

#[test]
fn headers_that_claim_too_much_and_files_that_name_others_are_harmless() {
    let report = assert_tame(corpus().crafted().iter().cloned());
    assert_eq!(report.runs(), 2 * corpus().crafted().len());
}

#[test]
fn media_that_ends_anywhere_is_read_as_far_as_it_goes_or_refused() {
    let all = corpus().truncations();
    // Every file is among them, at ends that differ.
    let step = (all.len() / TRUNCATIONS).max(1);
    assert_tame(all.into_iter().step_by(step));
}

#[test]
#[cfg(target_os = "linux")]
fn damaged_media_is_an_error_or_not_and_leaves_nothing_behind() {
    assert_tame((0..DAMAGES / 3).map(|number| corpus().damaged(number)));
    let warm = Sample::take();
    assert_tame((DAMAGES / 3..DAMAGES).map(|number| corpus().damaged(number)));
    let last = Sample::take();
    assert!(last.threads <= warm.threads, "{warm:?}, then {last:?}");
    assert!(last.memory <= warm.memory + TOLERANCE, "{warm:?}, then {last:?}");
}

#[test]
fn truncations_are_at_every_kibibyte_of_every_file() {
    let cases = corpus().truncations();
    let lengths = |file: &str| -> Vec<usize> {
        let of = cases.iter().filter(|case| case.input == file);
        of.map(|case| case.files[0].1.len()).filter(|len| len.is_multiple_of(1024)).collect()
    };
    let clip = crate::harness::fixture(crate::harness::CLIP).len();
    assert_eq!(lengths(crate::harness::CLIP), (1..=clip / 1024).map(|kib| kib * 1024).collect::<Vec<_>>());
}
