//! How long an output becomes, as far as that follows from the command: what progress is a fraction of.

use std::time::Duration;

use crate::{
    Arg, Filter, Time,
    model::{Input, Job, Map, Node, Output, Source},
};

impl Job {
    /// How long the longest output becomes. Of inputs, `known` has the durations that probing has found, in their
    /// order; nothing where nobody has looked.
    ///
    /// None where it does not follow: an input that nobody knows, a filter that decides by what it sees. Never a guess.
    ///
    /// ```
    /// use std::time::Duration;
    /// use afmpeg_cmd::{Filter, Input, Job, Output};
    ///
    /// let shots = ["1.png", "2.png"].map(|path| Input::still(path, Duration::from_secs(3)));
    /// let fade = Filter::new("xfade").opt("duration", 0.5).opt("offset", 2.5);
    /// let reel = fade.on([shots[0].video(), shots[1].video()]).video();
    /// let job = Job::new([Output::new("reel.mp4").map(&reel)]);
    /// assert_eq!(job.expected_duration(&[]), Some(Duration::from_millis(5_500)));
    ///
    /// let clip = Input::new("clip.mp4").seek(Duration::from_secs(10));
    /// let job = Job::new([Output::new("rest.mp4").map(clip.video())]);
    /// assert_eq!(job.expected_duration(&[]), None);
    /// let known = [Some(Duration::from_secs(60))];
    /// assert_eq!(job.expected_duration(&known), Some(Duration::from_secs(50)));
    /// ```
    pub fn expected_duration(&self, known: &[Option<Duration>]) -> Option<Duration> {
        let inputs: Vec<Length> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| of_input(input, known.get(index).copied().flatten().map(Time::from)))
            .collect();
        let mut pads: Vec<Length> = Vec::with_capacity(self.graph.nodes.len());
        for node in &self.graph.nodes {
            let length = of_node(node, &|source| of_source(source, &inputs, &pads));
            pads.push(length);
        }
        let outputs = self.outputs.iter().map(|output| of_output(output, &inputs, &pads));
        longest(outputs).known()?.duration()
    }
}

/// How long something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(Time),
    Endless,
    Unknown,
}

use Length::{Endless, Known, Unknown};

impl Length {
    fn known(self) -> Option<Time> {
        match self {
            Known(time) => Some(time),
            Endless | Unknown => None,
        }
    }

    fn map(self, change: impl FnOnce(Time) -> Time) -> Self {
        match self {
            Known(time) => Known(change(time).max(Time::ZERO)),
            other => other,
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Known(a), Known(b)) => Known(a.plus(b)),
            (Unknown, _) | (_, Unknown) => Unknown,
            _ => Endless,
        }
    }

    /// Where something stops at a time that is given. What is unknown may stop before.
    fn until(self, end: Option<Time>) -> Self {
        match (self, end) {
            (Known(time), Some(end)) => Known(time.min(end)),
            (Endless, Some(end)) => Known(end),
            (other, _) => other,
        }
    }
}

/// As long as the last of them.
fn longest(lengths: impl IntoIterator<Item = Length>) -> Length {
    lengths
        .into_iter()
        .reduce(|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a.max(b)),
            (Unknown, _) | (_, Unknown) => Unknown,
            _ => Endless,
        })
        .unwrap_or(Unknown)
}

/// As long as the first of them to end.
fn shortest(lengths: impl IntoIterator<Item = Length>) -> Length {
    lengths
        .into_iter()
        .reduce(|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a.min(b)),
            (Unknown, _) | (_, Unknown) => Unknown,
            (Known(a), Endless) | (Endless, Known(a)) => Known(a),
            (Endless, Endless) => Endless,
        })
        .unwrap_or(Unknown)
}

/// Whether one of the options that have no type of their own here decides how long something is.
fn decides_length(args: &[Arg]) -> bool {
    const NAMES: &[&str] = &[
        "af",
        "filter",
        "filter_script",
        "frames",
        "aframes",
        "dframes",
        "vframes",
        "fs",
        "itsscale",
        "r",
        "ss",
        "t",
        "to",
        "vf",
        "shortest",
        "stream_loop",
        "sseof",
        "itsoffset",
        "fpsmax",
        "framerate",
    ];
    args.iter().any(|arg| NAMES.contains(&arg.name.as_str()))
}

fn of_input(input: &Input, found: Option<Time>) -> Length {
    let option = |name: &str| input.args.iter().find(|arg| arg.name == name)?.value.as_ref();
    let loops = option("loop").is_some_and(|value| value.as_str() == "1");
    let whole = match (found, input.repeats) {
        // An image is as long as its rate says; one that is shown for ever is not, whatever its rate.
        _ if decides_length(&input.args) && !loops => Unknown,
        _ if loops => Endless,
        (_, Some(-1)) => Endless,
        (Some(found), repeats) => {
            let times = i64::from(repeats.unwrap_or_default().max(0)) + 1;
            Known(Time::from_micros(found.as_micros().saturating_mul(times)))
        }
        (None, _) => Unknown,
    };
    let start = match (input.seek, input.seek_from_end) {
        (Some(seek), _) => Some(seek),
        (None, Some(from_end)) => found.map(|found| found.plus(from_end).max(Time::ZERO)),
        (None, None) => Some(Time::ZERO),
    };
    let Some(start) = start else { return Unknown };
    let end = input.duration.or_else(|| Some(input.to?.minus(start)));
    let length = whole.map(|whole| whole.minus(start)).until(end);
    // Timestamps that are moved are filled up, or cut off, by what comes later.
    match input.offset {
        None | Some(Time::ZERO) => length,
        Some(_) => Unknown,
    }
}

