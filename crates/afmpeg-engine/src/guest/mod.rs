//! One job's guest: its instance, its threads, its end.

mod arguments;
mod clock;
mod cpu_time;
mod ending;
pub(crate) mod exit;
pub(crate) mod files;
mod host;
mod limits;
mod memory;
mod root;
pub(crate) mod sjlj;
mod stdin;
mod stdio;
mod stop;
mod threads;
mod transfer;
mod wasi;
mod watch;
pub(crate) mod words;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use afmpeg_vfs::{DevFs, FaultLog, FileStats, MemoryBudget, VPath, adapter::wasi::Descriptors, catch_panic};
use wasmer::{Instance, RuntimeError, Store, sys::NativeEngineExt as _};
use wasmer_wasix::{
    Runtime as _, WasiEnvBuilder, WasiError, capabilities::Capabilities, wasmer_wasix_types::wasi::ExitCode,
};

use arguments::Arguments;
use cpu_time::CpuTime;
use ending::{Ending, Evidence};
pub(crate) use host::HostThreads;
use limits::GuestTunables;
use root::GuestRoot;
use stdin::InputStream;
pub(crate) use stdio::STDOUT_COLLECTED;
use stdio::{LOG_KEPT, LogFile, Moved, OutputFile, STDOUT};
pub(crate) use stop::StopCause;
use stop::{Stop, Words};
use threads::GuestThreads;
use wasi::JobRuntime;
use watch::Watch;

use crate::{
    Error, ExitStatus, Job, Limits, Output, PartialOutputs, Result, Tool, command_words,
    diagnosis::About,
    given::{Given, GivenEnd},
    input_format,
    progress::ReportReader,
    sequence,
    sinks::{Sink, Source, Stdin},
    statistics::Statistics,
};

/// How long the last threads may take to notice that their job is over: a call to the caller's filesystem may have
/// to end first.
const THREADS_GRACE: Duration = Duration::from_secs(10);

/// The devices for FFmpeg's progress and its log, and the variables that name them to the guest: see
/// `wasm-build/compat/shared.c` and `log.c`.
const PROGRESS: (&str, &str) = ("progress", "AFMPEG_PROGRESS");
const LOG: (&str, &str) = ("log", "AFMPEG_LOG");

/// Runs a job, in a slot that it has been given, on the calling thread and those that the guest makes.
pub(crate) fn run(mut job: Job) -> Result<Output> {
    let tool = job.tool;
    let span = tracing::debug_span!("job", %tool);
    let _in_span = span.enter();

    let result = run_guest(&mut job);
    job.progress.end(result.is_ok());
    result
}

