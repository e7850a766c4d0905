//! How long an output becomes, as far as that follows from the command: what progress is a fraction of.

mod chosen;
mod frames;
mod length;
mod unnamed;

use std::time::Duration;

use self::{
    frames::Span,
    length::{
        Length::{self, Endless, Known, Unknown},
        longest, shortest,
    },
};
use crate::{
    Arg, Filter, Ratio, Time,
    model::{Graph, Input, Job, Map, Node, Output, OutputStream, Source},
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
        let inputs: Vec<Span> = self
            .inputs
            .iter()
            .enumerate()
            .map(|(index, input)| of_input(input, known.get(index).copied().flatten().map(Time::from)))
            .collect();
        let pads = of_graph(&self.graph, &inputs, any_of(&inputs));
        let outputs = self.outputs.iter().map(|output| of_output(output, &inputs, &pads));
        longest(outputs).known()?.duration()
    }
}

/// The length of each node of a graph; `free` is that of what goes into a pad without a link.
fn of_graph(graph: &Graph, inputs: &[Span], free: Span) -> Vec<Span> {
    let mut nodes: Vec<Span> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let span = of_node(node, &|source| of_source(source, inputs, &nodes, free));
        nodes.push(span);
    }
    nodes
}

/// A stream of an input, whichever it is: as long as all inputs, if they are as long as each other.
fn any_of(inputs: &[Span]) -> Span {
    let mut lengths = inputs.iter().map(|span| span.length);
    let first = lengths.next().unwrap_or(Unknown);
    Span::of(if lengths.all(|length| length == first) { first } else { Unknown })
}

/// Whether one of the options that have no type of their own here decides how long something is. Filters are looked at
/// where they are used.
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

/// Whether options change the rate at which frames come, and with it the length of an input, or of a number of frames.
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
        // An image is as long as its rate says; one that is shown for ever is not, whatever its rate.
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
        (None, Some(from_end)) => found.map(|found| found.plus(from_end).max(Time::ZERO)),
        (None, None) => Some(Time::ZERO),
    };
    let Some(start) = start else { return Span::of(Unknown) };
    let end = input.duration.or_else(|| Some(input.to?.minus(start)));
    let length = whole.map(|whole| whole.minus(start)).until(end);
    // Timestamps that are moved are filled up, or cut off, by what comes later.
    match input.offset {
        None | Some(Time::ZERO) => Span { rate, ..Span::of(length) },
        Some(_) => Span::of(Unknown),
    }
}

fn of_source(source: &Source, inputs: &[Span], nodes: &[Span], free: Span) -> Span {
    match source {
        Source::Input { input, .. } => inputs.get(*input).copied(),
        Source::Node { node, .. } => nodes.get(*node).copied(),
        Source::Free { .. } => Some(free),
    }
    .unwrap_or(Span::of(Unknown))
}

/// All pads of a filter are as long.
fn of_node(node: &Node, span: &dyn Fn(&Source) -> Span) -> Span {
    filtered(&node.filter, &node.inputs.iter().map(span).collect::<Vec<_>>())
}

