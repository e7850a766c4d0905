use serde::{Deserialize, Serialize};

use crate::Value;

/// One option of the command line: `-name[:specifier] [value]`.
///
/// What has a type of its own elsewhere need not be said this way; everything else can be.
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
    /// The streams it is for, as FFmpeg's stream specifiers name them; all that it fits if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specifier: Option<String>,
    /// Its value; flags have none.
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

    /// Only for the streams that `specifier` names.
    #[must_use]
    pub fn on(mut self, specifier: impl Into<String>) -> Self {
        self.specifier = Some(specifier.into());
        self
    }

    /// The words of the command line.
    pub fn words(&self) -> impl Iterator<Item = String> + '_ {
        let name = match &self.specifier {
            Some(specifier) => format!("-{}:{specifier}", self.name),
            None => format!("-{}", self.name),
        };
        std::iter::once(name).chain(self.value.as_ref().map(ToString::to_string))
    }
}
