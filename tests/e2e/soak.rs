//! The short form of `cargo xtask soak`.

use afmpeg_tests::soak::{Sample, Soak};

use crate::harness::repository;

/// The memory that an allocator may keep after jobs have ended, in bytes.
const TOLERANCE: u64 = 32 << 20;

#[test]
#[cfg(target_os = "linux")]
fn many_jobs_and_stops_leave_no_threads_and_no_memory() {
    let soak = Soak::load(&repository()).unwrap();
    let round = || {
        for number in 0..10 {
            soak.job();
            soak.stop(number);
        }
        Sample::take()
    };
    let warm = round();
    let rounds = [round(), round()];
    let last = rounds[1];
    assert!(last.threads <= warm.threads, "{warm:?}, then {rounds:?}");
    assert!(last.memory <= warm.memory + TOLERANCE, "{warm:?}, then {rounds:?}");
}
