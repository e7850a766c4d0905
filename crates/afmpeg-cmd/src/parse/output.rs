//! An output: its entries, and the streams that its options apply to.

use std::collections::HashSet;

use super::{
    arguments::{File, OptionArg},
    error::ParseError,
    link::{ComplexGraph, input_and_streams, kind},
    number::whole,
    segment::{bitstream_filters, chain},
};
use crate::{
    Arg, MediaKind,
    cursor::Cursor,
    entry::StreamOptions,
    model::{Attachment, Chapters, Command, Map, Metadata, Output, OutputStream},
    specifier::{Count, Specifier, kind_of, specifiers},
};

pub(super) fn output(
    file: &File<'_>,
    command: &Command,
    graph: &ComplexGraph,
    is_first: bool,
) -> Result<Output, ParseError> {
    let mut streams: Vec<OutputStream> = Vec::new();
    if let (ComplexGraph::Linked(linked), true) = (graph, is_first) {
        // FFmpeg adds them before the maps.
        for (node, pad) in &linked.open {
            let options =
                StreamOptions { kind: kind(&command.graph, (*node, *pad)), ..StreamOptions::default() };
            streams.push(options.with_map(Map::Node { node: *node, pad: *pad }));
        }
    }
    let has_open = !streams.is_empty();
    let is_map = |option: &&OptionArg<'_>| option.name.name == "map";
    for option in file.options.iter().filter(is_map) {
        let map = map(option, command, graph)?;
        let kind = match &map {
            Map::Input { streams, .. } => kind_of(streams),
            Map::Node { node, pad } => kind(&command.graph, (*node, *pad)),
            Map::Except { .. } | Map::Label(_) => None,
        };
        streams.push(StreamOptions { kind, ..StreamOptions::default() }.with_map(map));
    }
    let automatic = has_open && !file.options.iter().any(|option| is_map(&option));
    let streams_of = specifiers(&streams, &command.graph);
    let output = Output { path: file.path.clone(), streams, automatic, ..Output::default() };
    let has_target = file.options.iter().any(|option| option.name.name == "target");
    let mut builder = OutputBuilder { output, streams_of, on_output: HashSet::new(), has_target };
    // Attachments are counted separately, wherever they appear.
    for option in file.options.iter().filter(|option| option.name.name == "attach") {
        let path = option.value.unwrap_or_default().to_owned();
        builder.output.attachments.push(Attachment { path, mime_type: None });
    }
    for option in &file.options {
        builder.option(option, command)?;
    }
    Ok(builder.output)
}

fn map(option: &OptionArg<'_>, command: &Command, graph: &ComplexGraph) -> Result<Map, ParseError> {
    let value = option.value.unwrap_or_default();
    if let Some(label) = value.strip_prefix('[') {
        let mut cursor = Cursor::new(label);
        let label = cursor.token(&[']']);
        if cursor.rest() != "]" {
            return Err(option.wrong("unterminated label", "write [label]"));
        }
        return match graph {
            ComplexGraph::Text => Ok(Map::Label(label)),
            ComplexGraph::Linked(linked) => match linked.labels.get(&label) {
                Some((node, pad)) => Ok(Map::Node { node: *node, pad: *pad }),
                None => Err(option.wrong(
                    format!("no graph has a free output pad [{label}]"),
                    "label a pad of -filter_complex; use split or asplit to map it twice",
                )),
            },
        };
    }
    let (text, is_except) = value.strip_prefix('-').map_or((value, false), |text| (text, true));
    let (input, streams) = input_and_streams(text)
        // FFmpeg's manual sometimes omits the number.
        .or_else(|| is_specifier(text).then(|| (0, text.strip_prefix(':').unwrap_or(text))))
        .ok_or_else(|| option.wrong("expected an input", "start with the input's number: 0:v"))?;
    if input >= command.inputs.len() {
        return Err(option.err_no_input(input, command.inputs.len()));
    }
    let Some(specifier) = Specifier::of(streams).filter(Specifier::is_whole) else {
        let hint = "write a stream specifier after the colon: v, a:1, m:language:deu";
        return Err(option.wrong(format!("invalid stream specifier {streams:?}"), hint));
    };
    if specifier.open.is_some() && specifier.rest.is_empty() && ends_with_question_mark(streams) {
        let hint = "write :? for an optional stream, and \\? for a literal question mark";
        return Err(option.wrong("its question mark is part of the metadata value", hint));
    }
    let optional = specifier.rest.ends_with('?');
    let streams = if optional { &streams[..streams.len() - 1] } else { streams };
    let streams = streams.strip_suffix(':').filter(|_| specifier.rest == "?").unwrap_or(streams).to_owned();
    Ok(if is_except { Map::Except { input, streams } } else { Map::Input { input, streams, optional } })
}

