//! A command as others read it: FFmpeg, and people.

mod args;
mod dot;
mod graph;
mod mermaid;
mod picture;
mod rust;
pub(crate) mod specifiers;

pub(crate) use args::{chain, open};
