//! A command as the Rust code that builds it.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    Arg, Filter, MediaKind, Time,
    model::{Chapters, Input, Job, Map, Node, Output, OutputStream, Source},
};

impl Job {
    /// A function that builds this job. What the builders have no word for is set in the job's fields at its end.
    ///
    /// The code makes a job that is equal to this one, unless filters take a stream or a pad twice: that is split.
    ///
    /// ```
    /// use afmpeg_cmd::Job;
    ///
    /// let job = Job::parse(["-i", "a.mp4", "-vf", "hflip", "-map", "0:v:0", "-c:v", "libx264", "-crf:v", "20", "b.mp4"])?;
    /// assert_eq!(job.to_rust(), r#"use afmpeg_cmd::{Codec, Filter, Input, Job, Output, OutputStream};
    ///
    /// pub fn job() -> Job {
    ///     let input0 = Input::new("a.mp4");
    ///     Job::new([
    ///         Output::new("b.mp4")
    ///             .stream(OutputStream::new(input0.video()).codec(Codec::new("libx264").opt("crf", 20)).filter(Filter::new("hflip"))),
    ///     ])
    /// }
    /// "#);
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn to_rust(&self) -> String {
        let has_handles = all_lead_out(self);
        let mut code = Code { job: self, used: BTreeSet::from(["Job"]), fields: Vec::new(), has_handles };
        let mut body = String::new();
        for (index, input) in self.inputs.iter().enumerate() {
            let _ = writeln!(body, "    let input{index} = {};", code.input(index, input));
        }
        if has_handles {
            for (index, node) in self.graph.nodes.iter().enumerate() {
                let _ = writeln!(body, "    let {} = {};", code.variable(index), code.node(index, node));
            }
        } else {
            let nodes: String = self.graph.nodes.iter().map(|node| code.plain_node(node)).collect();
            code.fields.push(format!("graph.nodes = vec![\n{nodes}    ]"));
        }
        let job = code.job();
        if code.fields.is_empty() {
            let _ = writeln!(body, "    {job}");
        } else {
            let _ = writeln!(body, "    let mut job = {job};");
            for field in &code.fields {
                let _ = writeln!(body, "    job.{field};");
            }
            body.push_str("    job\n");
        }
        let used: Vec<&str> = code.used.into_iter().collect();
        let used = if let [one] = used[..] { one.to_owned() } else { format!("{{{}}}", used.join(", ")) };
        format!("use afmpeg_cmd::{used};\n\npub fn job() -> Job {{\n{body}}}\n")
    }
}

struct Code<'a> {
    job: &'a Job,
    /// What must be imported.
    used: BTreeSet<&'static str>,
    /// What is set in the job's fields when it is built.
    fields: Vec<String>,
    /// Whether handles can make the graph.
    has_handles: bool,
}

/// Whether every node leads to an output: a job that is made of outputs has no others.
fn all_lead_out(job: &Job) -> bool {
    let nodes = &job.graph.nodes;
    let mut waiting: Vec<usize> = Vec::new();
    for stream in job.outputs.iter().flat_map(|output| &output.streams) {
        if let Map::Node { node, .. } = stream.map {
            waiting.push(node);
        }
    }
    let mut seen = vec![false; nodes.len()];
    while let Some(index) = waiting.pop() {
        if seen.get(index) != Some(&false) {
            continue;
        }
        seen[index] = true;
        for source in &nodes[index].inputs {
            if let Source::Node { node, .. } = source {
                waiting.push(*node);
            }
        }
    }
    seen.into_iter().all(|seen| seen)
}

/// A text as a literal.
fn text(text: &str) -> String {
    format!("{text:?}")
}

/// A value as a literal: a number where it reads the same.
fn value(value: &str) -> String {
    match value.parse::<i32>() {
        Ok(number) if number.to_string() == value => value.to_owned(),
        _ => text(value),
    }
}

