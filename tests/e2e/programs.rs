//! Programs that no C compiler produces, against the limits of a job.

use std::time::{Duration, Instant};

use afmpeg_engine::{Error, ErrorKind, JobHandle, Limits, Runtime};
use afmpeg_vfs::MemFs;

#[cfg(target_os = "linux")]
use crate::limits::peak_memory;

/// The longest run of a program; one that hangs would take an hour.
const PATIENCE: Duration = Duration::from_secs(20);

fn section(id: u8, entries: &[&[u8]]) -> Vec<u8> {
    let content = [&number(entries.len())[..], &entries.concat()].concat();
    [&[id][..], &number(content.len()), &content].concat()
}

/// Encodes a number as LEB128.
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

/// A program with shared memory, a table for one function, `_start` as function 2 and the entry of its threads as 3,
/// both with one local integer. Function 0 is `proc_exit2`, and function 1 is `thread-spawn`.
#[derive(Clone, Copy, Default)]
struct Program<'a> {
    /// The most pages of its memory, which starts with one; 0 means 1.
    max_pages: usize,
    own_memory: &'a [u8],
    tag: Option<TagFrom>,
    start: &'a [u8],
    thread: &'a [u8],
    /// Runs at the start of every instance.
    init: Option<&'a [u8]>,
}

#[derive(Clone, Copy, PartialEq)]
enum TagFrom {
    Itself,
    /// `__c_longjmp`
    Host,
}

impl Program<'_> {
    fn build(self) -> Result<Runtime, Error> {
        let import =
            |module: &str, field: &str, kind: &[u8]| [&name(module)[..], &name(field), kind].concat();
        let export = |field: &str, kind: &[u8]| [&name(field)[..], kind].concat();
        let code = |body: &[u8]| [&number(body.len() + 4)[..], &[1, 1, 0x7f], body, &[0x0b]].concat();
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        // (i32), (i32) -> i32, (), (i32, i32)
        module.extend(section(
            1,
            &[&[0x60, 1, 0x7f, 0], &[0x60, 1, 0x7f, 1, 0x7f], &[0x60, 0, 0], &[0x60, 2, 0x7f, 0x7f, 0]],
        ));
        let memory = [&[2, 0x03, 1][..], &number(self.max_pages.max(1))].concat();
        let imports = [
            import("wasix_32v1", "proc_exit2", &[0, 0]),
            import("wasi", "thread-spawn", &[0, 1]),
            import("env", "memory", &memory),
            import("env", "__c_longjmp", &[4, 0, 0]),
        ];
        let count = if self.tag == Some(TagFrom::Host) { 4 } else { 3 };
        module.extend(section(2, &imports.iter().take(count).map(Vec::as_slice).collect::<Vec<_>>()));
        let count = if self.init.is_some() { 3 } else { 2 };
        module.extend(section(3, &[&[2][..], &[3], &[2]][..count]));
        module.extend(section(4, &[&[0x70, 0, 1]]));
        if !self.own_memory.is_empty() {
            module.extend(section(5, &[self.own_memory]));
        }
        if self.tag == Some(TagFrom::Itself) {
            module.extend(section(13, &[&[0, 0]]));
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
        if self.init.is_some() {
            module.extend([8, 1, 4]);
        }
        let bodies = [code(self.start), code(self.thread), code(self.init.unwrap_or_default())];
        module.extend(section(10, &bodies.iter().take(count).map(Vec::as_slice).collect::<Vec<_>>()));
        Runtime::builder().module_bytes(module).without_cache().build()
    }
}

fn program(own_memory: &[u8], start: &[u8], thread: &[u8]) -> Runtime {
    Program { own_memory, start, thread, ..Program::default() }.build().unwrap()
}

/// Repeats `body`, with the number of the round, from 0, in local 0.
fn repeated(times: usize, body: &[u8]) -> Vec<u8> {
    // local.get 0, i32.const 1, i32.add, local.tee 0, i32.const `times`, i32.lt_u, br_if 0
    let next = [&[0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41][..], &number(times), &[0x49, 0x0d, 0]].concat();
    [&[0x03, 0x40][..], body, &next, &[0x0b]].concat()
}

/// Waits for a job and returns its result; panics if it takes too long.
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
    panic!("the job has not ended");
}

/// `i32.const 0, i32.const 0, i64.const -1, memory.atomic.wait32, drop`: waits forever.
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
fn endless_loop_without_memory_accesses_can_be_stopped() {
    // The check in a loop must not take its value from a check before it, of which there may be any number.
    for loops in [0, 1, 2, 13, 14, 15, 40] {
        // Loops of one round each; loop, br 0.
        let start = [&repeated(1, &[]).repeat(loops)[..], &[0x03, 0x40, 0x0c, 0, 0x0b]].concat();
        let job = program(&[], &start, &[]).job(MemFs::new()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        job.cancel();
        assert_eq!(ended(job), Err(ErrorKind::Cancelled), "after {loops} loops");
    }
}

#[test]
fn module_with_a_second_memory_is_refused() {
    // A second memory without a maximum would escape the limit of the first.
    let runtime = program(&[0x00, 1], &[], &[]);
    let error = runtime.job(MemFs::new()).limits(Limits::default().memory(64 << 10)).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Start, "{error}");
    assert!(error.to_string().contains("a module has one memory, which it imports"), "{error}");
}

