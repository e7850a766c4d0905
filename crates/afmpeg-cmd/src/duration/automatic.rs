//! Outputs whose streams FFmpeg selects: the best video and the best audio of all inputs.

use super::{
    frames::Span,
    graph::{any_of, of_graph},
    length::{
        Length::{self, Endless, Known, Unknown},
        longest,
    },
};
use crate::{MediaKind, Time, model::Output, parse, specifier::kind_of};

/// Whether an output has filters for selected streams.
pub(super) fn has_filters(output: &Output) -> bool {
    output.args.iter().any(|arg| arg.name == "filter")
}

/// The length of an output of pads of the graph and selected streams: that of the graph, if no input is longer.
pub(super) fn beside(graph: Length, output: &Output, inputs: &[Span]) -> Length {
    let is_as_long = |end: Time| inputs.iter().all(|span| matches!(span.length, Known(time) if time <= end));
    match graph {
        Known(end) if is_as_long(end) && !output.shortest && !has_filters(output) => graph,
        Endless if !output.shortest => Endless,
        _ => Unknown,
    }
}

/// The length of an output without entries.
pub(super) fn all(output: &Output, inputs: &[Span]) -> Length {
    let any = any_of(inputs);
    let plain = longest(inputs.iter().map(|span| span.length));
    let kinds = [(MediaKind::Video, "vn"), (MediaKind::Audio, "an")];
    let kept = kinds.into_iter().filter(|(_, flag)| !output.args.iter().any(|arg| arg.name == *flag));
    let filtered: Vec<Option<Length>> = kept.map(|(kind, _)| filtered(output, kind, any)).collect();
    let is_filtered = filtered.iter().any(Option::is_some);
    if output.shortest {
        let ending: Vec<Length> =
            inputs.iter().map(|span| span.length).filter(|length| *length != Endless).collect();
        // The input of each selected stream is unknown.
        return match ending[..] {
            _ if is_filtered => Unknown,
            [only] => only,
            _ if ending.len() == inputs.len() => any.length,
            _ => Unknown,
        };
    }
    if !is_filtered {
        return plain;
    }
    let has_plain = filtered.contains(&None);
    match (longest(filtered.into_iter().flatten()), plain) {
        // A kind without filters may be absent: it does not matter if it is not longer.
        (Known(filtered), Known(plain)) if has_plain && plain > filtered => Unknown,
        (Known(_), Endless | Unknown) if has_plain => Unknown,
        (filtered, _) => filtered,
    }
}

/// The length of the selected stream of a kind after its filters, if it has any.
fn filtered(output: &Output, kind: MediaKind, stream: Span) -> Option<Length> {
    let is_for_it = |specifier: Option<&str>| match specifier {
        Some(specifier) => kind_of(specifier).is_none_or(|found| found == kind),
        None => true,
    };
    let mut filters = output.args.iter().filter(|arg| arg.name == "filter");
    let last = filters.rfind(|arg| is_for_it(arg.specifier.as_deref()))?;
    let is_for_all_of_kind = last.specifier.as_deref() == Some(kind.specifier());
    let text = last.value.as_ref().filter(|_| is_for_all_of_kind);
    Some(text.map_or(Unknown, |text| of_filters(text.as_str(), stream)))
}

/// The length of the output of a graph with one input pad and one output pad.
fn of_filters(text: &str, stream: Span) -> Length {
    let Some((graph, node)) = parse::filter_graph(text) else { return Unknown };
    of_graph(&graph, &[], stream).get(node).map_or(Unknown, |span| span.length)
}
