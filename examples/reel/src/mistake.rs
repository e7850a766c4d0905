use std::{fmt, ops::Range};

/// An error in a storyboard, with its place in the text.
///
/// ```
/// use afmpeg_reel::Storyboard;
///
/// let text = "size = [320, 180]\nfsp = 25\n";
/// let mistakes = Storyboard::parse("reel.toml", text).unwrap_err();
/// let mistake = mistakes.iter().next().unwrap();
/// assert_eq!((mistake.line, mistake.column), (2, 1));
/// assert!(mistake.to_string().starts_with("reel.toml:2:1: unknown field `fsp`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The storyboard's file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The error, in one line.
    pub message: String,
    /// A fix, in the imperative.
    pub hint: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}; {}", self.file, self.line, self.column, self.message, self.hint)
    }
}

/// All errors in a storyboard, by line. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Iterates over the mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, Mistake> {
        self.0.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

/// A collector of mistakes that converts offsets in the text to lines and columns.
#[derive(Debug)]
pub(crate) struct Review<'a> {
    file: &'a str,
    text: &'a str,
    found: Vec<(usize, Mistake)>,
}

impl<'a> Review<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    pub(crate) fn report(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let (file, message, hint) = (self.file.to_owned(), message.into(), hint.into());
        self.found.push((span.start, Mistake { file, line, column, message, hint }));
    }

    pub(crate) fn end(self) -> Result<(), Mistakes> {
        if self.found.is_empty() { Ok(()) } else { Err(self.into_mistakes()) }
    }

    /// Returns the mistakes, of which there must be at least one.
    pub(crate) fn into_mistakes(mut self) -> Mistakes {
        self.found.sort_by_key(|(start, _)| *start);
        Mistakes(self.found.into_iter().map(|(_, mistake)| mistake).collect())
    }
}
