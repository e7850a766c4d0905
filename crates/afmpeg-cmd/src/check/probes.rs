//! Checks against probed inputs: that streams exist, that containers hold them, and that joined streams match.

use super::{Place, Problem, ProblemKind, structure::declared_codec};
use crate::{
    Filter, MediaKind, Probe, Ratio, Value,
    capacity::Capacity,
    model::{Command, Input, Map, Output, OutputStream, Source},
    probe,
    specifier::{matching, matching_indices},
};

/// Returns the problems found with `probes`, which has an entry for each input.
pub(super) fn problems(command: &Command, probes: &[Option<Probe>]) -> Vec<Problem> {
    let known = |input: usize| probes.get(input).and_then(Option::as_ref);
    let mut found = Vec::new();
    let mut missing = |place, name: &str, input: usize, streams: &str| {
        let is_missing = known(input)
            .and_then(|probe| matching(probe, streams))
            .is_some_and(|matching| matching.is_empty());
        if is_missing {
            let kind = ProblemKind::NoStream { input, streams: streams.to_owned() };
            found.push(Problem { place, name: Some(name.to_owned()), kind });
        }
    };
    for (index, node) in command.graph.nodes.iter().enumerate() {
        for source in &node.inputs {
            if let Source::Input { input, streams } = source {
                missing(Place::Node(index), &node.filter.name, *input, streams);
            }
        }
    }
    for (output, file) in command.outputs.iter().enumerate() {
        for (stream, entry) in file.streams.iter().enumerate() {
            if let Map::Input { input, streams, optional: false } = &entry.map {
                missing(Place::Stream { output, stream }, &file.path, *input, streams);
            }
        }
    }
    found.extend(not_held(command, &known));
    found.extend(disagreements(command, &known));
    found
}

/// Finds streams that are copied into a container that cannot hold them.
fn not_held<'a>(command: &Command, known: &dyn Fn(usize) -> Option<&'a Probe>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (output, file) in command.outputs.iter().enumerate() {
        let capacity = Capacity::of(file.format.as_deref(), &file.path);
        if !capacity.is_known() {
            continue;
        }
        let is_excepted = |input: usize, probe: &Probe, index: usize| {
            file.streams.iter().any(|other| match &other.map {
                Map::Except { input: of, streams } if *of == input => {
                    matching_indices(probe, streams).is_none_or(|matching| matching.contains(&index))
                }
                _ => false,
            })
        };
        for (stream, entry) in file.streams.iter().enumerate() {
            let Map::Input { input, streams, .. } = &entry.map else { continue };
            let Some(probe) = known(*input) else { continue };
            for index in matching_indices(probe, streams).unwrap_or_default() {
                let carried = &probe.streams[index];
                let is_copied = declared_codec(file, carried.kind(), entry.codec.as_deref()) == Some("copy");
                if !is_copied || is_none(file, carried.kind()) || is_excepted(*input, probe, index) {
                    continue;
                }
                let left = if becomes_cover(file, entry, carried.kind()) {
                    capacity.cannot_hold_cover(index, carried)
                } else {
                    capacity.cannot_hold(index, carried)
                };
                if let Some(left) = left {
                    let kind = ProblemKind::CannotHold {
                        input: *input,
                        stream: index,
                        carries: left.carries(),
                        format: left.format,
                    };
                    found.push(Problem {
                        place: Place::Stream { output, stream },
                        name: Some(file.path.clone()),
                        kind,
                    });
                }
            }
        }
    }
    found
}

/// Whether a stream gets the disposition of a cover, by its own option or one that may be for it.
fn becomes_cover(file: &Output, entry: &OutputStream, kind: Option<MediaKind>) -> bool {
    let has_flag = |value: &str| value.split('+').any(|flag| flag == "attached_pic");
    let options = file.args.iter().filter(|arg| arg.name == "disposition");
    let values = options.filter_map(|arg| arg.value.as_ref()).map(Value::as_str);
    kind == Some(MediaKind::Video) && values.chain(entry.disposition.as_deref()).any(has_flag)
}

/// Whether an output disables streams of a kind (`-vn` and the like), whatever is mapped.
fn is_none(file: &Output, kind: Option<MediaKind>) -> bool {
    kind.is_some_and(|kind| file.args.iter().any(|arg| arg.name == format!("{}n", kind.specifier())))
}

