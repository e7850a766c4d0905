//! clang's warnings about conversions between types of functions.

use std::path::PathBuf;

/// A range in a source: line and column, counted from 1, of the first character and of the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) start: (usize, usize),
    pub(super) end: (usize, usize),
}

/// A line of clang's output that ends in the name of a warning.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Warning {
    pub(super) path: PathBuf,
    pub(super) line: usize,
    pub(super) column: usize,
    /// The code that it is about, in clang's order.
    pub(super) ranges: Vec<Range>,
    pub(super) message: String,
    /// Without `-W`.
    pub(super) names: Vec<String>,
}

/// A type in a message, with its typedefs resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) full: String,
}

impl Warning {
    /// Reads `path:1:2:{1:2-1:5}: warning: message [-Wname]`, the format of `-fdiagnostics-print-source-range-info`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (place, rest) =
            ["warning", "error"].iter().find_map(|level| text.split_once(&format!(": {level}: ")))?;
        let (message, name) = rest.strip_suffix(']')?.rsplit_once(" [")?;
        let (place, ranges) = match place.split_once(":{") {
            Some((place, ranges)) => (place, ranges.strip_suffix('}')?),
            None => (place, ""),
        };
        let mut parts = place.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some(Self {
            path: parts.next()?.into(),
            line,
            column,
            ranges: ranges.split("}{").filter_map(Range::read).collect(),
            message: message.to_owned(),
            names: name.split(',').filter_map(|name| name.strip_prefix("-W")).map(str::to_owned).collect(),
        })
    }

    /// The types in the message.
    pub(super) fn types(&self) -> Vec<Type> {
        let mut types = Vec::new();
        let mut rest = self.message.as_str();
        while let Some((quoted, after)) = quoted(rest) {
            let full = after.strip_prefix(" (aka ").and_then(|aka| self::quoted(aka)).filter(|(_, after)| {
                // The resolved type ends the parenthesis.
                after.starts_with(')')
            });
            let (full, after) = full.unwrap_or((quoted, after));
            types.push(Type { full: full.to_owned() });
            rest = after;
        }
        types
    }
}

/// The text between the first two quotes, and the text after them.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (_, text) = text.split_once('\'')?;
    text.split_once('\'')
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let place = |text: &str| {
            let (line, column) = text.split_once(':')?;
            Some((line.parse().ok()?, column.parse().ok()?))
        };
        let (start, end) = text.split_once('-')?;
        Some(Self { start: place(start)?, end: place(end)? })
    }

    /// The part of a source in the range.
    pub(super) fn of(self, source: &str) -> String {
        let lines = source.lines().enumerate().map(|(index, line)| (index + 1, line));
        let within = lines.filter(|(number, _)| (self.start.0..=self.end.0).contains(number));
        let parts = within.map(|(number, line)| {
            let start = if number == self.start.0 { self.start.1.saturating_sub(1) } else { 0 };
            let end = if number == self.end.0 { self.end.1.saturating_sub(1) } else { line.len() };
            line.get(start.min(line.len())..end.min(line.len())).unwrap_or_default()
        });
        parts.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warning_has_its_place_ranges_types_and_name() {
        let warning = Warning::read(
            "/a b/t.c:10:7:{10:7-10:32}{1:2-3:4}: warning: cast from 'void (*)(S *, T)' (aka 'void (*)(struct S *, \
             long long)') to 'void *(*)(void *, int)' converts to incompatible function type \
             [-Wcast-function-type-strict]",
        )
        .unwrap();
        assert_eq!((warning.path.to_str(), warning.line, warning.column), (Some("/a b/t.c"), 10, 7));
        assert_eq!(warning.ranges[1], Range { start: (1, 2), end: (3, 4) });
        assert_eq!(warning.names, ["cast-function-type-strict"]);
        let types: Vec<String> = warning.types().into_iter().map(|one| one.full).collect();
        assert_eq!(types, ["void (*)(struct S *, long long)", "void *(*)(void *, int)"]);
    }

    #[test]
    fn warning_without_ranges_or_with_two_names_is_read() {
        let text = "/t.c:1:2: error: passing 'void *' to parameter [-Werror,-Wpedantic]";
        let warning = Warning::read(text).unwrap();
        assert_eq!(warning.ranges, []);
        assert_eq!(warning.names, ["error", "pedantic"]);
    }

    #[test]
    fn other_lines_are_none() {
        for text in ["", "1 warning generated.", "/t.c:1:2: note: here", "/t.c:1:2: warning: no name", "]"] {
            assert_eq!(Warning::read(text), None, "{text}");
        }
    }

    #[test]
    fn range_selects_its_part_of_the_source() {
        let range = |start, end| Range { start, end };
        let source = "call( (void*)f, x );\nsecond\nthird";
        assert_eq!(range((1, 7), (1, 15)).of(source), "(void*)f");
        assert_eq!(range((1, 17), (2, 4)).of(source), "x ); sec");
        assert_eq!(range((3, 4), (9, 1)).of(source), "rd");
        assert_eq!(range((3, 40), (3, 50)).of(source), "");
    }
}
