//! Services of the engine for guests beyond WASI, tested by the programs in `wasm-build/guests`.

use std::process::Command;

use afmpeg_engine::{CodeOrigin, Limits, Runtime};
use afmpeg_vfs::MemFs;

use crate::harness::{guest, guest_path, repository};

#[test]
fn setjmp_and_longjmp_work_nested_and_deep_in_main_and_in_threads() {
    let output = guest("sjlj").job(MemFs::new()).run().unwrap();
    let mut lines: Vec<&str> = std::str::from_utf8(output.stdout()).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["main: ok", "thread 1: ok", "thread 2: ok", "thread 3: ok", "thread 4: ok"]);
}

#[test]
fn simd_intrinsics_match_their_scalar_models() {
    for program in ["msa", "lsx"] {
        let output = guest(program).job(MemFs::new()).run().unwrap();
        let printed = std::str::from_utf8(output.stdout()).unwrap();
        assert!(printed.ends_with(" checks, 0 failures\n"), "{program}: {printed}");
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn sse_intrinsics_return_what_the_processor_returns() {
    let folder = tempfile::tempdir().unwrap();
    let native = folder.path().join("sse");
    let source = repository().join("wasm-build/guests/sse.c");
    let compiler = Command::new("cc").arg("-msse4.1").arg(source).arg("-o").arg(&native).status().unwrap();
    assert!(compiler.success());
    let expected = Command::new(native).output().unwrap().stdout;
    assert!(expected.len() > 1000);
    let output = guest("sse").job(MemFs::new()).run().unwrap();
    assert_eq!(String::from_utf8_lossy(output.stdout()), String::from_utf8_lossy(&expected));
}

#[test]
fn variables_have_their_initial_values_whatever_other_jobs_have_changed() {
    let kept = guest("data");
    let compiled = Runtime::builder().module(guest_path("data")).without_cache().build().unwrap();
    assert_eq!(compiled.code_origin(), CodeOrigin::Compiled);
    for runtime in [kept, compiled] {
        let jobs: Vec<_> = (0..3).map(|_| runtime.job(MemFs::new()).spawn().unwrap()).collect();
        for job in jobs {
            job.wait().unwrap();
        }
        runtime.job(MemFs::new()).run().unwrap();
    }
}

#[test]
fn atomic_stores_change_their_own_bytes_only_and_are_in_one_order_for_all_threads() {
    guest("atomics").job(MemFs::new()).run().unwrap();
}

/// Returns the resident memory of this process in bytes.
fn resident() -> usize {
    memory_stats::memory_stats().expect("the system reports memory use").physical_mem
}

/// Returns the growth of this process's memory, in bytes, between runs of a tenth of `times` and of `times` iterations.
fn growth_of_host(program: &str, action: &str, times: usize) -> usize {
    let runtime = guest(program);
    let run = |times: usize| {
        let args = [action.to_owned(), times.to_string()];
        runtime.job(MemFs::new()).args(args).run().unwrap();
        resident()
    };
    let warm = run(times / 10);
    run(times).saturating_sub(warm)
}

#[test]
fn repeated_longjmps_do_not_fill_the_hosts_memory() {
    // An exception object per jump would take 140 MB.
    assert!(growth_of_host("stress", "longjmp", 200_000) < 16 << 20);
}

#[test]
fn exceptions_of_cxx_find_their_handlers_while_destructors_throw_others() {
    let output = guest("exceptions").job(MemFs::new()).run().unwrap();
    assert_eq!(output.stdout(), b"nested: ok\n");
}

#[test]
fn repeated_exceptions_of_cxx_do_not_fill_the_hosts_memory() {
    // An exception object per throw would take 200 MB.
    assert!(growth_of_host("exceptions", "many", 200_000) < 16 << 20);
}

#[test]
fn uncaught_exceptions_and_those_nested_too_deeply_fail_the_job() {
    for action in ["uncaught", "deep"] {
        guest("exceptions").job(MemFs::new()).args([action]).run().unwrap_err();
    }
}

#[test]
fn ended_threads_leave_no_memory_in_the_host() {
    assert!(growth_of_host("stress", "threads", 1000) < 24 << 20);
}

#[test]
fn threads_start_with_stacks_beyond_2_gib() {
    let limits = Limits::default().memory(Limits::MAX_MEMORY);
    guest("stress").job(MemFs::new()).args(["high-threads", "3"]).limits(limits).run().unwrap();
}

#[test]
fn memory_is_usable_up_to_its_maximum() {
    let limits = Limits::default().memory(Limits::MAX_MEMORY);
    guest("stress").job(MemFs::new()).args(["grow"]).limits(limits).run().unwrap();
}