/// Properties of a video stream; all `None` for other streams.
#[derive(Debug, Clone, Default)]
struct Pictures {
    width: Option<u32>,
    height: Option<u32>,
    aspect: Option<Ratio>,
    rate: Option<Ratio>,
    time_base: Option<Ratio>,
}

fn disagreements<'a>(command: &Command, known: &dyn Fn(usize) -> Option<&'a Probe>) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut nodes: Vec<Pictures> = Vec::with_capacity(command.graph.nodes.len());
    for (index, node) in command.graph.nodes.iter().enumerate() {
        let inputs: Vec<Pictures> = node
            .inputs
            .iter()
            .map(|source| match source {
                Source::Node { node, .. } => nodes.get(*node).cloned().unwrap_or_default(),
                Source::Free { .. } => Pictures::default(),
                Source::Input { input, streams } => command
                    .inputs
                    .get(*input)
                    .zip(known(*input))
                    .and_then(|(input, probe)| of_input(input, probe, streams))
                    .unwrap_or_default(),
            })
            .collect();
        for (property, one, other) in disagreement(&node.filter, &inputs) {
            let kind = ProblemKind::InputsDisagree { property, one, other };
            found.push(Problem { place: Place::Node(index), name: Some(node.filter.name.clone()), kind });
        }
        nodes.push(filtered(&node.filter, &inputs));
    }
    found
}

/// A graph takes the first stream that fits, and FFmpeg rotates it upright.
fn of_input(input: &Input, probe: &Probe, streams: &str) -> Option<Pictures> {
    let matching = matching(probe, streams)?;
    let stream = matching.first().filter(|stream| stream.kind() == Some(MediaKind::Video))?;
    let (width, height) = stream.size().unzip();
    let mut pictures = Pictures {
        width,
        height,
        aspect: stream.sample_aspect_ratio(),
        rate: stream.base_frame_rate(),
        // A decoder's time base differs from the container's.
        time_base: None,
    };
    match is_turned(input, probe, stream) {
        Some(true) => pictures = turned(pictures),
        Some(false) => {}
        None => (pictures.width, pictures.height, pictures.aspect) = (None, None, None),
    }
    Some(pictures)
}

/// Whether FFmpeg rotates a stream by a quarter turn, which swaps width and height; `None` if unknown.
fn is_turned(input: &Input, probe: &Probe, stream: &probe::Stream) -> Option<bool> {
    let mut rotation = probe.rotation(stream);
    for arg in &input.args {
        let streams = matching(probe, arg.specifier.as_deref().unwrap_or_default());
        let is_for_it = streams.map(|streams| streams.iter().any(|other| std::ptr::eq(*other, stream)));
        let value = arg.value.as_ref().map(|value| value.as_str());
        match arg.name.as_str() {
            "noautorotate" | "autorotate" | "display_rotation" if is_for_it.is_none() => return None,
            "noautorotate" | "autorotate" | "display_rotation" if is_for_it == Some(false) => {}
            "noautorotate" => return Some(false),
            "autorotate" if value == Some("0") => return Some(false),
            // Replaces the file's own rotation, and counts counterclockwise.
            "display_rotation" => {
                let angle: i32 = value?.parse().ok()?;
                rotation = u16::try_from(angle.checked_neg()?.rem_euclid(360)).ok();
            }
            _ => {}
        }
    }
    Some(probe::is_quarter_turn(rotation))
}

fn turned(Pictures { width, height, aspect, rate, time_base }: Pictures) -> Pictures {
    let aspect = aspect.and_then(|aspect| Ratio::new(aspect.den(), aspect.num()));
    Pictures { width: height, height: width, aspect, rate, time_base }
}

