//! A guest from its start to the end of its last thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use afmpeg_vfs::{DevFs, FaultLog, MemoryBudget, VPath, adapter::wasi::Descriptors};
use tokio::runtime::Handle;
use wasmer::{Instance, RuntimeError, Store, sys::NativeEngineExt as _};
use wasmer_wasix::{
    Runtime as _, WasiEnvBuilder, WasiError, WasiFunctionEnv, capabilities::Capabilities,
    wasmer_wasix_types::wasi::ExitCode,
};

use super::{
    arguments::Arguments,
    cpu_time::CpuTime,
    ending::{self, Ending},
    job::GuestJob,
    limits::GuestTunables,
    outcome::Ended,
    root::GuestRoot,
    shared_variables,
    state::HostState,
    stdin::{self, InputStream},
    stdio::{LOG_KEPT, LogFile, Moved, OutputFile, STDOUT},
    stop::{SharedVariables, Stop},
    terminal::Terminal,
    threads::GuestThreads,
    urls::{self, URLS},
    wasi::JobRuntime,
    watch::Watch,
};
use crate::{
    error::{Error, Result},
    exit::ExitStatus,
    fonts,
    host_threads::Spawner,
    limits::Limits,
    progress::ReportReader,
    sinks::{DeviceSink, InputEnd, NamedStream, Sink, Sinks, Source, StreamEnd},
    spec::JobSpec,
    tool::Tool,
};

/// The devices for FFmpeg's progress, its log and the list of fonts, and the variables that name them to the guest: see
/// `wasm-build/compat/shared.c` and `log.c`, and libass's patches.
const PROGRESS: (&str, &str) = ("progress", "AFMPEG_PROGRESS");
const LOG: (&str, &str) = ("log", "AFMPEG_LOG");
const FONTS: (&str, &str) = ("fonts", "AFMPEG_FONTS");

/// A guest that is ready to run, or runs.
pub(super) struct Process {
    host: HostState,
    clock: Handle,
    wasi: Arc<JobRuntime>,
    store: Store,
    instance: Instance,
    env: WasiFunctionEnv,
    watches: Vec<Watch>,
}

