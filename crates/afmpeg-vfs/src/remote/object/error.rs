//! Conversion of object store errors.

use std::{error, io};

use object_store::Error;

/// An error of an operation on an object.
#[derive(Debug, thiserror::Error)]
#[error("{doing} the object {key:?}: {source}")]
struct ObjectError {
    doing: &'static str,
    key: String,
    source: Error,
}

/// Converts `source` to an I/O error of the corresponding kind that names the operation and the key.
pub(super) fn explain(doing: &'static str, key: &object_store::path::Path, source: Error) -> io::Error {
    io::Error::new(kind(&source), ObjectError { doing, key: key.to_string(), source })
}

fn kind(error: &Error) -> io::ErrorKind {
    match error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        Error::NotSupported { .. } | Error::NotImplemented { .. } => io::ErrorKind::Unsupported,
        Error::InvalidPath { .. } => io::ErrorKind::InvalidFilename,
        error => inner_kind(error).unwrap_or(io::ErrorKind::Other),
    }
}

/// Returns the kind of the I/O error among the causes, if there is one.
fn inner_kind(error: &Error) -> Option<io::ErrorKind> {
    let mut cause = error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return Some(inner.kind());
        }
        cause = inner.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_corresponding_kinds_and_keep_their_cause() {
        let path = || "a/b".to_owned();
        let source = || Box::from("from the store");
        let full = Box::new(io::Error::from(io::ErrorKind::StorageFull));
        let kinds = [
            (Error::NotFound { path: path(), source: source() }, io::ErrorKind::NotFound),
            (Error::AlreadyExists { path: path(), source: source() }, io::ErrorKind::AlreadyExists),
            (Error::PermissionDenied { path: path(), source: source() }, io::ErrorKind::PermissionDenied),
            (Error::Unauthenticated { path: path(), source: source() }, io::ErrorKind::PermissionDenied),
            (Error::NotSupported { source: source() }, io::ErrorKind::Unsupported),
            (Error::Generic { store: "s", source: full }, io::ErrorKind::StorageFull),
            (Error::Generic { store: "s", source: source() }, io::ErrorKind::Other),
        ];
        for (error, kind) in kinds {
            let cause = error.to_string();
            let explained = explain("reading", &"a/b".into(), error);
            assert_eq!(explained.kind(), kind);
            assert_eq!(explained.to_string(), format!("reading the object \"a/b\": {cause}"));
            let source = explained.get_ref().and_then(|inner| inner.source()).unwrap();
            assert!(source.is::<Error>());
        }
    }
}
