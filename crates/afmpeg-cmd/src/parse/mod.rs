//! Command lines and graphs as FFmpeg takes them, read into data. What FFmpeg would not understand is an error, with
//! its place; what the model has no word for stays as it is, as an argument.

mod command;
mod cursor;
mod error;
mod link;
mod number;
mod options;
mod output;
mod pads;
mod segment;
mod specifier;

pub use error::ParseError;
pub(crate) use options::{is_own, own_names};
pub(crate) use segment::bitstream_filters;
pub(crate) use specifier::{Open, Specifier};

/// A chain of filters without labels, if it is one.
pub(crate) fn chain(text: &str) -> Option<Vec<crate::Filter>> {
    segment::chain(text).ok().flatten()
}
