//! Codecs with threads, on machines with more processors than this one: pairs of `cargo xtask threads`.

use afmpeg_tests::threads::{Judge, pairs};

use crate::harness::{native, repository};

/// Tries those pairs that are for a number of processors.
fn frames_are_right_on(processors: usize) {
    let judge = Judge::load(&repository(), native()).unwrap();
    let trials = pairs().into_iter().filter(|trial| trial.processors == processors);
    let problems: Vec<String> = trials
        .filter_map(|trial| judge.compare(trial).err().map(|error| format!("{trial}: {error}")))
        .collect();
    assert_eq!(problems, [] as [String; 0]);
}

#[test]
fn frames_are_right_on_1_processor() {
    frames_are_right_on(1);
}

#[test]
fn frames_are_right_on_2_processors() {
    frames_are_right_on(2);
}

#[test]
fn frames_are_right_on_4_processors() {
    frames_are_right_on(4);
}

#[test]
fn frames_are_right_on_16_processors() {
    frames_are_right_on(16);
}

#[test]
fn frames_are_right_on_64_processors() {
    frames_are_right_on(64);
}
