//! Options of filters that affect the length.

use crate::{Filter, Time};

/// Parses a time from an option; an error if it is not a plain time.
pub(super) fn time(filter: &Filter, names: &[&str]) -> Option<Result<Time, ()>> {
    let value = names.iter().find_map(|name| filter.option(name))?;
    Some(value.parse().map_err(|_| ()))
}

pub(super) fn flag(filter: &Filter, name: &str) -> Option<bool> {
    match filter.option(name) {
        None | Some("0" | "false") => Some(false),
        Some("1" | "true") => Some(true),
        Some(_) => None,
    }
}

/// Whether a filter has only these options.
pub(super) fn has_only(filter: &Filter, names: &[&str]) -> bool {
    filter.options.iter().all(|option| option.name.as_deref().is_some_and(|name| names.contains(&name)))
}