impl Code<'_> {
    fn uses(&mut self, name: &'static str) -> &'static str {
        self.used.insert(name);
        name
    }

    fn time(&mut self, time: Time) -> String {
        let name = self.uses("Time");
        let micros = time.as_micros();
        if micros % 1_000_000 == 0 {
            return format!("{name}::from_secs({})", micros / 1_000_000);
        }
        format!("{name}::from_micros({micros})")
    }

    fn arg(&mut self, arg: &Arg) -> String {
        let Arg { name, specifier, value: given } = arg;
        let mut code = match given {
            Some(given) => format!("{}::new({}, {})", self.uses("Arg"), text(name), value(given.as_str())),
            None => format!("{}::flag({})", self.uses("Arg"), text(name)),
        };
        if let Some(specifier) = specifier {
            let _ = write!(code, ".on({})", text(specifier));
        }
        code
    }

    /// The call that adds an argument: `arg` if it is no more than a name and a value.
    fn adds(&mut self, arg: &Arg, simple: &str) -> String {
        match (&arg.value, &arg.specifier) {
            (Some(given), None) => format!(".{simple}({}, {})", text(&arg.name), value(given.as_str())),
            _ => format!(".with({})", self.arg(arg)),
        }
    }

    fn filter(&mut self, filter: &Filter) -> String {
        let mut code = format!("{}::new({})", self.uses("Filter"), text(&filter.name));
        for option in &filter.options {
            let given = value(option.value.as_str());
            let _ = match &option.name {
                Some(name) => write!(code, ".opt({}, {given})", text(name)),
                None => write!(code, ".arg({given})"),
            };
        }
        if let Some(instance) = &filter.instance {
            let _ = write!(code, ".named({})", text(instance));
        }
        code
    }

    fn input(&mut self, index: usize, input: &Input) -> String {
        let plain = crate::model::Input { path: input.path.clone(), ..crate::model::Input::default() };
        let is_name = *crate::Input::new(&input.path).data() == plain;
        let constructor = if is_name { "new" } else { "url" };
        let mut code = format!("{}::{constructor}({})", self.uses("Input"), text(&input.path));
        if let Some(format) = &input.format {
            let _ = write!(code, ".format({})", text(format));
        }
        let times = [
            ("seek", input.seek),
            ("duration", input.duration),
            ("to", input.to),
            ("seek_before_end", input.seek_from_end.map(|time| -time)),
            ("offset", input.offset),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                let _ = write!(code, ".{name}({})", self.time(time));
            }
        }
        match input.repeats {
            None => {}
            Some(-1) => code.push_str(".repeat_for_ever()"),
            Some(times) if u16::try_from(times).is_ok() => {
                let _ = write!(code, ".repeat({times})");
            }
            Some(times) => self.fields.push(format!("inputs[{index}].repeats = Some({times})")),
        }
        for arg in &input.args {
            code.push_str(&self.adds(arg, "arg"));
        }
        code
    }

    /// What a node's handle is called: one stream, or all that come out.
    fn variable(&self, index: usize) -> String {
        match self.job.graph.nodes.get(index).map(|node| &node.outputs[..]) {
            Some([kind]) => format!("{}{index}", kind.specifier()),
            _ => format!("pads{index}"),
        }
    }

    /// A stream of an input, of a kind that handles have.
    fn stream(&mut self, input: usize, streams: &str, kind: MediaKind) -> String {
        let (letter, name, of_kind) = match kind {
            MediaKind::Audio => ("a", "audio", "Audio"),
            MediaKind::Subtitle => ("s", "subtitle", "Subtitle"),
            _ => ("v", "video", "Video"),
        };
        let place = streams.strip_prefix(letter).and_then(|rest| rest.strip_prefix(':'));
        match place.map(|place| (place, place.parse::<usize>())) {
            Some(("0", _)) => format!("input{input}.{name}()"),
            Some((text, Ok(place))) if place.to_string() == text => {
                format!("input{input}.nth::<{}>({place})", self.uses(of_kind))
            }
            _ => format!("input{input}.stream::<{}>({})", self.uses(of_kind), text(streams)),
        }
    }

    fn node(&mut self, index: usize, node: &Node) -> String {
        for source in &node.inputs {
            if let Source::Free { .. } = source {
                let source = self.plain_source(source);
                self.fields.push(format!("graph.nodes[{index}].inputs.push({source})"));
            }
        }
        let is_said = |source: &&Source| !matches!(source, Source::Free { .. });
        let sources: Vec<&Source> = node.inputs.iter().filter(is_said).collect();
        let filter = self.filter(&node.filter);
        // A handle of the same kind has a shorter way.
        if let ([source], [kind]) = (&sources[..], &node.outputs[..])
            && let Some(stream) = self.typed(source, *kind)
        {
            return format!("{stream}.filter({filter})");
        }
        let kind = node.outputs.first().copied().unwrap_or(MediaKind::Video);
        let streams: Vec<String> = sources.iter().map(|source| self.any(source, kind)).collect();
        let on = match &streams[..] {
            [] => format!("{filter}.source()"),
            streams => format!("{filter}.on([{}])", streams.join(", ")),
        };
        match node.outputs[..] {
            [MediaKind::Video] => format!("{on}.video()"),
            [MediaKind::Audio] => format!("{on}.audio()"),
            [MediaKind::Subtitle] => format!("{on}.subtitle()"),
            _ => {
                let kinds: Vec<String> = node.outputs.iter().map(|kind| self.kind(*kind)).collect();
                format!("{on}.pads([{}])", kinds.join(", "))
            }
        }
    }

    /// A node as it is in the model.
    fn plain_node(&mut self, node: &Node) -> String {
        let sources: Vec<String> = node.inputs.iter().map(|source| self.plain_source(source)).collect();
        let kinds: Vec<String> = node.outputs.iter().map(|kind| self.kind(*kind)).collect();
        format!(
            "        afmpeg_cmd::model::Node {{\n            filter: {},\n            inputs: vec![{}],\n            \
             outputs: vec![{}],\n        }},\n",
            self.filter(&node.filter),
            sources.join(", "),
            kinds.join(", ")
        )
    }

    fn plain_source(&mut self, source: &Source) -> String {
        let fields = match source {
            Source::Input { input, streams } => {
                format!("Input {{ input: {input}, streams: {}.into() }}", text(streams))
            }
            Source::Node { node, pad } => format!("Node {{ node: {node}, pad: {pad} }}"),
            Source::Free { free } => format!("Free {{ free: {} }}", self.kind(*free)),
        };
        format!("afmpeg_cmd::model::Source::{fields}")
    }

    fn kind(&mut self, kind: MediaKind) -> String {
        format!("{}::{kind:?}", self.uses("MediaKind"))
    }

    /// A handle that knows its kind, if it is this.
    fn typed(&mut self, source: &Source, kind: MediaKind) -> Option<String> {
        match source {
            Source::Input { input, streams } if MediaKind::of_specifier(streams) == Some(kind) => {
                Some(self.stream(*input, streams, kind))
            }
            Source::Node { node, .. } => {
                let is_one = self.job.graph.nodes.get(*node)?.outputs == [kind];
                is_one.then(|| self.variable(*node))
            }
            _ => None,
        }
    }

    /// A handle that has forgotten its kind.
    fn any(&mut self, source: &Source, otherwise: MediaKind) -> String {
        match source {
            Source::Input { input, streams } => {
                let kind = MediaKind::of_specifier(streams).unwrap_or(otherwise);
                format!("{}.any()", self.stream(*input, streams, kind))
            }
            Source::Node { node, pad } => match self.job.graph.nodes.get(*node) {
                Some(before) if before.outputs.len() == 1 => format!("{}.any()", self.variable(*node)),
                _ => format!("{}[{pad}].clone()", self.variable(*node)),
            },
            Source::Free { .. } => String::new(),
        }
    }

    fn job(&mut self) -> String {
        let job = self.job;
        let outputs: String = job
            .outputs
            .iter()
            .enumerate()
            .map(|(index, output)| format!("        {},\n", self.output(index, output)))
            .collect();
        let outputs = format!("[\n{outputs}    ]");
        let all_taken = (0..job.inputs.len()).all(|input| self.is_taken(input));
        let mut code = if all_taken {
            format!("Job::new({outputs})")
        } else {
            let inputs: Vec<String> = (0..job.inputs.len()).map(|input| format!("&input{input}")).collect();
            format!("Job::reading([{}], {outputs})", inputs.join(", "))
        };
        for arg in &job.args {
            let call = if *arg == Arg::flag("y") {
                ".overwrite()".to_owned()
            } else {
                format!(".with({})", self.arg(arg))
            };
            let _ = write!(code, "\n    {call}");
        }
        if let Some(flags) = &job.graph.sws_flags {
            self.fields.push(format!("graph.sws_flags = Some({}.into())", text(flags)));
        }
        code
    }

    /// Whether something says that it takes from an input.
    fn is_taken(&self, index: usize) -> bool {
        let of_map = |map: &Map| match map {
            Map::Input { input, .. } | Map::Except { input, .. } => *input == index,
            _ => false,
        };
        let nodes = self.job.graph.nodes.iter().filter(|_| self.has_handles);
        nodes
            .flat_map(|node| &node.inputs)
            .any(|source| matches!(source, Source::Input { input, .. } if *input == index))
            || self.job.outputs.iter().any(|output| {
                output.chapters == Some(Chapters::Input(index))
                    || output.streams.iter().any(|stream| of_map(&stream.map))
            })
    }

    fn output(&mut self, index: usize, output: &Output) -> String {
        let mut calls: Vec<String> = Vec::new();
        for (place, stream) in output.streams.iter().enumerate() {
            if matches!(stream.map, Map::Label(_)) && stream.kind.is_none() {
                self.fields.push(format!("outputs[{index}].streams[{place}].kind = None"));
            }
            if let (Map::Node { node, pad }, false) = (&stream.map, self.has_handles) {
                let map = format!("afmpeg_cmd::model::Map::Node {{ node: {node}, pad: {pad} }}");
                self.fields.push(format!("outputs[{index}].streams[{place}].map = {map}"));
            }
            calls.push(format!(".stream({})", self.output_stream(stream)));
        }
        if output.automatic && output.streams.is_empty() {
            self.fields.push(format!("outputs[{index}].automatic = true"));
        } else if output.automatic {
            // Any kind says it.
            let is_made = |kind: &MediaKind| output.streams.iter().any(|stream| stream.kind == Some(*kind));
            let kinds = [MediaKind::Audio, MediaKind::Video];
            let chosen = kinds.into_iter().find(|kind| !is_made(kind)).unwrap_or(MediaKind::Subtitle);
            calls.push(format!(".stream(OutputStream::automatic({}))", self.kind(chosen)));
        }
        if let Some(format) = &output.format {
            calls.push(format!(".format({})", text(format)));
        }
        for (name, time) in [("seek", output.seek), ("duration", output.duration), ("to", output.to)] {
            calls.extend(time.map(|time| format!(".{name}({})", self.time(time))));
        }
        calls.extend(output.max_bytes.map(|bytes| format!(".max_bytes({bytes})")));
        calls.extend(output.shortest.then(|| ".shortest()".to_owned()));
        calls.extend(output.chapters.map(|chapters| match chapters {
            Chapters::None => ".no_chapters()".to_owned(),
            Chapters::Input(input) => format!(".chapters(&input{input})"),
        }));
        for entry in &output.metadata {
            let (key, given) = (text(&entry.key), value(entry.value.as_str()));
            calls.push(match &entry.specifier {
                None => format!(".metadata({key}, {given})"),
                Some(specifier) => format!(".metadata_of({}, {key}, {given})", text(specifier)),
            });
        }
        for (place, attachment) in output.attachments.iter().enumerate() {
            if attachment.mime_type.is_none() {
                self.fields.push(format!("outputs[{index}].attachments[{place}].mime_type = None"));
            }
            let mime_type = attachment.mime_type.as_deref().unwrap_or_default();
            calls.push(format!(".attach({}, {})", text(&attachment.path), text(mime_type)));
        }
        let mut args = &output.args[..];
        let is_plain = |stream: &OutputStream| {
            stream.codec.is_none() && stream.filters.is_empty() && matches!(stream.map, Map::Input { .. })
        };
        if let [copy, others @ ..] = args
            && *copy == Arg::new("c", "copy")
            && output.streams.iter().all(is_plain)
        {
            calls.push(".copy_all()".to_owned());
            args = others;
        }
        for arg in args {
            let flag = |name: &str| *arg == Arg::flag(name);
            calls.push(match () {
                () if flag("vn") => ".no_video()".to_owned(),
                () if flag("an") => ".no_audio()".to_owned(),
                () if flag("sn") => ".no_subtitle()".to_owned(),
                () => self.adds(arg, "arg"),
            });
        }
        let constructor = if crate::path::file(&output.path) == output.path { "new" } else { "url" };
        let new = format!("{}::{constructor}({})", self.uses("Output"), text(&output.path));
        calls.into_iter().fold(new, |code, call| format!("{code}\n            {call}"))
    }

    fn output_stream(&mut self, stream: &OutputStream) -> String {
        let of = |name: &str, of: String| format!("OutputStream::{name}({of})");
        self.uses("OutputStream");
        let mut code = match &stream.map {
            Map::Except { input, streams } => of("except", format!("&input{input}, {}", text(streams))),
            Map::Label(label) => {
                let kind = self.kind(stream.kind.unwrap_or(MediaKind::Video));
                of("label", format!("{}, {kind}", text(label)))
            }
            Map::Node { .. } if !self.has_handles => {
                let kind = self.kind(stream.kind.unwrap_or(MediaKind::Video));
                of("label", format!("\"\", {kind}"))
            }
            Map::Node { node, pad } => {
                let is_one = self.job.graph.nodes.get(*node).is_some_and(|node| node.outputs.len() == 1);
                let pad = if is_one { String::new() } else { format!("[{pad}]") };
                of("new", format!("&{}{pad}", self.variable(*node)))
            }
            Map::Input { input, streams, optional } => {
                let named = MediaKind::of_specifier(streams);
                let is_one = stream.count() == super::specifiers::Count::One;
                let handle = match stream.kind {
                    Some(MediaKind::Data | MediaKind::Attachment) | None => None,
                    // `a` and `s?` may be several.
                    Some(kind) if named == Some(kind) && !is_one => None,
                    kind => kind,
                };
                let made = match handle {
                    Some(kind) => of("new", self.stream(*input, streams, kind)),
                    None => of("all_of", format!("&input{input}, {}", text(streams))),
                };
                if *optional { format!("{made}.optional()") } else { made }
            }
        };
        let codec_has_args = codec_has_args(stream);
        if let Some(codec) = self.codec(stream) {
            let _ = write!(code, ".codec({codec})");
        }
        for arg in stream.args.iter().filter(|_| !codec_has_args) {
            code.push_str(&self.adds(arg, "arg"));
        }
        for filter in &stream.filters {
            let _ = write!(code, ".filter({})", self.filter(filter));
        }
        if let Some(count) = stream.frames {
            let _ = write!(code, ".frames({count})");
        }
        for entry in &stream.metadata {
            let _ = write!(code, ".metadata({}, {})", text(&entry.key), value(entry.value.as_str()));
        }
        if let Some(flags) = &stream.disposition {
            let _ = write!(code, ".disposition({})", text(flags));
        }
        code
    }

    /// The codec with those of the options that can be its own; none if there is nothing to say.
    fn codec(&mut self, stream: &OutputStream) -> Option<String> {
        let has_args = codec_has_args(stream);
        let bare = stream.bitstream_filters.is_empty() && !has_args;
        let mut code = match stream.codec.as_deref() {
            None if bare => return None,
            None => format!("{}::by_format()", self.uses("Codec")),
            Some("copy") => format!("{}::copy()", self.uses("Codec")),
            Some(name) if bare => return Some(text(name)),
            Some(name) => format!("{}::new({})", self.uses("Codec"), text(name)),
        };
        for arg in stream.args.iter().filter(|_| has_args) {
            code.push_str(&self.adds(arg, "opt"));
        }
        for filter in &stream.bitstream_filters {
            let _ = write!(code, ".bitstream_filter({})", self.filter(filter));
        }
        Some(code)
    }
}

/// Whether a stream's options are written as its codec's, which have values and no specifiers.
fn codec_has_args(stream: &OutputStream) -> bool {
    let is_codecs = |arg: &Arg| arg.value.is_some() && arg.specifier.is_none();
    stream.codec.is_some() && !stream.args.is_empty() && stream.args.iter().all(is_codecs)
}