impl Process {
    /// Creates the instance of a job, with the limits on it in force.
    pub(super) fn set_up(job: GuestJob, sinks: Sinks) -> Result<Self> {
        let started = Instant::now();
        let tool = job.spec.tool;
        let runtime = Arc::clone(&job.runtime);
        let spawner = runtime.spawner(tool)?;
        let clock = spawner.handle().clone();
        let stop = Arc::new(Stop::default());
        let cpu = CpuTime::default();
        // Everything from here on counts against the limits of time.
        let watch = Watch::start(&clock, &stop, job.cancel.clone(), &job.limits, cpu.clone());

        let faults = FaultLog::new();
        let log = LogFile::new(sinks.stderr, sinks.log_colors, sinks.log, job.limits.log, faults.clone());
        let budget = MemoryBudget::new(job.limits.host_memory.saturating_sub(LOG_KEPT as u64));
        let dev = devices(&job, &log, sinks.devices);
        let has_urls = sinks.urls.is_some();
        let dev = match sinks.urls {
            Some(opener) => urls::add_to(dev, opener, &faults),
            None => dev,
        };
        let root = GuestRoot::new(&job, dev, &budget).map_err(|error| start_error(tool, &error))?;
        let moved = Moved::default();
        let streams = Streams {
            limits: &job.limits,
            budget,
            moved: moved.clone(),
            faults: faults.clone(),
            spawner: spawner.clone(),
            stop: Arc::clone(&stop),
        };
        let stdout = streams.output(STDOUT, sinks.stdout);
        let mut outputs = vec![stdout.clone()];
        let files = Descriptors::new(Arc::clone(&root.fs), faults.clone());
        let files = files.stdout(stdout.clone()).stderr(log.clone());
        let mut files = match sinks.stdin {
            Some(InputEnd::Stream(source)) => files.polled_stdin(streams.input(stdin::PATH, source)),
            Some(InputEnd::File(file)) => files.stdin_file(file),
            None => files,
        };
        for NamedStream { path, end } in sinks.streams {
            let at = VPath::new(&path).map_err(|error| start_error(tool, &error))?;
            files = match end {
                StreamEnd::Input(InputEnd::Stream(source)) => {
                    files.polled_input_stream(at, streams.input(&path, source))
                }
                StreamEnd::Input(InputEnd::File(file)) => files.input_file(at, file),
                StreamEnd::Output(sink) => {
                    let stream = streams.output(&path, Some(sink));
                    outputs.push(stream.clone());
                    files.output_stream(at, stream)
                }
            };
        }
        // FFmpeg duplicates by `F_DUPFD` the streams that `pipe:` and `fd:` name, and no other file.
        let files = Arc::new(if runtime.is_ffmpeg { files.restrict_duplicates() } else { files });
        files.set_current_dir(&job.spec.current_dir).map_err(|errno| {
            ending::first_fault(&faults, None, &[]).unwrap_or_else(|| Error::InvalidJob {
                subject: format!("the working directory {}", job.spec.current_dir),
                reason: format!("it cannot be entered ({errno})"),
            })
        })?;

        let stack = job.limits.stack.min(Limits::MAX_STACK);
        let mut engine = runtime.engine.clone();
        engine.set_tunables(GuestTunables::new(job.max_memory(), stack, runtime.image.clone()));
        let threads =
            GuestThreads::new(spawner, job.processors(), job.max_threads(), cpu.clone(), Arc::clone(&stop));
        let wasi = Arc::new(JobRuntime::new(
            engine.clone(),
            threads.clone(),
            Arc::clone(&files),
            Arc::clone(&stop),
            job.spec.time_of_day,
            arguments(&job),
            sinks.terminal.map(Terminal::new),
        ));

        let mut capabilities = Capabilities::new();
        // One more than our own limit, which is the one that reports a refusal.
        capabilities.threading.max_threads = Some(Limits::MAX_THREADS + 1);
        capabilities.threading.enable_asynchronous_threading = false;
        let mut builder = WasiEnvBuilder::new(tool.name());
        builder.add_envs(&job.spec.env);
        if has_urls {
            builder.add_env(URLS.1, format!("/dev/{}", URLS.0));
        }
        let builder = builder
            .env(PROGRESS.1, format!("/dev/{}", PROGRESS.0))
            .env(LOG.1, format!("/dev/{}", LOG.0))
            .env(FONTS.1, format!("/dev/{}", FONTS.0))
            .runtime(Arc::clone(&wasi) as Arc<dyn wasmer_wasix::Runtime + Send + Sync>)
            .capabilities(capabilities)
            .disable_default_builtins(true);

        let _timers = clock.enter();
        let _time = cpu.enter();
        let mut store = wasi.new_store();
        let (instance, env) = builder
            .instantiate(runtime.module.clone(), &mut store)
            .map_err(|error| instantiate_error(&job, &error))?;
        let flag = shared_variables::address_of(&mut store, &instance, shared_variables::STOP_FLAG);
        let memory = instance.exports.get_memory("memory").ok();
        let memory = memory.and_then(|memory| memory.as_shared(&store));
        let (Some(stop_flag), Some(memory)) = (flag, memory) else {
            return Err(start_error(tool, &"its module does not have a stop flag in a shared memory"));
        };
        let variables = SharedVariables {
            engine,
            memory,
            stop_flag,
            memory_refused: shared_variables::address_of(
                &mut store,
                &instance,
                shared_variables::MEMORY_REFUSED,
            ),
            signal: shared_variables::signal(&mut store, &instance).filter(|_| tool == Tool::Ffmpeg),
        };
        stop.attach(env.data(&store).process.clone(), variables);
        let (progress, stall) = (job.progress.clone(), job.limits.stall);
        let bytes_moved = move || progress.bytes_moved().wrapping_add(moved.bytes());
        let host = HostState { job, started, stop, cpu, faults, log, root, files, stdout, outputs, threads };
        let stalls = Watch::stalls(&clock, &host.stop, stall, host.cpu.clone(), bytes_moved);
        let refusals = Watch::refusals(&clock, &host.stop, host.refusals());
        let watches = vec![watch, stalls, refusals];
        Ok(Self { host, clock, wasi, store, instance, env, watches })
    }

    /// Runs the main function on this thread, and returns how the program ended.
    pub(super) fn call_main(&mut self) -> Ending {
        let clock = self.clock.clone();
        let _timers = clock.enter();
        let _time = self.host.cpu.enter();
        let ending = call_start(&mut self.store, &self.instance);
        // Another thread may have ended the program; main was then only ended with it.
        let exited = self.host.stop.exited();
        let ending = exited.map_or(ending, |code| exit(&mut self.store, &self.instance, code));
        self.env.on_exit(&mut self.store, Some(ending.exit_code()));
        ending
    }

