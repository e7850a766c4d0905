//! The names of a fleet's streams, buckets, consumers and subjects.

use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    error::{Error, Result},
    identity::Identity,
};

/// The names that start with the name of a fleet.
#[derive(Debug, Clone)]
pub(crate) struct Names(String);

impl Names {
    pub(crate) fn new(fleet: &str) -> Result<Self> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if fleet.is_empty() || !fleet.bytes().all(is_allowed) {
            let reason = "it is not made of letters, digits, `-` and `_`";
            return Err(Error::invalid(format!("the name of the fleet, {fleet:?},"), reason));
        }
        Ok(Self(fleet.to_owned()))
    }

    /// The stream of jobs.
    pub(crate) fn jobs(&self) -> String {
        format!("{}-jobs", self.0)
    }

    /// The subjects of jobs: one for each module.
    pub(crate) fn job_subjects(&self) -> String {
        format!("{}.jobs.*", self.0)
    }

    pub(crate) fn job_subject(&self, module: &str) -> String {
        format!("{}.jobs.{module}", self.0)
    }

    /// The consumer of the workers with a module.
    pub(crate) fn consumer(module: &str) -> String {
        format!("workers-{module}")
    }

    /// The stream of dead letters.
    pub(crate) fn dead(&self) -> String {
        format!("{}-dead", self.0)
    }

    pub(crate) fn dead_subjects(&self) -> String {
        format!("{}.dead.*", self.0)
    }

    pub(crate) fn dead_subject(&self, identity: Identity) -> String {
        format!("{}.dead.{identity}", self.0)
    }

    /// The bucket of states, reservations and cancellations.
    pub(crate) fn bucket(&self) -> String {
        format!("{}-state", self.0)
    }
}

/// The prefix of the keys of states.
pub(crate) const STATES: &str = "job.";

/// The prefix of the keys of the states of films.
pub(crate) const FILMS: &str = "film.";

/// The prefix of the keys of cancellations.
pub(crate) const CANCELLATIONS: &str = "cancel.";

pub(crate) fn cancellation_key(identity: Identity) -> String {
    format!("{CANCELLATIONS}{identity}")
}

/// Returns the key of the reservation of an output. Keys cannot have most characters of URLs.
pub(crate) fn reservation_key(output: &Url) -> String {
    format!("output.{}", hex::encode(Sha256::digest(output.as_str())))
}
