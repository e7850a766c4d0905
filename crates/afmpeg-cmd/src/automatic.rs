//! What is said of streams that FFmpeg chooses: they are no entries of an output, which has options for them.

use crate::{
    Arg, MediaKind,
    model::{Map, Metadata, Output, OutputStream},
    render::chain,
};

/// Of one output.
#[derive(Default)]
pub(crate) struct Automatic {
    /// Whether it is said that FFmpeg chooses.
    is_asked: bool,
    args: Vec<Arg>,
    metadata: Vec<Metadata>,
}

impl Automatic {
    /// The stream of a kind, with what was said of it.
    pub(crate) fn add(&mut self, stream: OutputStream, kind: MediaKind) {
        self.is_asked = true;
        let specifier = kind.specifier();
        let mut set = |name: &str, value: Option<String>| {
            self.args.extend(value.map(|value| Arg::new(name, value).on(specifier)));
        };
        set("c", stream.codec);
        set("filter", chain(&stream.filters));
        set("bsf", chain(&stream.bitstream_filters));
        set("frames", stream.frames.map(|count| count.to_string()));
        set("disposition", stream.disposition);
        let on = |arg: Arg| if arg.specifier.is_some() { arg } else { arg.on(specifier) };
        self.args.extend(stream.args.into_iter().map(on));
        let of_stream = |entry| Metadata { specifier: Some(format!("s:{specifier}")), ..entry };
        self.metadata.extend(stream.metadata.into_iter().map(of_stream));
    }

    /// Copies all streams that have no codec of their own.
    pub(crate) fn copy(&mut self, streams: &mut [OutputStream]) {
        let comes_from_input =
            |stream: &OutputStream| !matches!(stream.map, Map::Node { .. } | Map::Label(_));
        if streams.iter().all(|stream| stream.codec.is_none() && comes_from_input(stream)) {
            // First, so that what is said of some of the streams counts for them.
            self.args.insert(0, Arg::new("c", "copy"));
            return;
        }
        for stream in streams {
            let is_taken_away = matches!(stream.map, Map::Except { .. });
            if stream.codec.is_none() && comes_from_input(stream) && !is_taken_away {
                stream.codec = Some("copy".to_owned());
            }
        }
    }

    pub(crate) fn put_into(self, output: &mut Output) {
        output.automatic = self.is_asked && !output.streams.is_empty();
        output.args.splice(..0, self.args);
        output.metadata.splice(..0, self.metadata);
    }
}
