//! A text that is read from its beginning on.

use crate::escape::BLANK;

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where it stands, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    pub(super) fn skip(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    pub(super) fn skip_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_while(|character| BLANK.contains(&character));
    }

    /// What stands before one of `ends`, without its quotes, its backslashes and the blanks around it, as
    /// `av_get_token` reads it.
    pub(super) fn token(&mut self, ends: &[char]) -> String {
        self.skip_blanks();
        let mut token = String::new();
        // Blanks up to here are meant: they were quoted.
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
    fn tokens_are_read_as_ffmpeg_reads_them() {
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
