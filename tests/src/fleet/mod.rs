//! A fleet on this machine: a NATS server, workers as processes, and a folder or an S3 server as an object store, for
//! `cargo xtask fleet` and the tests.
#![allow(clippy::print_stdout, reason = "prints a report")]

mod bucket;
mod chaos;
mod cluster;
mod demo;
mod fixtures;
mod media;
mod nats;
mod scale;
mod source;
#[allow(clippy::unwrap_used, reason = "shared with tests, which may panic")]
#[path = "../../../crates/afmpeg-vfs/tests/support/mod.rs"]
mod support;

pub use self::{
    chaos::{Chaos, Report},
    cluster::{Cluster, WorkerSetup},
    demo::demo,
    fixtures::Fixtures,
    media::Media,
    nats::{Nats, Traffic},
    scale::scale,
};
