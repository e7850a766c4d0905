//! Programs that no C compiler makes, against what a job may use of the host.

use std::time::{Duration, Instant};

use afmpeg_engine::{ErrorKind, JobHandle, Limits, Runtime};
use afmpeg_vfs::MemFs;

/// What every one of them takes at most: it is an hour where something does not end.
const PATIENCE: Duration = Duration::from_secs(20);

fn section(id: u8, entries: &[&[u8]]) -> Vec<u8> {
    let content = [&number(entries.len())[..], &entries.concat()].concat();
    [&[id][..], &number(content.len()), &content].concat()
}

/// A number as WebAssembly writes it: LEB128.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn name(text: &str) -> Vec<u8> {
    [&number(text.len())[..], text.as_bytes()].concat()
}

/// A program with a page of shared memory, a table for one function, `_start` and what its threads start in. It calls
/// `proc_exit2` as function 0 and `thread-spawn` as 1.
fn program(own_memory: &[u8], start: &[u8], thread: &[u8]) -> Runtime {
    const SHARED_PAGE: [u8; 3] = [0x03, 1, 1];
    let import = |from: &str, what: &str, kind: &[u8]| [&name(from)[..], &name(what), kind].concat();
    let export = |what: &str, kind: &[u8]| [&name(what)[..], kind].concat();
    let code = |body: &[u8]| [&number(body.len() + 2)[..], &[0], body, &[0x0b]].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    // (i32), (i32) -> i32, (), (i32, i32)
    module.extend(section(
        1,
        &[&[0x60, 1, 0x7f, 0], &[0x60, 1, 0x7f, 1, 0x7f], &[0x60, 0, 0], &[0x60, 2, 0x7f, 0x7f, 0]],
    ));
    module.extend(section(
        2,
        &[
            &import("wasix_32v1", "proc_exit2", &[0, 0]),
            &import("wasi", "thread-spawn", &[0, 1]),
            &import("env", "memory", &[&[2][..], &SHARED_PAGE].concat()),
        ],
    ));
    module.extend(section(3, &[&[2], &[3]]));
    module.extend(section(4, &[&[0x70, 0, 1]]));
    if !own_memory.is_empty() {
        module.extend(section(5, &[own_memory]));
    }
    // The stop flag is at 64.
    module.extend(section(6, &[&[0x7f, 0, 0x41, 0xc0, 0, 0x0b]]));
    module.extend(section(
        7,
        &[
            &export("memory", &[2, 0]),
            &export("afmpeg_stop_flag", &[3, 0]),
            &export("_start", &[0, 2]),
            &export("wasi_thread_start", &[0, 3]),
        ],
    ));
    module.extend(section(10, &[&code(start), &code(thread)]));
    Runtime::builder().module_bytes(module).without_cache().build().unwrap()
}

/// How a job has ended, if it has in good time.
#[track_caller]
fn ended(mut job: JobHandle) -> Result<(), ErrorKind> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match job.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Ok(Some(_)) => return Ok(()),
            Err(error) => return Err(error.kind()),
        }
    }
    job.cancel();
    panic!("it has not ended");
}

/// `i32.const 0, i32.const 0, i64.const -1, memory.atomic.wait32, drop`: for ever.
const WAIT: [u8; 11] = [0x41, 0, 0x41, 0, 0x42, 0x7f, 0xfe, 0x01, 2, 0, 0x1a];

#[test]
fn job_ends_when_any_of_its_threads_exits() {
    let spawn_and_wait = [&[0x41, 0, 0x10, 1, 0x1a][..], &WAIT].concat();
    // `proc_exit2(3)`, and a trap.
    for (thread, kind) in [(&[0x41, 3, 0x10, 0][..], ErrorKind::Exit), (&[0x00], ErrorKind::Trap)] {
        let runtime = program(&[], &spawn_and_wait, thread);
        assert_eq!(ended(runtime.job(MemFs::new()).spawn().unwrap()), Err(kind));
    }
}

#[test]
fn memory_of_its_own_counts_for_nothing_but_a_refusal() {
    // A second memory of a page without an end would not be within the limit of the first.
    let runtime = program(&[0x00, 1], &[], &[]);
    let error = runtime.job(MemFs::new()).limits(Limits::default().memory(64 << 10)).run().unwrap_err();
    assert!(error.to_string().contains("memory"), "{error}");
}

#[test]
fn table_does_not_grow_in_the_hosts_memory() {
    // `table.grow` by 2^20, which answers -1 when it is refused; a trap if it is anything else.
    let grow =
        [0xd0, 0x70, 0x41, 0x80, 0x80, 0xc0, 0x00, 0xfc, 0x0f, 0, 0x41, 0x7f, 0x47, 0x04, 0x40, 0x00, 0x0b];
    program(&[], &grow, &[]).job(MemFs::new()).run().unwrap();
}
