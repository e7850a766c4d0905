use std::fmt::{self, Write as _};

use crate::{Filter, Time, Value};

/// Commands that `sendcmd` and `asendcmd` send to other filters at given times. The target is a filter's
/// [name](Filter::named).
///
/// ```
/// use std::time::Duration;
/// use afmpeg_cmd::{Filter, FilterCommands, Input};
///
/// let commands = FilterCommands::new()
///     .at(Duration::from_secs(1), "hue@grey", "s", 0)
///     .between(Duration::from_secs(2), Duration::from_secs(3), "hue@grey", "h", "90 * t");
/// assert_eq!(commands.to_string(), "1 hue@grey s 0;\n2-3 hue@grey h 90\\ *\\ t;\n");
/// let video = Input::new("a.mp4").video().filter(commands.filter()).filter(Filter::new("hue").named("grey"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterCommands(Vec<FilterCommand>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct FilterCommand {
    start: Time,
    end: Option<Time>,
    target: String,
    command: String,
    argument: Value,
}

impl FilterCommands {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends a command to `target` at `time`: `hue@grey` is one filter, `hue` all filters of that name. The command is
    /// usually the name of an option, and the argument its new value.
    #[must_use]
    pub fn at(
        self,
        time: impl Into<Time>,
        target: impl Into<String>,
        command: impl Into<String>,
        argument: impl Into<Value>,
    ) -> Self {
        self.push(time.into(), None, target.into(), command.into(), argument.into())
    }

    /// Sends a command when the time enters the interval from `start` to `end`, `end` excluded.
    #[must_use]
    pub fn between(
        self,
        start: impl Into<Time>,
        end: impl Into<Time>,
        target: impl Into<String>,
        command: impl Into<String>,
        argument: impl Into<Value>,
    ) -> Self {
        self.push(start.into(), Some(end.into()), target.into(), command.into(), argument.into())
    }

    fn push(
        mut self,
        start: Time,
        end: Option<Time>,
        target: String,
        command: String,
        argument: Value,
    ) -> Self {
        self.0.push(FilterCommand { start, end, target, command, argument });
        self
    }

    /// Returns the filter that sends them, for a chain of video.
    ///
    /// ```
    /// # use afmpeg_cmd::FilterCommands;
    /// let filter = FilterCommands::new().at(std::time::Duration::from_secs(1), "eq", "gamma", 2).filter();
    /// assert_eq!(filter.option("commands"), Some("1 eq gamma 2;\n"));
    /// ```
    pub fn filter(&self) -> Filter {
        Filter::new("sendcmd").opt("commands", self.to_string())
    }

    /// Returns the filter that sends them, for a chain of audio.
    pub fn audio_filter(&self) -> Filter {
        Filter::new("asendcmd").opt("commands", self.to_string())
    }
}

/// The syntax of `sendcmd`, for its option or a file.
impl fmt::Display for FilterCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for FilterCommand { start, end, target, command, argument } in &self.0 {
            write!(f, "{start}")?;
            if let Some(end) = end {
                write!(f, "-{end}")?;
            }
            for word in [target, command, argument.as_str()] {
                f.write_char(' ')?;
                write_word(word, f)?;
            }
            f.write_str(";\n")?;
        }
        Ok(())
    }
}

/// Escapes a word for `f_sendcmd.c`: blanks, commas and semicolons end it unless a backslash precedes them; at its
/// start, `#` begins a comment and `[` flags.
fn write_word(word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if word.is_empty() {
        return f.write_str("''");
    }
    for character in word.chars() {
        if " \u{c}\t\n\r,;\\'#[".contains(character) {
            f.write_char('\\')?;
        }
        f.write_char(character)?;
    }
    Ok(())
}
