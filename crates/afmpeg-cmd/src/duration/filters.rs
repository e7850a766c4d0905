//! The length of the output of a filter.

use super::{
    frames::{self, Span},
    length::{
        Length::{self, Endless, Known, Unknown},
        longest, shortest,
    },
    options::{flag, has_only, time},
    unnamed,
};
use crate::{Filter, Ratio, Time};

/// Returns the length and rate of the output of a filter with these inputs.
pub(super) fn filtered(filter: &Filter, inputs: &[Span]) -> Span {
    let first = inputs.first().copied().unwrap_or(Span::of(Unknown));
    let name = filter.name.as_str();
    match name {
        "fps" => return frames::fps(filter, first),
        // They may output two frames per frame.
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
        // It starts when the first input reaches the offset, and continues with the second.
        "xfade" => match (time(filter, &["offset"]), inputs.get(1)) {
            (Some(Ok(offset)), Some(second)) => second.length.plus(Known(offset)),
            (None, Some(second)) => second.length,
            _ => Unknown,
        },
        "acrossfade" => crossfaded(filter, lengths()),
        "concat" => concatenated(filter, &lengths().collect::<Vec<_>>()),
        "overlay" | "blend" if matches!(filter.option("eof_action"), Some("pass" | "2")) => first.length,
        // They output frames as long as any input has some, unless an option changes that.
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
        // A single delay applies to one channel or to all: in both cases the end moves by it.
        "adelay" => match filter.option("delays").map(str::parse::<u32>) {
            Some(Ok(millis)) => first.length.plus(Known(Time::from_micros(i64::from(millis) * 1_000))),
            _ => Unknown,
        },
        "sidechaincompress" | "sidechaingate" => shortest(lengths()),
        // The palette input is a single frame.
        "paletteuse" => first.length,
        "apad" => padded(filter, first.length),
        _ => Unknown,
    })
}

/// Filters with one input that end with it, whatever its content. Filters that drop, repeat or shift frames are not
/// listed; the output length of an unlisted filter is unknown.
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
    "tonemap",
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

/// Filters that output frames for their `duration`, or endlessly.
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

/// The length with silence appended. Numbers of samples depend on an unknown sample rate.
fn padded(filter: &Filter, length: Length) -> Length {
    if !has_only(filter, &["pad_dur", "whole_dur", "packet_size"]) {
        return Unknown;
    }
    // Negative values count as unset.
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

/// The length of inputs that overlap by their fades.
fn crossfaded(filter: &Filter, lengths: impl Iterator<Item = Length>) -> Length {
    let fade = match time(filter, &["duration", "d"]) {
        Some(Ok(fade)) if fade > Time::ZERO => fade,
        // A number of samples depends on an unknown sample rate.
        _ => return Unknown,
    };
    let overlap = match filter.option("overlap").or_else(|| filter.option("o")) {
        None | Some("1" | "true") => fade,
        Some("0" | "false") => Time::ZERO,
        Some(_) => return Unknown,
    };
    let join = |joined: Length, next: Length| match (joined, next) {
        // An input shorter than the fade gets a shorter fade.
        (Known(one), Known(other)) if one >= fade && other >= fade => Known(one + other - overlap),
        _ => Unknown,
    };
    lengths.reduce(join).unwrap_or(Unknown)
}

/// The length of segments in sequence, each as long as its longest stream.
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

/// `0.5*PTS`, `PTS*2`, `PTS/1.5`, with `PTS` or `(PTS-STARTPTS)`.
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
