//! The typed filters of `afmpeg-cmd`: a macro call for each filter and each set of named values.

use std::collections::BTreeMap;

use afmpeg_types::{Capabilities, MediaKind, capabilities::Filter};

use super::{
    component::{Choice, Choices, Component},
    docs,
    kinds::type_of,
    names::{identifier, type_name},
};

/// A module of the typed filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Video,
    Audio,
    Source,
    Mixed,
}

impl Family {
    const ALL: &[Self] = &[Self::Video, Self::Audio, Self::Source, Self::Mixed];

    /// Returns the module of a filter; `None` if no command can use it.
    fn of(filter: &Filter) -> Option<Self> {
        // Only programs can supply or read their frames.
        if matches!(filter.name.as_str(), "buffer" | "abuffer") {
            return None;
        }
        if filter.outputs.is_empty() && !filter.has_dynamic_outputs() {
            return None;
        }
        if filter.inputs.is_empty() && !filter.has_dynamic_inputs() {
            return Some(Self::Source);
        }
        let mut kinds = filter.inputs.iter().chain(&filter.outputs).map(|pad| pad.kind);
        let first = kinds.next();
        Some(match first.filter(|first| kinds.all(|kind| kind == *first)) {
            Some(Some(MediaKind::Video)) => Self::Video,
            Some(Some(MediaKind::Audio)) => Self::Audio,
            _ => Self::Mixed,
        })
    }

    pub(super) fn module(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Source => "source",
            Self::Mixed => "mixed",
        }
    }

    /// Returns the documentation of the module, with an example.
    fn introduction(self) -> &'static str {
        match self {
            Self::Video => {
                "\
//! Filters from video to video.
//!
//! ```
//! use afmpeg_cmd::{Input, filters::video::{hstack, scale}};
//!
//! let (left, right) = (Input::new(\"a.mp4\"), Input::new(\"b.mp4\"));
//! let half = |clip: &Input| clip.video().filter(scale().w(640).h(-2));
//! let both = hstack().on([half(&left), half(&right)]);
//! ```
"
            }
            Self::Audio => {
                "\
//! Filters from audio to audio.
//!
//! ```
//! use afmpeg_cmd::{Input, filters::audio::{apad, loudnorm, sidechaincompress}};
//!
//! let (music, voice) = (Input::new(\"music.flac\"), Input::new(\"voice.wav\"));
//! // The output ends with the shorter input: the voice is padded.
//! let padded = voice.audio().filter(apad());
//! let ducked = sidechaincompress().threshold(0.05).ratio(8).on(&music.audio(), &padded);
//! let even = ducked.filter(loudnorm().I(-16).TP(-1.5));
//! ```
"
            }
            Self::Source => {
                "\
//! Filters without inputs.
//!
//! ```
//! use std::time::Duration;
//! use afmpeg_cmd::{Input, filters::source::{sine, testsrc2}};
//!
//! let bars = testsrc2().size(\"640x360\").rate(25).duration(Duration::from_secs(2)).stream();
//! let tone = Input::lavfi([sine().frequency(440)]).audio();
//! ```
"
            }
            Self::Mixed => {
                "\
//! Filters from one kind to another, and filters whose kinds depend on their options.
//!
//! ```
//! use afmpeg_cmd::{Input, MediaKind, filters::mixed::{concat, showwavespic}};
//!
//! let (a, b) = (Input::new(\"a.mp4\"), Input::new(\"b.mp4\"));
//! let picture = showwavespic().size(\"640x120\").on(&a.audio());
//! let parts = [a.video().any(), a.audio().any(), b.video().any(), b.audio().any()];
//! let joined = concat().n(2).v(1).a(1).on(parts).pads([MediaKind::Video, MediaKind::Audio]);
//! ```
"
            }
        }
    }
}

fn component(filter: &Filter) -> Component<'_> {
    Component::new(&filter.name, &filter.options)
}

/// Returns the pads in the syntax of the macros.
fn pads(filter: &Filter) -> String {
    let outputs: Vec<&str> = filter.outputs.iter().map(type_of).collect();
    let to = if filter.has_dynamic_outputs() { "..".to_owned() } else { outputs.join(" ") };
    if !filter.inputs.is_empty() {
        let pads = filter.inputs.iter().map(|pad| {
            // FFmpeg's name of an only pad.
            let name = if pad.name == "default" { "input" } else { &pad.name };
            format!("{} {}", identifier(name), type_of(pad))
        });
        return format!("({} -> {to})", pads.collect::<Vec<_>>().join(" "));
    }
    if !filter.has_dynamic_inputs() {
        return format!("(-> {to})");
    }
    // FFmpeg's tables lack the kind of pads that options add; it is that of the output.
    let [output] = filter.outputs.as_slice() else { return "(.. -> ..)".to_owned() };
    let count =
        component(filter).options().find(|option| matches!(option.name.as_str(), "inputs" | "nb_inputs"));
    let counted = count.map_or(String::new(), |option| format!(" counted {:?}", option.name));
    format!("({} ..{counted} -> {to})", type_of(output))
}

