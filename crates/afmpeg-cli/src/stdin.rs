//! The standard input, as a job reads it.

use afmpeg_engine::Job;

/// Gives `job` this process's standard input: at any place if it is a file that is at its start, as `< clip.mp4` leaves it.
#[cfg(unix)]
pub(crate) fn give_to(job: Job) -> Job {
    use std::{
        fs::File,
        io::{self, Seek as _},
        os::fd::AsFd as _,
    };

    use afmpeg_vfs::HostFile;

    // None where it was closed: the job's is empty then.
    let Ok(mut file) = io::stdin().as_fd().try_clone_to_owned().map(File::from) else { return job };
    let is_file = file.metadata().is_ok_and(|found| found.is_file());
    if is_file && file.stream_position().is_ok_and(|place| place == 0) {
        job.stdin_file(HostFile::reader(file))
    } else {
        job.stdin(file)
    }
}

#[cfg(not(unix))]
pub(crate) fn give_to(job: Job) -> Job {
    job.stdin(std::io::stdin())
}
