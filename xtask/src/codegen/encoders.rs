//! The typed encoders of `afmpeg-cmd`: a macro call for each encoder and each set of named values.

use std::collections::BTreeMap;

use afmpeg_types::{
    Capabilities, MediaKind,
    capabilities::{AvOption, Codec, OptionFlag},
};

use super::{
    component::{Choices, Component},
    docs,
    names::{identifier, type_name},
};

/// The modules of the typed encoders, with their documentation.
const MODULES: [(MediaKind, &str, &str); 3] = [
    (
        MediaKind::Video,
        "video",
        "\
//! Encoders of video.
//!
//! ```
//! use afmpeg_cmd::encoders::{EncoderOptions as _, video::{libsvtav1, libwebp, libx264}};
//!
//! let film = libx264().preset(\"slow\").crf(20).maxrate(4_000_000).bufsize(8_000_000);
//! let small = libsvtav1().preset(8).crf(35);
//! let still = libwebp().lossless(1);
//! ```
",
    ),
    (
        MediaKind::Audio,
        "audio",
        "\
//! Encoders of audio.
//!
//! ```
//! use afmpeg_cmd::encoders::{EncoderOptions as _, audio::{aac, flac, libmp3lame}};
//!
//! let stereo = aac().b(128_000);
//! let lossless = flac().compression_level(12);
//! let constant = libmp3lame().reservoir(false).b(192_000);
//! ```
",
    ),
    (
        MediaKind::Subtitle,
        "subtitle",
        "\
//! Encoders of subtitles.
//!
//! ```
//! use afmpeg_cmd::{Input, Output, encoders::subtitle::{mov_text, webvtt}};
//!
//! let texts = Input::new(\"texts.srt\");
//! let mp4 = Output::new(\"texts.mp4\").subtitle(texts.subtitle(), mov_text().height(720));
//! let web = Output::new(\"texts.vtt\").subtitle(texts.subtitle(), webvtt());
//! ```
",
    ),
];

/// The trait of the options that all encoders have.
const GENERIC: &str = "EncoderOptions";

/// Returns the files of the modules, by name.
pub(super) fn files(capabilities: &Capabilities) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut files = BTreeMap::new();
    for (kind, name, introduction) in MODULES {
        let mut encoders: Vec<&Codec> =
            capabilities.encoders.iter().filter(|encoder| encoder.kind == Some(kind)).collect();
        encoders.sort_by_key(|encoder| encoder.name.as_str());
        files.insert(name, module(introduction, &encoders)?);
    }
    files.insert("generic", generic(capabilities)?);
    Ok(files)
}

/// Options that several encoders have, with the same values and defaults.
struct Family<'a> {
    name: &'a str,
    members: Vec<&'a str>,
    options: Vec<&'a AvOption>,
}

impl<'a> Family<'a> {
    /// The least number of options of a family: fewer are written again for each encoder.
    const LEAST: usize = 5;

    /// FFmpeg's names of the code that a family shares, by one of its options. Other families have the shortest name of
    /// their members.
    const NAMES: [(&'static str, &'static str); 2] =
        [("luma_elim_threshold", "mpegvideo"), ("motion_est", "mpegvideo_inter")];

    fn all(encoders: &[&'a Codec]) -> Vec<Self> {
        let mut families: Vec<Self> = Vec::new();
        for option in encoders.iter().flat_map(|encoder| &encoder.options) {
            let has_it = |encoder: &&&'a Codec| encoder.options.contains(option);
            let members: Vec<&str> =
                encoders.iter().filter(has_it).map(|encoder| encoder.name.as_str()).collect();
            match families.iter_mut().find(|family| family.members == members) {
                Some(family) if family.options.contains(&option) => {}
                Some(family) => family.options.push(option),
                None => {
                    families.push(Self { name: Self::name(&members, option), members, options: vec![option] })
                }
            }
        }
        families.retain(|family| family.members.len() > 1 && family.options.len() >= Self::LEAST);
        families
    }

    fn name(members: &[&'a str], first: &AvOption) -> &'a str {
        let known = Self::NAMES.iter().find(|(option, _)| *option == first.name);
        let shortest = members.iter().min_by_key(|member| member.len());
        known.map(|(_, name)| *name).or(shortest.copied()).unwrap_or_default()
    }
}

fn module(introduction: &str, encoders: &[&Codec]) -> anyhow::Result<String> {
    let families = Family::all(encoders);
    let mut shared = BTreeMap::new();
    let mut choices = Choices::new(encoders.iter().map(|encoder| encoder.name.as_str()), &mut shared)?;
    let mut text = introduction.to_owned();
    for family in &families {
        let component = Component::family(family.name, family.options.iter().copied());
        text.push_str(&format!("\nfamily! {{\n    {} ", identifier(family.name)));
        write_options(&mut text, &mut choices, &component)?;
    }
    for encoder in encoders {
        let families = families.iter().filter(|family| family.members.contains(&encoder.name.as_str()));
        let is_own = |option: &&AvOption| !families.clone().any(|family| family.options.contains(option));
        let component = Component::new(&encoder.name, encoder.options.iter().filter(is_own));
        text.push_str("\nencoder! {\n");
        text.push_str(&docs::comment(&description(encoder), 4));
        let (function, name) = (identifier(&encoder.name), type_name(&encoder.name));
        text.push_str(&format!("    {function} {name} {:?} ", encoder.name));
        for family in families.clone() {
            text.push_str(&format!("{} ", identifier(family.name)));
        }
        write_options(&mut text, &mut choices, &component)?;
    }
    Ok(text)
}

/// Returns FFmpeg's name of the encoder in full, and the option that an experimental one needs.
fn description(encoder: &Codec) -> String {
    let mut text = docs::sentence(encoder.long_name.as_deref().unwrap_or_default(), &encoder.name);
    if encoder.is_experimental() {
        text.push_str(" Experimental: it needs `strict` at `experimental`.");
    }
    text
}

fn generic(capabilities: &Capabilities) -> anyhow::Result<String> {
    let is_for_encoders = |option: &&AvOption| option.has(OptionFlag::Encoding);
    let options = capabilities.generic.codec.iter().filter(is_for_encoders);
    let component = Component::generic(GENERIC, options);
    let mut shared = BTreeMap::new();
    let mut choices = Choices::new([GENERIC], &mut shared)?;
    let mut text = "//! Options that FFmpeg has for all encoders.\n\ngeneric! {\n".to_owned();
    let doc = "The options that FFmpeg has for all encoders: each uses some of them, and may have other defaults. A method \
        of the encoder itself comes before one with the same name here.";
    text.push_str(&docs::comment(doc, 4));
    text.push_str(&format!("    {GENERIC} "));
    write_options(&mut text, &mut choices, &component)?;
    Ok(text)
}

/// Ends the macro call of a component with its options, and writes the types of their named values.
fn write_options<'a>(
    text: &mut String,
    choices: &mut Choices<'a, '_>,
    component: &Component<'a>,
) -> anyhow::Result<()> {
    component.write_options(text);
    text.push_str("}\n");
    choices.write(text, component)
}
