//! Checks of the command alone, without its files.

use std::collections::HashMap;

use super::{
    Place, Problem, ProblemKind,
    problem::{FILTER, METADATA_KEY},
};
use crate::{
    Arg, Filter, MediaKind, Time,
    expr::is_too_deep,
    model::{Chapters, Command, Graph, Map, Output, OutputStream, Source},
    path,
    render::open,
    specifier::{kind_of, specifiers},
};

/// Returns every problem, in no order.
pub(super) fn problems(command: &Command) -> Vec<Problem> {
    let mut check = Check { command, found: Vec::new() };
    check.whole();
    check.inputs();
    check.graph();
    check.outputs();
    check.found
}

struct Check<'a> {
    command: &'a Command,
    found: Vec<Problem>,
}

impl Check<'_> {
    fn report(&mut self, place: Place, kind: ProblemKind) {
        let name = match place {
            Place::Command => None,
            Place::Input(input) => Some(&self.command.inputs[input].path),
            Place::Node(node) => Some(&self.command.graph.nodes[node].filter.name),
            Place::Output(output) | Place::Stream { output, .. } => Some(&self.command.outputs[output].path),
        };
        let name = name.filter(|name| !name.is_empty()).cloned();
        self.found.push(Problem { place, name, kind });
    }

    fn whole(&mut self) {
        if self.command.outputs.is_empty() {
            self.report(Place::Command, ProblemKind::NoOutput);
        }
        self.args(Place::Command, &self.command.args);
    }

    fn inputs(&mut self) {
        for (index, input) in self.command.inputs.iter().enumerate() {
            let place = Place::Input(index);
            self.path(place, &input.path);
            self.texts(place, "its format", input.format.as_deref());
            self.times(place, input.seek, input.duration, input.to);
            if input.seek_from_end.is_some_and(|seek| seek > Time::ZERO) {
                self.report(place, ProblemKind::SeekAfterEnd);
            }
            self.args(place, &input.args);
        }
    }

    fn graph(&mut self) {
        let Graph { nodes, sws_flags } = &self.command.graph;
        if let Some(flags) = sws_flags.as_deref().filter(|flags| flags.contains([';', '\0'])) {
            self.not_a_name(Place::Command, flags, "scaler flags");
        }
        let mut uses: HashMap<(usize, usize), usize> = HashMap::new();
        for (index, node) in nodes.iter().enumerate() {
            let place = Place::Node(index);
            self.filter(place, &node.filter);
            for source in &node.inputs {
                match source {
                    Source::Input { input, streams } => {
                        self.input(place, *input);
                        self.tile(place, *input, streams);
                        if streams.contains(']') {
                            self.not_a_name(place, streams, "a stream in a graph");
                        }
                        self.texts(place, "a stream specifier", Some(streams));
                    }
                    Source::Free { .. } => {}
                    Source::Node { node, pad } => {
                        if *node >= index && *node < nodes.len() {
                            self.report(place, ProblemKind::NotBefore { node: *node });
                        } else if self.pad(place, *node, *pad).is_some() {
                            *uses.entry((*node, *pad)).or_default() += 1;
                        }
                    }
                }
            }
        }
        for output in &self.command.outputs {
            for stream in &output.streams {
                if let Map::Node { node, pad } = stream.map {
                    *uses.entry((node, pad)).or_default() += 1;
                }
            }
        }
        for (index, node) in nodes.iter().enumerate() {
            for (pad, kind) in node.outputs.iter().enumerate() {
                match uses.get(&(index, pad)).copied().unwrap_or_default() {
                    0 => self.report(Place::Node(index), ProblemKind::PadUnused { pad }),
                    1 => {}
                    uses => {
                        let kind = ProblemKind::PadUsedAgain { pad, uses, kind: *kind };
                        self.report(Place::Node(index), kind);
                    }
                }
            }
        }
    }

    fn outputs(&mut self) {
        let mut paths: HashMap<&str, usize> = HashMap::new();
        for (index, output) in self.command.outputs.iter().enumerate() {
            let place = Place::Output(index);
            self.path(place, &output.path);
            let path = plain(&output.path);
            if is_file(path, output.format.as_deref()) {
                if self
                    .command
                    .inputs
                    .iter()
                    .any(|input| input.format.as_deref() != Some("lavfi") && plain(&input.path) == path)
                {
                    self.report(place, ProblemKind::OutputIsInput);
                }
                if let Some(other) = paths.insert(path, index) {
                    self.report(place, ProblemKind::SameOutput { other });
                }
            }
            self.texts(place, "its format", output.format.as_deref());
            self.times(place, output.seek, output.duration, output.to);
            if let Some(Chapters::Input(input)) = output.chapters {
                self.input(place, input);
            }
            for metadata in &output.metadata {
                self.key(place, &metadata.key);
                self.texts(place, "metadata", Some(metadata.value.as_str()));
            }
            for attachment in &output.attachments {
                self.path(place, &attachment.path);
            }
            self.args(place, &output.args);
            // Without entries, FFmpeg selects streams anyway.
            let adds = output.automatic && !output.streams.is_empty();
            if adds && (index > 0 || open(output, &self.command.graph).is_empty()) {
                self.report(place, ProblemKind::NotAutomatic);
            }
            // The options of streams that FFmpeg selects.
            for kind in [MediaKind::Video, MediaKind::Audio] {
                let has_filters = output.args.iter().any(|arg| is_filter(arg, kind));
                let is_none = output.args.iter().any(|arg| arg.name == format!("{}n", kind.specifier()));
                if has_filters && !is_none && declared_codec(output, Some(kind), None) == Some("copy") {
                    self.report(place, ProblemKind::FiltersOnCopy);
                }
            }
            // The streams of a single entry are all streams of the output.
            let entries =
                output.streams.iter().filter(|stream| !matches!(stream.map, Map::Except { .. })).count();
            for (stream, specifier) in specifiers(&output.streams, &self.command.graph).iter().enumerate() {
                self.stream(index, stream, specifier.is_some() || entries == 1);
            }
        }
    }

    fn stream(&mut self, output: usize, index: usize, has_specifier: bool) {
        let command = self.command;
        let place = Place::Stream { output, stream: index };
        let (output, stream) = (&command.outputs[output], &command.outputs[output].streams[index]);
        let from = self.origin(place, stream);
        let has_options = has_options(stream);
        if has_options && matches!(stream.map, Map::Except { .. }) {
            self.report(place, ProblemKind::OptionsOnExcept);
        } else if has_options && !has_specifier {
            self.report(place, ProblemKind::AmbiguousOptions);
        }
        let is_filtered = matches!(stream.map, Map::Node { .. } | Map::Label(_));
        let is_copied = |kind| declared_codec(output, kind, stream.codec.as_deref()) == Some("copy");
        if is_filtered && is_copied(stream.kind) {
            self.report(place, ProblemKind::CopyOfFiltered);
        }
        if stream.codec.as_deref() == Some("copy") {
            let kinds = match &stream.map {
                // All streams of the input, of every kind.
                Map::Input { streams, .. } if streams.is_empty() => vec![MediaKind::Video, MediaKind::Audio],
                _ => stream.kind.into_iter().collect(),
            };
            let is_filtered_too = |kind: &MediaKind| {
                output.args.iter().any(|arg| is_filter(arg, *kind)) && is_copied(Some(*kind))
            };
            if !stream.filters.is_empty() || !is_filtered && kinds.iter().any(is_filtered_too) {
                self.report(place, ProblemKind::FiltersOnCopy);
            }
            let seek = output.seek.or_else(|| from.and_then(|input| command.inputs[input].seek));
            if let Some(seek) =
                seek.filter(|seek| *seek > Time::ZERO && stream.kind != Some(MediaKind::Audio))
            {
                self.report(place, ProblemKind::InexactCopy { seek });
            }
        } else if is_filtered && !stream.filters.is_empty() {
            self.report(place, ProblemKind::FiltersOnFiltered);
        }
        stream.filters.iter().chain(&stream.bitstream_filters).for_each(|filter| self.filter(place, filter));
        for metadata in &stream.metadata {
            self.key(place, &metadata.key);
            self.texts(place, "metadata", Some(metadata.value.as_str()));
        }
        self.texts(place, "its codec", stream.codec.as_deref());
        self.texts(place, "its disposition", stream.disposition.as_deref());
        self.args(place, &stream.args);
        let is_bounded = output.duration.is_some()
            || output.to.is_some()
            || output.max_bytes.is_some()
            || output.shortest
            || stream.frames.is_some();
        if let Some(input) = from.filter(|input| !is_bounded && is_endless(command, *input)) {
            self.report(place, ProblemKind::Endless { input });
        }
    }

    /// Checks the source of a stream; returns the input if it comes directly from one.
    fn origin(&mut self, place: Place, stream: &OutputStream) -> Option<usize> {
        match &stream.map {
            Map::Input { input, streams, .. } => {
                self.texts(place, "a stream specifier", Some(streams));
                self.tile(place, *input, streams);
                self.input(place, *input).then_some(*input)
            }
            Map::Except { input, streams } => {
                self.texts(place, "a stream specifier", Some(streams));
                self.input(place, *input);
                None
            }
            Map::Node { node, pad } => {
                if let (Some(found), Some(expected)) = (self.pad(place, *node, *pad), stream.kind)
                    && found != expected
                {
                    self.report(place, ProblemKind::WrongKind { expected, found });
                }
                None
            }
            Map::Label(label) => {
                if label.is_empty() || label.contains([']', '\0']) {
                    self.not_a_name(place, label, "a pad");
                }
                None
            }
        }
    }

    fn input(&mut self, place: Place, input: usize) -> bool {
        let exists = input < self.command.inputs.len();
        if !exists {
            self.report(place, ProblemKind::NoInput { input });
        }
        exists
    }

    /// A tile is a stream like others: for the first video, the whole image is meant.
    fn tile(&mut self, place: Place, input: usize, streams: &str) {
        let may_be_tiled =
            self.command.inputs.get(input).is_some_and(|input| path::may_be_tiled(&input.path));
        if may_be_tiled && matches!(streams, "v" | "V" | "v:0" | "V:0") {
            self.report(place, ProblemKind::MaybeTile { input, streams: streams.to_owned() });
        }
    }

    fn pad(&mut self, place: Place, node: usize, pad: usize) -> Option<MediaKind> {
        let Some(found) = self.command.graph.nodes.get(node) else {
            self.report(place, ProblemKind::NoNode { node });
            return None;
        };
        let kind = found.outputs.get(pad).copied();
        if kind.is_none() {
            self.report(place, ProblemKind::NoPad { node, pad });
        }
        kind
    }

    fn times(&mut self, place: Place, seek: Option<Time>, duration: Option<Time>, to: Option<Time>) {
        if duration.is_some() && to.is_some() {
            self.report(place, ProblemKind::DurationAndEnd);
        }
        if duration.is_some_and(|duration| duration < Time::ZERO) {
            self.report(place, ProblemKind::NegativeDuration);
        }
        let start = seek.unwrap_or_default();
        if let Some(end) = to.filter(|end| *end <= start) {
            self.report(place, ProblemKind::EndBeforeStart { start, end });
        }
    }

    fn filter(&mut self, place: Place, filter: &Filter) {
        if !is_name(&filter.name) {
            self.not_a_name(place, &filter.name, FILTER);
        }
        if let Some(instance) = filter.instance.as_deref().filter(|instance| !is_name(instance)) {
            self.not_a_name(place, instance, "a filter instance");
        }
        for option in &filter.options {
            if let Some(name) = option.name.as_deref().filter(|name| !is_name(name)) {
                self.not_a_name(place, name, "an option");
            }
            let name = option.name.as_deref().unwrap_or("an option");
            self.texts(place, name, Some(option.value.as_str()));
            let is_text = filter.name == "drawtext" && name == "text";
            if !is_text && is_too_deep(option.value.as_str()) {
                self.report(place, ProblemKind::TooDeep { option: name.to_owned() });
            }
        }
    }

    fn args(&mut self, place: Place, args: &[Arg]) {
        for arg in args {
            if !is_name(&arg.name) {
                self.not_a_name(place, &arg.name, "an option");
            }
            let texts = [arg.specifier.as_deref(), arg.value.as_ref().map(crate::Value::as_str)];
            for text in texts.into_iter().flatten() {
                self.texts(place, &arg.name, Some(text));
            }
        }
    }

    fn path(&mut self, place: Place, path: &str) {
        if path.is_empty() {
            self.report(place, ProblemKind::NoPath);
        }
        self.texts(place, "its path", Some(path));
    }

    fn key(&mut self, place: Place, key: &str) {
        if key.is_empty() || key.contains(['=', '\0']) {
            self.not_a_name(place, key, METADATA_KEY);
        }
    }

    fn not_a_name(&mut self, place: Place, name: &str, kind: &'static str) {
        self.report(place, ProblemKind::NotAName { name: name.to_owned(), kind });
    }

    fn texts(&mut self, place: Place, field: &str, text: Option<&str>) {
        if text.is_some_and(|text| text.contains('\0')) {
            self.report(place, ProblemKind::ZeroByte { field: field.to_owned() });
        }
    }
}

