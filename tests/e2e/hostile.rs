//! Hostile and damaged media: the short form of `cargo xtask soak --hostile`.

use std::sync::OnceLock;

use afmpeg_engine::Runtime;
use afmpeg_tests::{
    hostile::{Case, Corpus, Report},
    soak::Sample,
};

use crate::harness::{full, repository};

/// The numbers of truncated and otherwise damaged files. `cargo xtask soak --hostile` reads more.
const TRUNCATIONS: usize = 120;
const DAMAGES: u64 = 150;

/// The memory that an allocator may keep after jobs have ended, in bytes.
const TOLERANCE: u64 = 64 << 20;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| full().runtime)
}

fn corpus() -> &'static Corpus {
    static CORPUS: OnceLock<Corpus> = OnceLock::new();
    CORPUS.get_or_init(|| Corpus::make(runtime(), &repository()).unwrap())
}

/// Checks that both tools read each case within its limits, with success or with an error about the input.
#[track_caller]
fn assert_tame(cases: impl IntoIterator<Item = Case>) -> Report {
    let report = Report::of(runtime(), cases);
    assert!(report.surprises.is_empty(), "{report}\n{}", report.surprises.join("\n\n"));
    report
}

/// Damage to a file that cannot be read in the first place would prove nothing.
#[test]
fn media_of_the_corpus_is_read_before_it_is_damaged() {
    // Metadata has no streams, and FFmpeg takes so short a file of TrueHD for VVC.
    let unreadable = ["metadata.ffmeta", "truehd.thd"];
    let cases = corpus().intact().into_iter().filter(|case| !unreadable.contains(&case.name.as_str()));
    let report = assert_tame(cases);
    let kinds: Vec<&str> = report.endings.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["ffmpeg success", "ffprobe success"], "{:#?}", report.examples);
}

#[test]
fn excessive_sizes_in_headers_and_references_to_other_files_are_harmless() {
    let report = assert_tame(corpus().crafted().iter().cloned());
    assert_eq!(report.runs(), 2 * corpus().crafted().len());
}

#[test]
fn truncated_media_is_read_to_its_end_or_refused() {
    let all = corpus().truncations();
    // Includes every file, truncated at different lengths.
    let step = (all.len() / TRUNCATIONS).max(1);
    assert_tame(all.into_iter().step_by(step));
}

#[test]
#[cfg(target_os = "linux")]
fn damaged_media_leaves_no_memory_and_no_threads() {
    assert_tame((0..DAMAGES / 3).map(|number| corpus().damaged(number)));
    let warm = Sample::take();
    assert_tame((DAMAGES / 3..DAMAGES).map(|number| corpus().damaged(number)));
    let last = Sample::take();
    assert!(last.threads <= warm.threads, "{warm:?}, then {last:?}");
    assert!(last.memory <= warm.memory + TOLERANCE, "{warm:?}, then {last:?}");
}

#[test]
fn every_file_is_truncated_at_every_kibibyte() {
    let cases = corpus().truncations();
    let lengths = |file: &str| -> Vec<usize> {
        let of_file = cases.iter().filter(|case| case.input == file);
        of_file.map(|case| case.files[0].1.len()).filter(|len| len.is_multiple_of(1024)).collect()
    };
    let clip = crate::harness::fixture(crate::harness::CLIP).len();
    assert_eq!(lengths(crate::harness::CLIP), (1..=clip / 1024).map(|kib| kib * 1024).collect::<Vec<_>>());
}
