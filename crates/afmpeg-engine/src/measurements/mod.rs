//! What filters measure, as typed records.
//!
//! A filter that measures (`silencedetect`, `ebur128`, `signalstats`...) attaches its values to frames as metadata, and
//! FFmpeg's filter `metadata` (`ametadata` for audio) prints them. Printed to a device of the job's they arrive here: all
//! of them, or an error. The engine does not know the filters; afmpeg-cmd's module `measure` makes the commands and reads
//! the records.
//!
//! Stream number *n* is written to `/dev/measurements`*n*. Files can carry frame metadata of their own, such as a PNG's
//! texts: put `metadata=delete` before the filter that measures, so that all that is printed is measured.
//! Print right behind each filter that measures, to a stream of its own: a filter that makes new frames, such as `ebur128`,
//! drops what the frames before it carry, in native FFmpeg as well. A `-map` makes a file without that kind of stream an
//! error, instead of a job without measurements.
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

mod parser;

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
    vec,
};

use parser::Parser;

use crate::{CancelToken, Error, Job, JobHandle, Output, Result, Time, lease::Lease};

/// The devices' names before their number.
const DEVICE: &str = "measurements";

/// The largest number of streams of one job.
pub const MAX_STREAMS: usize = 64;

/// How many pieces of up to 32 KiB of text may wait for the reader; the job stands still until there is room.
const WAITING_PIECES: usize = 16;

/// How often to look whether the job is over although one of its threads keeps a device open.
const LOOK: Duration = Duration::from_secs(1);

/// One value that a filter attached to a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// The number of the device that it was printed to, from 0.
    pub stream: usize,
    /// The number of the frame in its stream, from 0. Frames without metadata are counted, too.
    pub frame: u64,
    /// When the frame is shown, by its timestamp where it was measured; `None` where it has none.
    pub time: Option<Time>,
    /// The name of the value: `lavfi.silence_start`.
    pub key: String,
    /// A number or a word, as FFmpeg prints it: `2.5`, `-inf`, `progressive`.
    pub value: String,
}

/// The measurements of a running job, in the order of each stream: see the [module's example](self).
///
/// A failure is the last item, so that `collect::<Result<Vec<_>>>()` is all of them or an error: that of the job, or
/// [`Error::MeasurementOutput`] where what arrived is not what the filter prints. Dropping the iterator cancels the job.
#[must_use = "the job stands still until its measurements are read"]
pub struct Measurements {
    receiver: Receiver<Vec<Measurement>>,
    piece: vec::IntoIter<Measurement>,
    job: Option<JobHandle>,
    parsers: Vec<Arc<Mutex<Parser>>>,
    output: Option<Output>,
}

impl Measurements {
    /// What the job left beside its measurements, when it has succeeded and all of them are read; `None` before.
    pub fn output(&self) -> Option<&Output> {
        self.output.as_ref()
    }

    /// The job's end, and whether all has arrived.
    fn end(&mut self, ending: Result<Output>) -> Result<()> {
        let broken = self.parsers.iter().find_map(|parser| lock(parser).broken());
        let output = match (ending, broken) {
            // It stopped the job before any device could be at fault.
            (Err(error @ (Error::Limit(_) | Error::Trap(_))), _) => return Err(error),
            (_, Some(reason)) => return Err(Error::MeasurementOutput { reason }),
            (Err(error), None) => return Err(error),
            (Ok(output), None) => output,
        };
        for parser in &self.parsers {
            lock(parser).finish().map_err(|reason| Error::MeasurementOutput { reason })?;
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
            let mut job = self.job.take()?;
            let ending = match self.receiver.recv_timeout(LOOK) {
                Ok(piece) => {
                    self.piece = piece.into_iter();
                    self.job = Some(job);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => job.wait(),
                Err(RecvTimeoutError::Timeout) => match job.try_wait() {
                    Ok(None) => {
                        self.job = Some(job);
                        continue;
                    }
                    Ok(Some(output)) => Ok(output),
                    Err(error) => Err(error),
                },
            };
            // What was sent between the last look and the end.
            self.piece = self.receiver.try_iter().flatten().collect::<Vec<_>>().into_iter();
            match self.end(ending) {
                Ok(()) => {}
                Err(error) => return Some(Err(error)),
            }
            return self.piece.next().map(Ok);
        }
    }
}

impl Drop for Measurements {
    fn drop(&mut self) {
        if let Some(job) = &self.job {
            job.cancel();
        }
    }
}

impl fmt::Debug for Measurements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measurements").field("streams", &self.parsers.len()).finish_non_exhaustive()
    }
}

fn lock(parser: &Mutex<Parser>) -> MutexGuard<'_, Parser> {
    parser.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(
    parser: &Mutex<Parser>,
    sender: &SyncSender<Vec<Measurement>>,
    job: &CancelToken,
    lease: &Lease,
    bytes: &[u8],
) -> io::Result<()> {
    let Some(found) = lock(parser).add(bytes) else {
        // FFmpeg goes on without what it prints to.
        job.cancel();
        return Err(io::ErrorKind::InvalidData.into());
    };
    if found.is_empty() {
        return Ok(());
    }
    // Not under the lock: this waits for the reader.
    lease.send(sender, found)
}

impl Job {
    /// Runs the job on threads of the runtime's, with devices for what filters measure: `/dev/measurements0` up to
    /// `streams` of them. See [`measurements`](self).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJob`] where there are no `streams`, or more than [`MAX_STREAMS`], and as [`Job::spawn`]. All
    /// others are items of the iterator.
    pub fn measurements(mut self, streams: usize) -> Result<Measurements> {
        if !(1..=MAX_STREAMS).contains(&streams) {
            let reason = format!("it is not from 1 to {MAX_STREAMS}");
            return Err(Error::InvalidJob {
                what: format!("the number of measured streams {streams}"),
                reason,
            });
        }
        // A token of this job alone: dropping the iterator must not cancel other jobs of the caller's token.
        let alone = self.cancel.child();
        let (sender, receiver) = mpsc::sync_channel(WAITING_PIECES);
        let parsers: Vec<_> = (0..streams).map(|stream| Arc::new(Mutex::new(Parser::new(stream)))).collect();
        for (stream, parser) in parsers.iter().enumerate() {
            let (parser, sender, job) = (Arc::clone(parser), sender.clone(), alone.clone());
            let lease = self.lease.clone();
            let device = Arc::new(move |bytes: &[u8]| write(&parser, &sender, &job, &lease, bytes));
            self.sinks.devices.push((format!("{DEVICE}{stream}"), device));
        }
        drop(sender);
        let job = self.cancel_token(&alone).spawn()?;
        Ok(Measurements { receiver, piece: Vec::new().into_iter(), job: Some(job), parsers, output: None })
    }
}
