//! The steps of gathering, on a terminal.

use crate::bar::Bar;

/// Shows the steps of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps<'a> {
    /// The name of the file.
    pub(super) file: &'a str,
    pub(super) is_hidden: bool,
}

impl Steps<'_> {
    /// Shows a step until the bar is dropped.
    pub(super) fn bar(self, step: &str) -> Bar {
        Bar::new(format!("{}: {step}", self.file), self.is_hidden)
    }
}
