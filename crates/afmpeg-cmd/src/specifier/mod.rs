//! Stream specifiers: their syntax, and those that select single streams of an output.

mod kind;
mod of_streams;
mod probed;
mod syntax;

pub(crate) use kind::kind_of;
pub(crate) use of_streams::{Count, specifiers};
pub(crate) use probed::{matching, matching_indices};
pub(crate) use syntax::{Open, Specifier};
