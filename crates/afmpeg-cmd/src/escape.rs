//! How text becomes a value in a filter graph.
//!
//! FFmpeg reads a graph twice. First the graph is taken apart into filters, at `[ ] , ;`; then a filter's arguments
//! into options, at `:`. Both times a backslash takes the next character as it is, quotes do the same for all between
//! them, and blanks around what is found are dropped (`av_get_token`, `libavutil/avstring.c`). So a value is escaped
//! twice, always with backslashes: a quoted text that holds a colon is whole in the first reading and not in the
//! second.

use std::fmt::{self, Write as _};

/// What separates options and ends a token in a filter's arguments.
const OPTION_SPECIAL: &[char] = &['\\', '\'', ':'];

/// What separates filters, chains and pads.
const GRAPH_SPECIAL: &[char] = &['\\', '\'', '[', ']', ',', ';'];

/// What `av_get_token` drops at both ends: `WHITESPACES` of `avstring.c`.
pub(crate) const BLANK: &[char] = &[' ', '\n', '\t', '\r'];

/// A text as the value of an option of a filter in a graph, or of a bitstream filter in a list.
///
/// Whatever the text is, FFmpeg reads it back whole, and nothing of it as syntax. There is one thing that it cannot
/// be: FFmpeg's arguments end at a zero byte.
///
/// ```
/// use afmpeg_cmd::escape::escape;
///
/// assert_eq!(escape("between(t,1,2)").to_string(), r"between(t\,1\,2)");
/// assert_eq!(escape("a'b: c,d.srt").to_string(), r"a\\\'b\\:\\\ c\,d.srt");
/// ```
pub fn escape(text: &str) -> Escaped<'_> {
    Escaped { text, is_name: false }
}

/// The same for a value that stands without its option's name: an equals sign must not make a name of it.
pub(crate) fn escape_unnamed(text: &str) -> Escaped<'_> {
    Escaped { text, is_name: true }
}

/// An escaped text, to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a> {
    text: &'a str,
    is_name: bool,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars() {
            let is_blank = BLANK.contains(&character);
            let in_options =
                is_blank || OPTION_SPECIAL.contains(&character) || (self.is_name && character == '=');
            let in_graph = is_blank || GRAPH_SPECIAL.contains(&character);
            if in_options {
                // A backslash for the second reading, which the first takes one away from.
                f.write_str(r"\\")?;
            }
            if in_graph {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        Ok(())
    }
}
