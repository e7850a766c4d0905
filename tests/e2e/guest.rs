//! What the engine gives a guest beside WASI, shown by small C programs: `wasm-build/guests`.

use afmpeg_engine::Limits;
use afmpeg_vfs::MemFs;

use crate::harness::guest;

#[test]
fn setjmp_and_longjmp_work_in_main_and_in_threads_nested_and_deep() {
    let output = guest("sjlj").job(MemFs::new()).run().unwrap();
    let mut lines: Vec<&str> = std::str::from_utf8(output.stdout()).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["main: ok", "thread 1: ok", "thread 2: ok", "thread 3: ok", "thread 4: ok"]);
}

/// Resident memory of this process, in bytes.
fn resident() -> usize {
    memory_stats::memory_stats().expect("the system tells how much memory is used").physical_mem
}

/// How much more memory this process has after `times` than after a tenth of it, in bytes, while the guest still runs.
fn growth_of_host(what: &str, times: usize) -> usize {
    let runtime = guest("stress");
    let run = |times: usize| {
        let args = [what.to_owned(), times.to_string()];
        runtime.job(MemFs::new()).args(args).run().unwrap();
        resident()
    };
    let warm = run(times / 10);
    run(times).saturating_sub(warm)
}

#[test]
fn a_guest_that_jumps_for_ever_does_not_fill_the_hosts_memory() {
    // One exception object for each would be 140 MB.
    assert!(growth_of_host("longjmp", 200_000) < 16 << 20);
}

#[test]
fn threads_that_have_ended_leave_nothing_in_the_hosts_memory() {
    assert!(growth_of_host("threads", 1000) < 24 << 20);
}

#[test]
fn threads_start_wherever_their_stacks_are() {
    let limits = Limits::default().memory(Limits::MAX_MEMORY);
    guest("stress").job(MemFs::new()).args(["high-threads", "3"]).limits(limits).run().unwrap();
}

#[test]
fn memory_is_usable_to_its_end() {
    let limits = Limits::default().memory(Limits::MAX_MEMORY);
    guest("stress").job(MemFs::new()).args(["grow"]).limits(limits).run().unwrap();
}
