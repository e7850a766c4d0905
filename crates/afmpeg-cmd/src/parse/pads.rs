//! The pads of filters, which the text of a graph does not contain: from facts about FFmpeg's filters, and from options
//! that add pads.

use crate::{Filter, MediaKind, facts};

/// Filters outside of the fullest module whose pads are not one video in and one out.
const OTHER_FILTERS: &[(&str, &str)] = &[
    ("a>a", "asr azmq bs2b ladspa lv2 rubberband sofalizer whisper"),
    (">a", "flite"),
    (">v", "ddagrab frei0r_src qrencodesrc"),
    ("vv>v", "libvmaf"),
];

/// Returns the pads of a filter with fixed pads.
fn fixed(name: &str) -> String {
    if let Some(filter) = facts::filter(name) {
        let letters = |pads: &[facts::Pad]| pads.iter().map(|pad| pad.kind.specifier()).collect::<String>();
        return format!("{}>{}", letters(filter.inputs), letters(filter.outputs));
    }
    let found = OTHER_FILTERS.iter().find(|(_, names)| names.split(' ').any(|other| other == name));
    found.map_or("v>v", |(pads, _)| pads).to_owned()
}

/// The kinds of a filter's pads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pads {
    pub(super) inputs: Vec<MediaKind>,
    pub(super) outputs: Vec<MediaKind>,
}

impl Pads {
    /// Returns the pads of a filter, with at least as many as it has labels.
    pub(super) fn of(filter: &Filter, labelled_inputs: usize, labelled_outputs: usize) -> Self {
        let mut pads = Self::by_options(filter);
        // If facts and labels differ, the labels are for another version of the filter.
        let more = |kinds: &mut Vec<MediaKind>, count: usize, otherwise: Option<MediaKind>| {
            let kind = kinds.last().copied().or(otherwise).unwrap_or(MediaKind::Video);
            kinds.resize(kinds.len().max(count), kind);
        };
        more(&mut pads.inputs, labelled_inputs, pads.outputs.first().copied());
        more(&mut pads.outputs, labelled_outputs, pads.inputs.first().copied());
        pads
    }

