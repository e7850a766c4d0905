//! Where a job's standard streams and devices end: what its caller gives it.

use std::{io, sync::Arc};

use afmpeg_vfs::VFile;

use crate::LogRecord;

/// Receives what a tool writes to its standard output or error, in pieces, as they are written.
pub(crate) type Sink = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send + Sync>;

/// Receives the records of a tool's log.
pub(crate) type LogSink = Box<dyn FnMut(&LogRecord) + Send + Sync>;

/// Receives what is written to a device of the guest's.
pub(crate) type DeviceSink = Arc<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Gives a tool its standard input.
pub(crate) type Source = Box<dyn io::Read + Send + Sync>;

/// Where a tool's standard input comes from.
pub(crate) enum Stdin {
    Stream(Source),
    File(Arc<dyn VFile>),
}
