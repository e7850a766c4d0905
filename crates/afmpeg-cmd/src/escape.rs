//! Escaping of text as a value in a filter graph.
//!
//! FFmpeg reads a graph twice. The first pass splits the graph into filters, at `[ ] , ;`; the second splits a filter's
//! arguments into options, at `:`. In both passes a backslash takes the next character literally, quotes do the same
//! for all characters between them, and surrounding blanks are dropped (`av_get_token`, `libavutil/avstring.c`). So a
//! value is escaped twice, always with backslashes: a quoted text that contains a colon survives the first pass, but
//! not the second.

use std::fmt::{self, Write as _};

/// Characters that separate options or end a token in a filter's arguments.
const OPTION_SPECIAL: &[char] = &['\\', '\'', ':'];

/// Characters that separate filters, chains and pads.
const GRAPH_SPECIAL: &[char] = &['\\', '\'', '[', ']', ',', ';'];

/// Characters that `av_get_token` drops at both ends: `WHITESPACES` of `avstring.c`.
pub(crate) const BLANK: &[char] = &[' ', '\n', '\t', '\r'];

/// Escapes a text as the value of an option of a filter in a graph, or of a bitstream filter in a list.
///
/// FFmpeg reads any escaped text back whole, and none of it as syntax. The only exception is a zero byte, which ends an
/// argument.
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

/// Escapes a value without an option name: an equals sign must not turn its beginning into a name.
pub(crate) fn escape_unnamed(text: &str) -> Escaped<'_> {
    Escaped { text, is_name: true }
}

/// An escaped text, for printing.
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
                // A backslash for the second pass; the first pass removes one.
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
