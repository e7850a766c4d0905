//! Measurements of filters, as typed records.
//!
//! A measuring filter (`silencedetect`, `ebur128`, `signalstats`...) attaches its values to frames as metadata, and
//! FFmpeg's filter `metadata` (`ametadata` for audio) prints them. If the filter prints to a device of the job,
//! [`Job::measurements`] returns an iterator over all printed values, which ends with an error if any is missing or
//! malformed. The engine itself has no list of filters; afmpeg-cmd's module `measure` builds the commands and reads the
//! records.
//!
//! Each measuring filter prints to a device of its own, `/dev/measurements`*n*. Files can carry frame metadata, such
//! as a PNG's texts: put `metadata=delete` before the measuring filter, so that only measurements are printed. Print
//! right after each measuring filter: a filter that creates new frames, such as `ebur128`, drops the metadata of the
//! frames before it, in native FFmpeg as well. Pass a `-map` for the measured audio or video stream, so that a file
//! without such a stream is an error instead of a success without measurements.
//!
//! ```no_run
//! use afmpeg_engine::Runtime;
//! use afmpeg_vfs::HostDir;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
//! let chain = "ametadata=delete,silencedetect=d=0.5,ametadata=print:file=/dev/measurements0";
//! let args = ["-i", "talk.mp4", "-map", "0:a:0", "-af", chain, "-f", "null", "-"];
//! for measurement in runtime.job(HostDir::open("media")?).args(args).measurements(1)? {
//!     let measurement = measurement?;
//!     println!("{:?} {}={}", measurement.time, measurement.key, measurement.value);
//! }
//! # Ok(())
//! # }
//! ```

mod measurement;
mod parser;

use std::{fmt, io, sync::Arc, vec};

use measurement::DEVICE;
pub use measurement::Measurement;
use parking_lot::Mutex;
use parser::Parser;
use tokio::sync::mpsc::Sender;

use crate::{
    CancelToken, Error, Job, Output, Result,
    items::{Items, Next, queue},
    lease::Lease,
};

/// The most streams of one job.
pub const MAX_STREAMS: usize = 64;

/// The most pieces of up to 32 KiB of text that wait for the reader. A full queue blocks the job.
const WAITING_PIECES: usize = 16;

/// The measurements of a running job, in order within each stream: see the [module's example](self).
///
/// An error is the last item, so that `collect::<Result<Vec<_>>>()` returns all measurements or an error: the job's, or
/// [`Error::MeasurementOutput`] for output that is not in the filter's format. Dropping the iterator cancels the job.
#[must_use = "the job blocks until its measurements are read"]
pub struct Measurements {
    items: Items<Vec<Measurement>>,
    piece: vec::IntoIter<Measurement>,
    parsers: Vec<Arc<Mutex<Parser>>>,
    output: Option<Output>,
}

impl Measurements {
    /// Returns the job's output once it has succeeded and all measurements have been read; otherwise `None`.
    pub fn output(&self) -> Option<&Output> {
        self.output.as_ref()
    }

    /// Checks the job's result and that every stream is complete.
    fn end(&mut self, ending: Result<Output>) -> Result<()> {
        let broken = self.parsers.iter().find_map(|parser| parser.lock().broken());
        let output = match (ending, broken) {
            // These stopped the job before any device could be at fault.
            (Err(error @ (Error::Limit(_) | Error::Trap(_))), _) => return Err(error),
            (_, Some(reason)) => return Err(Error::MeasurementOutput { reason }),
            (Err(error), None) => return Err(error),
            (Ok(output), None) => output,
        };
        for parser in &self.parsers {
            parser.lock().finish().map_err(|reason| Error::MeasurementOutput { reason })?;
        }
        self.output = Some(output);
        Ok(())
    }
}

impl Iterator for Measurements {
    type Item = Result<Measurement>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(measurement) = self.piece.next() {
                return Some(Ok(measurement));
            }
            match self.items.next() {
                Some(Next::Item(piece)) => self.piece = piece.into_iter(),
                Some(Next::Ended(ending)) => return self.end(ending).err().map(Err),
                None => return None,
            }
        }
    }
}

impl fmt::Debug for Measurements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measurements").field("streams", &self.parsers.len()).finish_non_exhaustive()
    }
}

fn write(
    parser: &Mutex<Parser>,
    sender: &Sender<Vec<Measurement>>,
    job: &CancelToken,
    lease: &Lease,
    bytes: &[u8],
) -> io::Result<()> {
    let Some(found) = parser.lock().add(bytes) else {
        // FFmpeg continues when it cannot print.
        job.cancel();
        return Err(io::ErrorKind::InvalidData.into());
    };
    if found.is_empty() {
        return Ok(());
    }
    // Not under the lock, since this waits for the reader.
    lease.send(sender, found)
}

impl Job {
    /// Runs the job on threads of the runtime, with the devices `/dev/measurements0` and up for `streams` streams of
    /// measurements. See [`measurements`](self).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`] if `streams` is 0 or more than [`MAX_STREAMS`], and as [`Job::spawn`]. All other errors
    /// are items of the iterator.
    pub fn measurements(mut self, streams: usize) -> Result<Measurements> {
        if !(1..=MAX_STREAMS).contains(&streams) {
            let reason = format!("expected 1 to {MAX_STREAMS}");
            return Err(Error::InvalidJob {
                subject: format!("the number of measured streams {streams}"),
                reason,
            });
        }
        // A child token, so that dropping the iterator does not cancel other jobs of the caller's token.
        let alone = self.cancel.child();
        let (sender, receiver) = queue(WAITING_PIECES);
        let parsers: Vec<_> = (0..streams).map(|stream| Arc::new(Mutex::new(Parser::new(stream)))).collect();
        for (stream, parser) in parsers.iter().enumerate() {
            let (parser, sender, job) = (Arc::clone(parser), sender.clone(), alone.clone());
            let lease = self.lease.clone();
            let device = Arc::new(move |bytes: &[u8]| write(&parser, &sender, &job, &lease, bytes));
            self.sinks.devices.push((format!("{DEVICE}{stream}"), device));
        }
        drop(sender);
        let job = self.cancel_token(&alone).spawn()?;
        Ok(Measurements {
            items: Items::new(receiver, job),
            piece: Vec::new().into_iter(),
            parsers,
            output: None,
        })
    }
}
