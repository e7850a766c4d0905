//! The streams of a probed file that a specifier selects.

use super::kind::kind_of;
use crate::{Probe, probe::Stream};

/// Returns the streams that a specifier selects; `None` if it depends on metadata or programs.
pub(crate) fn matching<'a>(probe: &'a Probe, specifier: &str) -> Option<Vec<&'a Stream>> {
    let indices = matching_indices(probe, specifier)?;
    Some(indices.into_iter().map(|index| &probe.streams[index]).collect())
}

/// Returns the indices of the streams that a specifier selects; `None` if it depends on metadata or programs.
pub(crate) fn matching_indices(probe: &Probe, specifier: &str) -> Option<Vec<usize>> {
    let (first, index) = match specifier.split_once(':') {
        Some((first, index)) => (first, Some(index.parse::<usize>().ok()?)),
        None => (specifier, None),
    };
    if specifier.is_empty() {
        return Some((0..probe.streams.len()).collect());
    }
    if let (Ok(index), None) = (first.parse::<usize>(), index) {
        return Some((0..probe.streams.len()).filter(|found| *found == index).collect());
    }
    let kind = kind_of(first)?;
    let fits = |stream: &Stream| match first {
        "V" => stream.is_video(),
        _ => stream.kind() == Some(kind),
    };
    let streams = probe.streams.iter().enumerate();
    let matching = streams.filter(|(_, stream)| fits(stream)).map(|(index, _)| index);
    Some(match index {
        Some(index) => matching.skip(index).take(1).collect(),
        None => matching.collect(),
    })
}
