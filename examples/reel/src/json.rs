//! JSON, read as TOML: with `=` for `:`, it is an inline table, and every byte stays where it was.

use std::ops::Range;

use serde::Deserialize as _;

use crate::Storyboard;

pub(crate) fn is(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"))
}

/// The storyboard, or where and why it is none.
pub(crate) fn read(text: &str) -> Result<Storyboard, (Range<usize>, String)> {
    // What is no JSON must not pass because it is TOML.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let before =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = before + error.column().saturating_sub(1);
        return Err((at..at, format!("it is no JSON: {error}")));
    }
    let table = with_equals_signs(text);
    // TOML allows no line break before a value; blanks leave everything in its place.
    let start = table.len() - table.trim_start().len();
    if table[..start].contains(['\n', '\r']) {
        return Err((0..0, "a line break stands before the storyboard".to_owned()));
    }
    let read = toml::de::ValueDeserializer::parse(table.trim_end()).and_then(Storyboard::deserialize);
    read.map_err(|error| (error.span().unwrap_or_default(), error.message().to_owned()))
}

fn with_equals_signs(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    text.chars()
        .map(|character| {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = in_string,
                '"' => in_string = !in_string,
                ':' if !in_string => return '=',
                _ => {}
            }
            character
        })
        .collect()
}
