//! Rendering of a job for FFmpeg and for people.

mod args;
mod dot;
mod graph;
mod mermaid;
mod picture;
mod rust;

pub(crate) use args::{chain, open};
