//! Parsing of a command line.

use super::{
    arguments::{Arguments, File, OptionArg},
    error::{ParseError, Problem},
    link::{ComplexGraph, Linked, Unlinked, link},
    number::whole,
    output::output,
};
use crate::model::{Command, Input, Source};

impl Command {
    /// Parses the arguments of `ffmpeg`, without its name. Short option names become the usual ones, and options of a
    /// mapped stream move to it. Any option without a field stays an [`Arg`](crate::Arg); a command that FFmpeg would
    /// refuse is an error.
    ///
    /// Unknown options are taken for options of a codec or format, which have a value.
    ///
    /// ```
    /// use afmpeg_cmd::Command;
    ///
    /// let line = ["-i", "a.mp4", "-vf", "scale=640:-2", "-map", "0:v:0", "-vcodec", "libx264", "-crf:v", "23", "b.mp4"];
    /// let command = Command::parse(line)?;
    /// assert_eq!(command.outputs[0].streams[0].codec.as_deref(), Some("libx264"));
    /// assert_eq!(
    ///     command.to_args().join(" "),
    ///     "-i a.mp4 -map 0:v:0 -c:v libx264 -crf:v 23 -filter:v scale=640:-2 b.mp4"
    /// );
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn parse(args: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, ParseError> {
        let words: Vec<String> = args.into_iter().map(|word| word.as_ref().to_owned()).collect();
        let words = Arguments::of(&words)?;
        let mut command = Self::default();
        for file in &words.inputs {
            command.inputs.push(input(file)?);
        }
        let (graphs, others): (Vec<&OptionArg<'_>>, Vec<&OptionArg<'_>>) =
            words.global.iter().partition(|option| option.name.name == "filter_complex");
        let mut graph = if others.iter().any(|option| option.name.name == "/filter_complex") {
            ComplexGraph::Text
        } else {
            linked(&graphs)?
        };
        command.args.extend(others.iter().map(|option| option.arg()));
        match &mut graph {
            ComplexGraph::Text => command.args.extend(graphs.iter().map(|option| option.arg())),
            ComplexGraph::Linked(linked) => command.graph = std::mem::take(&mut linked.graph),
        }
        if let (Some(missing), Some(graph)) = (missing_input(&command), graphs.first()) {
            return Err(graph.err_no_input(missing, command.inputs.len()));
        }
        for (index, file) in words.outputs.iter().enumerate() {
            let parsed = output(file, &command, &graph, index == 0)?;
            command.outputs.push(parsed);
        }
        Ok(command)
    }

    /// Parses a line in shell syntax, with quotes and continued lines, with or without the leading `ffmpeg`. Variables
    /// and patterns are not expanded.
    ///
    /// ```
    /// use afmpeg_cmd::Command;
    ///
    /// let command = Command::parse_line("ffmpeg -i 'my film.mkv' \\\n    -c copy out.mp4")?;
    /// assert_eq!(command.to_args(), ["-i", "my film.mkv", "-c", "copy", "out.mp4"]);
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn parse_line(line: &str) -> Result<Self, ParseError> {
        let words = shell_words::split(line)
            .map_err(|_| Problem::new("unterminated quote", "close it").of(0, line))?;
        // A file may follow the sign without a blank.
        let is_shell = |word: &str| {
            matches!(word, "|" | "||" | "&" | "&&" | ";")
                || ["<", ">", "0<", "1>", "2>", "&>"].iter().any(|sign| word.starts_with(sign))
        };
        let is_name =
            |word: &String| matches!(word.rsplit(['/', '\\']).next(), Some("ffmpeg" | "ffmpeg.exe"));
        // Words before the name: `time`, `sudo`, an assignment.
        let before =
            words.iter().take_while(|word| !word.starts_with('-')).position(is_name).unwrap_or_default();
        let shell = words.iter().enumerate().find(|(index, word)| *index < before || is_shell(word));
        if let Some((index, word)) = shell {
            let problem = Problem::new("shell syntax is not part of the command", "remove it");
            return Err(problem.of(index, word.as_str()));
        }
        let skipped = usize::from(words.first().is_some_and(is_name));
        Self::parse(&words[skipped..]).map_err(|error| ParseError { index: error.index + skipped, ..error })
    }
}

fn linked(graphs: &[&OptionArg<'_>]) -> Result<ComplexGraph, ParseError> {
    if graphs.is_empty() {
        return Ok(ComplexGraph::Linked(Linked::default()));
    }
    let texts: Vec<&str> = graphs.iter().map(|option| option.value.unwrap_or_default()).collect();
    match link(&texts) {
        Ok(linked) => Ok(ComplexGraph::Linked(linked)),
        Err(Unlinked::Unsupported(_)) => Ok(ComplexGraph::Text),
        Err(Unlinked::Invalid(text, problem)) => Err(problem.of(graphs[text].index, texts[text])),
    }
}

/// Returns an input that the graph reads and the command lacks.
fn missing_input(command: &Command) -> Option<usize> {
    let sources = command.graph.nodes.iter().flat_map(|node| &node.inputs);
    let inputs = sources.filter_map(|source| match source {
        Source::Input { input, .. } => Some(*input),
        _ => None,
    });
    inputs.max().filter(|input| *input >= command.inputs.len())
}

fn input(file: &File<'_>) -> Result<Input, ParseError> {
    let mut input = Input { path: file.path.clone(), ..Input::default() };
    for option in &file.options {
        let value = option.value.unwrap_or_default();
        match (option.name.name.as_ref(), option.name.specifier) {
            ("f", None) => input.format = Some(value.to_owned()),
            ("ss", None) => input.seek = option.time()?,
            ("sseof", None) => input.seek_from_end = option.time()?,
            ("t", None) => input.duration = option.time()?,
            ("to", None) => input.to = option.time()?,
            ("itsoffset", None) => input.offset = option.time()?,
            ("stream_loop", None) => {
                let count = whole(value).and_then(|count| i32::try_from(count).ok());
                let wrong = || {
                    option.wrong("expected a whole number", "write a number of repeats, or -1 for endless")
                };
                input.repeats = Some(count.ok_or_else(wrong)?);
            }
            _ => input.args.push(option.arg()),
        }
    }
    Ok(input)
}