/// Whether it is a non-empty stream specifier.
fn is_specifier(text: &str) -> bool {
    !text.is_empty() && Specifier::of(text.strip_prefix(':').unwrap_or(text)).is_some_and(|it| it.is_whole())
}

/// Whether it ends with an unescaped question mark.
fn ends_with_question_mark(text: &str) -> bool {
    text.strip_suffix('?').is_some_and(|text| !text.ends_with('\\'))
}

/// An output whose options are being set.
struct OutputBuilder {
    output: Output,
    /// The specifier of each stream's options.
    streams_of: Vec<Option<String>>,
    /// Options that stay arguments of the output for some streams. Since later options override earlier ones, any later
    /// option of the same name must stay there as well.
    on_output: HashSet<String>,
    /// Whether `-target` is set, which sets codecs, sizes and more, to be overridden by later options.
    has_target: bool,
}

impl OutputBuilder {
    fn option(&mut self, option: &OptionArg<'_>, command: &Command) -> Result<(), ParseError> {
        let value = option.value.unwrap_or_default();
        let output = &mut self.output;
        match (option.name.name.as_ref(), option.name.specifier) {
            // Handled above.
            ("map" | "attach", _) => {}
            ("f", None) => output.format = Some(value.to_owned()),
            ("ss", None) => output.seek = option.time()?,
            ("t", None) => output.duration = option.time()?,
            ("to", None) => output.to = option.time()?,
            ("fs", None) => match whole(value).and_then(|count| u64::try_from(count).ok()) {
                Some(count) => output.max_bytes = Some(count),
                None => {
                    return Err(
                        option.wrong("expected a number of bytes", "write a whole number, with K, M or G")
                    );
                }
            },
            ("shortest", None) => output.shortest = true,
            ("noshortest", None) => output.shortest = false,
            ("map_chapters", None) => {
                let Some(input) = whole(value) else {
                    return Err(option.wrong("expected an input", "write its number, or -1 for none"));
                };
                output.chapters = Some(match usize::try_from(input) {
                    Ok(input) if input >= command.inputs.len() => {
                        return Err(option.err_no_input(input, command.inputs.len()));
                    }
                    Ok(input) => Chapters::Input(input),
                    Err(_) => Chapters::None,
                });
            }
            ("metadata", specifier) => self.metadata(option, specifier)?,
            ("target", _) => {
                output.format = None;
                output.args.push(option.arg());
            }
            _ => self.of_streams(option)?,
        }
        Ok(())
    }

    fn metadata(&mut self, option: &OptionArg<'_>, specifier: Option<&str>) -> Result<(), ParseError> {
        let value = option.value.unwrap_or_default();
        let Some((key, value)) = value.split_once('=') else {
            return Err(option.wrong("expected key=value", "write key=value, or key= to remove a key"));
        };
        let entry = |specifier: Option<&str>| Metadata {
            specifier: specifier.map(str::to_owned),
            key: key.to_owned(),
            value: value.into(),
        };
        let is_of_stream = specifier.and_then(|specifier| specifier.strip_prefix("s:"));
        if let Some(streams) = is_of_stream
            && let (Some(attachment), "mimetype") = (self.attachment(streams), key)
        {
            self.output.attachments[attachment].mime_type = Some(value.to_owned());
            return Ok(());
        }
        let name = "metadata:s";
        let targets = is_of_stream.and_then(|streams| self.targets(Some(streams)));
        match targets.filter(|_| !self.on_output.contains(name)) {
            Some(targets) => {
                targets.into_iter().for_each(|index| self.output.streams[index].metadata.push(entry(None)));
            }
            None => {
                if specifier.is_some_and(|specifier| specifier.starts_with('s')) {
                    self.on_output.insert(name.to_owned());
                }
                self.output.metadata.push(entry(specifier));
            }
        }
        Ok(())
    }

