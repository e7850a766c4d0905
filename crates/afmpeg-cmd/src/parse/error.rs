use std::fmt;

/// An error in a command line or a graph, and its position.
///
/// ```
/// use afmpeg_cmd::Command;
///
/// let error = Command::parse(["-i", "a.mp4", "-map", "1:v", "b.mp4"]).unwrap_err();
/// assert_eq!((error.index, error.token.as_str()), (3, "1:v"));
/// assert_eq!(
///     error.to_string(),
///     "argument 3, \"1:v\": there is no input 1 (inputs count from 0, and there is one)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The index of the argument, from 0; 0 in a graph alone.
    pub index: usize,
    /// The argument; empty after the last.
    pub token: String,
    /// The position in the argument, in bytes, if it is a graph.
    pub offset: Option<usize>,
    /// The problem.
    pub problem: String,
    /// The hint for fixing it.
    pub hint: String,
}

impl std::error::Error for ParseError {}

/// The length of the excerpt of a graph, in characters.
const EXCERPT: usize = 30;

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "argument {}", self.index)?;
        match self.offset {
            Some(offset) => {
                let excerpt: String =
                    self.token.get(offset..).unwrap_or_default().chars().take(EXCERPT).collect();
                write!(f, ", byte {offset}, at {excerpt:?}")?;
            }
            None if self.token.is_empty() => {}
            None => write!(f, ", {:?}", self.token)?,
        }
        write!(f, ": {} ({})", self.problem, self.hint)
    }
}

/// An error in an argument whose index is not yet known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) offset: Option<usize>,
    pub(super) problem: String,
    pub(super) hint: String,
}

impl Problem {
    pub(super) fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { offset: None, problem: problem.into(), hint: hint.into() }
    }

    pub(super) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    pub(super) fn of(self, index: usize, token: impl Into<String>) -> ParseError {
        let Self { offset, problem, hint } = self;
        ParseError { index, token: token.into(), offset, problem, hint }
    }
}
