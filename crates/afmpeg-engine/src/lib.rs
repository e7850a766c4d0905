#![doc = include_str!("../README.md")]

mod artifact;
mod asynchronous;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod atomic_stores;
mod blocking;
mod builder;
mod cancel;
pub mod capabilities;
mod code;
mod command_words;
mod compile_progress;
mod compiled;
mod compiler;
mod diagnosis;
mod error;
mod error_kind;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod exceptions;
mod exit;
mod facts;
mod ffmpeg_messages;
mod file_part;
mod find;
mod fonts;
pub mod frames;
mod function_names;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod guest;
mod handle;
mod host_threads;
mod input_format;
mod input_path;
mod inventory;
mod items;
mod job;
mod lease;
mod limit_error;
mod limits;
mod log;
pub mod measurements;
mod memory_image;
mod module;
mod near_match;
mod nested;
mod output;
mod partial_outputs;
pub mod probe;
mod progress;
mod read_up_to;
mod release;
mod release_error;
mod running;
mod runtime;
mod scheduler;
mod sequence;
mod sinks;
mod spec;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod start_function;
pub mod statistics;
#[cfg(any(feature = "cranelift", feature = "llvm"))]
mod stop_check;
mod store;
mod symbols;
mod target;
mod terminal;
mod timer;
mod tool;

#[doc(inline)]
pub use afmpeg_types::{
    Component, ComponentKind, MediaKind, ParseMediaKindError, ParseRatioError, ParseTimeError, Ratio, Time,
    fields,
};
pub use artifact::ArtifactInfo;
pub use builder::RuntimeBuilder;
pub use cancel::{CancelToken, DropGuard};
pub use capabilities::Capabilities;
pub use code::{Backend, ParseBackendError};
pub use error::{Error, ExitError, Result, TrapError};
pub use error_kind::{ErrorKind, Fault};
pub use exit::{AvError, ExitStatus};
pub use find::find_module;
pub use frames::{FrameRequest, SampleRequest};
pub use handle::JobHandle;
pub use job::Job;
pub use limit_error::{Limit, LimitError};
pub use limits::Limits;
pub use log::{LogColors, LogLevel, LogRecord, ParseLogLevelError};
pub use module::{Manifest, ModuleInfo};
pub use output::Output;
pub use partial_outputs::PartialOutputs;
pub use probe::{Probe, ProbeRequest};
pub use progress::{JobState, Progress, ProgressWatch};
pub use release::{InstalledModule, InstalledModules, ParseReleaseKeyError, Release, ReleaseKey};
pub use release_error::ReleaseError;
pub use runtime::{CodeOrigin, Runtime};
pub use spec::JobSpec;
pub use target::Target;
pub use terminal::TerminalMode;
pub use tool::{ParseToolError, Tool};
