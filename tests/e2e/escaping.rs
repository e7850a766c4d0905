//! Text as data in filter graphs: that FFmpeg reads back what was written, whatever it is.

use afmpeg_tests::escaping::{file_written, lost, texts};

use crate::harness::full;

#[test]
fn two_thousand_random_texts_come_back_as_they_were() {
    assert_eq!(lost(&full().runtime, 1, 2_000).unwrap(), [""; 0]);
}

#[test]
fn file_names_reach_the_filesystem_as_they_are() {
    let runtime = full().runtime;
    let names = texts(2, 60).into_iter().filter(|name| !name.contains('/') && !name.starts_with('.'));
    for name in names.take(25) {
        assert_eq!(file_written(&runtime, &name).unwrap(), [name]);
    }
}
