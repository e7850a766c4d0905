#![doc = include_str!("../README.md")]

mod args;
mod artifact;
mod cancel;
mod component;
pub mod capabilities;
mod diagnosis;
mod error;
mod exit;
mod guest;
mod handle;
mod job;
mod limit_error;
mod limits;
mod log;
mod module;
mod probe;
mod progress;
mod runtime;
mod scheduler;
mod stop_check;

pub use args::IntoArgs;
pub use cancel::CancelToken;
pub use component::{Component, ComponentKind};
pub use capabilities::Capabilities;
pub use error::{Error, ErrorKind, ExitError, TrapError};
pub use exit::{AvError, ExitStatus};
pub use handle::JobHandle;
pub use job::{Job, Output, PartialOutputs, Tool};
pub use limit_error::{Limit, LimitError};
pub use limits::Limits;
pub use log::{LogLevel, LogRecord};
pub use probe::{
    Chapter, Chromaticity, ContentLightLevel, Disposition, Format, Frame, LibraryVersion, MasteringDisplay,
    Named, NotARatio, Packet, PacketOrFrame, Probe, ProbeError, ProbeRequest, Program, ProgramVersion, Ratio,
    Section, SideData, Stream, StreamGroup, Tags, Time,
};
pub use progress::{JobState, Progress, ProgressWatch};
pub use runtime::{Runtime, RuntimeBuilder};

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;
