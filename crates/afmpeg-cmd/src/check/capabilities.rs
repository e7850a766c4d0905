//! Checks against the components of an FFmpeg: names, pads, options and their values.

use std::{borrow::Cow, cell::OnceCell, collections::HashSet};

use afmpeg_types::capabilities::{self, AvOption, OptionType, Pad, Range, Value, nearest};

use super::{Place, Problem, ProblemKind, option_names::option_names};
use crate::{
    Arg, Capabilities, Component, ComponentKind, Filter, FilterOption, MediaKind,
    model::{Command, Graph, Map, Node, OutputStream, Source},
    parse,
    specifier::kind_of,
};

/// Returns the problems of a command with these capabilities.
pub(super) fn problems(command: &Command, capabilities: &Capabilities) -> Vec<Problem> {
    let options = OnceCell::new();
    let mut check =
        Check { capabilities, options: &options, found: Vec::new(), name: None, place: Place::Command };
    check.args(&command.args, &[]);
    for (index, input) in command.inputs.iter().enumerate() {
        check.at(Place::Input(index), &input.path);
        if let Some(format) = &input.format {
            check.require(ComponentKind::Demuxer, format, capabilities.demuxer(format));
        }
        check.args(&input.args, &[]);
    }
    for (index, node) in command.graph.nodes.iter().enumerate() {
        check.at(Place::Node(index), &node.filter.name);
        check.node(node, &command.graph);
    }
    for (output, file) in command.outputs.iter().enumerate() {
        check.at(Place::Output(output), &file.path);
        if let Some(format) = &file.format
            && let Some(muxer) = check.require(ComponentKind::Muxer, format, capabilities.muxer(format))
        {
            for arg in &file.args {
                let facts = [&muxer.options, &capabilities.generic.format].into_iter().flatten();
                check.listed_value(&arg.name, arg.value.as_ref().map(crate::Value::as_str), facts);
            }
        }
        check.output_args(&file.args);
        for (stream, entry) in file.streams.iter().enumerate() {
            check.at(Place::Stream { output, stream }, &file.path);
            check.stream(entry, &command.graph);
        }
    }
    check.found
}

struct Check<'a> {
    capabilities: &'a Capabilities,
    /// The options that the command line accepts anywhere, if they are known: collected for the first that is not an
    /// option of `ffmpeg` itself.
    options: &'a OnceCell<Option<HashSet<Cow<'a, str>>>>,
    found: Vec<Problem>,
    place: Place,
    name: Option<String>,
}

impl<'a> Check<'a> {
    fn at(&mut self, place: Place, name: &str) {
        (self.place, self.name) = (place, Some(name.to_owned()));
    }

    fn report(&mut self, kind: ProblemKind) {
        self.found.push(Problem { place: self.place, name: self.name.clone(), kind });
    }

    /// Reports a component that the module lacks.
    fn require<T>(&mut self, kind: ComponentKind, name: &str, found: Option<&'a T>) -> Option<&'a T> {
        if found.is_none() {
            let codecs = self.capabilities.encoders.iter().map(|encoder| encoder.codec.as_str());
            let codecs = codecs.filter(|_| kind == ComponentKind::Encoder);
            let suggestion = nearest(name, self.capabilities.names(kind).into_iter().chain(codecs));
            let suggestion = suggestion.map(str::to_owned);
            self.report(ProblemKind::Lacks { kind: kind.name(), name: name.to_owned(), suggestion });
        }
        found
    }

    fn require_filter(&mut self, name: &str) -> Option<&'a capabilities::Filter> {
        self.require(ComponentKind::Filter, name, self.capabilities.filter(name))
    }

