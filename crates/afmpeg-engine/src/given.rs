//! Streams and files that a job has beside its filesystem, under paths and, in `/dev/fd`, under numbers.

use std::{io, sync::Arc};

use afmpeg_vfs::{VFile, VPath};

use crate::{
    Error, Job, Result,
    sinks::{Sink, Stdin},
};

/// A stream or a file that a tool has under a path.
pub(crate) struct Given {
    pub(crate) path: String,
    pub(crate) end: GivenEnd,
}

/// The caller's end of it.
pub(crate) enum GivenEnd {
    Input(Stdin),
    Output(Sink),
}

/// Refuses what a guest could not find.
pub(crate) fn check(given: &[Given]) -> Result<()> {
    let is_absolute = |path: &str| path.starts_with('/') && VPath::new(path).is_ok();
    match given.iter().find(|given| !is_absolute(&given.path)) {
        Some(Given { path, .. }) => Err(Error::InvalidJob {
            what: format!("the path {path:?} of a stream"),
            reason: "it is not absolute, or has a NUL byte".to_owned(),
        }),
        None => Ok(()),
    }
}

impl Job {
    /// Gives the tool a stream that it reads under `path`, an absolute one, whatever its filesystem has there. `/dev/fd/N`
    /// is the descriptor `N` as well, where `N` is more than 2: FFmpeg reads it as `pipe:N`. Other numbers stand for
    /// nothing: `pipe:N` and `fd:` fail with a bad descriptor. Default: no such streams.
    ///
    /// What [`Job::stdin`] says of waiting and of errors holds here, too.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::MemFs;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let job = runtime.job(MemFs::new()).args(["-i", "-", "-i", "pipe:3", "-f", "null", "-"]);
    /// let camera = std::net::TcpStream::connect("camera:8080")?;
    /// job.stdin(std::io::stdin()).input_stream("/dev/fd/3", camera).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn input_stream(
        self,
        path: impl Into<String>,
        reader: impl io::Read + Send + Sync + 'static,
    ) -> Self {
        self.give(path, GivenEnd::Input(Stdin::Stream(Box::new(reader))))
    }

    /// Gives the tool a file that it reads under `path`, as [`Job::input_stream`] does, from the start and at any place.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> Result<(), Box<dyn std::error::Error>> {
    /// let upload = afmpeg_vfs::HostFile::reader(std::fs::File::open("upload.mp4")?);
    /// job.args(["-i", "/dev/fd/3", "-f", "null", "-"]).input_file("/dev/fd/3", upload).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn input_file(self, path: impl Into<String>, file: impl VFile + 'static) -> Self {
        self.give(path, GivenEnd::Input(Stdin::File(Arc::new(file))))
    }

    /// Sends what the tool writes to `path` to `sink` as it comes, whatever its filesystem has there. `/dev/fd/N` is the
    /// descriptor `N` as well, as with [`Job::input_stream`]. Each sink may take as much as
    /// [`Limits::output`](crate::Limits::output). An error that `sink` returns fails the job, and so does a panic:
    /// [`Error::Filesystem`](crate::Error::Filesystem), of `path`. Default: no such streams.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::io::Write as _;
    ///
    /// let mut viewer = std::net::TcpStream::connect("viewer:8080")?;
    /// let job = job.args(["-i", "clip.mp4", "-f", "mpegts", "pipe:3"]);
    /// job.output_stream("/dev/fd/3", move |bytes| viewer.write_all(bytes)).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn output_stream(
        self,
        path: impl Into<String>,
        sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.give(path, GivenEnd::Output(Box::new(sink)))
    }

    fn give(mut self, path: impl Into<String>, end: GivenEnd) -> Self {
        self.given.push(Given { path: path.into(), end });
        self
    }
}