fn of_source(source: &Source, inputs: &[Length], nodes: &[Length]) -> Length {
    match source {
        Source::Input { input, .. } => inputs.get(*input),
        Source::Node { node, .. } => nodes.get(*node),
        Source::Free { .. } => None,
    }
    .copied()
    .unwrap_or(Unknown)
}

/// All pads of a filter are as long.
fn of_node(node: &Node, length: &dyn Fn(&Source) -> Length) -> Length {
    filtered(&node.filter, &node.inputs.iter().map(length).collect::<Vec<_>>())
}

fn filtered(filter: &Filter, inputs: &[Length]) -> Length {
    let first = inputs.first().copied().unwrap_or(Unknown);
    let name = filter.name.as_str();
    if KEEP_LENGTH.contains(&name) {
        return first;
    }
    if filter.options.iter().any(|option| option.name.is_none()) {
        // Which options they are, only FFmpeg knows.
        return Unknown;
    }
    match name {
        name if SOURCES.contains(&name) => match time(filter, &["duration", "d"]) {
            Some(Ok(duration)) if duration >= Time::ZERO => Known(duration),
            None => Endless,
            Some(_) => Unknown,
        },
        "trim" | "atrim" => trimmed(filter, first),
        // It begins where the first one is at the offset, and goes on with the second.
        "xfade" => match (time(filter, &["offset"]), inputs.get(1)) {
            (Some(Ok(offset)), Some(second)) => second.plus(Known(offset)),
            (None, Some(second)) => *second,
            _ => Unknown,
        },
        "concat" => concatenated(filter, inputs),
        "overlay" | "blend" if matches!(filter.option("eof_action"), Some("pass" | "2")) => first,
        // Frames are made as long as any input has some, unless it is told otherwise.
        "overlay" | "hstack" | "vstack" | "xstack" | "blend" | "alphamerge" => match flag(filter, "shortest")
        {
            Some(true) => shortest(inputs.iter().copied()),
            Some(false) => longest(inputs.iter().copied()),
            None => Unknown,
        },
        "amix" => match filter.option("duration").unwrap_or("longest") {
            "longest" | "0" => longest(inputs.iter().copied()),
            "shortest" | "1" => shortest(inputs.iter().copied()),
            "first" | "2" => first,
            _ => Unknown,
        },
        "atempo" => match filter.option("tempo").and_then(|tempo| tempo.parse::<f64>().ok()) {
            Some(tempo) => scaled(first, 1.0 / tempo),
            None => Unknown,
        },
        "setpts" | "asetpts" => match filter.option("expr").map(|expr| expr.replace(' ', "")) {
            Some(expr) if ["PTS-STARTPTS", "PTS"].contains(&expr.as_str()) => first,
            Some(expr) => factor(&expr).map_or(Unknown, |factor| scaled(first, factor)),
            None => first,
        },
        "tpad" => match (filter.options.len(), time(filter, &["stop_duration"])) {
            (_, Some(Ok(more))) => first.plus(Known(more)),
            (0, _) => first,
            _ => Unknown,
        },
        "apad" => match time(filter, &["whole_dur"]) {
            Some(Ok(whole)) => first.map(|length| length.max(whole)),
            Some(Err(())) => Unknown,
            None => match time(filter, &["pad_dur"]) {
                Some(Ok(more)) => first.plus(Known(more)),
                Some(Err(())) => Unknown,
                None if ["whole_len", "pad_len"].iter().any(|name| filter.option(name).is_some()) => Unknown,
                None => Endless,
            },
        },
        _ => Unknown,
    }
}

/// Filters that have one input and end with it, whatever is in it. Those that drop, repeat or move frames are not
/// among them, and what is not named is unknown.
const KEEP_LENGTH: &[&str] = &[
    "acompressor",
    "aeq",
    "aformat",
    "afade",
    "alimiter",
    "anull",
    "aresample",
    "areverse",
    "ashowinfo",
    "asettb",
    "asplit",
    "bass",
    "boxblur",
    "colorbalance",
    "colorchannelmixer",
    "colorspace",
    "compand",
    "crop",
    "curves",
    "dynaudnorm",
    "drawbox",
    "drawtext",
    "equalizer",
    "eq",
    "fade",
    "format",
    "fps",
    "gblur",
    "hflip",
    "highpass",
    "hqdn3d",
    "hue",
    "loudnorm",
    "lowpass",
    "lut",
    "lut3d",
    "lutrgb",
    "lutyuv",
    "null",
    "pad",
    "pan",
    "reverse",
    "rotate",
    "scale",
    "setdar",
    "setfield",
    "setparams",
    "setrange",
    "setsar",
    "settb",
    "showinfo",
    "split",
    "subtitles",
    "transpose",
    "treble",
    "unsharp",
    "vflip",
    "vignette",
    "volume",
    "yadif",
];

