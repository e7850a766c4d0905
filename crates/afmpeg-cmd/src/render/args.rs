//! Rendering of a command as arguments and as a line, in a fixed order.

use std::collections::HashSet;

use super::graph::GraphText;
use crate::{
    Arg, Filter, Time,
    model::{Attachment, Chapters, Command, Graph, Input, Map, Metadata, Output, OutputStream},
    specifier::{Open, Specifier, specifiers},
};

impl Command {
    /// Returns the arguments of `ffmpeg`, without its name. Equal commands return equal arguments.
    ///
    /// Nothing is checked: use [`Command::check`].
    pub fn to_args(&self) -> Vec<String> {
        let mut words = Words::default();
        self.args.iter().for_each(|arg| words.arg(arg));
        self.inputs.iter().for_each(|input| words.input(input));
        let open = self.outputs.first().map(|output| open(output, &self.graph)).unwrap_or_default();
        if !self.graph.nodes.is_empty() {
            words.option("filter_complex", GraphText { graph: &self.graph, open: &open });
        }
        for (index, output) in self.outputs.iter().enumerate() {
            words.output(output, &self.graph, index == 0 && !open.is_empty());
        }
        words.0
    }

    /// Returns the command line in shell syntax, with the leading `ffmpeg`, for logs and for terminals.
    ///
    /// [`Command::parse_line`] reads it back, unless an argument itself looks like shell syntax, such as `|`.
    ///
    /// ```
    /// use afmpeg_cmd::{Command, Input, Output};
    ///
    /// let film = Input::new("my film.mkv");
    /// let command = Command::new([Output::new("sound.flac").map(film.audio())]);
    /// assert_eq!(command.to_line(), "ffmpeg -i 'my film.mkv' -map 0:a:0 sound.flac");
    /// assert_eq!(Command::parse_line(&command.to_line())?.to_args(), command.to_args());
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn to_line(&self) -> String {
        shell_words::join(std::iter::once("ffmpeg".to_owned()).chain(self.to_args()))
    }
}

/// The arguments of the command line, for any function that takes arguments.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output};
///
/// let a = Input::new("a.wav");
/// let command = Command::new([Output::new("a.flac").map(a.audio())]);
/// assert_eq!(command.into_iter().collect::<Vec<_>>(), ["-i", "a.wav", "-map", "0:a:0", "a.flac"]);
/// ```
impl IntoIterator for Command {
    type Item = String;
    type IntoIter = std::vec::IntoIter<String>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_args().into_iter()
    }
}

impl IntoIterator for &Command {
    type Item = String;
    type IntoIter = std::vec::IntoIter<String>;

    fn into_iter(self) -> Self::IntoIter {
        self.to_args().into_iter()
    }
}

