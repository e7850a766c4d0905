//! Stream specifiers: their syntax, and those that select single streams of an output.

mod of_streams;
mod syntax;

pub(crate) use of_streams::{Count, specifiers};
pub(crate) use syntax::{Open, Specifier};
