//! Commands as one would build them, each the same job as a line that people write.

#[path = "lines/built/mod.rs"]
mod built;
mod lines;

use std::collections::HashSet;

use afmpeg_cmd::{
    Arg, Filter, Job, MediaKind,
    model::{Graph, Input, Map, Output, Source},
};
use built::BUILT;
use lines::LINES;

/// What FFmpeg knows of a filter, as far as lines use it.
struct Known {
    name: &'static str,
    /// The first options in their order, for values without names.
    order: &'static [&'static str],
    /// Other names of options.
    aliases: &'static [(&'static str, &'static str)],
    /// Values that have names, and their numbers.
    values: &'static [(&'static str, &'static str)],
}

const UNKNOWN: Known = Known { name: "", order: &[], aliases: &[], values: &[] };

const FILTERS: &[Known] = &[
    Known { name: "acrossfade", aliases: &[("d", "duration")], ..UNKNOWN },
    Known { name: "atempo", order: &["tempo"], ..UNKNOWN },
    Known {
        name: "color",
        order: &["color", "size"],
        aliases: &[("s", "size"), ("d", "duration")],
        ..UNKNOWN
    },
    Known { name: "fps", order: &["fps"], ..UNKNOWN },
    Known { name: "overlay", order: &["x", "y"], ..UNKNOWN },
    Known { name: "pad", order: &["width", "height", "x", "y"], ..UNKNOWN },
    Known { name: "scale", order: &["w", "h"], ..UNKNOWN },
    Known { name: "select", order: &["expr"], ..UNKNOWN },
    Known { name: "setpts", order: &["expr"], ..UNKNOWN },
    Known { name: "showwavespic", aliases: &[("s", "size")], ..UNKNOWN },
    Known { name: "sine", aliases: &[("d", "duration")], ..UNKNOWN },
    Known { name: "split", order: &["outputs"], ..UNKNOWN },
    Known { name: "subtitles", order: &["filename"], ..UNKNOWN },
    Known { name: "tile", order: &["layout"], ..UNKNOWN },
    Known { name: "transpose", order: &["dir"], values: &[("clock", "1")], ..UNKNOWN },
    Known { name: "volume", order: &["volume"], ..UNKNOWN },
];

/// A filter with every option by its first name, numbers as Rust prints them, and no count of its pads: they are there.
fn with_names(mut filter: Filter) -> Filter {
    let known = FILTERS.iter().find(|known| known.name == filter.name).unwrap_or(&UNKNOWN);
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

/// What is in the files that lines read: one stream of each of these.
fn contents(path: &str) -> &'static [MediaKind] {
    match path.rsplit('.').next() {
        Some("jpg" | "png") => &[MediaKind::Video],
        Some("mp3" | "m4a" | "wav") => &[MediaKind::Audio],
        _ => &[MediaKind::Video, MediaKind::Audio],
    }
}

/// What FFmpeg puts into a file if it is not told, by the default codecs of the format.
fn unasked(output: &Output) -> &'static [MediaKind] {
    match output.path.rsplit('.').next() {
        Some("gif" | "png") => &[MediaKind::Video],
        _ => &[MediaKind::Video, MediaKind::Audio],
    }
}

/// Options that are for streams of one kind, though lines do not say it: of `ffmpeg` itself, of codecs in general
/// (`g`), and those that no encoder of sound has.
const OF_ONE_KIND: &[(&str, &[&str])] = &[
    ("a", &["ac", "ar", "sample_fmt"]),
    ("v", &["crf", "g", "pass", "pix_fmt", "preset", "r", "sc_threshold", "tune"]),
];

/// Streams where FFmpeg finds them: each of a pad's kind, and not twice.
fn found(job: &mut Job) {
    let mut taken: HashSet<(usize, MediaKind)> = HashSet::new();
    for node in &mut job.graph.nodes {
        let kind = node.outputs[0].specifier();
        for source in &mut node.inputs {
            match source {
                // A pad takes one stream, the first that fits; without a letter, one of the filter's kind.
                Source::Input { streams, .. } if streams.is_empty() => *streams = format!("{kind}:0"),
                Source::Input { streams, .. } if streams.len() == 1 => streams.push_str(":0"),
                Source::Free { free } => {
                    let free = *free;
                    let is_there = |(_, input): &(usize, &Input)| contents(&input.path).contains(&free);
                    let mut inputs = job.inputs.iter().enumerate().filter(is_there);
                    let found = inputs.find(|(index, _)| taken.insert((*index, free)));
                    let (input, _) = found.expect("an input has a stream for every pad");
                    *source = Source::Input { input, streams: format!("{}:0", free.specifier()) };
                }
                _ => {}
            }
        }
    }
}

/// The filters of streams that FFmpeg chooses, with names. Those that are no chain become the job's graph: of each kind
/// there is one stream to choose.
fn filters_named(mut job: Job) -> Job {
    let mut graphs = Vec::new();
    for arg in job.outputs.iter_mut().flat_map(|output| &mut output.args).filter(|arg| arg.name == "filter") {
        let text = arg.value.take().expect("filters are a value");
        let graph: Graph = text.as_str().parse().expect("it is a graph");
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
        return job;
    }
    for output in &mut job.outputs {
        output.args.retain(|arg| arg.name != "filter" || arg.value.is_some());
    }
    job.args.extend(graphs);
    Job::parse(job.to_args()).expect("it is a command")
}

/// A job with nothing left to FFmpeg of what lines leave to it, as far as it is known from the lines alone.
fn usual(mut job: Job) -> Job {
    job = filters_named(job);
    found(&mut job);
    for node in &mut job.graph.nodes {
        node.filter = with_names(node.filter.clone());
    }
    for output in &mut job.outputs {
        let has = |kind: &MediaKind| {
            let no = format!("{}n", kind.specifier());
            output.streams.iter().any(|stream| stream.kind == Some(*kind))
                || output.args.iter().any(|arg| arg.name == no)
        };
        output.automatic &= !unasked(output).iter().all(has);
        for stream in &mut output.streams {
            if let Map::Input { input, streams, .. } = &mut stream.map
                && contents(&job.inputs[*input].path) == [MediaKind::Video]
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
    // Read anew, what is known to be one stream gets its options.
    let mut job = Job::parse(job.to_args()).expect("it is a command");
    for output in &mut job.outputs {
        // Options have an order only among those of one name.
        output.args.sort_by(|one, other| one.name.cmp(&other.name));
        for stream in &mut output.streams {
            stream.args.sort_by(|one, other| one.name.cmp(&other.name));
            stream.filters = stream.filters.drain(..).map(with_names).collect();
        }
    }
    job
}

#[test]
fn every_line_has_code_that_builds_it() {
    let names = LINES.iter().map(|(what, ..)| what).collect::<Vec<_>>();
    assert_eq!(BUILT.iter().map(|(what, _)| what).collect::<Vec<_>>(), names);
}

#[test]
fn what_is_built_is_the_job_of_its_line() {
    let mut wrong = Vec::new();
    for ((what, build), (_, line, _)) in BUILT.iter().zip(LINES) {
        let built = build().to_args();
        let jobs = [Job::parse(&built), Job::parse_line(line)];
        let [built_job, written] = jobs.map(|job| usual(job.expect("it is a command")));
        if built_job != written {
            let told = [built.join(" "), built_job.to_args().join(" "), written.to_args().join(" ")];
            wrong.push(format!("{what}:\n{line}\n{}", told.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn nothing_is_wrong_with_what_is_built() {
    for (what, build) in BUILT {
        if let Err(problems) = build().check() {
            panic!("{what}: {problems}");
        }
    }
}