/// The properties that must be equal in all inputs of a filter and differ: name, value of the first, and of another.
fn disagreement(filter: &Filter, inputs: &[Pictures]) -> Vec<(&'static str, String, String)> {
    let size = |pictures: &Pictures| Some(format!("{}x{}", pictures.width?, pictures.height?));
    let width = |pictures: &Pictures| Some(pictures.width?.to_string());
    let height = |pictures: &Pictures| Some(pictures.height?.to_string());
    let aspect = |pictures: &Pictures| pictures.aspect.map(|aspect| aspect.to_string());
    let rate = |pictures: &Pictures| pictures.rate.map(|rate| rate.to_string());
    let time_base = |pictures: &Pictures| pictures.time_base.map(|time_base| time_base.to_string());
    type Fact<'a> = (&'static str, &'a dyn Fn(&Pictures) -> Option<String>);
    let facts: &[Fact<'_>] = match filter.name.as_str() {
        "xfade" => &[("size", &size), ("frame rate", &rate), ("time base", &time_base)],
        "concat" => &[("size", &size), ("sample aspect ratio", &aspect)],
        "blend" | "maskedmerge" | "alphamerge" => &[("size", &size)],
        "hstack" => &[("height", &height)],
        "vstack" => &[("width", &width)],
        _ => &[],
    };
    let differing = |(property, fact): &Fact<'_>| {
        let mut found = inputs.iter().filter_map(fact);
        let one = found.next()?;
        let other = found.find(|other| *other != one)?;
        Some((*property, one, other))
    };
    facts.iter().filter_map(differing).collect()
}

/// The output of a filter, as far as it follows from its options. The output of any filter not listed here is unknown.
fn filtered(filter: &Filter, inputs: &[Pictures]) -> Pictures {
    let first = inputs.first().cloned().unwrap_or_default();
    let number = |name: &str, place: usize| -> Option<u32> {
        let value = filter.option(name).or_else(|| unnamed(filter, place))?;
        value.parse().ok().filter(|number| *number > 0)
    };
    let ratio = |names: &[&str]| -> Option<Ratio> {
        let named = names.iter().find_map(|name| filter.option(name));
        named.or_else(|| unnamed(filter, 0))?.parse().ok()
    };
    match filter.name.as_str() {
        "null" | "split" | "hflip" | "vflip" | "eq" | "hue" | "curves" | "drawtext" | "drawbox"
        | "subtitles" | "fade" | "gblur" | "boxblur" | "unsharp" | "format" | "trim" | "reverse"
        | "vignette" | "colorbalance" => first,
        "scale" | "crop" | "pad" => {
            let (width, height) = (number("w", 0), number("h", 1));
            let aspect = first.aspect.filter(|_| filter.name != "scale");
            Pictures { width, height, aspect, ..first }
        }
        // With `passthrough`, it rotates only one of the two orientations.
        "transpose" if filter.option("passthrough").or_else(|| unnamed(filter, 1)).is_none() => turned(first),
        "setsar" => Pictures { aspect: ratio(&["sar", "r"]), ..first },
        "fps" => {
            let rate = ratio(&["fps"]).filter(|rate| rate.num() > 0);
            Pictures { rate, time_base: rate.and_then(|rate| Ratio::new(rate.den(), rate.num())), ..first }
        }
        "settb" => {
            let expr = filter.option("expr").or_else(|| filter.option("tb")).or_else(|| unnamed(filter, 0));
            let time_base = match expr {
                Some("AVTB") => Ratio::new(1, 1_000_000),
                Some(expr) => expr.parse().ok(),
                None => None,
            };
            Pictures { time_base, ..first }
        }
        "xfade" => first,
        "concat" | "overlay" => Pictures { rate: None, time_base: None, ..first },
        "color" | "testsrc" | "testsrc2" | "smptebars" | "smptehdbars" | "rgbtestsrc" | "yuvtestsrc" => {
            source(filter)
        }
        _ => Pictures::default(),
    }
}

/// The value at this position among the options without a name.
fn unnamed(filter: &Filter, place: usize) -> Option<&str> {
    let leading = filter.options.iter().take_while(|option| option.name.is_none());
    leading.map(|option| option.value.as_str()).nth(place)
}

/// A source of test frames whose options all have names.
fn source(filter: &Filter) -> Pictures {
    let option = |names: [&str; 2], default: &'static str| {
        names.iter().find_map(|name| filter.option(name)).unwrap_or(default).to_owned()
    };
    if filter.options.iter().any(|option| option.name.is_none()) {
        return Pictures::default();
    }
    let (size, rate) = (option(["size", "s"], "320x240"), option(["rate", "r"], "25"));
    let (width, height) = size.split_once('x').unwrap_or_default();
    let rate: Option<Ratio> = rate.parse().ok().filter(|rate: &Ratio| rate.num() > 0);
    Pictures {
        width: width.parse().ok(),
        height: height.parse().ok(),
        aspect: Ratio::new(1, 1),
        rate,
        time_base: rate.and_then(|rate| Ratio::new(rate.den(), rate.num())),
    }
}