    /// FFmpeg accepts a codec's name for its first encoder.
    fn find_encoder(&self, name: &str) -> Option<&'a capabilities::Codec> {
        let of_codec = || self.capabilities.encoders.iter().find(|encoder| encoder.codec == name);
        self.capabilities.encoder(name).or_else(of_codec)
    }

    fn require_encoder(&mut self, name: &str) -> Option<&'a capabilities::Codec> {
        self.require(ComponentKind::Encoder, name, self.find_encoder(name))
    }

    /// Reports options that neither `ffmpeg` itself nor any codec or format has: FFmpeg refuses the command. Suggests
    /// one from `likely`, or else from all.
    fn args<'f>(&mut self, args: impl IntoIterator<Item = &'f Arg>, likely: &[AvOption]) {
        let (options, capabilities) = (self.options, self.capabilities);
        for Arg { name, .. } in args.into_iter().filter(|arg| !parse::is_own(&arg.name)) {
            let Some(all) = options.get_or_init(|| option_names(capabilities)) else { return };
            if all.contains(name.as_str()) {
                continue;
            }
            let suggestion = nearest(name, likely.iter().map(|option| option.name.as_str())).or_else(|| {
                let mut names: Vec<&str> = all.iter().map(AsRef::as_ref).chain(parse::own_names()).collect();
                // Sets have no order, and the order decides between equally similar names.
                names.sort_unstable();
                nearest(name, names)
            });
            let suggestion = suggestion.map(str::to_owned);
            self.report(ProblemKind::Lacks { kind: "option", name: name.clone(), suggestion });
        }
    }

    fn node(&mut self, node: &Node, graph: &Graph) {
        let Some(facts) = self.require_filter(&node.filter.name) else { return };
        self.filter(&node.filter, facts);
        self.pads("inputs", node.inputs.len(), &facts.inputs, facts.has_dynamic_inputs());
        self.pads("outputs", node.outputs.len(), &facts.outputs, facts.has_dynamic_outputs());
        let kinds = node.inputs.iter().map(|source| match source {
            Source::Node { node, pad } => graph.nodes.get(*node)?.outputs.get(*pad).copied(),
            Source::Input { streams, .. } => kind_of(streams),
            Source::Free { free } => Some(*free),
        });
        for (pad, (found, expected)) in kinds.zip(&facts.inputs).enumerate() {
            // FFmpeg draws bitmap subtitles, if they come directly from an input.
            let is_input = matches!(node.inputs.get(pad), Some(Source::Input { .. }));
            let is_drawn =
                |found, expected| is_input && (found, expected) == (MediaKind::Subtitle, MediaKind::Video);
            if let (Some(found), Some(expected)) = (found, expected.kind)
                && found != expected
                && !is_drawn(found, expected)
            {
                self.report(ProblemKind::WrongPad { pad, expected, found });
            }
        }
        for (pad, (declared, output)) in node.outputs.iter().zip(&facts.outputs).enumerate() {
            if let Some(output) = output.kind.filter(|output| output != declared) {
                self.report(ProblemKind::WrongPadOut { pad, expected: *declared, found: output });
            }
        }
    }

    fn pads(&mut self, pads: &'static str, found: usize, fixed: &[Pad], is_dynamic: bool) {
        let expected = fixed.len();
        // Dynamic pads come on top of the fixed ones.
        if if is_dynamic { found < expected } else { found != expected } {
            self.report(ProblemKind::WrongArity { pads, expected, found });
        }
    }

    fn filter(&mut self, filter: &Filter, facts: &'a capabilities::Filter) {
        self.filter_options(ComponentKind::Filter, filter, &facts.options, facts.has_timeline());
        // The option `font` exists where drawtext can find fonts itself; its first option is `fontfile`.
        let finds_fonts = || facts.options.iter().any(|option| option.name == "font");
        let is_given = |option: &FilterOption| option.name.as_deref().is_none_or(|name| name == "fontfile");
        if filter.name == "drawtext" && !finds_fonts() && !filter.options.iter().any(is_given) {
            self.report(ProblemKind::NoFont);
        }
    }

    fn filter_options(
        &mut self,
        kind: ComponentKind,
        filter: &Filter,
        facts: &'a [AvOption],
        has_timeline: bool,
    ) {
        let capabilities = self.capabilities;
        for option in &filter.options {
            // The order of a filter's options is unknown here.
            let Some(name) = &option.name else { continue };
            // A slash before a name reads the value from a file.
            let name = name.strip_prefix('/').unwrap_or(name);
            if name == "enable" {
                if !has_timeline {
                    self.report(ProblemKind::NoTimeline);
                }
                continue;
            }
            let all = || facts.iter().chain(&capabilities.generic.filter);
            if !self.listed_value(name, Some(option.value.as_str()), all()) {
                let suggestion = nearest(name, all().map(|option| option.name.as_str()));
                self.report(ProblemKind::NoOption {
                    of: Component::new(kind, &filter.name),
                    option: name.to_owned(),
                    suggestion: suggestion.map(str::to_owned),
                });
            }
        }
    }

    /// Checks options of an output itself, and of streams that FFmpeg selects, or that one map adds.
    fn output_args(&mut self, args: &[Arg]) {
        let missing = |arg: &&Arg| encoder_of(arg).is_some_and(|name| self.find_encoder(name).is_none());
        let missing: Vec<&Arg> = args.iter().filter(missing).collect();
        // Options of an encoder that is missing are unknown, and an option without a specifier is for all encoders.
        let may_be_of_it = |arg: &Arg, encoder: &Arg| {
            arg.specifier.is_none() || encoder.specifier.is_none() || arg.specifier == encoder.specifier
        };
        let known = args.iter().filter(|arg| !missing.iter().any(|encoder| may_be_of_it(arg, encoder)));
        self.args(known, &[]);
        args.iter().for_each(|arg| self.automatic_arg(arg, args));
    }

    /// Checks an option of an output for streams that FFmpeg selects, or that one map adds.
    fn automatic_arg(&mut self, arg: &Arg, all: &[Arg]) {
        let value = arg.value.as_ref().map(crate::Value::as_str).unwrap_or_default();
        let kind = arg.specifier.as_deref().and_then(kind_of);
        if let Some(name) = encoder_of(arg) {
            let Some(encoder) = self.require_encoder(name) else { return };
            let is_of_it = |other: &&Arg| other.specifier.is_some() && other.specifier == arg.specifier;
            self.encoder(name, encoder, kind, all.iter().filter(is_of_it));
        }
        match arg.name.as_str() {
            "filter" => {
                if let Some(filters) = parse::chain(value) {
                    self.chain(&filters, kind);
                }
            }
            "bsf" => self.bitstream_filters(&parse::bitstream_filters(value).unwrap_or_default()),
            _ => {}
        }
    }

    /// Checks a chain of filters between a stream and its encoder.
    fn chain(&mut self, filters: &[Filter], kind: Option<MediaKind>) {
        let name = self.name.clone();
        let mut carried = kind;
        // The pads of other filters may be linked by their neighbours.
        let mut is_plain = true;
        for filter in filters {
            let Some(facts) = self.require_filter(&filter.name) else { return };
            self.name = Some(filter.name.clone());
            self.filter(filter, facts);
            let is_fixed = !facts.has_dynamic_inputs() && !facts.has_dynamic_outputs();
            if is_fixed && filters.len() == 1 {
                self.pads("inputs", 1, &facts.inputs, false);
                self.pads("outputs", 1, &facts.outputs, false);
            }
            match (facts.inputs.as_slice(), facts.outputs.as_slice()) {
                ([input], [output]) if is_fixed && is_plain => {
                    if let (Some(found), Some(expected)) = (carried, input.kind)
                        && found != expected
                    {
                        self.report(ProblemKind::WrongPad { pad: 0, expected, found });
                        is_plain = false;
                    }
                    carried = output.kind;
                }
                _ => is_plain = false,
            }
            self.name.clone_from(&name);
        }
        if let (Some(expected), Some(found), Some(last)) = (kind, carried, filters.last())
            && is_plain
            && expected != found
        {
            self.name = Some(last.name.clone());
            self.report(ProblemKind::WrongPadOut { pad: 0, expected, found });
            self.name = name;
        }
    }

    fn bitstream_filters(&mut self, filters: &[Filter]) {
        let kind = ComponentKind::BitstreamFilter;
        for filter in filters {
            let facts = self.capabilities.bitstream_filter(&filter.name);
            if let Some(facts) = self.require(kind, &filter.name, facts) {
                let file = self.name.replace(filter.name.clone());
                self.filter_options(kind, filter, &facts.options, false);
                self.name = file;
            }
        }
    }

    fn stream(&mut self, stream: &OutputStream, graph: &Graph) {
        self.chain(&stream.filters, stream.declared_kind(graph));
        self.bitstream_filters(&stream.bitstream_filters);
        let codec = stream.codec.as_deref().filter(|codec| *codec != "copy");
        let is_except = matches!(stream.map, Map::Except { .. });
        let required = codec.filter(|_| !is_except).map(|codec| self.require_encoder(codec));
        // Options of an encoder that is missing are unknown.
        if matches!(required, Some(None)) {
            return;
        }
        let encoder = required.flatten();
        self.args(&stream.args, encoder.map_or(&[][..], |encoder| &encoder.options));
        let (Some(codec), Some(encoder)) = (codec, encoder) else { return };
        self.encoder(codec, encoder, stream.declared_kind(graph), &stream.args);
    }

    /// Checks that an encoder fits the kind of its stream, and the values of its options.
    fn encoder<'f>(
        &mut self,
        codec: &str,
        encoder: &capabilities::Codec,
        kind: Option<MediaKind>,
        args: impl IntoIterator<Item = &'f Arg>,
    ) {
        if let (Some(expected), Some(found)) = (kind, encoder.kind)
            && expected != found
        {
            let codec = codec.to_owned();
            self.report(ProblemKind::WrongEncoder { codec, expected, found });
        }
        for arg in args {
            let facts = encoder.options.iter().chain(&self.capabilities.generic.codec);
            // Others may be options of the tool itself.
            self.listed_value(&arg.name, arg.value.as_ref().map(crate::Value::as_str), facts);
        }
    }

    /// Returns whether the option is listed; if it is, checks its value.
    fn listed_value<'f>(
        &mut self,
        name: &str,
        value: Option<&str>,
        facts: impl IntoIterator<Item = &'f AvOption>,
    ) -> bool {
        let Some(facts) = facts.into_iter().find(|option| option.name == name) else { return false };
        if let Some(value) = value
            && let Some(allowed) = refusal(facts, value)
        {
            let (option, value) = (name.to_owned(), value.to_owned());
            self.report(ProblemKind::BadValue { option, value, allowed });
        }
        true
    }
}

