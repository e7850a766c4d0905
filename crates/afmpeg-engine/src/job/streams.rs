//! The standard streams of a job, and the others that it has beside its filesystem.

use std::{io, sync::Arc};

use afmpeg_vfs::{OpenUrl, VFile};

use super::Job;
use crate::{
    TerminalMode,
    log::{LogColors, LogRecord},
    sinks::{InputEnd, NamedStream, StreamEnd},
};

impl Job {
    /// Gives the tool a standard input (`-i -`). Default: empty. A read error fails the job, even if the tool ignores
    /// it, with [`Error::Filesystem`](crate::Error::Filesystem) for `/dev/stdin`.
    ///
    /// The reader may block: a separate thread reads it, and a job that is cancelled or exceeds its time limit ends
    /// anyway. That thread then continues until `read` returns, and drops the reader.
    ///
    /// A tool cannot seek in a stream. Some files, such as an MP4 with its index at the end, can only be read with
    /// [`Job::stdin_file`].
    pub fn stdin(mut self, reader: impl io::Read + Send + Sync + 'static) -> Self {
        self.sinks.stdin = Some(InputEnd::Stream(Box::new(reader)));
        self
    }

    /// Gives the tool a file, in which it can seek, as its standard input (`-i -`). Default: an empty stream. Errors of
    /// the file fail the job, as in [`Job::stdin`].
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::{HostFile, MemFs};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let upload = HostFile::reader(std::fs::File::open("upload.mp4")?);
    /// runtime.job(MemFs::new()).args(["-i", "-", "-f", "null", "-"]).stdin_file(upload).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stdin_file(mut self, file: impl VFile + 'static) -> Self {
        self.sinks.stdin = Some(InputEnd::File(Arc::new(file)));
        self
    }

    /// Makes the standard input a terminal for the tool, and passes each mode that the tool sets to `set`. While ffmpeg
    /// runs, it sets a mode in which it reads each key; before it ends, it sets the usual mode again. Since a job may end
    /// at any time, a caller whose terminal has the mode restores it after the job. Default: the standard input is not a
    /// terminal. ffmpeg reads keys from any standard input unless it has the option `-nostdin`.
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> Result<(), Box<dyn std::error::Error>> {
    /// let job = job.args(["-i", "clip.mp4", "clip.webm"]).stdin(std::io::stdin());
    /// job.terminal(|mode| println!("passes on each key: {}", !mode.waits_for_line)).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn terminal(mut self, set: impl FnMut(TerminalMode) + Send + Sync + 'static) -> Self {
        self.sinks.terminal = Some(Box::new(set));
        self
    }

    /// Passes the standard output of the tool to `sink` as it is written, instead of collecting it in
    /// [`Output::stdout`](crate::Output::stdout). If `sink` fails or panics, the tool gets a write error, and the job
    /// fails with [`Error::Filesystem`](crate::Error::Filesystem) for `/dev/stdout`.
    pub fn stdout(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.sinks.stdout = Some(Box::new(sink));
        self
    }

    /// Passes the log of the tool to `sink` as it is written, up to [`Limits::log`](crate::Limits::log) bytes.
    /// [`Output::log`](crate::Output::log) still has the end of the log. An error or a panic of `sink` fails the job
    /// when the tool has ended, with [`Error::Filesystem`](crate::Error::Filesystem) for `/dev/stderr`. After the
    /// error, `sink` is not called again.
    pub fn stderr(mut self, sink: impl FnMut(&[u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.sinks.stderr = Some(Box::new(sink));
        self
    }

    /// Gives the text that [`stderr`](Self::stderr) passes on the colours of FFmpeg on a terminal, as escape sequences:
    /// writers by their kind, messages by their level. Records and [`Output::log`](crate::Output::log) have none.
    /// Default: no colours.
    ///
    /// ```no_run
    /// use std::io::{self, Write as _};
    ///
    /// use afmpeg_engine::{LogColors, Runtime};
    /// use afmpeg_vfs::MemFs;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let job = runtime.job(MemFs::new()).args(["-f", "lavfi", "-i", "testsrc2=d=1", "/clip.mp4"]);
    /// job.stderr(|text| io::stderr().write_all(text)).log_colors(LogColors::Ansi256).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn log_colors(mut self, colors: LogColors) -> Self {
        self.sinks.log_colors = Some(colors);
        self
    }

    /// Passes each record of the tool's log to `sink` as it is written, up to [`Limits::log`](crate::Limits::log)
    /// bytes. The records are also events of `tracing`, with the target `afmpeg_engine::log`. A slow sink delays the
    /// job. A panic of `sink` fails the job as in [`Job::stderr`].
    pub fn on_log(mut self, sink: impl FnMut(&LogRecord) + Send + Sync + 'static) -> Self {
        self.sinks.log = Some(Box::new(sink));
        self
    }

    /// Lets the tool read the `http:` and `https:` URLs that `urls` opens, also those in playlists and manifests. The
    /// guest still has no network: `urls` decides which URLs a job may read, and its errors are those of a filesystem.
    /// A playlist at a URL leads to no file of the job, and a playlist on the job's filesystem to no URL unless FFmpeg's
    /// option `-protocol_whitelist` allows it. Default: no URLs.
    ///
    /// ```no_run
    /// use afmpeg_engine::Runtime;
    /// use afmpeg_vfs::{HttpUrls, MemFs};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
    /// let job = runtime.job(MemFs::new()).args(["-i", "https://media.example/live/index.m3u8", "/clip.mp4"]);
    /// job.urls(HttpUrls::builder().allow("https://media.example/live/").build()?).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn urls(mut self, urls: impl OpenUrl + 'static) -> Self {
        self.sinks.urls = Some(Arc::new(urls));
        self
    }

    /// Gives the tool an input stream at the absolute path `path`. It hides any file there on the job's filesystem. If
    /// `path` is `/dev/fd/N` with `N` above 2, the stream is also the descriptor `N`, which FFmpeg reads as `pipe:N`.
    /// Descriptors above 2 without a stream are closed: `pipe:N` and `fd:` fail on them with "Bad file descriptor".
    /// Default: no such streams.
    ///
    /// The reader may block, and its errors fail the job, as with [`Job::stdin`].
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
        self.add_stream(path, StreamEnd::Input(InputEnd::Stream(Box::new(reader))))
    }

    /// Gives the tool a file, in which it can seek, at `path`: see [`Job::input_stream`].
    ///
    /// ```no_run
    /// # fn f(job: afmpeg_engine::Job) -> Result<(), Box<dyn std::error::Error>> {
    /// let upload = afmpeg_vfs::HostFile::reader(std::fs::File::open("upload.mp4")?);
    /// job.args(["-i", "/dev/fd/3", "-f", "null", "-"]).input_file("/dev/fd/3", upload).run()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn input_file(self, path: impl Into<String>, file: impl VFile + 'static) -> Self {
        self.add_stream(path, StreamEnd::Input(InputEnd::File(Arc::new(file))))
    }

    /// Passes to `sink` the bytes that the tool writes to `path`, as they are written. The stream hides any file there
    /// on the job's filesystem, and `/dev/fd/N` is also the descriptor `N`, as with [`Job::input_stream`]. Each sink
    /// receives at most [`Limits::output`](crate::Limits::output) bytes. An error or a panic of `sink` fails the job
    /// with [`Error::Filesystem`](crate::Error::Filesystem) for `path`. Default: no such streams.
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
        self.add_stream(path, StreamEnd::Output(Box::new(sink)))
    }

    fn add_stream(mut self, path: impl Into<String>, end: StreamEnd) -> Self {
        self.sinks.streams.push(NamedStream { path: path.into(), end });
        self
    }
}
