//! `afmpeg capabilities`: lists the components of the module.

use std::fmt::Write as _;

use afmpeg_engine::{
    Capabilities, ComponentKind, MediaKind,
    capabilities::{AvOption, AvOptions, Codec, Filter, OptionFlag, Pad, Range, Value},
};
use serde::Serialize;

use crate::{
    failure::Failure,
    module,
    options::{CapabilitiesOptions, KindName},
    output::print,
};

pub(crate) fn capabilities(options: &CapabilitiesOptions) -> Result<(), Failure> {
    let runtime = module::load(&options.module)?;
    let capabilities = runtime.capabilities()?;
    let text = match (options.kind, &options.name) {
        (None, _) if options.json => json(capabilities)?,
        (None, _) => overview(capabilities),
        (Some(kind), None) => Listing { capabilities, json: options.json }.all(kind.into())?,
        (Some(kind), Some(name)) => Listing { capabilities, json: options.json }.one(kind.into(), name)?,
    };
    print(&text)?;
    Ok(())
}

impl From<KindName> for ComponentKind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Encoders => ComponentKind::Encoder,
            KindName::Decoders => ComponentKind::Decoder,
            KindName::Muxers => ComponentKind::Muxer,
            KindName::Demuxers => ComponentKind::Demuxer,
            KindName::Filters => ComponentKind::Filter,
            KindName::BitstreamFilters => ComponentKind::BitstreamFilter,
            KindName::Protocols => ComponentKind::Protocol,
            KindName::PixelFormats => ComponentKind::PixelFormat,
            KindName::SampleFormats => ComponentKind::SampleFormat,
            KindName::ChannelLayouts => ComponentKind::ChannelLayout,
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| {
        Failure::filesystem(format!("cannot write the capabilities as JSON: {error}"), "please report it")
    })
}

/// Returns the number of components of each kind.
fn overview(capabilities: &Capabilities) -> String {
    let mut text = format!("FFmpeg {}, {}\n", capabilities.ffmpeg, capabilities.licence);
    for kind in ComponentKind::ALL {
        let _ = writeln!(text, "{:>6} {kind}s", capabilities.names(*kind).len());
    }
    text
}

struct Listing<'a> {
    capabilities: &'a Capabilities,
    json: bool,
}

impl Listing<'_> {
    fn all(&self, kind: ComponentKind) -> Result<String, Failure> {
        let has = self.capabilities;
        match kind {
            ComponentKind::Encoder => self.list(&has.encoders, codec_line),
            ComponentKind::Decoder => self.list(&has.decoders, codec_line),
            ComponentKind::Muxer => {
                self.list(&has.muxers, |muxer| line(&muxer.names.join(","), muxer.long_name.as_deref()))
            }
            ComponentKind::Demuxer => self
                .list(&has.demuxers, |demuxer| line(&demuxer.names.join(","), demuxer.long_name.as_deref())),
            ComponentKind::Filter => {
                self.list(&has.filters, |filter| line(&filter.name, filter.description.as_deref()))
            }
            ComponentKind::BitstreamFilter => {
                self.list(&has.bitstream_filters, |filter| line(&filter.name, None))
            }
            ComponentKind::Protocol => self.list(&has.protocols, |protocol| line(&protocol.name, None)),
            ComponentKind::PixelFormat => self.list(&has.pixel_formats, |format| {
                line(&format.name, Some(&format!("{} bits a pixel", format.bits_per_pixel)))
            }),
            ComponentKind::SampleFormat => self.list(&has.sample_formats, |format| {
                line(&format.name, Some(&format!("{} bits", format.bits)))
            }),
            ComponentKind::ChannelLayout => {
                self.list(&has.channel_layouts, |layout| line(&layout.name, Some(&layout.channels.join("+"))))
            }
            _ => Ok(String::new()),
        }
    }

    fn list<T: Serialize>(&self, all: &[T], line: impl Fn(&T) -> String) -> Result<String, Failure> {
        if self.json { json(&all) } else { Ok(all.iter().map(line).collect()) }
    }

    fn one(&self, kind: ComponentKind, name: &str) -> Result<String, Failure> {
        let has = self.capabilities;
        let missing = || {
            let near = has.nearest(kind, name).map(|near| format!("did you mean {near}?"));
            let listing =
                || format!("`afmpeg capabilities {}s` lists them", kind.to_string().replace(' ', "-"));
            let hint = near.unwrap_or_else(listing);
            Failure::usage(format!("this module has no {kind} {name}"), hint)
        };
        match kind {
            ComponentKind::Encoder => self.show(has.encoder(name).ok_or_else(missing)?, codec_page),
            ComponentKind::Decoder => self.show(has.decoder(name).ok_or_else(missing)?, codec_page),
            ComponentKind::Muxer => self.show(has.muxer(name).ok_or_else(missing)?, |muxer| {
                let head = line(&muxer.names.join(","), muxer.long_name.as_deref());
                let facts = [
                    fact("extensions", &muxer.extensions),
                    fact("video codec", &muxer.video_codec),
                    fact("audio codec", &muxer.audio_codec),
                    fact("subtitle codec", &muxer.subtitle_codec),
                ];
                page(head, &facts, &muxer.options)
            }),
            ComponentKind::Demuxer => self.show(has.demuxer(name).ok_or_else(missing)?, |demuxer| {
                let head = line(&demuxer.names.join(","), demuxer.long_name.as_deref());
                page(head, &[fact("extensions", &demuxer.extensions)], &demuxer.options)
            }),
            ComponentKind::Filter => self.show(has.filter(name).ok_or_else(missing)?, filter_page),
            ComponentKind::BitstreamFilter => {
                self.show(has.bitstream_filter(name).ok_or_else(missing)?, |filter| {
                    let codecs = fact("codecs", filter.codecs.as_deref().unwrap_or_default());
                    page(line(&filter.name, None), &[codecs], &filter.options)
                })
            }
            ComponentKind::Protocol => self.show(has.protocol(name).ok_or_else(missing)?, |protocol| {
                page(line(&protocol.name, None), &[], &protocol.options)
            }),
            ComponentKind::PixelFormat => self.show(has.pixel_format(name).ok_or_else(missing)?, |format| {
                let depths: Vec<String> =
                    format.components.iter().map(|component| component.depth.to_string()).collect();
                let facts = [fact("bits of components", &depths), fact("flags", &format.flags)];
                page(line(&format.name, None), &facts, &AvOptions::default())
            }),
            ComponentKind::SampleFormat => {
                self.show(has.sample_format(name).ok_or_else(missing)?, |format| {
                    let kind = if format.planar { "planar" } else { "interleaved" };
                    line(&format.name, Some(&format!("{} bits, {kind}", format.bits)))
                })
            }
            ComponentKind::ChannelLayout => self
                .show(has.channel_layout(name).ok_or_else(missing)?, |layout| {
                    line(&layout.name, Some(&layout.channels.join("+")))
                }),
            _ => Err(missing()),
        }
    }

    fn show<T: Serialize>(&self, one: &T, page: impl Fn(&T) -> String) -> Result<String, Failure> {
        if self.json { json(one) } else { Ok(page(one)) }
    }
}