fn filtered(filter: &Filter, inputs: &[Span]) -> Span {
    let first = inputs.first().copied().unwrap_or(Span::of(Unknown));
    let name = filter.name.as_str();
    match name {
        "fps" => return frames::fps(filter, first),
        // They may make two frames of one.
        "yadif" | "bwdif" => return Span::of(first.length),
        _ if KEEP_LENGTH.contains(&name) => return first,
        _ => {}
    }
    let Some(filter) = unnamed::with_names(filter) else { return Span::of(Unknown) };
    let filter = filter.as_ref();
    let lengths = || inputs.iter().map(|span| span.length);
    Span::of(match name {
        _ if SOURCES.contains(&name) => {
            let length = match time(filter, &["duration", "d"]) {
                Some(Ok(duration)) if duration >= Time::ZERO => Known(duration),
                None => Endless,
                Some(_) => Unknown,
            };
            return Span { rate: frames::of_source(filter), ..Span::of(length) };
        }
        "trim" | "atrim" => return frames::trim(filter, first),
        "zoompan" => return frames::zoompan(filter, first),
        "loop" => return frames::repeat(filter, first),
        "tpad" => return frames::tpad(filter, first),
        // It begins where the first one is at the offset, and goes on with the second.
        "xfade" => match (time(filter, &["offset"]), inputs.get(1)) {
            (Some(Ok(offset)), Some(second)) => second.length.plus(Known(offset)),
            (None, Some(second)) => second.length,
            _ => Unknown,
        },
        "acrossfade" => crossfaded(filter, lengths()),
        "concat" => concatenated(filter, &lengths().collect::<Vec<_>>()),
        "overlay" | "blend" if matches!(filter.option("eof_action"), Some("pass" | "2")) => first.length,
        // Frames are made as long as any input has some, unless it is told otherwise.
        "overlay" | "hstack" | "vstack" | "xstack" | "blend" | "alphamerge" | "psnr" | "ssim" => {
            match flag(filter, "shortest") {
                Some(true) => shortest(lengths()),
                Some(false) => longest(lengths()),
                None => Unknown,
            }
        }
        "amix" => match filter.option("duration").unwrap_or("longest") {
            "longest" | "0" => longest(lengths()),
            "shortest" | "1" => shortest(lengths()),
            "first" | "2" => first.length,
            _ => Unknown,
        },
        "atempo" => match filter.option("tempo").and_then(|tempo| tempo.parse::<f64>().ok()) {
            Some(tempo) => scaled(first.length, 1.0 / tempo),
            None => Unknown,
        },
        "setpts" | "asetpts" => match filter.option("expr").map(|expr| expr.replace(' ', "")) {
            Some(expr) if ["PTS-STARTPTS", "PTS"].contains(&expr.as_str()) => {
                return frames::as_they_come(filter, first);
            }
            Some(expr) => match rate_of_numbers(&expr) {
                Some(rate) => return frames::numbered(first, rate),
                None => factor(&expr).map_or(Unknown, |factor| scaled(first.length, factor)),
            },
            None => return frames::as_they_come(filter, first),
        },
        // One delay is one of a channel, or of all: the last ends by it later.
        "adelay" => match filter.option("delays").map(str::parse::<u32>) {
            Some(Ok(millis)) => first.length.plus(Known(Time::from_micros(i64::from(millis) * 1_000))),
            _ => Unknown,
        },
        "sidechaincompress" | "sidechaingate" => shortest(lengths()),
        // The palette of all its pictures is one picture.
        "paletteuse" => first.length,
        "apad" => padded(filter, first.length),
        _ => Unknown,
    })
}

/// Filters that have one input and end with it, whatever is in it. Those that drop, repeat or move frames are not
/// among them, and what is not named is unknown.
const KEEP_LENGTH: &[&str] = &[
    "acompressor",
    "acontrast",
    "aeq",
    "afade",
    "aformat",
    "agate",
    "alimiter",
    "ametadata",
    "anequalizer",
    "anull",
    "aphaser",
    "aresample",
    "areverse",
    "arnndn",
    "asettb",
    "ashowinfo",
    "asoftclip",
    "asplit",
    "astats",
    "atadenoise",
    "avgblur",
    "bandpass",
    "bandreject",
    "bass",
    "bilateral",
    "biquad",
    "blackdetect",
    "boxblur",
    "channelmap",
    "channelsplit",
    "chromakey",
    "colorbalance",
    "colorchannelmixer",
    "colorkey",
    "colorlevels",
    "colorspace",
    "colortemperature",
    "compand",
    "crop",
    "cropdetect",
    "crossfeed",
    "crystalizer",
    "curves",
    "deband",
    "deblock",
    "delogo",
    "despill",
    "drawbox",
    "drawgrid",
    "drawtext",
    "dynaudnorm",
    "ebur128",
    "edgedetect",
    "eq",
    "equalizer",
    "exposure",
    "extrastereo",
    "fade",
    "fillborders",
    "firequalizer",
    "format",
    "fps",
    "gblur",
    "geq",
    "gradfun",
    "hflip",
    "highpass",
    "highshelf",
    "histeq",
    "hqdn3d",
    "hue",
    "huesaturation",
    "idet",
    "lenscorrection",
    "loudnorm",
    "lowpass",
    "lowshelf",
    "lumakey",
    "lut",
    "lut3d",
    "lutrgb",
    "lutyuv",
    "median",
    "metadata",
    "monochrome",
    "negate",
    "nlmeans",
    "noise",
    "normalize",
    "null",
    "pad",
    "pan",
    "perspective",
    "pixelize",
    "reverse",
    "rgbashift",
    "rotate",
    "scale",
    "selectivecolor",
    "setdar",
    "setfield",
    "setparams",
    "setrange",
    "setsar",
    "settb",
    "shear",
    "showinfo",
    "signalstats",
    "silencedetect",
    "smartblur",
    "sobel",
    "speechnorm",
    "split",
    "stereotools",
    "stereowiden",
    "subtitles",
    "superequalizer",
    "swapuv",
    "transpose",
    "treble",
    "tremolo",
    "unsharp",
    "v360",
    "vflip",
    "vibrance",
    "vibrato",
    "vignette",
    "volume",
    "volumedetect",
    "xbr",
    "yadif",
    "zscale",
];

