//! The standard input of a job.

use afmpeg_engine::Job;

/// Connects `job` to this process's standard input: seekable if it is a file at its start, as after `< clip.mp4`.
#[cfg(unix)]
pub(crate) fn give_to(job: Job) -> Job {
    use std::{
        fs::File,
        io::{self, Seek as _},
        os::fd::AsFd as _,
    };

    use afmpeg_vfs::HostFile;

    // If it is closed, the job's input is empty.
    let Ok(mut file) = io::stdin().as_fd().try_clone_to_owned().map(File::from) else { return job };
    let is_file = file.metadata().is_ok_and(|found| found.is_file());
    if is_file && file.stream_position().is_ok_and(|offset| offset == 0) {
        job.stdin_file(HostFile::reader(file))
    } else {
        job.stdin(file)
    }
}

#[cfg(not(unix))]
pub(crate) fn give_to(job: Job) -> Job {
    job.stdin(std::io::stdin())
}
