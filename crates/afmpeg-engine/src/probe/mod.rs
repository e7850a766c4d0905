//! Requests to ffprobe, and its output as data.

mod listing;
mod request;

#[doc(inline)]
pub use afmpeg_types::probe::*;
pub use request::ProbeRequest;
