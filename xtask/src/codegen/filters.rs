//! The typed filters of `afmpeg-cmd`: a macro call for each filter and each set of named values.

use std::collections::{BTreeMap, BTreeSet};

use afmpeg_types::{
    Capabilities, MediaKind,
    capabilities::{AvOption, Filter, OptionFlag, OptionType},
};

use super::{
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

/// Classes whose options many filters share: their named values are generated once.
const SHARED: &[&str] = &["framesync"];

/// A set of named values, as a type.
struct Choice<'a> {
    doc: String,
    /// The names, their variants, and their documentation.
    names: Vec<(&'a str, String, String)>,
}

/// The options of a filter that get methods: each once, by its first name.
fn options(filter: &Filter) -> impl Iterator<Item = &AvOption> {
    let mut seen = BTreeSet::new();
    filter
        .options
        .iter()
        .filter(|option| option.alias_of.is_none() && !is_retired(option))
        .filter(move |option| seen.insert(option.name.as_str()))
}

/// Whether new code should not use an option: it is read-only or deprecated.
fn is_retired(option: &AvOption) -> bool {
    option.has(OptionFlag::Readonly) || option.has(OptionFlag::Deprecated)
}

/// Whether an option takes only named values.
fn is_choice(option: &AvOption) -> bool {
    let is_whole = matches!(option.kind, OptionType::Int | OptionType::Int64 | OptionType::Uint);
    is_whole && option.list.is_none() && option.constants.len() > 1 && !are_numbers(option)
}

/// Whether the names are just their values in digits.
fn are_numbers(option: &AvOption) -> bool {
    option.constants.iter().all(|constant| constant.name == constant.value.to_string())
}

/// Returns the name of the type of an option's values: that of the option or, if several share it, FFmpeg's name of the
/// set.
fn choice_name(filter: &Filter, option: &AvOption) -> String {
    let owner = owner(filter, option);
    let fits =
        |other: &&AvOption| is_choice(other) && other.unit == option.unit && other.class == option.class;
    let name = match &option.unit {
        Some(unit) if options(filter).filter(fits).count() > 1 => unit,
        _ => &option.name,
    };
    format!("{}{}", type_name(owner), type_name(name))
}

fn owner<'a>(filter: &'a Filter, option: &'a AvOption) -> &'a str {
    match &option.class {
        Some(class) if SHARED.contains(&class.as_str()) => class,
        _ => &filter.name,
    }
}

/// Returns the macros' name of the type of an option's values.
fn class(filter: &Filter, option: &AvOption) -> String {
    if is_choice(option) {
        return choice_name(filter, option);
    }
    let has_word = !option.constants.is_empty() && !are_numbers(option);
    let class = match option.kind {
        _ if option.list.is_some() || has_word => "Value",
        OptionType::Bool => "bool",
        OptionType::Int | OptionType::Int64 | OptionType::Uint | OptionType::Uint64 => "Integer",
        OptionType::Float | OptionType::Double => "Number",
        OptionType::Duration => "Time",
        _ => "Value",
    };
    class.to_owned()
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
    let count = options(filter).find(|option| matches!(option.name.as_str(), "inputs" | "nb_inputs"));
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
        write_choice(&mut framesync, name, choice);
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
    let mut types: BTreeSet<String> = filters.iter().map(|filter| type_name(&filter.name)).collect();
    anyhow::ensure!(
        types.len() == filters.len(),
        "two filters of {} have the same type name",
        family.module()
    );
    let mut body = String::new();
    let mut imports = BTreeSet::new();
    for filter in filters {
        body.push('\n');
        write_filter(&mut body, filter);
        let mut own = BTreeMap::new();
        for option in options(filter).filter(|option| is_choice(option)) {
            let name = choice_name(filter, option);
            let choice = choice(filter, option)?;
            if owner(filter, option) == filter.name {
                let is_new = types.insert(name.clone());
                anyhow::ensure!(is_new || own.contains_key(&name), "duplicate type name {name}");
                own.entry(name).or_insert(choice);
            } else {
                imports.insert(name.clone());
                let known = shared.entry(name.clone()).or_insert(choice);
                let names = option.constants.iter().map(|constant| constant.name.as_str());
                let is_same = known.names.iter().map(|(name, ..)| *name).eq(names);
                anyhow::ensure!(is_same, "{name} differs in {}", filter.name);
            }
        }
        for (name, choice) in &own {
            body.push('\n');
            write_choice(&mut body, name, choice);
        }
    }
    let mut text = family.introduction().to_owned();
    text.push_str(
        "#![allow(non_snake_case, clippy::should_implement_trait, reason = \"FFmpeg's own names\")]\n",
    );
    if !imports.is_empty() {
        let imports: Vec<String> = imports.into_iter().collect();
        text.push_str(&format!("\nuse super::{{{}}};\n", imports.join(", ")));
    }
    Ok(text + &body)
}

fn choice<'a>(filter: &Filter, option: &'a AvOption) -> anyhow::Result<Choice<'a>> {
    let owner = owner(filter, option);
    let doc = if owner == filter.name {
        let name = choice_name(filter, option);
        let same = options(filter).filter(|other| is_choice(other) && choice_name(filter, other) == name);
        let names: Vec<String> = same.map(|option| format!("`{}`", option.name)).collect();
        format!("The values of {} of [`{type}`](struct@{type}).", names.join(", "), type = type_name(owner))
    } else {
        format!("The values of `{}`, in all filters that have it.", option.name)
    };
    let mut variants = BTreeSet::new();
    let mut names = Vec::new();
    // Some of FFmpeg's sets list every name twice.
    let mut known = BTreeSet::new();
    for constant in option.constants.iter().filter(|constant| known.insert(constant.name.as_str())) {
        let mut variant = type_name(&constant.name);
        if variants.contains(&variant) && constant.name.starts_with(|first: char| first.is_ascii_uppercase())
        {
            // `t` and `T` are different names.
            variant.insert_str(0, "Upper");
        }
        let is_new = variants.insert(variant.clone());
        anyhow::ensure!(is_new, "two names of {} of {} become {variant}", option.name, filter.name);
        names.push((
            constant.name.as_str(),
            variant,
            docs::sentence(constant.help.as_deref().unwrap_or_default(), &constant.name),
        ));
    }
    Ok(Choice { doc, names })
}

