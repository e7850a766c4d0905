use url::Url;

use crate::identity::Identity;

/// The result of the operations of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of a fleet: of its server, its stores or a submitted job.
///
/// `Display` prints one line; an underlying error is the [`source`](std::error::Error::source) and is not repeated in
/// it. [`Error::hint`] returns the next step.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server cannot be reached, or refuses a request.
    #[error("cannot {operation}")]
    #[non_exhaustive]
    Server {
        /// The operation, such as `connect to nats://localhost:4222`.
        operation: String,
        /// The client's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value of the job is not valid.
    #[error("{subject} is not valid: {reason}")]
    #[non_exhaustive]
    InvalidJob {
        /// The value.
        subject: String,
        /// The reason.
        reason: String,
    },
    /// A location is below none of the prefixes that are allowed here.
    #[error("cannot use {url}: it is below no allowed location")]
    #[non_exhaustive]
    NotAllowed {
        /// The location.
        url: Url,
    },
    /// A store cannot be used, or an object of it.
    #[error("cannot {operation} {url}")]
    #[non_exhaustive]
    Store {
        /// The operation, such as `read the version of`.
        operation: &'static str,
        /// The location.
        url: Url,
        /// The store's error.
        source: Box<object_store::Error>,
    },
    /// The store has neither an entity tag nor a version of an input.
    #[error("the store has no version of {url}")]
    #[non_exhaustive]
    NoVersion {
        /// The location.
        url: Url,
    },
    /// An object exists at the location of an output, and the job does not overwrite.
    #[error("{url} exists")]
    #[non_exhaustive]
    OutputExists {
        /// The location.
        url: Url,
    },
    /// Another job has the same output.
    #[error("the job {owner} has the output {url}")]
    #[non_exhaustive]
    OutputTaken {
        /// The location.
        url: Url,
        /// The other job.
        owner: Identity,
    },
    /// The fleet has no such job.
    #[error("no job {identity}")]
    #[non_exhaustive]
    NoJob {
        /// The requested job.
        identity: Identity,
    },
    /// Data of the fleet cannot be parsed: another version of afmpeg has written it.
    #[error("cannot read {subject}")]
    #[non_exhaustive]
    Data {
        /// The data, such as `the state of the job 9f...`.
        subject: String,
        /// The parser's error.
        source: serde_json::Error,
    },
}

impl Error {
    pub(crate) fn invalid(subject: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidJob { subject: subject.into(), reason: reason.into() }
    }

    /// The fleet has no job, or no dead letter, with this identity.
    pub fn no_job(identity: Identity) -> Self {
        Self::NoJob { identity }
    }

    /// Returns a function that turns an error of the client into one of the fleet.
    pub(crate) fn server<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        operation: impl Into<String>,
    ) -> impl FnOnce(E) -> Self {
        |source| Self::Server { operation: operation.into(), source: source.into() }
    }

    /// Returns a function that turns an error of a store into one of the fleet.
    pub(crate) fn store(operation: &'static str, url: &Url) -> impl FnOnce(object_store::Error) -> Self {
        move |source| Self::Store { operation, url: url.clone(), source: Box::new(source) }
    }

    /// Whether the store has no such object.
    pub(crate) fn is_missing_object(&self) -> bool {
        matches!(self, Self::Store { source, .. } if matches!(**source, object_store::Error::NotFound { .. }))
    }

    /// Returns the next step, as a phrase in the imperative.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Server { .. } => {
                Some("check the server's address, and that JetStream is enabled (-js)".to_owned())
            }
            Self::NotAllowed { .. } => {
                Some("allow a prefix of the location, or choose another location".to_owned())
            }
            Self::Store { .. } => Some("check the location, and the credentials of its store".to_owned()),
            Self::NoVersion { .. } => Some("use a store that has entity tags".to_owned()),
            Self::OutputExists { .. } => {
                Some("choose another output, or let the job overwrite it".to_owned())
            }
            Self::OutputTaken { owner, .. } => Some(format!(
                "choose another output, overwrite it if the job is done, or cancel the job {owner}"
            )),
            Self::NoJob { .. } => {
                Some("list the jobs; the states of finished ones are removed after a time".to_owned())
            }
            Self::Data { .. } => Some("use one version of afmpeg in a fleet".to_owned()),
            Self::InvalidJob { .. } => None,
        }
    }
}
