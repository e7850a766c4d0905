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
pub(crate) use specifier::{Open, Specifier};