#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn arg(&mut self, arg: &Arg) {
        self.0.extend(arg.words());
    }

    fn option(&mut self, name: &str, value: impl ToString) {
        self.0.extend([format!("-{name}"), value.to_string()]);
    }

    fn arg_opt(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.option(name, value);
        }
    }

    fn times(&mut self, seek: Option<Time>, duration: Option<Time>, to: Option<Time>) {
        self.arg_opt("ss", seek);
        self.arg_opt("t", duration);
        self.arg_opt("to", to);
    }

    /// FFmpeg would read a path with a leading dash as an option.
    fn path(&mut self, path: &str) {
        let is_option = path.starts_with('-') && path != "-";
        self.0.push(if is_option { format!("./{path}") } else { path.to_owned() });
    }

    fn input(&mut self, input: &Input) {
        self.arg_opt("f", input.format.as_ref());
        self.times(input.seek, input.duration, input.to);
        self.arg_opt("sseof", input.seek_from_end);
        self.arg_opt("itsoffset", input.offset);
        self.arg_opt("stream_loop", input.repeats);
        input.args.iter().for_each(|arg| self.arg(arg));
        self.option("i", &input.path);
    }

    fn output(&mut self, output: &Output, graph: &Graph, is_automatic: bool) {
        if !is_automatic {
            for stream in &output.streams {
                self.option("map", map(&stream.map, graph));
            }
        }
        for (stream, specifier) in output.streams.iter().zip(specifiers(&output.streams, graph)) {
            self.stream(stream, specifier.as_deref());
        }
        self.times(output.seek, output.duration, output.to);
        self.arg_opt("fs", output.max_bytes);
        if output.shortest {
            self.arg(&Arg::flag("shortest"));
        }
        match output.chapters {
            Some(Chapters::Input(input)) => self.option("map_chapters", input),
            Some(Chapters::None) => self.option("map_chapters", -1),
            None => {}
        }
        for Metadata { specifier, key, value } in &output.metadata {
            let name =
                specifier.as_ref().map_or("metadata".to_owned(), |specifier| format!("metadata:{specifier}"));
            self.option(&name, format!("{key}={value}"));
        }
        for (index, Attachment { path, mime_type }) in output.attachments.iter().enumerate() {
            self.option("attach", path);
            self.arg_opt(
                &format!("metadata:s:t:{index}"),
                mime_type.as_ref().map(|kind| format!("mimetype={kind}")),
            );
        }
        output.args.iter().for_each(|arg| self.arg(arg));
        self.arg_opt("f", output.format.as_ref());
        self.path(&output.path);
    }

    fn stream(&mut self, stream: &OutputStream, specifier: Option<&str>) {
        let on = |name: &str| specifier.map_or(name.to_owned(), |specifier| format!("{name}:{specifier}"));
        self.arg_opt(&on("c"), stream.codec.as_ref());
        for arg in &stream.args {
            let specifier = arg.specifier.as_deref().or(specifier);
            self.arg(&Arg { specifier: specifier.map(str::to_owned), ..arg.clone() });
        }
        self.arg_opt(&on("filter"), chain(&stream.filters));
        self.arg_opt(&on("bsf"), chain(&stream.bitstream_filters));
        self.arg_opt(&on("frames"), stream.frames);
        for Metadata { key, value, .. } in &stream.metadata {
            self.option(&on("metadata:s"), format!("{key}={value}"));
        }
        self.arg_opt(&on("disposition"), stream.disposition.as_ref());
    }
}

/// Returns the pads that FFmpeg maps to this output, which is the first; none if they must be mapped explicitly.
pub(crate) fn open(output: &Output, graph: &Graph) -> HashSet<(usize, usize)> {
    let pads: Vec<(usize, usize)> = output
        .streams
        .iter()
        .filter_map(|stream| match stream.map {
            Map::Node { node, pad } => Some((node, pad)),
            _ => None,
        })
        .collect();
    let open: HashSet<(usize, usize)> = pads.iter().copied().collect();
    // FFmpeg assigns labels to a node's first pads: only its last pads can be unlabelled.
    let is_last = |(node, pad): &(usize, usize)| {
        let count = graph.nodes.get(*node).map_or(0, |node| node.outputs.len());
        (pad + 1..count).all(|pad| open.contains(&(*node, pad)))
    };
    let in_order = pads.is_sorted() && open.len() == output.streams.len();
    if output.automatic && in_order && pads.iter().all(is_last) { open } else { HashSet::new() }
}

/// Joins filters; `None` if there are none.
pub(crate) fn chain(filters: &[Filter]) -> Option<String> {
    (!filters.is_empty()).then(|| Filter::chain(filters))
}

fn map(map: &Map, graph: &Graph) -> String {
    let of_input = |input: usize, streams: &str| match streams {
        "" => input.to_string(),
        streams => format!("{input}:{streams}"),
    };
    match map {
        Map::Input { input, streams, optional } => {
            // Directly after a value, the mark would be part of it.
            let is_open = || {
                let specifier = Specifier::of(streams).filter(|specifier| specifier.rest.is_empty());
                specifier.is_some_and(|it| matches!(it.open, Some(Open::Usable | Open::Value)))
            };
            let mark = match optional {
                false => "",
                true if is_open() => ":?",
                true => "?",
            };
            format!("{}{mark}", of_input(*input, streams))
        }
        Map::Except { input, streams } => format!("-{}", of_input(*input, streams)),
        Map::Node { node, pad } => format!("[{}]", graph.label(*node, *pad)),
        Map::Label(label) => format!("[{label}]"),
    }
}
