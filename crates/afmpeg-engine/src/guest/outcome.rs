//! The result of a job whose threads have ended.

use afmpeg_vfs::{FileStats, VPath, catch_panic};

use super::{
    ending::{Ending, Evidence},
    state::HostState,
    stdio::OutputFile,
};
use crate::{
    command_words,
    diagnosis::About,
    error::{Error, Result},
    input_format,
    log::LogLine,
    output::Output,
    partial_outputs::PartialOutputs,
    sequence,
    statistics::Statistics,
};

/// A guest that has ended, and everything that its instance left.
pub(super) struct Ended {
    pub(super) host: HostState,
    pub(super) ending: Ending,
    /// Whether all threads have ended. One that has not is blocked in a call to the filesystem, or to a sink.
    pub(super) all_gone: bool,
    /// The last lines of the log, to show.
    pub(super) log_tail: Vec<String>,
    /// The error records of the log.
    pub(super) errors: Vec<LogLine>,
    pub(super) statistics: Statistics,
    /// The size of memory that the guest requested in vain.
    pub(super) memory_refused: Option<u64>,
    /// The number of outputs that ffmpeg refused to overwrite.
    pub(super) outputs_refused: u32,
    pub(super) c_stack_exhausted: bool,
}

impl Ended {
    /// Judges the end, and closes the files; `None` if the guest has succeeded.
    pub(super) fn failure(&self) -> Option<Error> {
        let HostState { job, stop, root, outputs, threads, faults, files, .. } = &self.host;
        let (tool, args) = (job.spec.tool, &job.spec.args);
        // A filesystem with a blocked call is not called again.
        let needed = |path: &str| {
            self.all_gone
                .then(|| {
                    let manifest = job.runtime.manifest.as_ref();
                    let needed =
                        || Ok(input_format::needed_for(&job.fs, &job.spec.current_dir, path, manifest));
                    catch_panic("filesystem", needed).ok().flatten()
                })
                .flatten()
        };
        let failure = Evidence {
            tool,
            stop: stop.cause(),
            files_limit: root.met_limit(&job.limits),
            stdout_limit: outputs.iter().find_map(OutputFile::met_limit),
            memory_refused: self.memory_refused,
            is_finishing: stop.is_finishing(),
            outputs_refused: self.outputs_refused,
            damage: self.statistics.damage().filter(|_| job.spec.fail_on_damage),
            c_stack_exhausted: self.c_stack_exhausted,
            threads_refused: threads.refused(),
            thread_failure: threads.failure(),
            faults,
            names: &job.runtime.names,
            memory: job.max_memory(),
            threads: job.max_threads(),
            log: &self.log_tail,
            errors: &self.errors,
            about: About {
                needed: &needed,
                inputs: command_words::inputs(args),
                filters: command_words::filter_words(args),
            },
            partial_outputs: job.spec.partial_outputs,
        }
        .failure(&self.ending);
        // A thread that is blocked keeps its files until its call returns.
        if self.all_gone {
            files.close_all();
        }
        let log = || self.log_tail.clone();
        failure.or_else(|| (!self.all_gone).then(|| Error::Stuck { tool, log: log() })).or_else(|| {
            let path = root.left_in_tmp().filter(|_| !job.spec.discard_tmp)?;
            Some(Error::LostFile { tool, path: path.to_string(), log: log() })
        })
    }

    /// Commits the filesystem of a job without a failure. After one, removes the outputs, unless the job keeps them.
    pub(super) fn commit(self, failure: Option<Error>) -> Result<Output> {
        let HostState { job, root, files, .. } = &self.host;
        let commit = || catch_panic("filesystem", || job.fs.commit()).map_err(Error::Commit).err();
        if let Some(error) = failure.or_else(commit) {
            if job.spec.partial_outputs == PartialOutputs::Remove {
                root.remove_all(&files.written());
            }
            return Err(error);
        }
        let read = job.progress.watch().files();
        // A gap is only a count: a filesystem that cannot list its files has none.
        let sequence_gaps = catch_panic("filesystem", || {
            let inputs = command_words::inputs(&job.spec.args);
            Ok(sequence::gaps(&job.fs, &inputs, &job.spec.current_dir, &read))
        });
        let statistics = Statistics { sequence_gaps: sequence_gaps.unwrap_or(0), ..self.statistics };
        Ok(Output {
            stdout: self.host.stdout.take(),
            log: self.host.log.text(),
            elapsed: self.host.started.elapsed(),
            cpu_time: self.host.cpu.used().0,
            files: touched(read, &files.written()),
            statistics,
            errors: self.errors,
        })
    }
}

/// The files that the job has read or written, without those that it only opened. A file that it created empty is in
/// `written` alone.
fn touched(mut files: Vec<(VPath, FileStats)>, written: &[VPath]) -> Vec<(VPath, FileStats)> {
    files.retain(|(path, stats)| stats.reads > 0 || stats.writes > 0 || written.contains(path));
    files
}
