//! An output: what it takes, and which of its options are for which of its streams.

use std::collections::HashSet;

use super::{
    cursor::Cursor,
    error::ParseError,
    link::{ComplexGraph, input_and_streams, kind},
    number::whole,
    segment::{bitstream_filters, chain},
    specifier::Specifier,
    words::{File, Given},
};
use crate::{
    Arg, MediaKind,
    model::{Attachment, Chapters, Job, Map, Metadata, Output, OutputStream},
    render::specifiers::{Count, specifiers},
};

pub(super) fn output(
    file: &File<'_>,
    job: &Job,
    graph: &ComplexGraph,
    is_first: bool,
) -> Result<Output, ParseError> {
    let mut streams: Vec<OutputStream> = Vec::new();
    if let (ComplexGraph::Linked(linked), true) = (graph, is_first) {
        // FFmpeg puts them before what is mapped.
        for (node, pad) in &linked.open {
            streams.push(stream(Map::Node { node: *node, pad: *pad }, kind(&job.graph, (*node, *pad))));
        }
    }
    let has_open = !streams.is_empty();
    let is_map = |option: &&Given<'_>| option.name.name == "map";
    for option in file.options.iter().filter(is_map) {
        let map = map(option, job, graph)?;
        let kind = match &map {
            Map::Input { streams, .. } => MediaKind::of_specifier(streams),
            Map::Node { node, pad } => kind(&job.graph, (*node, *pad)),
            Map::Except { .. } | Map::Label(_) => None,
        };
        streams.push(stream(map, kind));
    }
    let automatic = has_open && !file.options.iter().any(|option| is_map(&option));
    let streams_of = specifiers(&streams, &job.graph);
    let output = Output { path: file.path.clone(), streams, automatic, ..Output::default() };
    let has_target = file.options.iter().any(|option| option.name.name == "target");
    let mut filling = Filling { output, streams_of, left: HashSet::new(), has_target };
    // They count among themselves, wherever they stand.
    for option in file.options.iter().filter(|option| option.name.name == "attach") {
        let path = option.value.unwrap_or_default().to_owned();
        filling.output.attachments.push(Attachment { path, mime_type: None });
    }
    for option in &file.options {
        filling.option(option, job)?;
    }
    Ok(filling.output)
}

fn stream(map: Map, kind: Option<MediaKind>) -> OutputStream {
    OutputStream {
        map,
        kind,
        codec: None,
        filters: Vec::new(),
        bitstream_filters: Vec::new(),
        frames: None,
        metadata: Vec::new(),
        disposition: None,
        args: Vec::new(),
    }
}

fn map(option: &Given<'_>, job: &Job, graph: &ComplexGraph) -> Result<Map, ParseError> {
    let value = option.value.unwrap_or_default();
    if let Some(label) = value.strip_prefix('[') {
        let mut cursor = Cursor::new(label);
        let label = cursor.token(&[']']);
        if cursor.rest() != "]" {
            return Err(option.wrong("its label does not end with ]", "write [label]"));
        }
        return match graph {
            ComplexGraph::Text => Ok(Map::Label(label)),
            ComplexGraph::Linked(linked) => match linked.labels.get(&label) {
                Some((node, pad)) => Ok(Map::Node { node: *node, pad: *pad }),
                None => Err(option.wrong(
                    format!("no graph leaves a pad [{label}] to take"),
                    "label a pad of -filter_complex so; use split or asplit to take it twice",
                )),
            },
        };
    }
    let (text, is_except) = value.strip_prefix('-').map_or((value, false), |text| (text, true));
    let (input, streams) = input_and_streams(text)
        // FFmpeg's manual leaves the number out sometimes.
        .or_else(|| is_specifier(text).then(|| (0, text.strip_prefix(':').unwrap_or(text))))
        .ok_or_else(|| option.wrong("it names no input", "write the input's number first: 0:v"))?;
    if input >= job.inputs.len() {
        return Err(option.no_input(input, job.inputs.len()));
    }
    let Some(specifier) = Specifier::of(streams).filter(Specifier::is_whole) else {
        let hint = "write a stream specifier behind the colon: v, a:1, m:language:deu";
        return Err(option.wrong(format!("{streams:?} is no stream specifier"), hint));
    };
    if specifier.open.is_some() && specifier.rest.is_empty() && is_asking(streams) {
        let hint = "write :? where there may be none, and \\? for a question mark that is meant";
        return Err(option.wrong("its question mark is part of what the metadata is to be", hint));
    }
    let optional = specifier.rest.ends_with('?');
    let streams = if optional { &streams[..streams.len() - 1] } else { streams };
    let streams = streams.strip_suffix(':').filter(|_| specifier.rest == "?").unwrap_or(streams).to_owned();
    Ok(if is_except { Map::Except { input, streams } } else { Map::Input { input, streams, optional } })
}

