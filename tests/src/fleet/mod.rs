//! A fleet on this machine: a NATS server, workers as processes, and a folder as an object store, for `cargo xtask fleet`
//! and the tests.
#![allow(clippy::print_stdout, reason = "prints a report")]

mod cluster;
mod demo;
mod nats;
mod scale;
mod source;

pub use self::{cluster::Cluster, demo::demo, nats::Nats, scale::scale};