fn line(name: &str, words: Option<&str>) -> String {
    match words {
        Some(words) => format!("{name:<20} {words}\n"),
        None => format!("{name}\n"),
    }
}

fn codec_line(codec: &Codec) -> String {
    line(&codec.name, codec.long_name.as_deref())
}

fn codec_page(codec: &Codec) -> String {
    let facts = [
        fact("codec", &Some(codec.codec.clone())),
        fact("capabilities", &codec.capabilities),
        fact("pixel formats", codec.pixel_formats.as_deref().unwrap_or_default()),
        fact("sample formats", codec.sample_formats.as_deref().unwrap_or_default()),
        fact("channel layouts", codec.channel_layouts.as_deref().unwrap_or_default()),
    ];
    page(codec_line(codec), &facts, &codec.options)
}

fn filter_page(filter: &Filter) -> String {
    let pads = |pads: &[Pad], dynamic: bool| -> Vec<String> {
        let more = dynamic.then(|| "set by its options".to_owned());
        pads.iter()
            .map(|pad| format!("{} ({})", pad.name, pad.kind.map_or("any", MediaKind::name)))
            .chain(more)
            .collect()
    };
    let facts = [
        fact("inputs", &pads(&filter.inputs, filter.has_dynamic_inputs())),
        fact("outputs", &pads(&filter.outputs, filter.has_dynamic_outputs())),
        fact("flags", &filter.flags),
    ];
    page(line(&filter.name, filter.description.as_deref()), &facts, &filter.options)
}

/// Returns a line of a component's page; pages leave out empty ones.
fn fact<'a>(name: &'static str, words: impl IntoIterator<Item = &'a String>) -> (&'static str, String) {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    (name, words.join(", "))
}

fn page(head: String, facts: &[(&str, String)], options: &AvOptions) -> String {
    let mut text = head;
    for (name, words) in facts.iter().filter(|(_, words)| !words.is_empty()) {
        let _ = writeln!(text, "{name}: {words}");
    }
    if !options.is_empty() {
        text.push_str("options:\n");
    }
    for option in options {
        text.push_str(&option_lines(option));
    }
    text
}

fn option_lines(option: &AvOption) -> String {
    let kind = format!("{:?}", option.kind).to_lowercase();
    let mut text = format!("  {:<20} {kind}{}", option.name, if option.list.is_some() { "s" } else { "" });
    match &option.alias_of {
        Some(first) => {
            let _ = write!(text, ", the same as {first}");
        }
        None => {
            if let Some(Range { min, max, .. }) = &option.range {
                let end = |end: &Option<Value>| end.as_ref().map_or_else(String::new, Value::to_string);
                let _ = write!(text, " {}..{}", end(min), end(max));
            }
            if let Some(default) = &option.default {
                let _ = write!(text, ", default {default}");
            }
            if let Some(help) = &option.help {
                let _ = write!(text, ": {help}");
            }
        }
    }
    if option.has(OptionFlag::Deprecated) {
        text.push_str(" (deprecated)");
    }
    text.push('\n');
    if option.alias_of.is_none() {
        for constant in &option.constants {
            let help = constant.help.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "{}",
                format!("    {:<18} {} {help}", constant.name, constant.value).trim_end()
            );
        }
    }
    text
}
