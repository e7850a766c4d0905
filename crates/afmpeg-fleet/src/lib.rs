#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod backoff;
mod dead_letter;
mod error;
mod film;
mod fleet;
mod identity;
mod inputs;
mod job;
mod names;
mod options;
mod part;
mod records;
mod reservations;
mod state;
mod stores;
mod submit;
mod worker;

pub use dead_letter::DeadLetter;
pub use error::{Error, Result};
pub use film::{FilmPhase, FilmState, FleetFilm};
pub use fleet::{Fleet, StateChange};
pub use identity::Identity;
pub use job::{FleetJob, Input, Version};
pub use options::FleetOptions;
pub use part::{FilmPart, FilmRole};
pub use state::{Failure, JobState, OutputObject, Phase, RunningProgress};
pub use stores::Stores;
pub use submit::Submitted;
/// The location of an object.
pub use url::Url;
pub use worker::{Health, Worker, WorkerBuilder};
