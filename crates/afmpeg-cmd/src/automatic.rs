//! Options of streams that FFmpeg selects: such streams are not entries of the output, which holds their options
//! instead.

use crate::{
    Arg, MediaKind,
    entry::StreamOptions,
    model::{Map, Metadata, Output, OutputStream},
    render::chain,
};

/// The options of one output's automatic streams.
#[derive(Default)]
pub(crate) struct Automatic {
    /// Whether an automatic stream was added.
    has_streams: bool,
    args: Vec<Arg>,
    metadata: Vec<Metadata>,
}

impl Automatic {
    /// Adds the options of the automatic stream of a kind.
    pub(crate) fn add(&mut self, stream: StreamOptions, kind: MediaKind) {
        self.has_streams = true;
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

    /// Copies every stream that has no codec and no filters.
    pub(crate) fn copy(&mut self, streams: &mut [OutputStream]) {
        let is_copied = |stream: &OutputStream| {
            let is_filtered =
                !stream.filters.is_empty() || matches!(stream.map, Map::Node { .. } | Map::Label(_));
            stream.codec.is_none() && !is_filtered
        };
        if streams.iter().all(is_copied) {
            // First, so that options of single streams override it.
            self.args.insert(0, Arg::new("c", "copy"));
            return;
        }
        for stream in streams {
            if is_copied(stream) && !matches!(stream.map, Map::Except { .. }) {
                stream.codec = Some("copy".to_owned());
            }
        }
    }

    pub(crate) fn put_into(self, output: &mut Output) {
        output.automatic = self.has_streams && !output.streams.is_empty();
        output.args.splice(..0, self.args);
        output.metadata.splice(..0, self.metadata);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Codec, Command, Filter, Input, MediaKind, Output, OutputStream};

    fn outputs_words(output: Output) -> String {
        let film = Input::new("a.mkv");
        Command::from_input([&film], [output]).to_args()[2..].join(" ")
    }

    #[test]
    fn options_of_an_automatic_stream_get_the_specifier_of_its_kind() {
        let video = OutputStream::automatic(MediaKind::Video)
            .codec(Codec::new("libx264").opt("crf", 20).bitstream_filter("dump_extra"))
            .filter(Filter::new("scale").opt("w", 640))
            .filter("hflip")
            .frames(10)
            .metadata("title", "A")
            .disposition("default");
        assert_eq!(
            outputs_words(Output::new("b.mkv").metadata("title", "B").arg("t", 1).stream(video)),
            "-metadata:s:v title=A -metadata title=B -c:v libx264 -filter:v scale=w=640,hflip -bsf:v dump_extra \
             -frames:v 10 -disposition:v default -crf:v 20 -t 1 b.mkv"
        );
    }

    #[test]
    fn options_of_one_kind_override_copy_all() {
        let audio = || OutputStream::automatic(MediaKind::Audio).codec("aac");
        let expected = "-c copy -c:a aac b.mp4";
        assert_eq!(outputs_words(Output::new("b.mp4").copy_all().stream(audio())), expected);
        assert_eq!(outputs_words(Output::new("b.mp4").stream(audio()).copy_all()), expected);
    }

    #[test]
    fn filtered_streams_are_not_copied() {
        let film = Input::new("a.mkv");
        let output = Output::new("b.mkv")
            .map(film.video().filter("hflip"))
            .stream(OutputStream::all_of(&film, "a").filter("areverse"))
            .stream(OutputStream::all_of(&film, "s"))
            .copy_all();
        let command = Command::new([output]);
        assert!(command.check().is_ok());
        assert_eq!(
            command.to_args()[2..].join(" "),
            "-filter_complex [0:v:0]hflip@n0[v0] -map [v0] -map 0:a -map 0:s -filter:a areverse -c:s copy b.mkv"
        );
    }
}