/// Filters that make frames until their `duration` is over, or for ever.
const SOURCES: &[&str] = &[
    "anoisesrc",
    "color",
    "colorchart",
    "colorspectrum",
    "gradients",
    "mandelbrot",
    "rgbtestsrc",
    "sine",
    "smptebars",
    "smptehdbars",
    "testsrc",
    "testsrc2",
    "yuvtestsrc",
];

/// A time that an option gives; an error where it is no plain time.
fn time(filter: &Filter, names: &[&str]) -> Option<Result<Time, ()>> {
    let value = names.iter().find_map(|name| filter.option(name))?;
    Some(value.parse().map_err(|_| ()))
}

fn flag(filter: &Filter, name: &str) -> Option<bool> {
    match filter.option(name) {
        None | Some("0" | "false") => Some(false),
        Some("1" | "true") => Some(true),
        Some(_) => None,
    }
}

fn trimmed(filter: &Filter, length: Length) -> Length {
    const KNOWN: &[&str] = &["start", "end", "duration"];
    let is_known =
        |option: &crate::FilterOption| option.name.as_deref().is_some_and(|name| KNOWN.contains(&name));
    if !filter.options.iter().all(is_known) {
        return Unknown;
    }
    let (start, end, duration) =
        (time(filter, &["start"]), time(filter, &["end"]), time(filter, &["duration"]));
    let (Ok(start), Ok(end), Ok(duration)) = (start.transpose(), end.transpose(), duration.transpose())
    else {
        return Unknown;
    };
    let start = start.unwrap_or_default();
    let end = end.map(|end| end.minus(start));
    // Where both are given, the first of them is the end.
    length.map(|length| length.minus(start)).until(end).until(duration)
}

/// Segments one after the other, each as long as its longest stream.
fn concatenated(filter: &Filter, inputs: &[Length]) -> Length {
    let number = |name: &str, default: usize| match filter.option(name) {
        Some(value) => value.parse().ok(),
        None => Some(default),
    };
    let (Some(n), Some(v), Some(a)) = (number("n", 2), number("v", 1), number("a", 0)) else {
        return Unknown;
    };
    if v + a == 0 || n.checked_mul(v + a) != Some(inputs.len()) {
        return Unknown;
    }
    inputs.chunks(v + a).map(|segment| longest(segment.iter().copied())).fold(Known(Time::ZERO), Length::plus)
}

/// `0.5*PTS`, `PTS*2`, `PTS/1.5`, with or without `-STARTPTS` behind it in parentheses.
fn factor(expr: &str) -> Option<f64> {
    let expr = expr.replace("(PTS-STARTPTS)", "PTS");
    let factor: f64 = if let Some(divisor) = expr.strip_prefix("PTS/") {
        1.0 / divisor.parse::<f64>().ok()?
    } else {
        expr.strip_prefix("PTS*").or_else(|| expr.strip_suffix("*PTS"))?.parse().ok()?
    };
    Some(factor)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes the largest whole number"
)]
fn scaled(length: Length, factor: f64) -> Length {
    if !(factor.is_finite() && factor > 0.0) {
        return Unknown;
    }
    length.map(|time| Time::from_micros((time.as_secs_f64() * factor * 1e6) as i64))
}

fn of_output(output: &Output, inputs: &[Length], nodes: &[Length]) -> Length {
    let streams: Option<Vec<Length>> = output
        .streams
        .iter()
        .filter(|stream| !matches!(stream.map, Map::Except { .. }))
        .map(|stream| match &stream.map {
            _ if stream.frames.is_some() || decides_length(&stream.args) => None,
            Map::Input { input, .. } => {
                let whole = inputs.get(*input).copied();
                stream.filters.iter().fold(whole, |length, filter| Some(filtered(filter, &[length?])))
            }
            Map::Node { node, .. } => nodes.get(*node).copied(),
            Map::Except { .. } | Map::Label(_) => None,
        })
        .collect();
    // A file size or a number of frames ends it where nobody knows.
    let is_clear = output.max_bytes.is_none() && !output.automatic && !decides_length(&output.args);
    let Some(streams) = streams.filter(|_| is_clear) else { return Unknown };
    let whole = match (streams.is_empty(), output.shortest) {
        (true, _) => longest(inputs.iter().copied()),
        (false, true) => shortest(streams),
        (false, false) => longest(streams),
    };
    let start = output.seek.unwrap_or_default();
    let end = output.duration.or_else(|| Some(output.to?.minus(start)));
    whole.map(|whole| whole.minus(start)).until(end)
}