fn run_guest(job: &mut Job) -> Result<Output> {
    let started = Instant::now();
    let tool = job.tool;
    let runtime = job.runtime.clone();
    let inner = runtime.inner();
    let spawner = inner.host.spawner().ok_or_else(|| start_error(tool, &"the runtime is gone"))?;
    let stop = Arc::new(Stop::default());
    let cpu = CpuTime::default();
    // Everything from here on counts, so that nothing takes longer than the job may.
    let watch = Watch::start(spawner.handle(), &stop, job.cancel.clone(), &job.limits, cpu.clone());

    let faults = FaultLog::new();
    let log = LogFile::new(job.stderr.take(), job.log.take(), job.limits.log, faults.clone());
    let budget = MemoryBudget::new(job.limits.host_memory.saturating_sub(LOG_KEPT as u64));
    let root = GuestRoot::new(job, devices(job, &log), &budget).map_err(|error| start_error(tool, &error))?;
    let moved = Moved::default();
    let (stdin, stdout_sink) = (job.stdin.take(), job.stdout.take());
    let given = std::mem::take(&mut job.given);
    let output = |path: &str, sink: Option<Sink>| {
        OutputFile::new(path, sink, &job.limits, budget.clone(), moved.clone(), faults.clone())
    };
    let input = |path: &str, source: Source| {
        InputStream::new(path, source, spawner.clone(), Arc::clone(&stop), moved.clone(), faults.clone())
    };
    let stdout = output(STDOUT, stdout_sink);
    let mut outputs = vec![stdout.clone()];
    let files = Descriptors::new(Arc::clone(&root.fs), faults.clone());
    let files = files.stdout(stdout.clone()).stderr(log.clone());
    let mut files = match stdin {
        Some(Stdin::Stream(source)) => files.stdin(input(stdin::PATH, source)),
        Some(Stdin::File(file)) => files.stdin_file(file),
        None => files,
    };
    for Given { path, end } in given {
        let at = VPath::new(&path).map_err(|error| start_error(tool, &error))?;
        files = match end {
            GivenEnd::Input(Stdin::Stream(source)) => files.input_stream(at, input(&path, source)),
            GivenEnd::Input(Stdin::File(file)) => files.input_file(at, file),
            GivenEnd::Output(sink) => {
                let stream = output(&path, Some(sink));
                outputs.push(stream.clone());
                files.output_stream(at, stream)
            }
        };
    }
    // FFmpeg duplicates by `F_DUPFD` what `pipe:` and `fd:` name, and nothing else.
    let files = Arc::new(if inner.is_ffmpeg { files.restrict_duplicates() } else { files });
    files.set_current_dir(&job.current_dir).map_err(|errno| {
        ending::first_fault(&faults, &[]).unwrap_or_else(|| Error::InvalidJob {
            what: format!("the working folder {}", job.current_dir),
            reason: format!("it cannot be entered ({errno})"),
        })
    })?;

    let memory_limit = job.limits.resolved_memory(job.processors);
    let thread_limit = job.limits.resolved_threads(job.processors);
    let mut engine = inner.engine.clone();
    engine.set_tunables(GuestTunables::new(memory_limit, job.limits.stack.min(Limits::MAX_STACK)));
    let threads =
        GuestThreads::new(spawner.clone(), job.processors, thread_limit, cpu.clone(), Arc::clone(&stop));
    let wasi = Arc::new(JobRuntime::new(
        engine.clone(),
        threads.clone(),
        Arc::clone(&files),
        Arc::clone(&stop),
        job.time,
        guest_args(job),
    ));

    let mut capabilities = Capabilities::new();
    // One more than our own limit, which is the one that tells.
    capabilities.threading.max_threads = Some(Limits::MAX_THREADS + 1);
    capabilities.threading.enable_asynchronous_threading = false;

    let builder = WasiEnvBuilder::new(tool.name())
        .env(PROGRESS.1, format!("/dev/{}", PROGRESS.0))
        .env(LOG.1, format!("/dev/{}", LOG.0))
        .runtime(Arc::clone(&wasi) as Arc<dyn wasmer_wasix::Runtime + Send + Sync>)
        .capabilities(capabilities)
        .disable_default_builtins(true);

    let _timers = inner.host.enter();
    let time = cpu.enter();
    let mut store = wasi.new_store();
    let (instance, env) = builder
        .instantiate(inner.module.clone(), &mut store)
        .map_err(|error| instantiate_error(job, &error))?;
    let flag = words::address_of(&mut store, &instance, words::STOP_FLAG);
    let memory = instance.exports.get_memory("memory").ok().and_then(|memory| memory.as_shared(&store));
    let (Some(flag), Some(memory)) = (flag, memory) else {
        return Err(start_error(tool, &"its module has no stop flag in a shared memory"));
    };
    let words = Words {
        engine,
        memory,
        stop_flag: flag,
        memory_refused: words::address_of(&mut store, &instance, words::MEMORY_REFUSED),
        signal: words::signal(&mut store, &instance).filter(|_| tool == Tool::Ffmpeg),
    };
    stop.attach(env.data(&store).process.clone(), words);
    let refusals = {
        let (stop, threads, root, outputs) =
            (Arc::clone(&stop), threads.clone(), root.clone(), outputs.clone());
        move || {
            stop.is_memory_refused()
                || threads.refused()
                || threads.failure().is_some()
                || root.has_refused()
                || outputs.iter().any(OutputFile::has_refused)
        }
    };
    let stalls = {
        let (progress, moved) = (job.progress.clone(), moved.clone());
        move || progress.bytes_moved().wrapping_add(moved.bytes())
    };
    let stalls = Watch::stalls(spawner.handle(), &stop, job.limits.stall, cpu.clone(), stalls);
    let refusals = Watch::refusals(spawner.handle(), &stop, refusals);

    let ending = call_start(&mut store, &instance);
    // Then main has only been ended.
    let ending = stop.exited().map_or(ending, |code| exited(&mut store, &instance, code));
    env.on_exit(&mut store, Some(ending.exit_code()));
    // Threads still parked on a lock are not woken by the end of main: this wakes and ends them.
    let given_up = Instant::now() + THREADS_GRACE;
    let all_gone = loop {
        stop.kill();
        if threads.wait_until_gone(watch::AGAIN) {
            break true;
        }
        if Instant::now() >= given_up {
            break false;
        }
    };
    if all_gone {
        stop.detach();
    }
    drop((watch, stalls, refusals, time));

    let ending = wasi.take_trap().map_or(ending, Ending::Trap);
    let is_finishing = stop.is_finishing();
    let ending = if is_finishing { ending.finished() } else { ending };
    let log_tail = log.finish();
    let errors = log.errors();
    let statistics = words::statistics(&mut store, &instance);
    // A filesystem of which a call has not returned is not called again.
    let needed = |path: &str| {
        all_gone
            .then(|| catch_panic("filesystem", || Ok(input_format::needed_for(job, path))).ok().flatten())
            .flatten()
    };
    let failure = Evidence {
        tool,
        stop: stop.cause(),
        files_limit: root.met_limit(&job.limits),
        stdout_limit: outputs.iter().find_map(OutputFile::met_limit),
        memory_refused: words::memory_refused(&mut store, &instance),
        is_finishing,
        outputs_refused: words::outputs_refused(&mut store, &instance),
        damage: statistics.damage().filter(|_| job.fails_on_damage),
        c_stack_exhausted: words::is_c_stack_exhausted(&mut store, &instance),
        threads_refused: threads.refused(),
        thread_failure: threads.failure(),
        faults: &faults,
        memory: memory_limit,
        threads: thread_limit,
        log: &log_tail,
        errors: &errors,
        about: About {
            needed: &needed,
            inputs: command_words::inputs(&job.args),
            filters: command_words::filter_words(&job.args),
        },
        partial_outputs: job.partial_outputs,
    }
    .failure(ending);
    drop((env, instance, store));
    // A thread that is stuck in a call to the filesystem keeps what it needs, and its files, until the call ends.
    if all_gone {
        files.close_all();
    }
    let failure = failure
        .or_else(|| (!all_gone).then(|| Error::Stuck { tool, log: log_tail.clone() }))
        .or_else(|| lost_file(job, &root, &log_tail))
        .or_else(|| catch_panic("filesystem", || job.fs.commit()).map_err(Error::Commit).err());
    if let Some(error) = failure {
        if job.partial_outputs == PartialOutputs::Remove {
            root.remove_all(&files.written());
        }
        return Err(error);
    }
    // A gap is only a count: a filesystem that cannot tell has none.
    let sequence_gaps = catch_panic("filesystem", || {
        let (inputs, files) = (command_words::inputs(&job.args), job.progress.watch().files());
        Ok(sequence::gaps(&job.fs, &inputs, &job.current_dir, &files))
    });
    let statistics = Statistics { sequence_gaps: sequence_gaps.unwrap_or(0), ..statistics };
    Ok(Output {
        stdout: stdout.take(),
        log: log.text(),
        elapsed: started.elapsed(),
        cpu_time: cpu.used().0,
        files: touched_files(job, &files.written()),
        statistics,
        errors,
    })
}

