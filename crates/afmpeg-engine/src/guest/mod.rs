//! One job's guest: its instance, its threads, its end.

mod clock;
pub(crate) mod files;
mod limits;
mod memory;
pub(crate) mod sjlj;
mod stdio;
mod threads;
mod wasi;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use afmpeg_vfs::{DevFs, FaultLog, MemFs, Mount, VPath, Vfs, adapter::wasi::Descriptors};
use wasmer::{Instance, RuntimeError, Store, sys::NativeEngineExt as _};
use wasmer_types::TrapCode;
use wasmer_wasix::{Runtime as _, WasiEnvBuilder, WasiError, capabilities::Capabilities};

pub(crate) use clock::Clock;
use limits::GuestTunables;
use stdio::{LogFile, OutputFile};
use threads::GuestThreads;
use wasi::JobRuntime;

use crate::{
    Error, ExitError, ExitStatus, Job, Output, PartialOutputs, Result, Tool, TrapError, diagnosis::diagnose,
};

/// The exported address at which the module's `main` leaves its whole return value: WASI's `proc_exit` keeps
/// only eight bits of it on its way here. See `wasm-build/compat/multicall.c`.
const EXIT_STATUS_EXPORT: &str = "afmpeg_exit_status";

/// How long the last threads may take to notice that their job is over.
const THREADS_GRACE: Duration = Duration::from_secs(10);

/// FFmpeg starts a thread for each input, output, filter graph, decoder and encoder, and those start more: far
/// above what any command line needs, and low enough that a hostile one cannot exhaust the host's.
const MAX_THREADS: usize = 1024;

/// How many files and folders a job may have in its private `/tmp`.
const TMP_NAMES: u64 = 65_536;

/// How the guest's main function ended.
enum Ending {
    Exit(ExitStatus),
    Trap(RuntimeError),
}

pub(crate) fn run(job: Job) -> Result<Output> {
    let started = Instant::now();
    let tool = job.tool;
    let span = tracing::debug_span!("job", %tool);
    let _in_span = span.enter();

    let fs = Arc::clone(&job.fs);
    let root = guest_root(&job).map_err(|error| start_error(tool, &error))?;
    let faults = FaultLog::new();
    let log = LogFile::new(job.stderr);
    let stdout = OutputFile::new(job.stdout);
    let root: Arc<dyn Vfs> = Arc::new(root);
    let files =
        Descriptors::new(Arc::clone(&root), faults.clone()).stdout(stdout.clone()).stderr(log.clone());
    let files = Arc::new(match job.stdin {
        Some(stdin) => files.stdin(stdin),
        None => files,
    });
    files.set_current_dir(&job.current_dir).map_err(|errno| {
        first_fault(&faults, &[]).unwrap_or_else(|| Error::InvalidJob {
            what: format!("the working folder {}", job.current_dir),
            reason: format!("it cannot be entered ({errno})"),
        })
    })?;

    let inner = job.runtime.inner();
    let mut engine = inner.engine.clone();
    engine.set_tunables(GuestTunables::new(job.memory_limit));
    let threads = GuestThreads::new(inner.clock.handle(), job.processors);
    let wasi = Arc::new(JobRuntime::new(engine, threads.clone(), Arc::clone(&files)));

    let mut capabilities = Capabilities::new();
    capabilities.threading.max_threads = Some(MAX_THREADS);
    capabilities.threading.enable_asynchronous_threading = false;

    let builder = WasiEnvBuilder::new(tool.name())
        .args(&job.args)
        .runtime(Arc::clone(&wasi) as Arc<dyn wasmer_wasix::Runtime + Send + Sync>)
        .capabilities(capabilities)
        .disable_default_builtins(true);

    let _timers = inner.clock.enter();
    let mut store = wasi.new_store();
    let (instance, env) =
        builder.instantiate(inner.module.clone(), &mut store).map_err(|error| start_error(tool, &error))?;
    let process = env.data(&store).process.clone();
    wasi.watch(process.clone());

    let ending = call_start(&mut store, &instance);
    env.on_exit(&mut store, Some(exit_code(&ending)));
    // Threads still parked on a lock are not woken by the end of main: this wakes and ends them.
    wasi.kill();
    if !threads.wait_until_gone(THREADS_GRACE) {
        // Their memory must outlive them.
        std::mem::forget((store, env, instance));
        return Err(start_error(tool, &"one of its threads is stuck in a filesystem call"));
    }
    let ending = match wasi.take_trap() {
        Some(trap) => Ending::Trap(trap),
        None => ending,
    };
    drop((env, instance, store));
    files.close_all();

    let log_tail = log.last_lines();
    let failure = failure(tool, ending, &faults, &log_tail);
    let failure = failure.or_else(|| unpanicked(|| fs.commit()).map_err(Error::Commit).err());
    if let Some(error) = failure {
        if job.partial_outputs == PartialOutputs::Remove {
            remove_all(&*root, &files.written());
        }
        return Err(error);
    }
    Ok(Output { stdout: stdout.take(), log: log.text(), elapsed: started.elapsed() })
}

