//! `afmpeg worker`, `afmpeg submit` and `afmpeg jobs`: jobs on many machines.

mod failure;
mod health;
mod jobs;
pub(crate) mod options;
mod server;
mod shown;
mod submit;
mod worker;

pub(crate) use self::{jobs::jobs, submit::submit, worker::worker};