    /// Ends the remaining threads, waits for them, and reads the variables of the guest.
    pub(super) fn wind_down(mut self, ending: Ending) -> Ended {
        let _timers = self.clock.enter();
        let all_gone = self.host.end_threads();
        self.watches.clear();
        let (store, instance) = (&mut self.store, &self.instance);
        let ending = self.wasi.take_trap().map_or(ending, Ending::Trap);
        Ended {
            log_tail: self.host.log.finish(),
            errors: self.host.log.errors(),
            statistics: shared_variables::statistics(store, instance),
            memory_refused: shared_variables::memory_refused(store, instance),
            outputs_refused: shared_variables::outputs_refused(store, instance),
            c_stack_exhausted: shared_variables::is_c_stack_exhausted(store, instance),
            all_gone,
            ending,
            host: self.host,
        }
    }
}

/// Makes the guest's ends of streams.
struct Streams<'a> {
    limits: &'a Limits,
    budget: MemoryBudget,
    moved: Moved,
    faults: FaultLog,
    spawner: Spawner,
    stop: Arc<Stop>,
}

impl Streams<'_> {
    fn output(&self, path: &str, sink: Option<Sink>) -> OutputFile {
        let (budget, moved, faults) = (self.budget.clone(), self.moved.clone(), self.faults.clone());
        OutputFile::new(path, sink, self.limits, budget, moved, faults)
    }

    fn input(&self, path: &str, source: Source) -> InputStream {
        let (spawner, stop) = (self.spawner.clone(), Arc::clone(&self.stop));
        InputStream::new(path, source, spawner, stop, self.moved.clone(), self.faults.clone())
    }
}

/// `/dev`, with the devices for the progress and the log, and those of the job.
fn devices(job: &GuestJob, log: &LogFile, devices: Vec<(String, DeviceSink)>) -> DevFs {
    let dev = job.spec.seed.map_or_else(DevFs::new, DevFs::seeded).with_streams();
    let mut reports = ReportReader::new(job.spec.expected_duration);
    let progress = job.progress.clone();
    progress.send(reports.progress());
    let dev = dev.with_sink(PROGRESS.0, move |bytes| {
        reports.write(bytes, |report| progress.send(report));
        Ok(())
    });
    let log = log.clone();
    let dev = dev.with_sink(LOG.0, move |record| log.write_record(record));
    let dev =
        devices.into_iter().fold(dev, |dev, (name, sink)| dev.with_sink(name, move |bytes| sink(bytes)));
    let (fs, folders) = (Arc::clone(&job.fs), job.spec.font_folders.clone());
    if folders.is_empty() { dev } else { dev.with_contents(FONTS.0, move || fonts::list(&fs, &folders)) }
}

/// The name of the tool and the arguments of the job, with the option that makes ffmpeg fail at the first damage.
fn arguments(job: &GuestJob) -> Arguments {
    let JobSpec { tool, args, fail_on_damage, .. } = &job.spec;
    let fails_on_damage = *fail_on_damage && *tool == Tool::Ffmpeg && job.runtime.is_ffmpeg;
    let first = [tool.name()].into_iter().chain(fails_on_damage.then_some("-xerror"));
    let args = first.chain(args.iter().map(String::as_str));
    args.map(|arg| VPath::bytes_of(arg).into_owned()).collect()
}

fn call_start(store: &mut Store, instance: &Instance) -> Ending {
    let result = instance
        .exports
        .get_typed_function::<(), ()>(store, "_start")
        .map_err(|error| RuntimeError::new(error.to_string()))
        // A panic in a host function surfaces here, after the frames of the guest are gone.
        .and_then(|start| {
            catch_unwind(AssertUnwindSafe(|| start.call(store)))
                .unwrap_or_else(|_| Err(RuntimeError::new("a host function panicked")))
        });
    match result.map_err(|error| error.downcast::<WasiError>()) {
        Ok(()) => Ending::Exit(ExitStatus::from_code(0)),
        Err(Ok(WasiError::Exit(code))) => exit(store, instance, code),
        Err(Ok(other)) => Ending::Trap(RuntimeError::new(other.to_string())),
        Err(Err(trap)) => Ending::Trap(trap),
    }
}

/// The end by `exit`, or by the end of main, which stored the whole of its status.
fn exit(store: &mut Store, instance: &Instance, code: ExitCode) -> Ending {
    let code =
        shared_variables::exit_status(store, instance).unwrap_or(i32::from(code.raw().to_le_bytes()[0]));
    Ending::Exit(ExitStatus::from_code(code))
}

fn start_error(tool: Tool, reason: &dyn std::fmt::Display) -> Error {
    Error::Start { tool, reason: reason.to_string() }
}

/// The error of a failed instantiation: the limit on memory, if the module does not even fit into it.
fn instantiate_error(job: &GuestJob, error: &dyn std::fmt::Display) -> Error {
    let needed = job.runtime.initial_memory;
    if needed > job.max_memory() {
        return ending::memory_limit(job.spec.tool, job.max_memory(), needed, &[]);
    }
    start_error(job.spec.tool, error)
}
