#![doc = include_str!("../README.md")]

mod args;
mod artifact;
mod diagnosis;
mod error;
mod exit;
mod guest;
mod job;
mod module;
mod probe;
mod runtime;

pub use args::IntoArgs;
pub use error::{Error, ErrorKind, ExitError, TrapError};
pub use exit::{AvError, ExitStatus};
pub use job::{Job, Output, PartialOutputs, Tool};
pub use probe::{Chapter, Format, Probe, Stream};
pub use runtime::{Runtime, RuntimeBuilder};

/// The result of this crate's operations.
pub type Result<T, E = Error> = std::result::Result<T, E>;
