use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Value,
    escape::{escape, escape_unnamed},
};

/// A filter by its name, with options: any filter of FFmpeg's, and any bitstream filter.
///
/// It is printed as it stands in a graph, escaped.
///
/// ```
/// use afmpeg_cmd::Filter;
///
/// let scale = Filter::new("scale").opt("w", 1280).opt("h", -2).opt("flags", "lanczos");
/// assert_eq!(scale.to_string(), "scale=w=1280:h=-2:flags=lanczos");
/// let text = Filter::new("drawtext").opt("text", "it's 10:30").opt("expansion", "none");
/// assert_eq!(text.to_string(), r"drawtext=text=it\\\'s\\\ 10\\:30:expansion=none");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// What FFmpeg calls it.
    pub name: String,
    /// What this one is called, in FFmpeg's messages and for the commands that `sendcmd` sends. A graph gives names
    /// to those that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// In the order in which they are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FilterOption>,
}

/// An option of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterOption {
    /// Its name. Without one, the value is of the option that is the next in the filter's own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its value, not escaped.
    pub value: Value,
}

impl Filter {
    /// The filter `name`, with its defaults.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), instance: None, options: Vec::new() }
    }

    /// Sets an option. The value is data, whatever characters are in it.
    #[must_use]
    pub fn opt(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.push(FilterOption { name: Some(name.into()), value: value.into() });
        self
    }

    /// Sets an option if there is a value for it.
    ///
    /// ```
    /// # use afmpeg_cmd::Filter;
    /// assert_eq!(Filter::new("fps").maybe("fps", None::<u32>).to_string(), "fps");
    /// ```
    #[must_use]
    pub fn maybe(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.opt(name, value),
            None => self,
        }
    }

    /// Adds a value without a name, for the option that is next in the filter's own order.
    ///
    /// ```
    /// # use afmpeg_cmd::Filter;
    /// assert_eq!(Filter::new("scale").arg(640).arg(-2).to_string(), "scale=640:-2");
    /// ```
    #[must_use]
    pub fn arg(mut self, value: impl Into<Value>) -> Self {
        self.options.push(FilterOption { name: None, value: value.into() });
        self
    }

    /// Gives this one a name: what FFmpeg's messages call it.
    #[must_use]
    pub fn named(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Lets it work only where `expression` is not zero (FFmpeg's timeline editing), as in `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        self.opt("enable", expression)
    }

    /// One after the other, as a graph has those with one pad in and one out.
    pub(crate) fn chain(filters: &[Self]) -> String {
        let filters: Vec<String> = filters.iter().map(ToString::to_string).collect();
        filters.join(",")
    }

    /// The last value of the option `name`.
    pub fn option(&self, name: &str) -> Option<&str> {
        let mut options = self.options.iter().rev();
        options.find(|option| option.name.as_deref() == Some(name)).map(|option| option.value.as_str())
    }
}

/// The filter with this name.
impl From<&str> for Filter {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// The filter with this name.
impl From<String> for Filter {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(instance) = &self.instance {
            write!(f, "@{instance}")?;
        }
        for (index, option) in self.options.iter().enumerate() {
            f.write_str(if index == 0 { "=" } else { ":" })?;
            match &option.name {
                Some(name) => write!(f, "{name}={}", escape(option.value.as_str()))?,
                None => escape_unnamed(option.value.as_str()).fmt(f)?,
            }
        }
        // Nothing behind the last separator is no value.
        if self.options.last().is_some_and(|last| last.name.is_none() && last.value.as_str().is_empty()) {
            f.write_str(":")?;
        }
        Ok(())
    }
}
