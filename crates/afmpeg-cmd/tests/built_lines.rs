//! Commands built with the crate, each equal to the command of a real-world line.

#[path = "lines/built/mod.rs"]
mod built;
mod lines;

use std::collections::HashSet;

use afmpeg_cmd::{
    Arg, Command, Filter, MediaKind,
    model::{Graph, Input, Map, Output, Source},
};
use built::BUILT;
use lines::LINES;

/// The options of a filter that lines use.
struct FilterOptions {
    name: &'static str,
    /// The first options in order, for values without names.
    order: &'static [&'static str],
    /// Aliases of options.
    aliases: &'static [(&'static str, &'static str)],
    /// Named values, and their numbers.
    values: &'static [(&'static str, &'static str)],
}

const NO_OPTIONS: FilterOptions = FilterOptions { name: "", order: &[], aliases: &[], values: &[] };

const FILTERS: &[FilterOptions] = &[
    FilterOptions { name: "acrossfade", aliases: &[("d", "duration")], ..NO_OPTIONS },
    FilterOptions { name: "atempo", order: &["tempo"], ..NO_OPTIONS },
    FilterOptions {
        name: "color",
        order: &["color", "size"],
        aliases: &[("s", "size"), ("d", "duration")],
        ..NO_OPTIONS
    },
    FilterOptions { name: "fps", order: &["fps"], ..NO_OPTIONS },
    FilterOptions { name: "overlay", order: &["x", "y"], ..NO_OPTIONS },
    FilterOptions { name: "pad", order: &["width", "height", "x", "y"], ..NO_OPTIONS },
    FilterOptions { name: "scale", order: &["w", "h"], ..NO_OPTIONS },
    FilterOptions { name: "select", order: &["expr"], ..NO_OPTIONS },
    FilterOptions { name: "setpts", order: &["expr"], ..NO_OPTIONS },
    FilterOptions { name: "showwavespic", aliases: &[("s", "size")], ..NO_OPTIONS },
    FilterOptions { name: "sine", aliases: &[("d", "duration")], ..NO_OPTIONS },
    FilterOptions { name: "split", order: &["outputs"], ..NO_OPTIONS },
    FilterOptions { name: "subtitles", order: &["filename"], ..NO_OPTIONS },
    FilterOptions { name: "tile", order: &["layout"], ..NO_OPTIONS },
    FilterOptions { name: "transpose", order: &["dir"], values: &[("clock", "1")], ..NO_OPTIONS },
    FilterOptions { name: "volume", order: &["volume"], ..NO_OPTIONS },
];

/// Normalizes a filter: options by their first name, numbers as Rust prints them, and no number of pads.
fn with_names(mut filter: Filter) -> Filter {
    let known = FILTERS.iter().find(|known| known.name == filter.name).unwrap_or(&NO_OPTIONS);
    let other = |pairs: &[(&str, &'static str)], text: &str| {
        pairs.iter().find(|(alias, _)| *alias == text).map(|(_, first)| *first)
    };
    for (place, option) in filter.options.iter_mut().enumerate() {
        let name = option.name.take().unwrap_or_else(|| known.order[place].to_owned());
        option.name = Some(other(known.aliases, &name).map_or(name, str::to_owned));
        if let Some(number) = other(known.values, option.value.as_str()) {
            option.value = number.into();
        }
        if let Ok(number) = option.value.as_str().parse::<f64>() {
            option.value = number.into();
        }
    }
    let is_count = |name: &str| name == "inputs" || (known.name == "split" && name == "outputs");
    filter.options.retain(|option| !option.name.as_deref().is_some_and(is_count));
    filter
}

/// The kinds of streams in the input files of the lines, one each.
fn contents(path: &str) -> &'static [MediaKind] {
    match path.rsplit('.').next() {
        Some("jpg" | "png") => &[MediaKind::Video],
        Some("mp3" | "m4a" | "wav") => &[MediaKind::Audio],
        _ => &[MediaKind::Video, MediaKind::Audio],
    }
}

/// The kinds that FFmpeg selects for a file, by the default codecs of its format.
fn selected(output: &Output) -> &'static [MediaKind] {
    match output.path.rsplit('.').next() {
        Some("gif" | "png") => &[MediaKind::Video],
        _ => &[MediaKind::Video, MediaKind::Audio],
    }
}

/// Options that apply to one kind of stream without a specifier: of `ffmpeg` itself, of codecs in general (`g`), and
/// those that no audio encoder has.
const OF_ONE_KIND: &[(&str, &[&str])] = &[
    ("a", &["ac", "ar", "sample_fmt"]),
    ("v", &["crf", "g", "pass", "pix_fmt", "preset", "r", "sc_threshold", "tune"]),
];

