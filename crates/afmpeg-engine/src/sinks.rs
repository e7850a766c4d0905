//! The caller's ends of the standard streams, devices and other streams of a job.

use std::{io, sync::Arc};

use afmpeg_vfs::{OpenUrl, VFile, VPath};

use crate::{
    TerminalMode,
    error::{Error, Result},
    log::{LogColors, LogRecord},
};

/// Receives the bytes that a tool writes to a stream, in pieces, as they are written.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send + Sync>;

/// Receives the records of the log of a tool.
pub(crate) type LogSink = Box<dyn FnMut(&LogRecord) + Send + Sync>;

/// Receives the bytes that a guest writes to a device.
pub(crate) type DeviceSink = Arc<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Receives the mode that a tool gives its terminal.
pub(crate) type TerminalSink = Box<dyn FnMut(TerminalMode) + Send + Sync>;

/// A stream that a tool reads.
pub(crate) type Source = Box<dyn io::Read + Send + Sync>;

/// All of them for one job, which moves them to its guest once.
#[derive(Default)]
pub(crate) struct Sinks {
    pub(crate) stdin: Option<InputEnd>,
    pub(crate) stdout: Option<Sink>,
    /// Receives the log as text.
    pub(crate) stderr: Option<Sink>,
    /// The colours of that text, if it has any.
    pub(crate) log_colors: Option<LogColors>,
    pub(crate) log: Option<LogSink>,
    /// Set if the standard input is a terminal.
    pub(crate) terminal: Option<TerminalSink>,
    /// Devices in `/dev`, by name.
    pub(crate) devices: Vec<(String, DeviceSink)>,
    /// Opens the URLs that the job reads, if it may read any.
    pub(crate) urls: Option<Arc<dyn OpenUrl>>,
    /// Streams under other paths.
    pub(crate) streams: Vec<NamedStream>,
}

/// The caller's end of an input.
pub(crate) enum InputEnd {
    Stream(Source),
    File(Arc<dyn VFile>),
}

/// A stream or a file that a tool finds under a path, and in `/dev/fd` under a number.
pub(crate) struct NamedStream {
    pub(crate) path: String,
    pub(crate) end: StreamEnd,
}

/// The caller's end of a stream.
pub(crate) enum StreamEnd {
    Input(InputEnd),
    Output(Sink),
}

impl NamedStream {
    /// Refuses a path that a guest cannot open.
    pub(crate) fn check(&self) -> Result<()> {
        let path = &self.path;
        if path.starts_with('/') && VPath::new(path).is_ok() {
            return Ok(());
        }
        Err(Error::InvalidJob {
            subject: format!("the path {path:?} of a stream"),
            reason: "it is not absolute, or has a NUL byte".to_owned(),
        })
    }
}