    fn by_options(filter: &Filter) -> Self {
        let options = Options(filter);
        let many = |letter: char, count: usize| String::from(letter).repeat(count);
        let audio_twin = || if filter.name.starts_with('a') { 'a' } else { 'v' };
        let pads = match filter.name.as_str() {
            "split" => format!("v>{}", many('v', options.number(&["outputs"], 0, 2))),
            "asplit" => format!("a>{}", many('a', options.number(&["outputs"], 0, 2))),
            "select" => format!("v>{}", many('v', options.number(&["outputs", "n"], 1, 1))),
            "aselect" => format!("a>{}", many('a', options.number(&["outputs", "n"], 1, 1))),
            "segment" | "asegment" => {
                let kind = audio_twin();
                let names = ["timestamps", "frames", "samples"];
                format!("{kind}>{}", many(kind, options.items(&names, 0, &['|'], 1) + 1))
            }
            "streamselect" | "astreamselect" => {
                let kind = audio_twin();
                let inputs = many(kind, options.number(&["inputs"], 0, 2));
                format!("{inputs}>{}", many(kind, options.items(&["map"], 1, &[' '], 1)))
            }
            "concat" => {
                let each = |name, position, otherwise| options.number(&[name], position, otherwise);
                let one = many('v', each("v", 1, 1)) + &many('a', each("a", 2, 0));
                format!("{}>{one}", one.repeat(each("n", 0, 2)))
            }
            "movie" | "amovie" => format!(">{}", options.streams(audio_twin())),
            "acrossover" => format!("a>{}", many('a', options.items(&["split"], 0, &[' ', '|'], 1) + 1)),
            "extractplanes" => format!("v>{}", many('v', options.items(&["planes"], 0, &['+', '|'], 1))),
            "channelsplit" => format!("a>{}", many('a', options.channels())),
            "aphasemeter" if options.is_on("video", 6, true) => "a>av".to_owned(),
            "ebur128" if options.is_on("video", 0, false) => "a>va".to_owned(),
            "anequalizer" if options.is_on("curves", 1, false) => "a>av".to_owned(),
            "aiir" if options.is_on("response", 10, false) => "a>av".to_owned(),
            "aiir" | "anequalizer" | "aphasemeter" | "ebur128" => "a>a".to_owned(),
            "acrossfade" => format!("{}>a", many('a', options.number(&["inputs", "n"], 0, 2))),
            "amerge" | "amix" | "join" => format!("{}>a", many('a', options.number(&["inputs"], 0, 2))),
            "ainterleave" => format!("{}>a", many('a', options.number(&["nb_inputs", "n"], 0, 2))),
            "interleave" => format!("{}>v", many('v', options.number(&["nb_inputs", "n"], 0, 2))),
            "hstack" | "vstack" | "xstack" | "mix" => {
                format!("{}>v", many('v', options.number(&["inputs"], 0, 2)))
            }
            "xmedian" => format!("{}>v", many('v', options.number(&["inputs"], 0, 3))),
            "signature" => format!("{}>v", many('v', options.number(&["nb_inputs"], 1, 1))),
            "afir" => format!("a{}>a", many('a', options.number(&["nbirs"], 15, 1))),
            "headphone" => match options.value(&["hrir"], 5) {
                Some("1" | "multich") => "aa>a".to_owned(),
                _ => format!("a{}>a", many('a', options.items(&["map"], 0, &['|'], 1))),
            },
            "mergeplanes" => format!("{}>v", many('v', options.merged())),
            "premultiply" | "unpremultiply" if !options.is_on("inplace", 1, false) => "vv>v".to_owned(),
            "bm3d" if options.is_on("ref", 9, false) => "vv>v".to_owned(),
            "decimate" if options.is_on("ppsrc", 5, false) => "vv>v".to_owned(),
            "fieldmatch" if options.is_on("ppsrc", 2, false) => "vv>v".to_owned(),
            "guided" if options.is_on("guidance", 4, false) => "vv>v".to_owned(),
            "limitdiff" if options.is_on("reference", 2, false) => "vv>v".to_owned(),
            name => fixed(name),
        };
        let (inputs, outputs) = pads.split_once('>').unwrap_or_default();
        let kinds = |letters: &str| {
            letters
                .chars()
                .map(|letter| if letter == 'a' { MediaKind::Audio } else { MediaKind::Video })
                .collect()
        };
        Self { inputs: kinds(inputs), outputs: kinds(outputs) }
    }
}

/// A filter's options, by name or by position among those without a name.
struct Options<'a>(&'a Filter);

/// More pads than any real graph has; larger numbers are ignored.
const MOST: usize = 1024;

