//! Options without names, which are the first of a filter's options.

use std::borrow::Cow;

use crate::Filter;

/// The first options of filters that affect the length, in the order of FFmpeg's tables.
const FIRST: &[(&str, &[&str])] = &[
    ("amix", &["inputs", "duration"]),
    ("asetpts", &["expr"]),
    ("atempo", &["tempo"]),
    ("atrim", &["start", "end"]),
    ("color", &["color", "size", "rate", "duration"]),
    ("concat", &["n", "v", "a"]),
    ("hstack", &["inputs", "shortest"]),
    ("overlay", &["x", "y", "eof_action", "eval", "shortest"]),
    ("setpts", &["expr"]),
    ("sine", &["frequency", "beep_factor", "sample_rate", "duration"]),
    ("testsrc", &["size", "rate", "duration"]),
    ("testsrc2", &["size", "rate", "duration"]),
    ("trim", &["start", "end"]),
    ("vstack", &["inputs", "shortest"]),
    ("xfade", &["transition", "duration", "offset"]),
];

/// Returns the filter with names for all options; `None` if the names are not listed here.
pub(super) fn with_names(filter: &Filter) -> Option<Cow<'_, Filter>> {
    if filter.options.iter().all(|option| option.name.is_some()) {
        return Some(Cow::Borrowed(filter));
    }
    let (_, names) = FIRST.iter().find(|(name, _)| *name == filter.name)?;
    let mut names = names.iter();
    let mut named = filter.clone();
    for option in named.options.iter_mut().filter(|option| option.name.is_none()) {
        option.name = Some((*names.next()?).to_owned());
    }
    Some(Cow::Owned(named))
}