/// Whether it is a stream specifier that says something.
fn is_specifier(text: &str) -> bool {
    !text.is_empty() && Specifier::of(text.strip_prefix(':').unwrap_or(text)).is_some_and(|it| it.is_whole())
}

/// Whether it ends with a question mark that is not quoted.
fn is_asking(text: &str) -> bool {
    text.strip_suffix('?').is_some_and(|text| !text.ends_with('\\'))
}

/// An output that gets its options one after the other.
struct Filling {
    output: Output,
    /// The specifier that each stream's options will have.
    streams_of: Vec<Option<String>>,
    /// Options that some streams have as arguments of the output. The later of two counts, so that one of the same
    /// name behind it must stay behind it.
    left: HashSet<String>,
    /// Whether there is `-target`, which sets codecs, sizes and more, for those behind it to set again.
    has_target: bool,
}

impl Filling {
    fn option(&mut self, option: &Given<'_>, job: &Job) -> Result<(), ParseError> {
        let value = option.value.unwrap_or_default();
        let output = &mut self.output;
        match (option.name.name.as_ref(), option.name.specifier) {
            // They have been seen to.
            ("map" | "attach", _) => {}
            ("f", None) => output.format = Some(value.to_owned()),
            ("ss", None) => output.seek = option.time()?,
            ("t", None) => output.duration = option.time()?,
            ("to", None) => output.to = option.time()?,
            ("fs", None) => match whole(value).and_then(|count| u64::try_from(count).ok()) {
                Some(count) => output.max_bytes = Some(count),
                None => {
                    return Err(
                        option.wrong("it is no number of bytes", "write a whole number, with K, M or G")
                    );
                }
            },
            ("shortest", None) => output.shortest = true,
            ("noshortest", None) => output.shortest = false,
            ("map_chapters", None) => {
                let Some(input) = whole(value) else {
                    return Err(
                        option.wrong("it is no input's number", "write a whole number, or -1 for none")
                    );
                };
                output.chapters = Some(match usize::try_from(input) {
                    Ok(input) if input >= job.inputs.len() => {
                        return Err(option.no_input(input, job.inputs.len()));
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

    fn metadata(&mut self, option: &Given<'_>, specifier: Option<&str>) -> Result<(), ParseError> {
        let value = option.value.unwrap_or_default();
        let Some((key, value)) = value.split_once('=') else {
            return Err(option.wrong("it has no equals sign", "write key=value, and key= to take a key away"));
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
        match targets.filter(|_| !self.left.contains(name)) {
            Some(targets) => {
                targets.into_iter().for_each(|index| self.output.streams[index].metadata.push(entry(None)));
            }
            None => {
                if specifier.is_some_and(|specifier| specifier.starts_with('s')) {
                    self.left.insert(name.to_owned());
                }
                self.output.metadata.push(entry(specifier));
            }
        }
        Ok(())
    }

    /// Which attachment a specifier names, if no mapped stream can be one.
    fn attachment(&self, streams: &str) -> Option<usize> {
        let index = streams.strip_prefix("t:")?.parse().ok()?;
        let is_other = |stream: &OutputStream| stream.kind.is_some_and(|kind| kind != MediaKind::Attachment);
        let is_there = index < self.output.attachments.len();
        (is_there && self.output.streams.iter().all(is_other)).then_some(index)
    }

    /// Puts an option to the streams that it is for, or else to the output.
    fn of_streams(&mut self, option: &Given<'_>) -> Result<(), ParseError> {
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
            _ if !option.name.is_of_streams() || self.left.contains(name) || self.has_target => None,
            // Every encoder has these; others may be for streams of one kind only.
            None if name == "c" => self.all(),
            None if is_every => self.only().map(|index| vec![index]),
            None => None,
            specifier => self.targets(specifier),
        };
        let Some(targets) = targets else {
            self.left.insert(name.to_owned());
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

    /// Every stream, if each can be told from the others.
    fn all(&self) -> Option<Vec<usize>> {
        let all_told = !self.output.streams.is_empty() && self.streams_of.iter().all(Option::is_some);
        if all_told && !self.output.automatic {
            return Some((0..self.output.streams.len()).collect());
        }
        self.only().map(|index| vec![index])
    }

    /// The one stream, or map, that there is.
    fn only(&self) -> Option<usize> {
        let streams = self.output.streams.iter().enumerate();
        let mut streams = streams.filter(|(_, stream)| stream.count() != Count::Except);
        let (index, _) = streams.next()?;
        (streams.next().is_none() && !self.output.automatic).then_some(index)
    }

    /// The streams that a specifier fits, if it is known which they are and that it fits no others.
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
        // `V` is some of the video only.
        let kind = MediaKind::of_specifier(letter).filter(|_| letter.len() == 1 && letter != "V")?;
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