impl<'a> Options<'a> {
    fn value(&self, names: &[&str], position: usize) -> Option<&'a str> {
        let named =
            |option: &&crate::FilterOption| option.name.as_deref().is_some_and(|name| names.contains(&name));
        let by_place = || self.0.options.get(position).filter(|option| option.name.is_none());
        let option = self.0.options.iter().rev().find(named).or_else(by_place)?;
        Some(option.value.as_str().trim())
    }

    fn number(&self, names: &[&str], position: usize, otherwise: usize) -> usize {
        let number = self.value(names, position).and_then(|value| value.parse().ok());
        number.filter(|number| *number <= MOST).unwrap_or(otherwise)
    }

    /// Returns the number of items in a list.
    fn items(&self, names: &[&str], position: usize, separators: &[char], otherwise: usize) -> usize {
        let Some(value) = self.value(names, position) else { return otherwise };
        value.split(separators).filter(|item| !item.is_empty()).take(MOST).count().max(1)
    }

    fn is_on(&self, name: &str, position: usize, otherwise: bool) -> bool {
        let value = self.value(&[name], position);
        value
            .map_or(otherwise, |value| !matches!(value, "" | "0" | "false" | "no" | "n" | "off" | "disabled"))
    }

    /// Returns the kinds of the streams that `movie` reads: `dv+da`.
    fn streams(&self, otherwise: char) -> String {
        let streams = self.value(&["streams", "s"], 4).unwrap_or_default();
        let kind = |stream: &str| match stream.trim_start_matches('d').chars().next() {
            Some('a') => 'a',
            Some('v') => 'v',
            _ => otherwise,
        };
        streams.split('+').take(MOST).map(kind).collect()
    }

    fn channels(&self) -> usize {
        if let Some(channels) = self.value(&["channels"], 1).filter(|channels| *channels != "all") {
            return channels.split('+').take(MOST).count();
        }
        let layout = self.value(&["channel_layout"], 0).unwrap_or("stereo");
        let layout = layout.split('(').next().unwrap_or_default();
        match layout {
            "mono" => 1,
            "stereo" | "downmix" | "binaural" => 2,
            "quad" => 4,
            "hexagonal" => 6,
            "octagonal" | "cube" => 8,
            "hexadecagonal" => 16,
            _ if layout.contains('+') => layout.split('+').take(MOST).count(),
            // `5.1` has six channels.
            _ => layout
                .split('.')
                .map(|part| part.trim_end_matches(|character: char| !character.is_ascii_digit()))
                .filter_map(|part| part.parse::<usize>().ok())
                .fold(0, usize::saturating_add)
                .clamp(1, MOST),
        }
    }

    /// Returns the number of inputs of `mergeplanes`: one more than the highest index.
    fn merged(&self) -> usize {
        let mapping = self.value(&["mapping"], 0).and_then(|value| value.strip_prefix("0x"));
        let old = mapping.into_iter().flat_map(|digits| {
            let padded = digits.len() % 2;
            digits.chars().enumerate().filter(move |(at, _)| (at + padded) % 2 == 0).map(|(_, digit)| digit)
        });
        let new = (0..4).filter_map(|plane| {
            let name = format!("map{plane}s");
            self.value(&[&name], usize::MAX)?.chars().next()
        });
        let highest = old.chain(new).filter_map(|digit| digit.to_digit(4)).max().unwrap_or(0);
        usize::try_from(highest).unwrap_or(0) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_follow_from_names_options_and_labels() {
        for (text, inputs, outputs, expected) in [
            ("scale=640:-2", 0, 0, "v>v"),
            ("volume=0.5", 0, 0, "a>a"),
            ("overlay", 1, 0, "vv>v"),
            ("split", 0, 0, "v>vv"),
            ("asplit=3", 0, 2, "a>aaa"),
            ("split=outputs=4", 0, 0, "v>vvvv"),
            ("concat=n=3:v=1:a=1", 0, 0, "vavava>va"),
            ("concat=2:0:1", 0, 0, "aa>a"),
            ("amix=inputs=3", 0, 0, "aaa>a"),
            ("sine=440", 0, 0, ">a"),
            ("movie=a.mp4:s=dv+da", 0, 0, ">va"),
            ("amovie=a.mp4", 0, 0, ">a"),
            ("showwaves", 0, 0, "a>v"),
            ("channelsplit=5.1(side)", 0, 0, "a>aaaaaa"),
            ("channelsplit", 0, 0, "a>aa"),
            ("ebur128=video=1", 0, 0, "a>va"),
            ("extractplanes=y+u+v", 0, 0, "v>vvv"),
            ("mergeplanes=0x001020:yuv444p", 0, 0, "vvv>v"),
            ("nullsink", 0, 0, "v>"),
            ("select='gt(scene,0.4)':n=2", 0, 0, "v>vv"),
            ("scale=w=ref_w", 2, 0, "vv>v"),
            ("tomorrows_filter", 3, 2, "vvv>vv"),
            ("split=99999999999999", 0, 0, "v>vv"),
        ] {
            let filter = super::super::segment::Segment::parse(text).unwrap().pieces.remove(0).filter;
            let pads = Pads::of(&filter, inputs, outputs);
            let letters = |kinds: &[MediaKind]| kinds.iter().map(|kind| kind.specifier()).collect::<String>();
            assert_eq!(format!("{}>{}", letters(&pads.inputs), letters(&pads.outputs)), expected, "{text}");
        }
    }
}
