//! A position in a text.

use crate::escape::BLANK;

#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// Returns the position, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.offset += character.len_utf8();
        Some(character)
    }

    pub(crate) fn skip(&mut self, expected: char) -> bool {
        let is_there = self.peek() == Some(expected);
        if is_there {
            self.offset += expected.len_utf8();
        }
        is_there
    }

    pub(crate) fn skip_while(&mut self, expected: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character| !expected(character)).unwrap_or(rest.len());
        self.offset += end;
        &rest[..end]
    }

    pub(crate) fn skip_blanks(&mut self) {
        self.skip_while(|character| BLANK.contains(&character));
    }

    /// Reads up to one of `ends`, without quotes, backslashes and surrounding blanks, as `av_get_token` does.
    pub(crate) fn token(&mut self, ends: &[char]) -> String {
        self.skip_blanks();
        let mut token = String::new();
        // The end of the last quoted part, whose blanks are kept.
        let mut kept = 0;
        while let Some(character) = self.peek().filter(|character| !ends.contains(character)) {
            self.next();
            match character {
                '\\' => {
                    token.push(self.next().unwrap_or('\\'));
                    kept = token.len();
                }
                '\'' => {
                    token.push_str(self.skip_while(|character| character != '\''));
                    if self.skip('\'') {
                        kept = token.len();
                    }
                }
                _ => token.push(character),
            }
        }
        let end = token.trim_end_matches(BLANK).len();
        token.truncate(end.max(kept));
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_in_ffmpeg() {
        for (text, token, rest) in [
            (" a b ,c", "a b", ",c"),
            (r"a\,b,c", "a,b", ",c"),
            ("'a,b' ,c", "a,b", ",c"),
            (r"\ a\ ,c", " a ", ",c"),
            ("' '", " ", ""),
            (r"it'\''s", r"it\s", ""),
            ("'open, ", "open,", ""),
            (r"end\", r"end\", ""),
            ("é, x", "é", ", x"),
        ] {
            let mut cursor = Cursor::new(text);
            assert_eq!((cursor.token(&[',']).as_str(), cursor.rest()), (token, rest), "{text}");
        }
    }
}
