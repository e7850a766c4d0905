//! `afmpeg worker`, `afmpeg submit`, `afmpeg film` and `afmpeg jobs`: jobs and films on many machines.

mod failure;
mod film;
mod health;
mod jobs;
pub(crate) mod options;
mod server;
mod shown;
mod submit;
mod worker;

pub(crate) use self::{film::film, jobs::jobs, submit::submit, worker::worker};