/// Filters that make frames until their `duration` is over, or for ever.
const SOURCES: &[&str] = &[
    "aevalsrc",
    "allrgb",
    "allyuv",
    "anoisesrc",
    "anullsrc",
    "color",
    "colorchart",
    "colorspectrum",
    "gradients",
    "mandelbrot",
    "nullsrc",
    "pal100bars",
    "pal75bars",
    "rgbtestsrc",
    "sine",
    "smptebars",
    "smptehdbars",
    "testsrc",
    "testsrc2",
    "yuvtestsrc",
    "zoneplate",
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

/// Sound with silence behind it. Samples are counted at a rate that nobody knows.
fn padded(filter: &Filter, length: Length) -> Length {
    if !has_only(filter, &["pad_dur", "whole_dur", "packet_size"]) {
        return Unknown;
    }
    // Below zero, they are as if they were not there.
    let given = |name: &str| match time(filter, &[name]).transpose() {
        Ok(time) => Ok(time.filter(|time| *time >= Time::ZERO)),
        Err(()) => Err(()),
    };
    match (given("pad_dur"), given("whole_dur")) {
        (Ok(Some(more)), Ok(_)) => length.plus(Known(more)),
        (Ok(None), Ok(Some(whole))) => length.map(|length| length.max(whole)),
        (Ok(None), Ok(None)) => Endless,
        _ => Unknown,
    }
}

/// Whether a filter has no options but these.
fn has_only(filter: &Filter, names: &[&str]) -> bool {
    filter.options.iter().all(|option| option.name.as_deref().is_some_and(|name| names.contains(&name)))
}

/// Sounds that share the time of the fades between them.
fn crossfaded(filter: &Filter, lengths: impl Iterator<Item = Length>) -> Length {
    let fade = match time(filter, &["duration", "d"]) {
        Some(Ok(fade)) if fade > Time::ZERO => fade,
        // So many samples, at a rate that nobody knows.
        _ => return Unknown,
    };
    let overlap = match filter.option("overlap").or_else(|| filter.option("o")) {
        None | Some("1" | "true") => fade,
        Some("0" | "false") => Time::ZERO,
        Some(_) => return Unknown,
    };
    let join = |joined: Length, next: Length| match (joined, next) {
        // What is shorter than the fade is faded over less.
        (Known(one), Known(other)) if one >= fade && other >= fade => Known(one.plus(other).minus(overlap)),
        _ => Unknown,
    };
    lengths.reduce(join).unwrap_or(Unknown)
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

/// The rate of `N/(25)/TB`, which counts frames.
fn rate_of_numbers(expr: &str) -> Option<Ratio> {
    frames::rate(expr.strip_prefix("N/(")?.strip_suffix(")/TB")?)
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

fn of_output(output: &Output, inputs: &[Span], nodes: &[Span]) -> Length {
    // A file size ends it where nobody knows.
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
    let end = output.duration.or_else(|| Some(output.to?.minus(start)));
    let whole = match (streams.is_empty(), output.shortest) {
        _ if output.automatic => chosen::beside(longest(streams), output, inputs),
        (true, _) => chosen::all(output, inputs),
        _ if chosen::has_filters(output) => Unknown,
        (false, true) => shortest(streams),
        // It does not end before one that lasts until it is cut, whatever is known of the others.
        (false, false) if end.is_some_and(|end| streams.iter().any(|one| one.lasts(start.plus(end)))) => {
            Endless
        }
        (false, false) => longest(streams),
    };
    whole.map(|whole| whole.minus(start)).until(end)
}

/// None where nobody knows.
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