fn write_choice(text: &mut String, name: &str, choice: &Choice<'_>) {
    text.push_str("choice! {\n");
    text.push_str(&docs::comment(&choice.doc, 4));
    text.push_str(&format!("    {name} {{\n"));
    for (name, variant, doc) in &choice.names {
        text.push_str(&docs::comment(doc, 8));
        text.push_str(&format!("        {variant} {name:?},\n"));
    }
    text.push_str("    }\n}\n");
}

fn write_filter(text: &mut String, filter: &Filter) {
    text.push_str("filter! {\n");
    text.push_str(&docs::comment(
        &docs::sentence(filter.description.as_deref().unwrap_or_default(), &filter.name),
        4,
    ));
    let timeline = if filter.has_timeline() { " timeline" } else { "" };
    text.push_str(&format!(
        "    {} {} {:?} {}{timeline} {{\n",
        identifier(&filter.name),
        type_name(&filter.name),
        filter.name,
        pads(filter)
    ));
    if options(filter).next().is_none() {
        text.truncate(text.trim_end().len());
        text.push_str("}\n}\n");
        return;
    }
    for option in options(filter) {
        text.push_str(&docs::comment(&docs::option(option), 8));
        let method = identifier(&option.name);
        let aliases = filter
            .options
            .iter()
            .filter(|other| other.alias_of.as_ref() == Some(&option.name) && other.class == option.class)
            .map(|other| &other.name);
        let own = Some(&option.name).filter(|name| method.trim_start_matches("r#") != name.as_str());
        let aliases: BTreeSet<&String> = aliases.chain(own).collect();
        if !aliases.is_empty() {
            let aliases: Vec<String> = aliases.into_iter().map(|alias| format!("{alias:?}")).collect();
            text.push_str(&format!("        #[doc(alias({}))]\n", aliases.join(", ")));
        }
        text.push_str(&format!("        {method} {:?} {},\n", option.name, class(filter, option)));
    }
    text.push_str("    }\n}\n");
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
