//! FFmpeg's colours for its log on a terminal: the table and the order of `libavutil/log.c`.

use super::{LogLevel, text::LogText};

/// The colours of a log for a terminal: see [`Job::log_colors`](crate::Job::log_colors).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogColors {
    /// The eight colours that each terminal has, plain and bright.
    Ansi16,
    /// The palette of 256 colours.
    Ansi256,
}

/// A colour in both palettes.
#[derive(Debug, Clone, Copy)]
struct Color {
    /// The attribute, such as 1 for bright, and the number of the colour.
    ansi16: (u8, u8),
    ansi256: u8,
    /// The background, in the palette of 256 colours.
    background: u8,
}

impl LogColors {
    /// Returns a text with the escape sequences that FFmpeg prints.
    pub(crate) fn paint(self, text: &LogText<'_>) -> Vec<u8> {
        let Some(source) = &text.source else { return text.bytes.to_vec() };
        let mut painted = Vec::new();
        let (prefix, message) = text.bytes.split_at(source.prefix);
        let mut writers = parts(prefix).filter(|part| is_writer(part)).count();
        for part in parts(prefix) {
            let color = if is_writer(part) {
                writers -= 1;
                // A writer inside another one is printed behind it.
                Some(of_category(if writers == 0 { source.category } else { source.parent_category }))
            } else if part.starts_with(b"[") {
                of_level(source.level)
            } else {
                of_level(LogLevel::Trace)
            };
            self.push(&mut painted, color, part);
        }
        self.push(&mut painted, of_level(source.level), message);
        painted
    }

    fn push(self, painted: &mut Vec<u8>, color: Option<Color>, text: &[u8]) {
        let Some(Color { ansi16: (attribute, number), ansi256, background }) =
            color.filter(|_| !text.is_empty())
        else {
            return painted.extend_from_slice(text);
        };
        let start = match self {
            LogColors::Ansi16 => format!("\x1b[{attribute};3{number}m"),
            LogColors::Ansi256 => format!("\x1b[48;5;{background}m\x1b[38;5;{ansi256}m"),
        };
        painted.extend_from_slice(start.as_bytes());
        painted.extend_from_slice(text);
        painted.extend_from_slice(b"\x1b[0m");
    }
}

/// Splits `[parent @ 0x1] [writer @ 0x2] [error] ` behind each bracket.
fn parts(prefix: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = prefix;
    std::iter::from_fn(move || {
        let end = rest.windows(2).position(|pair| pair == b"] ").map_or(rest.len(), |end| end + 2);
        let (part, behind) = rest.split_at(end);
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

fn is_writer(part: &[u8]) -> bool {
    part.starts_with(b"[") && part.windows(3).any(|three| three == b" @ ")
}

/// Returns the colour of a level; information has none.
fn of_level(level: LogLevel) -> Option<Color> {
    let (ansi16, ansi256, background) = match level {
        LogLevel::Panic => ((4, 1), 196, 52),
        LogLevel::Fatal => ((4, 1), 208, 0),
        LogLevel::Error => ((1, 1), 196, 0),
        LogLevel::Warning => ((0, 3), 226, 0),
        LogLevel::Info => return None,
        LogLevel::Verbose => ((0, 2), 40, 0),
        LogLevel::Debug => ((0, 2), 34, 0),
        LogLevel::Trace => ((0, 7), 34, 0),
    };
    Some(Color { ansi16, ansi256, background })
}

/// Returns the colour of a writer by its `AVClassCategory`.
fn of_category(category: u8) -> Color {
    let (ansi16, ansi256) = match category {
        1 => ((1, 5), 219),
        2 => ((0, 5), 201),
        // Muxers, and devices for output.
        3 | 40 | 42 | 44 => ((1, 5), 213),
        // Demuxers, and devices for input.
        4 | 41 | 43 | 45 => ((0, 5), 207),
        // Encoders, decoders, filters and filters of bitstreams.
        5 => ((1, 6), 51),
        6 => ((0, 6), 39),
        7 => ((1, 2), 155),
        8 => ((1, 4), 192),
        // Scaling and resampling.
        9 => ((1, 4), 153),
        10 => ((1, 4), 147),
        11 => ((1, 3), 214),
        _ => ((0, 9), 250),
    };
    Color { ansi16, ansi256, background: 0 }
}

#[cfg(test)]
mod tests {
    use super::{super::text::LogSource, *};

    fn painted(colors: LogColors, level: LogLevel, prefix: &str, message: &str) -> String {
        let bytes = [prefix, message].concat();
        let source = LogSource { level, parent_category: 7, category: 5, prefix: prefix.len() };
        let text = LogText { bytes: bytes.as_bytes(), source: Some(source) };
        String::from_utf8(colors.paint(&text)).unwrap()
    }

    #[test]
    fn writers_have_the_colours_of_their_kinds_and_the_rest_that_of_the_level() {
        let prefix = "[graph @ 0x1] [encoder @ 0x2] [warning] ";
        assert_eq!(
            painted(LogColors::Ansi16, LogLevel::Warning, prefix, "[a] b\n"),
            "\x1b[1;32m[graph @ 0x1] \x1b[0m\x1b[1;36m[encoder @ 0x2] \x1b[0m\x1b[0;33m[warning] \x1b[0m\
             \x1b[0;33m[a] b\n\x1b[0m"
        );
        assert_eq!(
            painted(LogColors::Ansi256, LogLevel::Panic, "[encoder @ 0x2] ", "b"),
            "\x1b[48;5;0m\x1b[38;5;51m[encoder @ 0x2] \x1b[0m\x1b[48;5;52m\x1b[38;5;196mb\x1b[0m"
        );
    }

    #[test]
    fn information_and_other_output_have_no_colour() {
        assert_eq!(painted(LogColors::Ansi16, LogLevel::Info, "", "Input #0"), "Input #0");
        let printed = LogText { bytes: b"x265 [info]: a\n", source: None };
        assert_eq!(LogColors::Ansi256.paint(&printed), printed.bytes);
    }
}