/// Resolves free inputs as FFmpeg does: each to an unused stream of the pad's kind.
fn resolve(command: &mut Command) {
    let mut taken: HashSet<(usize, MediaKind)> = HashSet::new();
    for node in &mut command.graph.nodes {
        let kind = node.outputs[0].specifier();
        for source in &mut node.inputs {
            match source {
                // A pad reads the first stream that fits; without a letter, one of the filter's kind.
                Source::Input { streams, .. } if streams.is_empty() => *streams = format!("{kind}:0"),
                Source::Input { streams, .. } if streams.len() == 1 => streams.push_str(":0"),
                Source::Free { free } => {
                    let free = *free;
                    let is_there = |(_, input): &(usize, &Input)| contents(&input.path).contains(&free);
                    let mut inputs = command.inputs.iter().enumerate().filter(is_there);
                    let found = inputs.find(|(index, _)| taken.insert((*index, free)));
                    let (input, _) = found.expect("an input has a stream for every pad");
                    *source = Source::Input { input, streams: format!("{}:0", free.specifier()) };
                }
                _ => {}
            }
        }
    }
}

/// Names the options of filters of selected streams. Filters that are not a chain become the command's graph, since
/// each kind has one stream.
fn filters_named(mut command: Command) -> Command {
    let mut graphs = Vec::new();
    for arg in
        command.outputs.iter_mut().flat_map(|output| &mut output.args).filter(|arg| arg.name == "filter")
    {
        let text = arg.value.take().expect("a value");
        let graph: Graph = text.as_str().parse().expect("a graph");
        let is_chain = |index: usize, inputs: &[Source]| match index.checked_sub(1) {
            None => matches!(inputs, [Source::Free { .. }]),
            Some(node) => *inputs == [Source::Node { node, pad: 0 }],
        };
        if graph.nodes.iter().enumerate().all(|(index, node)| is_chain(index, &node.inputs)) {
            let filters = graph.nodes.into_iter().map(|node| with_names(node.filter).to_string());
            arg.value = Some(filters.collect::<Vec<_>>().join(",").into());
        } else {
            graphs.push(Arg::new("filter_complex", text));
        }
    }
    if graphs.is_empty() {
        return command;
    }
    for output in &mut command.outputs {
        output.args.retain(|arg| arg.name != "filter" || arg.value.is_some());
    }
    command.args.extend(graphs);
    Command::parse(command.to_args()).expect("a command")
}

/// Normalizes a command: makes FFmpeg's choices explicit, as far as they follow from the line.
fn usual(mut command: Command) -> Command {
    command = filters_named(command);
    resolve(&mut command);
    for node in &mut command.graph.nodes {
        node.filter = with_names(node.filter.clone());
    }
    for output in &mut command.outputs {
        let has = |kind: &MediaKind| {
            let no = format!("{}n", kind.specifier());
            output.streams.iter().any(|stream| stream.kind == Some(*kind))
                || output.args.iter().any(|arg| arg.name == no)
        };
        output.automatic &= !selected(output).iter().all(has);
        for stream in &mut output.streams {
            if let Map::Input { input, streams, .. } = &mut stream.map
                && contents(&command.inputs[*input].path) == [MediaKind::Video]
                && streams == "v"
            {
                streams.push_str(":0");
            }
        }
        for arg in output.args.iter_mut().filter(|arg| arg.specifier.is_none()) {
            let of = OF_ONE_KIND.iter().find(|(_, names)| names.contains(&arg.name.as_str()));
            arg.specifier = of.map(|(kind, _)| (*kind).to_owned());
        }
    }
    // Parsed again, single streams get their options.
    let mut command = Command::parse(command.to_args()).expect("a command");
    for output in &mut command.outputs {
        // Only the order of options with the same name matters.
        output.args.sort_by(|one, other| one.name.cmp(&other.name));
        for stream in &mut output.streams {
            stream.args.sort_by(|one, other| one.name.cmp(&other.name));
            stream.filters = stream.filters.drain(..).map(with_names).collect();
        }
    }
    command
}

#[test]
fn every_line_has_code_that_builds_it() {
    let names = LINES.iter().map(|(name, ..)| name).collect::<Vec<_>>();
    assert_eq!(BUILT.iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
}

#[test]
fn built_command_is_the_command_of_its_line() {
    let mut wrong = Vec::new();
    for ((name, build), (_, line, _)) in BUILT.iter().zip(LINES) {
        let built = build().to_args();
        let commands = [Command::parse(&built), Command::parse_line(line)];
        let [built_command, written] = commands.map(|command| usual(command.expect("a command")));
        if built_command != written {
            let lines = [built.join(" "), built_command.to_args().join(" "), written.to_args().join(" ")];
            wrong.push(format!("{name}:\n{line}\n{}", lines.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn built_commands_have_no_problems() {
    for (name, build) in BUILT {
        if let Err(problems) = build().check() {
            panic!("{name}: {problems}");
        }
    }
}