/// The files that the job has read or written, without those that it has only looked at. One that it has made empty is in
/// `written` alone.
fn touched_files(job: &Job, written: &[VPath]) -> Vec<(VPath, FileStats)> {
    let mut files = job.progress.watch().files();
    files.retain(|(path, stats)| stats.reads > 0 || stats.writes > 0 || written.contains(path));
    files
}

/// A file that nobody will see, of a job that has not said that it means it.
fn lost_file(job: &Job, root: &GuestRoot, log: &[String]) -> Option<Error> {
    let path = if job.discards_tmp { None } else { root.left_in_tmp() }?;
    Some(Error::LostFile { tool: job.tool, path: path.to_string(), log: log.to_vec() })
}

/// `/dev`, with the devices for the progress and the log.
fn devices(job: &Job, log: &LogFile) -> DevFs {
    let dev = job.seed.map_or_else(DevFs::new, DevFs::seeded).with_streams();
    let mut reports = ReportReader::new(job.expected_duration);
    let progress = job.progress.clone();
    progress.send(reports.progress());
    let dev = dev.with_sink(PROGRESS.0, move |bytes| {
        reports.write(bytes, |report| progress.send(report));
        Ok(())
    });
    let log = log.clone();
    let dev = dev.with_sink(LOG.0, move |record| log.write_record(record));
    job.devices.iter().fold(dev, |dev, (name, sink)| {
        let sink = Arc::clone(sink);
        dev.with_sink(name.clone(), move |bytes| sink(bytes))
    })
}

/// The tool's name and the job's arguments, behind the option that makes ffmpeg fail on the first damage.
fn guest_args(job: &Job) -> Arguments {
    let fails_on_damage = job.fails_on_damage && job.tool == Tool::Ffmpeg && job.runtime.inner().is_ffmpeg;
    let first = [job.tool.name()].into_iter().chain(fails_on_damage.then_some("-xerror"));
    let args = first.chain(job.args.iter().map(String::as_str));
    args.map(|arg| VPath::bytes_of(arg).into_owned()).collect()
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
        Err(Ok(WasiError::Exit(code))) => exited(store, instance, code),
        Err(Ok(other)) => Ending::Trap(RuntimeError::new(other.to_string())),
        Err(Err(trap)) => Ending::Trap(trap),
    }
}

/// The end by `exit`, or by the end of main, which has left the whole of what it returned.
fn exited(store: &mut Store, instance: &Instance, code: ExitCode) -> Ending {
    let code = words::exit_status(store, instance).unwrap_or(i32::from(code.raw().to_le_bytes()[0]));
    Ending::Exit(ExitStatus::from_code(code))
}

fn start_error(tool: Tool, reason: &dyn std::fmt::Display) -> Error {
    Error::Start { tool, reason: reason.to_string() }
}

/// A module that cannot even be loaded into the memory that the job may have says only that.
fn instantiate_error(job: &Job, error: &dyn std::fmt::Display) -> Error {
    let needed = job.runtime.inner().initial_memory;
    let allowed = job.limits.resolved_memory(job.processors);
    if needed > allowed {
        return ending::memory_limit(job.tool, allowed, needed, &[]);
    }
    start_error(job.tool, error)
}