/// Returns the files of the modules, by name.
pub(super) fn files(capabilities: &Capabilities) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut shared = BTreeMap::new();
    let mut files = BTreeMap::new();
    for family in Family::ALL {
        let filters =
            capabilities.filters.iter().filter(|filter| Family::of(filter) == Some(*family)).collect();
        files.insert(family.module(), module(*family, filters, &mut shared)?);
    }
    let mut framesync =
        "//! Named values of filters that read frames from several streams at once.\n".to_owned();
    for (name, choice) in &shared {
        framesync.push('\n');
        choice.write(&mut framesync, name);
    }
    files.insert("framesync", framesync);
    Ok(files)
}

fn module<'a>(
    family: Family,
    mut filters: Vec<&'a Filter>,
    shared: &mut BTreeMap<String, Choice<'a>>,
) -> anyhow::Result<String> {
    filters.sort_by_key(|filter| filter.name.as_str());
    let mut choices = Choices::new(filters.iter().map(|filter| filter.name.as_str()), shared)?;
    let mut body = String::new();
    for filter in filters {
        body.push('\n');
        write_filter(&mut body, filter);
        choices.write(&mut body, &component(filter))?;
    }
    let imports: Vec<&str> = choices.imports().collect();
    let mut text = family.introduction().to_owned();
    text.push_str(
        "#![allow(non_snake_case, clippy::should_implement_trait, reason = \"FFmpeg's own names\")]\n",
    );
    if !imports.is_empty() {
        text.push_str(&format!("\nuse super::{{{}}};\n", imports.join(", ")));
    }
    Ok(text + &body)
}

fn write_filter(text: &mut String, filter: &Filter) {
    text.push_str("filter! {\n");
    text.push_str(&docs::comment(
        &docs::sentence(filter.description.as_deref().unwrap_or_default(), &filter.name),
        4,
    ));
    let timeline = if filter.has_timeline() { " timeline" } else { "" };
    text.push_str(&format!(
        "    {} {} {:?} {}{timeline} ",
        identifier(&filter.name),
        type_name(&filter.name),
        filter.name,
        pads(filter)
    ));
    component(filter).write_options(text);
    text.push_str("}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(inputs: &[&str], outputs: &[&str], flags: &[&str], options: &[&str]) -> Filter {
        let pads = |kinds: &[&str]| -> Vec<serde_json::Value> {
            let pads = kinds.iter().enumerate();
            pads.map(|(index, kind)| serde_json::json!({"name": format!("in{index}"), "type": kind}))
                .collect()
        };
        let options: Vec<serde_json::Value> = options
            .iter()
            .map(|name| serde_json::json!({"name": name, "type": "int", "default": 2, "flags": []}))
            .collect();
        serde_json::from_value(serde_json::json!({
            "name": "x", "description": "", "inputs": pads(inputs), "outputs": pads(outputs), "flags": flags,
            "options": options,
        }))
        .unwrap()
    }

    #[test]
    fn family_and_signature_follow_from_the_pads() {
        let (v, a) = ("video", "audio");
        let (more_in, more_out) = ("dynamic_inputs", "dynamic_outputs");
        for (filter, family, signature) in [
            (filter(&[v], &[v], &[], &[]), Some(Family::Video), "(in0 Video -> Video)"),
            (filter(&[v], &[v], &[more_in], &[]), Some(Family::Video), "(in0 Video -> Video)"),
            (filter(&[a, a], &[a], &[], &[]), Some(Family::Audio), "(in0 Audio in1 Audio -> Audio)"),
            (filter(&[a], &[v], &[], &[]), Some(Family::Mixed), "(in0 Audio -> Video)"),
            (filter(&[v, v], &[v, v], &[], &[]), Some(Family::Video), "(in0 Video in1 Video -> Video Video)"),
            (filter(&[a], &[], &[more_out], &[]), Some(Family::Audio), "(in0 Audio -> ..)"),
            (filter(&[], &[v], &[more_in], &["n"]), Some(Family::Video), "(Video .. -> Video)"),
            (
                filter(&[], &[a], &[more_in], &["inputs"]),
                Some(Family::Audio),
                "(Audio .. counted \"inputs\" -> Audio)",
            ),
            (filter(&[], &[], &[more_in, more_out], &[]), Some(Family::Mixed), "(.. -> ..)"),
            (filter(&[], &[a, v], &[], &[]), Some(Family::Source), "(-> Audio Video)"),
            (filter(&[], &[], &[more_out], &[]), Some(Family::Source), "(-> ..)"),
            (filter(&[v], &[], &[], &[]), None, "(in0 Video -> )"),
        ] {
            assert_eq!((Family::of(&filter), pads(&filter).as_str()), (family, signature));
        }
    }
}
