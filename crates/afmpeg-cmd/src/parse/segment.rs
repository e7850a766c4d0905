//! The syntax of filter graphs: what stands there, before anything is made of it.

use super::{cursor::Cursor, error::Problem};
use crate::Filter;

/// A graph as it is written.
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
    /// Where it begins.
    pub(super) at: usize,
    /// Whether a comma stands behind it, and no semicolon.
    pub(super) goes_on: bool,
}

impl Segment {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let mut segment = Self::default();
        cursor.skip_blanks();
        if let Some(flags) = cursor.rest().strip_prefix("sws_flags=") {
            let end = flags.find(';').ok_or_else(|| {
                Problem::new("sws_flags have no end", "put a semicolon behind them").at(cursor.at())
            })?;
            cursor.skip_while(|character| character != ';');
            cursor.skip(';');
            segment.sws_flags = Some(flags[..end].to_owned());
        }
        cursor.skip_blanks();
        while cursor.peek().is_some() {
            let mut piece = piece(&mut cursor)?;
            let at = cursor.at();
            match cursor.next() {
                None | Some(';') => {}
                Some(',') => piece.goes_on = true,
                Some(character) => {
                    return Err(Problem::new(
                        format!("a filter does not end before {character:?}"),
                        "put a comma or a semicolon between filters, or a backslash before a character that is meant",
                    )
                    .at(at));
                }
            }
            cursor.skip_blanks();
            segment.pieces.push(piece);
        }
        if segment.pieces.is_empty() {
            return Err(Problem::new("there is no filter", "name at least one").at(cursor.at()));
        }
        Ok(segment)
    }
}

fn piece(cursor: &mut Cursor<'_>) -> Result<Piece, Problem> {
    let at = cursor.at();
    let inputs = labels(cursor)?;
    let named = cursor.at();
    let token = cursor.token(&['=', ',', ';', '[']);
    let (name, instance) = match token.split_once('@') {
        Some((name, instance)) => (name, Some(instance)),
        None => (token.as_str(), None),
    };
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        let problem = format!("{name:?} is no filter's name");
        return Err(Problem::new(problem, "a name has letters, digits and underscores").at(named));
    }
    // It would need quotes to be read again as it is.
    let is_odd = |character: char| "\\'[]=,;".contains(character);
    let is_blank = |instance: &str| instance.is_empty() || instance.trim() != instance;
    if let Some(instance) = instance.filter(|instance| instance.contains(is_odd) || is_blank(instance)) {
        let problem = format!("{instance:?} cannot be a filter's name");
        return Err(Problem::new(problem, "use letters and digits behind the @").at(named));
    }
    let mut filter = Filter::new(name);
    filter.instance = instance.map(str::to_owned);
    let options = cursor.at();
    if cursor.skip('=') {
        let text = cursor.token(&['[', ']', ',', ';']);
        filter = with_options(filter, &text).map_err(|problem| problem.at(options))?;
    }
    let outputs = labels(cursor)?;
    cursor.skip_blanks();
    Ok(Piece { inputs, filter, outputs, at, goes_on: false })
}

fn labels(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Problem> {
    let mut labels = Vec::new();
    while cursor.peek() == Some('[') {
        let at = cursor.at();
        cursor.skip('[');
        let label = cursor.token(&[']']);
        if !cursor.skip(']') {
            return Err(Problem::new("a label has no end", "put a ] behind it").at(at));
        }
        if label.is_empty() {
            return Err(Problem::new("a label is empty", "write a name between [ and ]").at(at));
        }
        labels.push(label);
        cursor.skip_blanks();
    }
    Ok(labels)
}

/// Options as `ff_filter_opt_parse` reads them: those without a name first.
fn with_options(mut filter: Filter, text: &str) -> Result<Filter, Problem> {
    let mut cursor = Cursor::new(text);
    let mut has_named = false;
    while cursor.peek().is_some() {
        let name = name(&mut cursor);
        let value = cursor.token(&[':']);
        cursor.skip(':');
        match name {
            Some("") => {
                let problem = format!("an option of {} has no name before its =", filter.name);
                return Err(Problem::new(problem, "write \\= for an equals sign that is meant"));
            }
            Some(name) => filter = filter.opt(name, value),
            None if has_named => {
                let problem =
                    format!("{value:?} of {} has no name, and stands behind some that have", filter.name);
                return Err(Problem::new(
                    problem,
                    "write name=value, or two backslashes before a colon that is meant",
                ));
            }
            None => filter = filter.arg(value),
        }
        has_named |= name.is_some();
    }
    Ok(filter)
}

/// The name of the option that stands here, if it has one.
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

/// A chain of filters without labels (`-filter`), if it is one.
pub(super) fn chain(text: &str) -> Result<Option<Vec<Filter>>, Problem> {
    let segment = Segment::parse(text)?;
    let last = segment.pieces.len() - 1;
    let is_chain = segment.sws_flags.is_none()
        && segment.pieces.iter().enumerate().all(|(index, piece)| {
            piece.inputs.is_empty() && piece.outputs.is_empty() && (piece.goes_on || index == last)
        });
    Ok(is_chain.then(|| segment.pieces.into_iter().map(|piece| piece.filter).collect()))
}

/// A list of bitstream filters, as `av_bsf_list_parse_str` reads it; none where it is odd.
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
