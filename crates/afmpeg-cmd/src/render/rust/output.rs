//! Outputs and their entries.

use std::fmt::Write as _;

use super::code::{Code, text, value};
use crate::{
    Arg, MediaKind,
    model::{Chapters, Map, Output, OutputStream},
    specifier::{Count, kind_of},
};

impl Code<'_> {
    pub(super) fn output(&mut self, index: usize, output: &Output) -> String {
        let mut calls: Vec<String> = Vec::new();
        for (place, stream) in output.streams.iter().enumerate() {
            if matches!(stream.map, Map::Label(_)) && stream.kind.is_none() {
                self.fields.push(format!("outputs[{index}].streams[{place}].kind = None"));
            }
            if let (Map::Node { node, pad }, false) = (&stream.map, self.has_handles) {
                let map = format!("{}::model::Map::Node {{ node: {node}, pad: {pad} }}", self.path);
                self.fields.push(format!("outputs[{index}].streams[{place}].map = {map}"));
            }
            calls.push(format!(".stream({})", self.output_stream(stream)));
        }
        if output.automatic && output.streams.is_empty() {
            self.fields.push(format!("outputs[{index}].automatic = true"));
        } else if output.automatic {
            // An automatic stream of any kind sets it.
            let is_made = |kind: &MediaKind| output.streams.iter().any(|stream| stream.kind == Some(*kind));
            let kinds = [MediaKind::Audio, MediaKind::Video];
            let chosen = kinds.into_iter().find(|kind| !is_made(kind)).unwrap_or(MediaKind::Subtitle);
            calls.push(format!(".stream(OutputStream::automatic({}))", self.kind(chosen)));
        }
        if let Some(format) = &output.format {
            calls.push(format!(".format({})", text(format)));
        }
        for (name, time) in [("seek", output.seek), ("duration", output.duration), ("to", output.to)] {
            calls.extend(time.map(|time| format!(".{name}({})", self.time(time))));
        }
        calls.extend(output.max_bytes.map(|bytes| format!(".max_bytes({bytes})")));
        calls.extend(output.shortest.then(|| ".shortest()".to_owned()));
        calls.extend(output.chapters.map(|chapters| match chapters {
            Chapters::None => ".no_chapters()".to_owned(),
            Chapters::Input(input) => format!(".chapters(&input{input})"),
        }));
        for entry in &output.metadata {
            let (key, given) = (text(&entry.key), value(entry.value.as_str()));
            calls.push(match &entry.specifier {
                None => format!(".metadata({key}, {given})"),
                Some(specifier) => format!(".metadata_of({}, {key}, {given})", text(specifier)),
            });
        }
        for (place, attachment) in output.attachments.iter().enumerate() {
            if attachment.mime_type.is_none() {
                self.fields.push(format!("outputs[{index}].attachments[{place}].mime_type = None"));
            }
            let mime_type = attachment.mime_type.as_deref().unwrap_or_default();
            calls.push(format!(".attach({}, {})", text(&attachment.path), text(mime_type)));
        }
        let mut args = &output.args[..];
        let is_plain = |stream: &OutputStream| {
            stream.codec.is_none() && stream.filters.is_empty() && matches!(stream.map, Map::Input { .. })
        };
        if let [copy, others @ ..] = args
            && *copy == Arg::new("c", "copy")
            && output.streams.iter().all(is_plain)
        {
            calls.push(".copy_all()".to_owned());
            args = others;
        }
        for arg in args {
            let flag = |name: &str| *arg == Arg::flag(name);
            calls.push(match () {
                () if flag("vn") => ".no_video()".to_owned(),
                () if flag("an") => ".no_audio()".to_owned(),
                () if flag("sn") => ".no_subtitle()".to_owned(),
                () => self.adds(arg, "arg"),
            });
        }
        let constructor = if crate::path::file(&output.path) == output.path { "new" } else { "url" };
        let new = format!("{}::{constructor}({})", self.uses("Output"), text(&output.path));
        calls.into_iter().fold(new, |code, call| format!("{code}\n            {call}"))
    }

    pub(super) fn output_stream(&mut self, stream: &OutputStream) -> String {
        let of = |name: &str, of: String| format!("OutputStream::{name}({of})");
        self.uses("OutputStream");
        let mut code = match &stream.map {
            Map::Except { input, streams } => of("except", format!("&input{input}, {}", text(streams))),
            Map::Label(label) => {
                let kind = self.kind(stream.kind.unwrap_or(MediaKind::Video));
                of("label", format!("{}, {kind}", text(label)))
            }
            Map::Node { .. } if !self.has_handles => {
                let kind = self.kind(stream.kind.unwrap_or(MediaKind::Video));
                of("label", format!("\"\", {kind}"))
            }
            Map::Node { node, pad } => {
                let is_one = self.command.graph.nodes.get(*node).is_some_and(|node| node.outputs.len() == 1);
                let pad = if is_one { String::new() } else { format!("[{pad}]") };
                of("new", format!("&{}{pad}", self.variable(*node)))
            }
            Map::Input { input, streams, optional } => {
                let named = kind_of(streams);
                let is_one = stream.count() == Count::One;
                let handle = match stream.kind {
                    Some(MediaKind::Data | MediaKind::Attachment) | None => None,
                    // `a` and `s?` may be several streams.
                    Some(kind) if named == Some(kind) && !is_one => None,
                    kind => kind,
                };
                let call = match handle {
                    Some(kind) => of("new", self.stream(*input, streams, kind)),
                    None => of("all_of", format!("&input{input}, {}", text(streams))),
                };
                if *optional { format!("{call}.optional()") } else { call }
            }
        };
        let codec_has_args = codec_has_args(stream);
        if let Some(codec) = self.codec(stream) {
            let _ = write!(code, ".codec({codec})");
        }
        for arg in stream.args.iter().filter(|_| !codec_has_args) {
            code.push_str(&self.adds(arg, "arg"));
        }
        for filter in &stream.filters {
            let _ = write!(code, ".filter({})", self.filter(filter));
        }
        if let Some(count) = stream.frames {
            let _ = write!(code, ".frames({count})");
        }
        for entry in &stream.metadata {
            let _ = write!(code, ".metadata({}, {})", text(&entry.key), value(entry.value.as_str()));
        }
        if let Some(flags) = &stream.disposition {
            let _ = write!(code, ".disposition({})", text(flags));
        }
        code
    }

    /// Renders the codec with the options that can be its own; `None` if there are none.
    pub(super) fn codec(&mut self, stream: &OutputStream) -> Option<String> {
        let has_args = codec_has_args(stream);
        let bare = stream.bitstream_filters.is_empty() && !has_args;
        let mut code = match stream.codec.as_deref() {
            None if bare => return None,
            None => format!("{}::by_format()", self.uses("Codec")),
            Some("copy") => format!("{}::copy()", self.uses("Codec")),
            Some(name) if bare => return Some(text(name)),
            Some(name) => format!("{}::new({})", self.uses("Codec"), text(name)),
        };
        for arg in stream.args.iter().filter(|_| has_args) {
            code.push_str(&self.adds(arg, "opt"));
        }
        for filter in &stream.bitstream_filters {
            let _ = write!(code, ".bitstream_filter({})", self.filter(filter));
        }
        Some(code)
    }
}

/// Whether a stream's options are rendered as its codec's, which have values and no specifiers.
fn codec_has_args(stream: &OutputStream) -> bool {
    let is_codecs = |arg: &Arg| arg.value.is_some() && arg.specifier.is_none();
    stream.codec.is_some() && !stream.args.is_empty() && stream.args.iter().all(is_codecs)
}
