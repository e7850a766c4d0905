//! Results of operations, for failures that name the operation and the path.

use std::{
    fmt,
    io::{self, ErrorKind},
};

use bytes::Bytes;

use crate::SymlinkLoop;

/// The longest value in a failure, in characters.
const MAX_SHOWN: usize = 200;

/// The result of an operation of the filesystem under test. A failed check of it panics with a message of the form
/// "OPERATION PATH: expected X, found Y".
#[must_use = "an outcome must be checked"]
pub(super) struct Outcome<T> {
    /// The operation with its path and arguments.
    operation: String,
    result: io::Result<T>,
}

impl<T> Outcome<T> {
    pub(super) fn new(operation: String, result: io::Result<T>) -> Self {
        Self { operation, result }
    }

    /// Checks a property of the value instead of the value.
    pub(super) fn map<U>(self, property: impl FnOnce(T) -> U) -> Outcome<U> {
        Outcome { operation: self.operation, result: self.result.map(property) }
    }

    /// Continues with the value.
    pub(super) fn and_then<U>(self, next: impl FnOnce(T) -> io::Result<U>) -> Outcome<U> {
        Outcome { operation: self.operation, result: self.result.and_then(next) }
    }

    /// Returns the value of an operation that must succeed.
    pub(super) fn ok(self) -> T {
        match self.result {
            Ok(value) => value,
            Err(error) => panic!("{}: expected success, found {}", self.operation, shown_error(&error)),
        }
    }
}

impl<T: fmt::Debug> Outcome<T> {
    /// Returns the error of an operation that must fail, and its name. `expected` is for the message.
    fn error(self, expected: impl fmt::Display) -> (String, io::Error) {
        match self.result {
            Ok(value) => panic!("{}: expected {expected}, found Ok({})", self.operation, shown(&value)),
            Err(error) => (self.operation, error),
        }
    }

    /// Checks that the operation fails, with any kind of error.
    pub(super) fn fails(self) {
        let _ = self.error("an error");
    }

    /// Checks that the operation fails with this kind of error.
    pub(super) fn fails_with(self, kind: ErrorKind) {
        self.fails_with_one_of(&[kind]);
    }

    /// Checks that the operation fails with one of these kinds of errors.
    pub(super) fn fails_with_one_of(self, kinds: &[ErrorKind]) {
        let expected = kinds.iter().map(|kind| format!("{kind:?}")).collect::<Vec<_>>().join(" or ");
        let (operation, error) = self.error(&expected);
        assert!(
            kinds.contains(&error.kind()),
            "{operation}: expected {expected}, found {}",
            shown_error(&error)
        );
    }

    /// Checks that the operation fails at a loop of symbolic links.
    pub(super) fn fails_in_a_loop(self) {
        let (operation, error) = self.error("SymlinkLoop");
        assert!(SymlinkLoop::is(&error), "{operation}: expected SymlinkLoop, found {}", shown_error(&error));
    }

    /// Checks that the operation returns this value.
    pub(super) fn returns<U: fmt::Debug>(self, expected: U)
    where
        T: PartialEq<U>,
    {
        self.returns_because(expected, "");
    }

    /// Checks that the operation returns this value, and gives the reason if it does not.
    pub(super) fn returns_because<U: fmt::Debug>(self, expected: U, reason: &str)
    where
        T: PartialEq<U>,
    {
        let operation = self.operation.clone();
        let found = self.ok();
        let reason = if reason.is_empty() { String::new() } else { format!("; {reason}") };
        assert!(
            found == expected,
            "{operation}: expected {}, found {}{reason}",
            shown(&expected),
            shown(&found)
        );
    }

    /// Checks that the value has this property.
    pub(super) fn satisfies(self, property: &str, has: impl FnOnce(&T) -> bool) {
        let operation = self.operation.clone();
        let found = self.ok();
        assert!(has(&found), "{operation}: expected {property}, found {}", shown(&found));
    }
}

impl Outcome<Bytes> {
    /// Checks that the operation returns at least one of these bytes, and returns the number.
    pub(super) fn returns_start_of(self, expected: &[u8]) -> usize {
        let len = match &self.result {
            Ok(found) => found.len().clamp(1, expected.len()),
            Err(_) => 0,
        };
        self.returns_bytes(&expected[..len]);
        len
    }

    /// Checks that the operation returns these bytes, which may be many.
    pub(super) fn returns_bytes(self, expected: &[u8]) {
        let operation = self.operation.clone();
        let found = self.ok();
        if found == expected {
            return;
        }
        if found.len().max(expected.len()) <= MAX_SHOWN / 4 {
            panic!("{operation}: expected {:?}, found {found:?}", Bytes::copy_from_slice(expected));
        }
        let is_different = |(found, expected): (&u8, &u8)| found != expected;
        let place = found.iter().zip(expected).position(is_different);
        let place = place.unwrap_or(found.len().min(expected.len()));
        let (expected, found) = (expected.len(), found.len());
        panic!("{operation}: expected {expected} bytes, found {found}, which differ from byte {place}");
    }
}

fn shown(value: &dyn fmt::Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn shown_error(error: &io::Error) -> String {
    format!("{:?} ({error})", error.kind())
}