/// Returns the encoder that an option names.
fn encoder_of(arg: &Arg) -> Option<&str> {
    let value = arg.value.as_ref().filter(|_| arg.name == "c")?.as_str();
    Some(value).filter(|name| *name != "copy")
}

/// Returns the allowed values of an option that refuses `value`. Expressions and other syntax are left to FFmpeg.
fn refusal(option: &AvOption, value: &str) -> Option<String> {
    use OptionType::{Bool, Double, Float, Int, Int64, Uint};

    if !matches!(option.kind, Int | Int64 | Uint | Float | Double | Bool) {
        return None;
    }
    let limit = |limit: fn(&Range) -> &Option<Value>| limit(option.range.as_ref()?).as_ref()?.as_f64();
    let (min, max) = (limit(|range| &range.min), limit(|range| &range.max));
    if let Ok(number) = value.parse::<f64>() {
        let fits = min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
        return (!fits).then(|| {
            let limit = |limit: Option<f64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
            format!("{}..{}", limit(min), limit(max))
        });
    }
    let is_word = value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
    let constants: Vec<&str> = match option.kind {
        Bool => BOOLEANS.to_vec(),
        _ => option.constants.iter().map(|constant| constant.name.as_str()).collect(),
    };
    // Every number accepts some names, and a single letter may be a constant of an expression.
    let is_known = constants.contains(&value) || ANY_NUMBER.contains(&value) || value.len() < 2;
    // Digits with an SI prefix (`16k`) are a number.
    (is_word && !is_known).then(|| match constants.as_slice() {
        [] => "a number".to_owned(),
        names => names.join(", "),
    })
}

/// `set_string_bool` of `libavutil/opt.c`.
const BOOLEANS: &[&str] = &[
    "auto", "true", "y", "yes", "enable", "enabled", "on", "false", "n", "no", "disable", "disabled", "off",
];

/// `set_string_number` of `libavutil/opt.c`.
const ANY_NUMBER: &[&str] = &["default", "max", "min", "none", "all", "PI", "PHI", "QP2LAMBDA"];
