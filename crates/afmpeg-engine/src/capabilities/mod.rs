//! The components of a module, as data: codecs, formats, filters and others, each with its options.
//!
//! [`Runtime::capabilities`](crate::Runtime::capabilities) returns them. Names and descriptions are FFmpeg's. The
//! ranges and constants of options come from the tables that FFmpeg validates them with.

mod kept;

#[doc(inline)]
pub use afmpeg_types::capabilities::*;
pub(crate) use kept::{is_kept, kept, read_or_run};
