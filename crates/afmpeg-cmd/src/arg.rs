use serde::{Deserialize, Serialize};

use crate::Value;

/// An option of the command line: `-name[:specifier] [value]`.
///
/// For options without a type of their own.
///
/// ```
/// use afmpeg_cmd::Arg;
///
/// let crf = Arg::new("crf", 23).on("v:0");
/// assert_eq!(crf.words().collect::<Vec<_>>(), ["-crf:v:0", "23"]);
/// assert_eq!(Arg::flag("shortest").words().collect::<Vec<_>>(), ["-shortest"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arg {
    /// The option's name, without its dash.
    pub name: String,
    /// The stream specifier that the option applies to; all streams that it fits if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specifier: Option<String>,
    /// The value; `None` for flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Arg {
    /// `-name value`
    pub fn new(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), specifier: None, value: Some(value.into()) }
    }

    /// `-name`
    pub fn flag(name: impl Into<String>) -> Self {
        Self { name: name.into(), specifier: None, value: None }
    }

    /// Restricts the option to the streams that `specifier` selects.
    #[must_use]
    pub fn on(mut self, specifier: impl Into<String>) -> Self {
        self.specifier = Some(specifier.into());
        self
    }

    /// Returns the words of the command line.
    pub fn words(&self) -> impl Iterator<Item = String> + '_ {
        let name = match &self.specifier {
            Some(specifier) => format!("-{}:{specifier}", self.name),
            None => format!("-{}", self.name),
        };
        std::iter::once(name).chain(self.value.as_ref().map(ToString::to_string))
    }
}
