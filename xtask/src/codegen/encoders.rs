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

fn module(introduction: &str, encoders: &[&Codec]) -> anyhow::Result<String> {
    let mut shared = BTreeMap::new();
    let mut choices = Choices::new(encoders.iter().map(|encoder| encoder.name.as_str()), &mut shared)?;
    let mut text = introduction.to_owned();
    for encoder in encoders {
        let component = Component::new(&encoder.name, &encoder.options);
        text.push_str("\nencoder! {\n");
        text.push_str(&docs::comment(&description(encoder), 4));
        let (function, name) = (identifier(&encoder.name), type_name(&encoder.name));
        text.push_str(&format!("    {function} {name} {:?} ", encoder.name));
        component.write_options(&mut text);
        text.push_str("}\n");
        choices.write(&mut text, &component)?;
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
    let options = capabilities.generic.codec.iter().filter(is_for_encoders).collect();
    let component = Component::generic(GENERIC, options);
    let mut shared = BTreeMap::new();
    let mut choices = Choices::new([GENERIC], &mut shared)?;
    let mut text = "//! Options that FFmpeg has for all encoders.\n\ngeneric! {\n".to_owned();
    let doc = "The options that FFmpeg has for all encoders: each uses some of them, and may have other defaults. A method \
        of the encoder itself comes before one with the same name here.";
    text.push_str(&docs::comment(doc, 4));
    text.push_str(&format!("    {GENERIC} "));
    component.write_options(&mut text);
    text.push_str("}\n");
    choices.write(&mut text, &component)?;
    Ok(text)
}
