use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Value,
    escape::{escape, escape_unnamed},
};

/// A filter or bitstream filter by name, with options.
///
/// It prints in graph syntax, escaped.
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
    /// FFmpeg's name of the filter.
    pub name: String,
    /// The name of this instance, in FFmpeg's messages and for commands of `sendcmd`. A graph names its unnamed
    /// filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The options, in the order in which they are set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<FilterOption>,
}

/// An option of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilterOption {
    /// The name. A value without one belongs to the next option in the filter's own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value, not escaped.
    pub value: Value,
}

impl Filter {
    /// A filter with its default options.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), instance: None, options: Vec::new() }
    }

    /// Sets an option. The value is data, whatever characters it contains.
    #[must_use]
    pub fn opt(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.push(FilterOption { name: Some(name.into()), value: value.into() });
        self
    }

    /// Sets an option if there is a value.
    ///
    /// ```
    /// # use afmpeg_cmd::Filter;
    /// assert_eq!(Filter::new("fps").arg_opt("fps", None::<u32>).to_string(), "fps");
    /// ```
    #[must_use]
    pub fn arg_opt(self, name: impl Into<String>, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.opt(name, value),
            None => self,
        }
    }

    /// Adds a value without a name, for the next option in the filter's own order.
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

    /// Names this instance, as FFmpeg's messages call it.
    #[must_use]
    pub fn named(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Enables the filter only where `expression` is not zero (FFmpeg's timeline editing), as in `between(t,1,4)`.
    #[must_use]
    pub fn enable(self, expression: impl Into<Value>) -> Self {
        self.opt("enable", expression)
    }

    /// Joins filters with one input and one output pad.
    pub(crate) fn chain(filters: &[Self]) -> String {
        let filters: Vec<String> = filters.iter().map(ToString::to_string).collect();
        filters.join(",")
    }

    /// Returns the last value of the option `name`.
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
        // Nothing after the last separator is not a value.
        if self.options.last().is_some_and(|last| last.name.is_none() && last.value.as_str().is_empty()) {
            f.write_str(":")?;
        }
        Ok(())
    }
}
