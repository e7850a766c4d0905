//! The cause of an error of the library, for JSON.

use afmpeg_engine::{Component, Error, Limit};
use serde::Serialize;

/// The details of an error, beside its kind and its message.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Cause {
    /// FFmpeg's name of the error: `ENOENT`, `AVERROR_INVALIDDATA`...
    code: Option<&'static str>,
    /// The input, output, option, filter, codec or file at fault.
    subject: Option<String>,
    /// The codec, filter or other part that the module lacks.
    component: Option<Lacking>,
    /// The limit that the job exceeded.
    limit: Option<Limit>,
}

/// A part of FFmpeg that the module lacks.
#[derive(Debug, Serialize)]
struct Lacking {
    kind: &'static str,
    name: String,
}

impl Cause {
    /// Returns the details of an error at a file or another subject.
    pub(crate) fn of_subject(subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..Self::default() }
    }

    /// Replaces the subject by what `change` returns for it.
    pub(crate) fn change_subject(&mut self, change: impl Fn(&str) -> String) {
        self.subject = self.subject.as_deref().map(change);
    }

    /// Returns the details of an error.
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Exit(exit) => Self {
                code: exit.status().av_error().map(|error| error.name()),
                subject: exit.subject().map(str::to_owned),
                component: exit.component().map(Lacking::new),
                limit: None,
            },
            Error::Limit(exceeded) => Self { limit: Some(exceeded.limit()), ..Self::default() },
            Error::Filesystem { path: subject, .. }
            | Error::LostFile { path: subject, .. }
            | Error::InvalidJob { subject, .. }
            | Error::ProbeOutput { path: subject, .. } => Self::of_subject(subject),
            _ => Self::default(),
        }
    }
}

impl Lacking {
    fn new(component: &Component) -> Self {
        Self { kind: component.kind().name(), name: component.name().to_owned() }
    }
}
