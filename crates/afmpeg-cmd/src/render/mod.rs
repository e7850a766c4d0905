//! Rendering of a command for FFmpeg and for people.

mod args;
mod dot;
mod drawing;
mod graph;
mod mermaid;
mod rust;

pub(crate) use args::{chain, open};
