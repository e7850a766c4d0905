//! The expected duration of outputs, as far as it follows from the command: the total for progress.

mod automatic;
mod filters;
mod frames;
mod graph;
mod length;
mod options;
mod unnamed;

use std::time::Duration;

use self::{
    filters::filtered,
    frames::Span,
    graph::{any_of, of_graph},
    length::{
        Length::{self, Endless, Known, Unknown},
        longest, shortest,
    },
};
use crate::{
    Arg, Ratio, Time,
    model::{Command, Input, Map, Output, OutputStream},
};

impl Command {
    /// Returns the duration of the longest output. `known` has the durations of the inputs from probing, in their
    /// order; `None` for an input that was not probed.
    ///
    /// Returns `None` if the duration does not follow: from an unknown input, or a filter that depends on content. The
    /// result is never a guess.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::{Command, Filter, Input, Output};
    ///
    /// let shots = ["1.png", "2.png"].map(|path| Input::still(path, Duration::from_secs(3)));
    /// let fade = Filter::new("xfade").opt("duration", 0.5).opt("offset", 2.5);
    /// let reel = fade.on([shots[0].video(), shots[1].video()]).video();
    /// let command = Command::new([Output::new("reel.mp4").map(&reel)]);
    /// assert_eq!(command.expected_duration(&[]), Some(Duration::from_millis(5_500)));
    ///
    /// let clip = Input::new("clip.mp4").seek(Duration::from_secs(10));
    /// let command = Command::new([Output::new("rest.mp4").map(clip.video())]);
    /// assert_eq!(command.expected_duration(&[]), None);
    /// let known = [Some(Duration::from_secs(60))];
    /// assert_eq!(command.expected_duration(&known), Some(Duration::from_secs(50)));
    /// ```
    pub fn expected_duration(&self, known: &[Option<Duration>]) -> Option<Duration> {
        let inputs: Vec<Span> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| of_input(input, known.get(index).copied().flatten().map(Time::from)))
            .collect();
        let pads = of_graph(&self.graph, &inputs, any_of(&inputs));
        let outputs = self.outputs.iter().map(|output| of_output(output, &inputs, &pads));
        longest(outputs).known()?.to_duration()
    }
}

/// Whether an option without a type here affects the length. Filters are handled where they are used.
fn decides_length(args: &[Arg]) -> bool {
    const NAMES: &[&str] = &[
        "af",
        "filter_script",
        "frames",
        "aframes",
        "dframes",
        "vframes",
        "fs",
        "itsscale",
        "ss",
        "t",
        "to",
        "vf",
        "shortest",
        "stream_loop",
        "sseof",
        "itsoffset",
    ];
    args.iter().any(|arg| NAMES.contains(&arg.name.as_str()))
}

/// Whether options change the frame rate, and thereby the length of an input or of a number of frames.
fn changes_rate(args: &[Arg]) -> bool {
    args.iter().any(|arg| ["r", "framerate"].contains(&arg.name.as_str()))
}

fn of_input(input: &Input, found: Option<Time>) -> Span {
    let option = |name: &str| input.args.iter().find(|arg| arg.name == name)?.value.as_ref();
    let loops = option("loop").is_some_and(|value| value.as_str() == "1");
    let is_one_picture = input.format.as_deref() == Some("image2")
        && option("pattern_type").is_some_and(|value| value.as_str() == "none");
    let rate = match option("framerate") {
        _ if !(loops || is_one_picture) || option("r").is_some() => None,
        Some(rate) => frames::rate(rate.as_str()),
        None => Some(Ratio::from(25)),
    };
    let whole = match (found, input.repeats) {
        // The length of an image follows from its rate; a looped image is endless at any rate.
        _ if (decides_length(&input.args) || changes_rate(&input.args))
            && !loops
            && !(is_one_picture && rate.is_some()) =>
        {
            Unknown
        }
        _ if loops => Endless,
        (_, Some(-1)) => Endless,
        (_, None) if is_one_picture => rate.map_or(Unknown, |rate| Known(frames::time(1, rate))),
        (Some(found), repeats) => {
            let times = i64::from(repeats.unwrap_or_default().max(0)) + 1;
            Known(Time::from_micros(found.as_micros().saturating_mul(times)))
        }
        (None, _) => Unknown,
    };
    let start = match (input.seek, input.seek_from_end) {
        (Some(seek), _) => Some(seek),
        (None, Some(from_end)) => found.map(|found| (found + from_end).max(Time::ZERO)),
        (None, None) => Some(Time::ZERO),
    };
    let Some(start) = start else { return Span::of(Unknown) };
    let end = input.duration.or_else(|| Some(input.to? - start));
    let length = whole.map(|whole| whole - start).until(end);
    // Shifted timestamps are padded or cut later.
    match input.offset {
        None | Some(Time::ZERO) => Span { rate, ..Span::of(length) },
        Some(_) => Span::of(Unknown),
    }
}

fn of_output(output: &Output, inputs: &[Span], nodes: &[Span]) -> Length {
    // The length at a limit on file size is unknown.
    if output.max_bytes.is_some() || decides_length(&output.args) {
        return Unknown;
    }
    let streams: Vec<Length> = output
        .streams
        .iter()
        .filter(|stream| !matches!(stream.map, Map::Except { .. }))
        .map(|stream| of_stream(stream, output, inputs, nodes).unwrap_or(Unknown))
        .collect();
    let start = output.seek.unwrap_or_default();
    let end = output.duration.or_else(|| Some(output.to? - start));
    let whole = match (streams.is_empty(), output.shortest) {
        _ if output.automatic => automatic::beside(longest(streams), output, inputs),
        (true, _) => automatic::all(output, inputs),
        _ if automatic::has_filters(output) => Unknown,
        (false, true) => shortest(streams),
        // A stream that lasts until the cut decides, whatever the length of the others.
        (false, false) if end.is_some_and(|end| streams.iter().any(|one| one.lasts(start + end))) => Endless,
        (false, false) => longest(streams),
    };
    whole.map(|whole| whole - start).until(end)
}

/// `None` if unknown.
fn of_stream(stream: &OutputStream, output: &Output, inputs: &[Span], nodes: &[Span]) -> Option<Length> {
    let span = match &stream.map {
        _ if decides_length(&stream.args) => return None,
        Map::Input { input, .. } => {
            let whole = inputs.get(*input).copied();
            stream.filters.iter().fold(whole, |span, filter| Some(filtered(filter, &[span?])))
        }
        Map::Node { node, .. } => nodes.get(*node).copied(),
        Map::Except { .. } | Map::Label(_) => None,
    }?;
    match stream.frames {
        Some(_) if output.seek.is_some() || changes_rate(&output.args) || changes_rate(&stream.args) => None,
        Some(frames) => Some(span.length.until(Some(frames::time(frames, span.rate?)))),
        None => Some(span.length),
    }
}
