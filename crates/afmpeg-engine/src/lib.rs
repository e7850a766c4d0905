#![doc = include_str!("../README.md")]

mod args;
mod artifact;
mod builder;
mod cache;
mod cancel;
pub mod capabilities;
mod command_words;
mod compile_progress;
mod compiler;
mod component;
mod diagnosis;
mod durable;
mod error;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod exceptions;
mod exit;
mod facts;
mod ffmpeg_messages;
pub mod fields;
pub mod frames;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod given;
mod guest;
mod handle;
mod input_format;
mod input_path;
mod inventory;
mod job;
mod lease;
mod limit_error;
mod limits;
mod log;
pub mod measurements;
mod module;
mod near_match;
mod nested;
mod probe;
mod progress;
mod runtime;
mod scheduler;
mod sequence;
mod sinks;
pub mod statistics;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod stop_check;
mod target;
mod timer;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod zeroed;

pub use args::IntoArgs;
pub use artifact::ArtifactInfo;
pub use builder::RuntimeBuilder;
pub use cancel::CancelToken;
pub use capabilities::Capabilities;
pub use compiler::Backend;
pub use component::{Component, ComponentKind};
pub use error::{Error, ErrorKind, ExitError, TrapError};
pub use exit::{AvError, ExitStatus};
pub use frames::{FrameRequest, SampleRequest};
pub use handle::JobHandle;
pub use job::{Job, Output, PartialOutputs, Tool};
pub use limit_error::{Limit, LimitError};
pub use limits::Limits;
pub use log::{LogLevel, LogRecord, ParseLogLevelError};
pub use module::{Manifest, ModuleInfo};
pub use probe::{
    Chapter, Chromaticity, ContentLightLevel, Dictionary, Disposition, Format, Frame, LibraryVersion,
    MasteringDisplay, Packet, PacketOrFrame, ParseRatioError, Probe, ProbeError, ProbeRequest, Program,
    ProgramVersion, Ratio, Section, SideData, Stream, StreamGroup, Tags, Time,
};
pub use progress::{JobState, Progress, ProgressWatch};
pub use runtime::{CodeOrigin, Runtime};
pub use target::Target;

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;