/// The characters that `av_get_token` and the parsers of option names accept.
fn is_name(name: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_.-/".contains(character);
    !name.is_empty() && name.chars().all(is_plain)
}

/// The path without prefixes that do not change it.
fn plain(path: &str) -> &str {
    let path = path.strip_prefix("file:").unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path)
}

/// Whether two outputs with this path would write one file.
fn is_file(path: &str, format: Option<&str>) -> bool {
    !matches!(path, "" | "-")
        && !path.starts_with("/dev/")
        && !path.starts_with("pipe:")
        && format != Some("null")
}

/// The codec that an output's options set for all streams of a kind, after the codec that the streams set themselves
/// (`own`); `None` if it is not the same for all of them.
pub(super) fn declared_codec<'a>(
    output: &'a Output,
    kind: Option<MediaKind>,
    own: Option<&'a str>,
) -> Option<&'a str> {
    let mut codec = own;
    for arg in output.args.iter().filter(|arg| arg.name == "c") {
        let of = arg.specifier.as_deref().map(|specifier| (specifier.len(), kind_of(specifier)));
        let value = arg.value.as_ref().map(crate::Value::as_str);
        match of {
            None => codec = value,
            Some((1, Some(other))) if kind.is_some() => {
                if kind == Some(other) {
                    codec = value;
                }
            }
            Some(_) => return None,
        }
    }
    codec
}

/// Whether it filters the streams of a kind.
fn is_filter(arg: &Arg, kind: MediaKind) -> bool {
    matches!(arg.name.as_str(), "filter" | "/filter") && arg.specifier.as_deref() == Some(kind.specifier())
}

/// Whether it has options for this stream alone.
fn has_options(stream: &OutputStream) -> bool {
    stream.codec.is_some()
        || !stream.filters.is_empty()
        || !stream.bitstream_filters.is_empty()
        || stream.frames.is_some()
        || !stream.metadata.is_empty()
        || stream.disposition.is_some()
        || stream.args.iter().any(|arg| arg.specifier.is_none())
}

/// Whether an input never ends.
fn is_endless(command: &Command, input: usize) -> bool {
    let input = &command.inputs[input];
    let loops = input
        .args
        .iter()
        .any(|arg| arg.name == "loop" && arg.value.as_ref().is_some_and(|value| value.as_str() == "1"));
    (input.repeats == Some(-1) || loops) && input.duration.is_none() && input.to.is_none()
}
