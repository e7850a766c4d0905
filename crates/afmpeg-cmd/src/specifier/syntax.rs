//! The syntax of stream specifiers: `v:0`, `p:1:a`, `m:language:deu`.

use crate::cursor::Cursor;

/// A stream specifier, parsed as by `stream_specifier_parse`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Specifier<'a> {
    /// Whether a trailing number selects one of the streams that the rest fits.
    pub(crate) has_index: bool,
    /// The part at its end that any following text would extend.
    pub(crate) open: Option<Open>,
    /// The text after it.
    pub(crate) rest: &'a str,
}

/// A part of a specifier that only a colon ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// `u`
    Usable,
    /// `m:key`, which a colon and a value may follow.
    Key,
    /// `m:key:value`
    Value,
}

impl<'a> Specifier<'a> {
    /// Parses a specifier; `None` if FFmpeg refuses the specifier itself, not only the text after it.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let mut specifier = Self { has_index: false, open: None, rest: text };
        let (mut has_kind, mut has_list, mut has_disposition) = (false, false, false);
        let set = |has: &mut bool| !std::mem::replace(has, true);
        loop {
            let rest = specifier.rest;
            let is_kind = rest.starts_with(['v', 'a', 's', 'd', 't', 'V'])
                && !rest[1..].starts_with(|next: char| next.is_ascii_alphanumeric());
            let (next, is_end) = if rest.starts_with(|first: char| first.is_ascii_digit()) {
                specifier.has_index = true;
                (number(rest)?, true)
            } else if is_kind {
                (set(&mut has_kind).then(|| &rest[1..])?, false)
            } else if let Some(group) = rest.strip_prefix("g:") {
                (set(&mut has_list).then(|| number(id(group).unwrap_or(group)))??, false)
            } else if let Some(program) = rest.strip_prefix("p:") {
                (set(&mut has_list).then(|| number(program))??, false)
            } else if let Some(names) = rest.strip_prefix("disp:") {
                let is_name = |next: char| next.is_ascii_alphanumeric() || "_+".contains(next);
                (set(&mut has_disposition).then(|| names.trim_start_matches(is_name))?, false)
            } else if let Some(id) = id(rest) {
                (set(&mut has_list).then(|| number(id))??, true)
            } else if let Some(pair) = rest.strip_prefix("m:") {
                let mut cursor = Cursor::new(pair);
                cursor.token(&[':']);
                specifier.open = Some(Open::Key);
                if cursor.skip(':') {
                    cursor.token(&[':']);
                    specifier.open = Some(Open::Value);
                }
                (&pair[cursor.offset()..], true)
            } else if rest == "u" || rest.starts_with("u:") {
                specifier.open = Some(Open::Usable);
                (&rest[1..], true)
            } else {
                break;
            };
            specifier.rest = next;
            if is_end {
                break;
            }
            specifier.rest = next.strip_prefix(':').unwrap_or(next);
        }
        specifier.rest = specifier.rest.strip_prefix(':').unwrap_or(specifier.rest);
        Some(specifier)
    }

    /// Whether `-map` accepts the text after it: a question mark, a view of a video.
    pub(crate) fn is_whole(&self) -> bool {
        let rest = self.rest.strip_suffix('?').unwrap_or(self.rest);
        rest.is_empty() || ["view:", "vidx:", "vpos:"].iter().any(|view| rest.starts_with(view))
    }
}

/// Returns the text after the prefix of an ID.
fn id(text: &str) -> Option<&str> {
    text.strip_prefix('#').or_else(|| text.strip_prefix("i:"))
}

/// Returns the text after a number, whose end is that of `strtol`.
fn number(text: &str) -> Option<&str> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let is_digit = |next: char| next.is_ascii_digit() || hexadecimal.is_some() && next.is_ascii_hexdigit();
    let digits = hexadecimal.unwrap_or(text);
    let rest = digits.trim_start_matches(is_digit);
    (rest.len() < digits.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_read_as_in_ffmpeg() {
        for (text, has_index, open, rest) in [
            ("", false, None, ""),
            ("3", true, None, ""),
            ("v", false, None, ""),
            ("a:1", true, None, ""),
            ("a:0x10", true, None, ""),
            ("V?", false, None, "?"),
            ("p:1", false, None, ""),
            ("p:1:v:0", true, None, ""),
            ("v:p:1", false, None, ""),
            ("g:#5:a", false, None, ""),
            ("#0x101", false, None, ""),
            ("i:257?", false, None, "?"),
            ("disp:default+forced?", false, None, "?"),
            ("v:vidx:0", false, None, "vidx:0"),
            ("u", false, Some(Open::Usable), ""),
            ("u?", false, None, "u?"),
            ("u:?", false, Some(Open::Usable), "?"),
            ("m:language", false, Some(Open::Key), ""),
            ("a:m:language:deu", false, Some(Open::Value), ""),
            ("m:language:deu?", false, Some(Open::Value), ""),
            (r"m:title:a\:b:?", false, Some(Open::Value), "?"),
            ("video", false, None, "video"),
            ("a:0:1", true, None, "1"),
            ("dec:0", false, None, "dec:0"),
        ] {
            assert_eq!(Specifier::of(text), Some(Specifier { has_index, open, rest }), "{text}");
        }
        for text in ["v:a", "p:x", "p:1:g:0", "#"] {
            assert_eq!(Specifier::of(text), None, "{text}");
        }
    }
}