#[test]
fn growing_a_table_is_refused() {
    // `table.grow` by 2^20, which returns -1 if it is refused; traps for any other result.
    let grow =
        [0xd0, 0x70, 0x41, 0x80, 0x80, 0xc0, 0x00, 0xfc, 0x0f, 0, 0x41, 0x7f, 0x47, 0x04, 0x40, 0x00, 0x0b];
    program(&[], &grow, &[]).job(MemFs::new()).run().unwrap();
}

#[test]
fn thread_that_the_host_cannot_start_fails_the_job() {
    // `_start` ignores the failure and returns.
    let spawn = [0x41, 0, 0x10, 1, 0x1a];
    // Traps in every instance after the first: `if (word) unreachable; word = 1`, with the word at 132.
    let only_once = [0x41, 0x84, 1, 0x28, 2, 0, 0x04, 0x40, 0x00, 0x0b, 0x41, 0x84, 1, 0x41, 1, 0x36, 2, 0];
    let program = Program { start: &spawn, init: Some(&only_once), ..Program::default() };
    let error = program.build().unwrap().job(MemFs::new()).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Start, "{error}");
    assert!(error.to_string().contains("could not start another of its threads"), "{error}");
}

#[test]
fn module_that_throws_exceptions_is_refused() {
    // block, try_table (catch_all), i32.const 0, throw
    let throw = [0x02, 0x40, 0x1f, 0x40, 1, 0x02, 0, 0x41, 0, 0x08, 0, 0x0b, 0x0b];
    for tag in [TagFrom::Itself, TagFrom::Host] {
        let start = repeated(1_000_000, &throw);
        let error = Program { tag: Some(tag), start: &start, ..Program::default() }.build().unwrap_err();
        assert!(matches!(error, Error::ModuleFeature { .. }), "{error}");
        assert!(error.to_string().contains("throws an exception itself"), "{error}");
    }
    // A module that only catches exceptions is accepted.
    let catch = [0x02, 0x40, 0x1f, 0x40, 1, 0x02, 0, 0x0b, 0x0b];
    let program = Program { tag: Some(TagFrom::Itself), start: &catch, ..Program::default() };
    program.build().unwrap().job(MemFs::new()).run().unwrap();
}

/// Returns the growth of the host's memory, in bytes, between programs that run `body` a hundredth of `times` and
/// `times` times.
#[cfg(target_os = "linux")]
fn growth(program: Program<'_>, times: usize, body: &[u8]) -> u64 {
    let run = |times: usize| {
        let start = repeated(times, body);
        let runtime = Program { start: &start, ..program }.build().unwrap();
        runtime.job(MemFs::new()).limits(Limits::default().wall_time(6 * PATIENCE)).run().unwrap();
        peak_memory()
    };
    let before = run(times / 100);
    // The system's counts are approximate, so the second can be smaller.
    run(times).saturating_sub(before)
}

#[test]
#[cfg(target_os = "linux")]
fn references_and_refused_growth_leave_no_memory_in_the_host() {
    // table.set(0, ref.func 2), drop(table.get(0)), table.fill(0, ref.func 3, 1), drop(ref.null extern)
    let references = [
        0x41, 0, 0xd2, 2, 0x26, 0, 0x41, 0, 0x25, 0, 0x1a, 0x41, 0, 0xd2, 3, 0x41, 1, 0xfc, 0x11, 0, 0xd0,
        0x6f, 0x1a,
    ];
    // drop(memory.grow(1)), drop(table.grow(ref.null func, 1))
    let refused = [0x41, 1, 0x40, 0, 0x1a, 0xd0, 0x70, 0x41, 1, 0xfc, 0x0f, 0, 0x1a];
    for body in [&references[..], &refused] {
        // 24 bytes per round would be 7 MB.
        let grown = growth(Program::default(), 300_000, body);
        assert!(grown < 6 << 20, "{grown}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn threads_that_grow_shared_memory_leave_no_memory_in_the_host() {
    // drop(memory.grow(1)), drop(atomic.rmw.add(128, 1)), drop(notify(128, 1))
    let thread = [
        0x41, 1, 0x40, 0, 0x1a, 0x41, 0x80, 1, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a, 0x41, 0x80, 1, 0x41, 1, 0xfe,
        0x00, 2, 0, 0x1a,
    ];
    // drop(thread-spawn(0)), drop(wait32(128, round, -1))
    let spawn_and_wait = [0x41, 0, 0x10, 1, 0x1a, 0x41, 0x80, 1, 0x20, 0, 0x42, 0x7f, 0xfe, 0x01, 2, 0, 0x1a];
    let program = Program { max_pages: 100, thread: &thread, ..Program::default() };
    let grown = growth(program, 2_000, &spawn_and_wait);
    assert!(grown < 24 << 20, "{grown}");
}

#[test]
#[cfg(target_os = "linux")]
fn traps_leave_no_memory_in_the_host() {
    let runtime = program(&[], &[0x00], &[]);
    let trap = |times: usize| {
        for _ in 0..times {
            assert_eq!(runtime.job(MemFs::new()).run().unwrap_err().kind(), ErrorKind::Trap);
        }
        peak_memory()
    };
    let before = trap(20);
    let grown = trap(1_000).saturating_sub(before);
    assert!(grown < 16 << 20, "{grown}");
}