/// The caller's filesystem at `/`, with `/dev` and, where the caller has none, a private `/tmp`.
fn guest_root(job: &Job) -> io::Result<Mount> {
    let tmp = VPath::new("/tmp")?;
    let has_tmp = unpanicked(|| job.fs.metadata(&tmp)).is_ok();
    let dev = job.seed.map_or_else(DevFs::new, DevFs::seeded);
    let mut root = Mount::new(Arc::clone(&job.fs)).mount(VPath::new("/dev")?, Arc::new(dev));
    if !has_tmp {
        root = root.mount(tmp, Arc::new(MemFs::with_limits(job.tmp_limit, TMP_NAMES)));
    }
    Ok(root)
}

/// Removes what a failed job has written. What cannot be removed stays, and the job's own error is reported.
fn remove_all(root: &dyn Vfs, paths: &[VPath]) {
    for path in paths {
        if let Err(error) = unpanicked(|| root.remove_file(path)) {
            tracing::warn!(%path, %error, "cannot remove a partial output");
        }
    }
}

/// A filesystem that panics has failed, and nothing else has.
fn unpanicked<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(io::Error::other("the filesystem panicked")))
}

fn call_start(store: &mut Store, instance: &Instance) -> Ending {
    let result = instance
        .exports
        .get_typed_function::<(), ()>(store, "_start")
        .map_err(|error| RuntimeError::new(error.to_string()))
        // A panic in a host function comes out here, after the guest's frames are gone.
        .and_then(|start| {
            catch_unwind(AssertUnwindSafe(|| start.call(store)))
                .unwrap_or_else(|_| Err(RuntimeError::new("a host function panicked")))
        });
    match result.map_err(|error| error.downcast::<WasiError>()) {
        Ok(()) => Ending::Exit(ExitStatus::from_code(0)),
        Err(Ok(WasiError::Exit(code))) => {
            let code = whole_exit_status(store, instance).unwrap_or(i32::from(code.raw().to_le_bytes()[0]));
            Ending::Exit(ExitStatus::from_code(code))
        }
        Err(Ok(other)) => Ending::Trap(RuntimeError::new(other.to_string())),
        Err(Err(trap)) => Ending::Trap(trap),
    }
}

/// What `main` returned, which the guest keeps in its memory; none if it left by `exit` in the middle.
fn whole_exit_status(store: &mut Store, instance: &Instance) -> Option<i32> {
    let address = instance.exports.get_global(EXIT_STATUS_EXPORT).ok()?.get(store).i32()?.cast_unsigned();
    let memory = instance.exports.get_memory("memory").ok()?;
    let mut word = [0; 4];
    memory.view(store).read(u64::from(address), &mut word).ok()?;
    Some(i32::from_le_bytes(word)).filter(|code| *code != 0)
}

fn exit_code(ending: &Ending) -> wasmer_wasix::wasmer_wasix_types::wasi::ExitCode {
    match ending {
        Ending::Exit(status) => i32::from(status.low_byte()).into(),
        Ending::Trap(_) => 129.into(),
    }
}

fn start_error(tool: Tool, reason: &dyn std::fmt::Display) -> Error {
    Error::Start { tool, reason: reason.to_string() }
}

/// The failure of the filesystem that came before all others.
fn first_fault(faults: &FaultLog, log: &[String]) -> Option<Error> {
    faults.faults().first().map(|fault| Error::Filesystem {
        operation: fault.operation().to_string(),
        path: fault.path().to_string(),
        source: Arc::clone(fault.error()),
        log: log.to_vec(),
    })
}

/// The error that a job's end amounts to, the deepest cause first.
fn failure(tool: Tool, ending: Ending, faults: &FaultLog, log: &[String]) -> Option<Error> {
    // A read that failed can look like the end of a file to FFmpeg: a fault fails even a "successful" job.
    first_fault(faults, log).or_else(|| match ending {
        Ending::Exit(status) if status.is_success() => None,
        Ending::Exit(status) => {
            let mut diagnosis = diagnose(status, log);
            // FFmpeg only knows that it may not; the filesystem may have said why.
            if let Some(denial) = faults.denials().first() {
                diagnosis.hint = Some(format!("the filesystem refused: {denial}"));
            }
            Some(Error::Exit(Box::new(ExitError { tool, status, diagnosis, log: log.to_vec() })))
        }
        Ending::Trap(trap) => Some(Error::Trap(Box::new(TrapError {
            tool,
            message: trap.message(),
            backtrace: trap
                .trace()
                .iter()
                .map(|frame| {
                    frame
                        .function_name()
                        .map_or_else(|| format!("function {}", frame.func_index()), str::to_owned)
                })
                .collect(),
            stack_overflow: trap.clone().to_trap() == Some(TrapCode::StackOverflow),
            log: log.to_vec(),
        }))),
    })
}