    /// Returns the attachment that a specifier names, if no mapped stream can match it.
    fn attachment(&self, streams: &str) -> Option<usize> {
        let index = streams.strip_prefix("t:")?.parse().ok()?;
        let is_other = |stream: &OutputStream| stream.kind.is_some_and(|kind| kind != MediaKind::Attachment);
        let is_there = index < self.output.attachments.len();
        (is_there && self.output.streams.iter().all(is_other)).then_some(index)
    }

    /// Sets an option on the streams that it applies to, or else on the output.
    fn of_streams(&mut self, option: &OptionArg<'_>) -> Result<(), ParseError> {
        let name = option.name.name.as_ref();
        let value = option.value.unwrap_or_default();
        let is_every = matches!(name, "c" | "bsf" | "frames" | "filter" | "disposition");
        let filters = if name == "filter" {
            let offset = |problem: super::error::Problem| problem.of(option.index, value);
            chain(value).map_err(offset)?
        } else {
            None
        };
        let targets = match option.name.specifier {
            _ if !option.name.is_of_streams() || self.on_output.contains(name) || self.has_target => None,
            // Every encoder accepts these; others may apply to one kind of stream only.
            None if name == "c" => self.all(),
            None if is_every => self.only().map(|index| vec![index]),
            None => None,
            specifier => self.targets(specifier),
        };
        let Some(targets) = targets else {
            self.on_output.insert(name.to_owned());
            self.output.args.push(option.arg());
            return Ok(());
        };
        for index in targets {
            let stream = &mut self.output.streams[index];
            if is_every {
                stream.args.retain(|arg| arg.name != name);
            }
            match name {
                "c" => stream.codec = Some(value.to_owned()),
                "disposition" => stream.disposition = Some(value.to_owned()),
                "filter" => stream.filters = filters.clone().unwrap_or_default(),
                "bsf" => stream.bitstream_filters = bitstream_filters(value).unwrap_or_default(),
                "frames" => stream.frames = whole(value).and_then(|count| u64::try_from(count).ok()),
                _ => {}
            }
            let has_field = match name {
                "c" | "disposition" => true,
                "filter" => !stream.filters.is_empty(),
                "bsf" => !stream.bitstream_filters.is_empty(),
                "frames" => stream.frames.is_some(),
                _ => false,
            };
            if !has_field {
                stream.args.push(Arg { specifier: None, ..option.arg() });
            }
        }
        Ok(())
    }

    /// Returns all streams, if each can be addressed.
    fn all(&self) -> Option<Vec<usize>> {
        let all_told = !self.output.streams.is_empty() && self.streams_of.iter().all(Option::is_some);
        if all_told && !self.output.automatic {
            return Some((0..self.output.streams.len()).collect());
        }
        self.only().map(|index| vec![index])
    }

    /// Returns the only stream or map.
    fn only(&self) -> Option<usize> {
        let streams = self.output.streams.iter().enumerate();
        let mut streams = streams.filter(|(_, stream)| stream.count() != Count::Except);
        let (index, _) = streams.next()?;
        (streams.next().is_none() && !self.output.automatic).then_some(index)
    }

    /// Returns the streams that a specifier fits, if they are known to be all.
    fn targets(&self, specifier: Option<&str>) -> Option<Vec<usize>> {
        let (letter, place) = match specifier?.split_once(':') {
            Some((letter, place)) => (letter, Some(place.parse::<usize>().ok()?)),
            None => (specifier?, None),
        };
        let streams = &self.output.streams;
        if let (Ok(index), None) = (letter.parse::<usize>(), place) {
            let is_one = streams.get(..=index)?.iter().all(|stream| stream.count() == Count::One);
            return (is_one && self.streams_of[index].is_some()).then(|| vec![index]);
        }
        // `V` excludes covers.
        let kind = kind_of(letter).filter(|_| letter.len() == 1 && letter != "V")?;
        if streams.iter().any(|stream| stream.kind.is_none() || stream.count() == Count::Except) {
            return None;
        }
        let of_kind = streams.iter().enumerate().filter(|(_, stream)| stream.kind == Some(kind));
        let mut targets: Vec<usize> = of_kind.map(|(index, _)| index).collect();
        if let Some(place) = place {
            let is_one = |index: &usize| streams[*index].count() == Count::One;
            if !targets.get(..=place)?.iter().all(is_one) {
                return None;
            }
            targets = vec![targets[place]];
        }
        let all_told = targets.iter().all(|index| self.streams_of[*index].is_some());
        (all_told && !targets.is_empty()).then_some(targets)
    }
}
