//! The syntax of filter graphs, before linking.

use std::str::FromStr;

use super::error::{ParseError, Problem};
use crate::{Filter, cursor::Cursor};

/// A parsed graph.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) sws_flags: Option<String>,
    pub(super) pieces: Vec<Piece>,
}

/// A filter with its labels.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) inputs: Vec<String>,
    pub(super) filter: Filter,
    pub(super) outputs: Vec<String>,
    /// The position of its beginning.
    pub(super) offset: usize,
    /// Whether a comma follows, and not a semicolon.
    pub(super) goes_on: bool,
}

impl Segment {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let mut segment = Self::default();
        cursor.skip_blanks();
        if let Some(flags) = cursor.rest().strip_prefix("sws_flags=") {
            let end = flags.find(';').ok_or_else(|| {
                Problem::new("unterminated sws_flags", "add a semicolon after them").at(cursor.offset())
            })?;
            cursor.skip_while(|character| character != ';');
            cursor.skip(';');
            segment.sws_flags = Some(flags[..end].to_owned());
        }
        cursor.skip_blanks();
        while cursor.peek().is_some() {
            let mut piece = piece(&mut cursor)?;
            let offset = cursor.offset();
            match cursor.next() {
                None | Some(';') => {}
                Some(',') => piece.goes_on = true,
                Some(character) => {
                    return Err(Problem::new(
                        format!("expected the end of a filter, found {character:?}"),
                        "separate filters with a comma or semicolon, and escape literal characters with a backslash",
                    )
                    .at(offset));
                }
            }
            cursor.skip_blanks();
            segment.pieces.push(piece);
        }
        if segment.pieces.is_empty() {
            return Err(Problem::new("expected a filter", "name at least one").at(cursor.offset()));
        }
        Ok(segment)
    }
}

fn piece(cursor: &mut Cursor<'_>) -> Result<Piece, Problem> {
    let offset = cursor.offset();
    let inputs = labels(cursor)?;
    let named = cursor.offset();
    let token = cursor.token(&['=', ',', ';', '[']);
    let (name, instance) = match token.split_once('@') {
        Some((name, instance)) => (name, Some(instance)),
        None => (token.as_str(), None),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        let problem = format!("invalid filter name {name:?}");
        return Err(Problem::new(problem, "use letters, digits and underscores").at(named));
    }
    // It would need quotes to be parsed again.
    let is_odd = |character: char| "\\'[]=,;".contains(character);
    let is_blank = |instance: &str| instance.is_empty() || instance.trim() != instance;
    if let Some(instance) = instance.filter(|instance| instance.contains(is_odd) || is_blank(instance)) {
        let problem = format!("invalid instance name {instance:?}");
        return Err(Problem::new(problem, "use letters and digits after the @").at(named));
    }
    let mut filter = Filter::new(name);
    filter.instance = instance.map(str::to_owned);
    let options = cursor.offset();
    if cursor.skip('=') {
        let text = cursor.token(&['[', ']', ',', ';']);
        filter = with_options(filter, &text).map_err(|problem| problem.at(options))?;
    }
    let outputs = labels(cursor)?;
    cursor.skip_blanks();
    Ok(Piece { inputs, filter, outputs, offset, goes_on: false })
}

fn labels(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Problem> {
    let mut labels = Vec::new();
    while cursor.peek() == Some('[') {
        let offset = cursor.offset();
        cursor.skip('[');
        let label = cursor.token(&[']']);
        if !cursor.skip(']') {
            return Err(Problem::new("unterminated label", "add a ]").at(offset));
        }
        if label.is_empty() {
            return Err(Problem::new("empty label", "write a name between [ and ]").at(offset));
        }
        labels.push(label);
        cursor.skip_blanks();
    }
    Ok(labels)
}

/// Parses options as `ff_filter_opt_parse` does: those without names first.
fn with_options(mut filter: Filter, text: &str) -> Result<Filter, Problem> {
    let mut cursor = Cursor::new(text);
    let mut has_named = false;
    while cursor.peek().is_some() {
        let name = name(&mut cursor);
        let value = cursor.token(&[':']);
        cursor.skip(':');
        match name {
            Some("") => {
                let problem = format!("an option of {} has no name before its equals sign", filter.name);
                return Err(Problem::new(problem, "write \\= for a literal equals sign"));
            }
            Some(name) => filter = filter.opt(name, value),
            None if has_named => {
                let problem =
                    format!("the value {value:?} of {} has no name, but follows named options", filter.name);
                return Err(Problem::new(
                    problem,
                    "write name=value, or two backslashes before a literal colon",
                ));
            }
            None => filter = filter.arg(value),
        }
        has_named |= name.is_some();
    }
    Ok(filter)
}

/// Returns the name of the next option, if it has one.
fn name<'a>(cursor: &mut Cursor<'a>) -> Option<&'a str> {
    let before = cursor.clone();
    cursor.skip_blanks();
    let name = cursor.skip_while(|character| character.is_ascii_alphanumeric() || "-_/.".contains(character));
    cursor.skip_blanks();
    if cursor.skip('=') {
        return Some(name);
    }
    *cursor = before;
    None
}

/// Parses a chain of filters without labels (`-filter`); `None` for any other graph.
pub(super) fn chain(text: &str) -> Result<Option<Vec<Filter>>, Problem> {
    let segment = Segment::parse(text)?;
    let last = segment.pieces.len() - 1;
    let is_chain = segment.sws_flags.is_none()
        && segment.pieces.iter().enumerate().all(|(index, piece)| {
            piece.inputs.is_empty() && piece.outputs.is_empty() && (piece.goes_on || index == last)
        });
    Ok(is_chain.then(|| segment.pieces.into_iter().map(|piece| piece.filter).collect()))
}

/// One filter in graph syntax, without labels: `scale=320:-2`, `aresample=48000`.
///
/// ```
/// use afmpeg_cmd::Filter;
///
/// let scale: Filter = "scale=320:-2".parse()?;
/// assert_eq!(scale, Filter::new("scale").arg(320).arg(-2));
/// assert!("hflip,vflip".parse::<Filter>().is_err());
/// # Ok::<(), afmpeg_cmd::ParseError>(())
/// ```
impl FromStr for Filter {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let filters = chain(text).map_err(|problem| problem.of(0, text))?;
        match filters.map(<[_; 1]>::try_from) {
            Some(Ok([filter])) => Ok(filter),
            _ => {
                let problem =
                    Problem::new("expected a single filter without labels", "parse a `Graph` instead");
                Err(problem.of(0, text))
            }
        }
    }
}

/// Parses a list of bitstream filters as `av_bsf_list_parse_str` does; `None` if it is invalid.
pub(crate) fn bitstream_filters(text: &str) -> Option<Vec<Filter>> {
    let mut cursor = Cursor::new(text);
    let mut filters = Vec::new();
    loop {
        let token = cursor.token(&[',']);
        let (name, options) = token.split_once('=').unwrap_or((&token, ""));
        if name.is_empty()
            || !name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        {
            return None;
        }
        filters.push(with_options(Filter::new(name), options).ok()?);
        if !cursor.skip(',') {
            return Some(filters);
        }
    }
}
