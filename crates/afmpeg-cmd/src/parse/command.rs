//! A command line as a job: its words first, then its files.

use super::{
    error::{ParseError, Problem},
    link::{Linked, Unlinked, link},
    number::whole,
    options::{Name, Scope},
    output::output,
};
use crate::{
    Arg, Time,
    model::{Input, Job, Source},
};

/// An option with its value, and where it stands.
pub(super) struct Given<'a> {
    pub(super) name: Name<'a>,
    pub(super) value: Option<&'a str>,
    /// The place of its value, or of itself if it has none.
    pub(super) index: usize,
}

impl Given<'_> {
    pub(super) fn arg(&self) -> Arg {
        Arg {
            name: self.name.name.clone().into_owned(),
            specifier: self.name.specifier.map(str::to_owned),
            value: self.value.map(Into::into),
        }
    }

    pub(super) fn wrong(&self, problem: impl Into<String>, hint: impl Into<String>) -> ParseError {
        Problem::new(problem, hint).of(self.index, self.value.unwrap_or(&self.name.name))
    }

    /// What is wrong if it is a switch, misspelt, and no file is left behind it.
    fn takes_a_file(&self) -> Option<ParseError> {
        let switch = self.name.misspelt()?;
        let problem =
            format!("-{} is no option of FFmpeg's own, and takes this for its value", self.name.name);
        Some(self.wrong(problem, format!("write -{switch}, which has no value")))
    }

    pub(super) fn time(&self) -> Result<Option<Time>, ParseError> {
        let time = self.value.unwrap_or_default().parse();
        time.map(Some)
            .map_err(|_| self.wrong("it is no time duration", "write seconds, or 1:02:03.5, or 200ms"))
    }
}

/// A file with the options before it.
pub(super) struct File<'a> {
    pub(super) path: String,
    pub(super) options: Vec<Given<'a>>,
}

/// A command line, taken apart at its files.
#[derive(Default)]
struct Words<'a> {
    global: Vec<Given<'a>>,
    inputs: Vec<File<'a>>,
    outputs: Vec<File<'a>>,
}

impl<'a> Words<'a> {
    /// As `split_commandline` does it.
    fn of(words: &'a [String]) -> Result<Self, ParseError> {
        let mut all = Self::default();
        let mut waiting: Vec<Given<'a>> = Vec::new();
        let mut rest = words.iter().enumerate();
        while let Some((index, word)) = rest.next() {
            let wrong = |problem: Problem| problem.of(index, word.as_str());
            let mut value = || {
                let problem = || wrong(Problem::new("nothing follows it", "give it a value"));
                rest.next().ok_or_else(problem)
            };
            if word == "--" {
                // What follows is a file, whatever it looks like.
                let Some((index, path)) = rest.next() else { break };
                let path =
                    if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.clone() };
                all.outputs.push(file(path, &mut waiting, Scope::Output, index)?);
                continue;
            }
            let Some(option) = word.strip_prefix('-').filter(|option| !option.is_empty()) else {
                if word.is_empty() {
                    return Err(wrong(Problem::new(
                        "a file has no name",
                        "name it, or leave the empty word out",
                    )));
                }
                all.outputs.push(file(word.clone(), &mut waiting, Scope::Output, index)?);
                continue;
            };
            if option == "i" {
                let (index, path) = value()?;
                all.inputs.push(file(path.clone(), &mut waiting, Scope::Input, index)?);
                continue;
            }
            let name = Name::of(option).map_err(wrong)?;
            let (index, value) = if name.has_value {
                let (index, value) = value()?;
                if let Some(problem) = name.takes_an_option(value) {
                    return Err(wrong(problem));
                }
                (index, Some(value.as_str()))
            } else {
                (index, None)
            };
            let is_global = name.scope == Some(Scope::Global);
            if is_global { &mut all.global } else { &mut waiting }.push(Given { name, value, index });
        }
        if let Some(error) = waiting.iter().find_map(Given::takes_a_file) {
            return Err(error);
        }
        match waiting.first() {
            Some(option) => Err(Problem::new(
                format!("-{} stands behind the last file", option.name.name),
                "put the options of an output before it",
            )
            .of(option.index, option.value.unwrap_or(&option.name.name))),
            None if all.outputs.is_empty() => {
                Err(Problem::new("there is no output", "name a file at the end").of(words.len(), ""))
            }
            None => Ok(all),
        }
    }
}

fn file<'a>(
    path: String,
    waiting: &mut Vec<Given<'a>>,
    scope: Scope,
    index: usize,
) -> Result<File<'a>, ParseError> {
    let other = if scope == Scope::Input { Scope::Output } else { Scope::Input };
    if let Some(option) = waiting.iter().find(|option| option.name.scope == Some(other)) {
        let (for_what, file) =
            if scope == Scope::Input { ("an output", "an input") } else { ("an input", "an output") };
        let problem = format!("-{} is for {for_what}, and stands before {file}", option.name.name);
        return Err(option
            .wrong(problem, format!("move it from before argument {index} to before the file it is for")));
    }
    Ok(File { path, options: std::mem::take(waiting) })
}

/// What is known of the pads of graphs, when outputs take from them.
pub(super) enum Pads {
    Linked(Linked),
    /// The graph stays text.
    Text,
}

impl Job {
    /// The job that these arguments of `ffmpeg` are, without its name. Short names of options become the usual ones,
    /// and what belongs to a mapped stream goes to it. Whatever has no field stays an [`Arg`]; what FFmpeg would not
    /// understand is an error.
    ///
    /// Options that `ffmpeg` does not know itself are taken for a codec's or a format's, which have a value.
    ///
    /// ```
    /// use afmpeg_cmd::Job;
    ///
    /// let line = ["-i", "a.mp4", "-vf", "scale=640:-2", "-map", "0:v:0", "-vcodec", "libx264", "-crf:v", "23", "b.mp4"];
    /// let job = Job::parse(line)?;
    /// assert_eq!(job.outputs[0].streams[0].codec.as_deref(), Some("libx264"));
    /// assert_eq!(
    ///     job.to_args().join(" "),
    ///     "-i a.mp4 -map 0:v:0 -c:v libx264 -crf:v 23 -filter:v scale=640:-2 b.mp4"
    /// );
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn parse(args: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, ParseError> {
        let words: Vec<String> = args.into_iter().map(|word| word.as_ref().to_owned()).collect();
        let words = Words::of(&words)?;
        let mut job = Self::default();
        for file in &words.inputs {
            job.inputs.push(input(file)?);
        }
        let (graphs, others): (Vec<&Given<'_>>, Vec<&Given<'_>>) =
            words.global.iter().partition(|option| option.name.name == "filter_complex");
        let mut pads = if others.iter().any(|option| option.name.name == "/filter_complex") {
            Pads::Text
        } else {
            linked(&graphs)?
        };
        job.args.extend(others.iter().map(|option| option.arg()));
        match &mut pads {
            Pads::Text => job.args.extend(graphs.iter().map(|option| option.arg())),
            Pads::Linked(linked) => job.graph = std::mem::take(&mut linked.graph),
        }
        if let (Some(missing), Some(graph)) = (missing_input(&job), graphs.first()) {
            return Err(graph.wrong(no_input(missing), inputs_there_are(job.inputs.len())));
        }
        for (index, file) in words.outputs.iter().enumerate() {
            let made = output(file, &job, &pads, index == 0)?;
            job.outputs.push(made);
        }
        Ok(job)
    }

    /// The same of a line as a shell takes it, quotes, continued lines and all, with or without the word `ffmpeg`.
    /// Nothing is expanded: neither variables nor patterns.
    ///
    /// ```
    /// use afmpeg_cmd::Job;
    ///
    /// let job = Job::parse_line("ffmpeg -i 'my film.mkv' \\\n    -c copy out.mp4")?;
    /// assert_eq!(job.to_args(), ["-i", "my film.mkv", "-c", "copy", "out.mp4"]);
    /// # Ok::<(), afmpeg_cmd::ParseError>(())
    /// ```
    pub fn parse_line(line: &str) -> Result<Self, ParseError> {
        let words = shell_words::split(line)
            .map_err(|_| Problem::new("a quote has no end", "close it").of(0, line))?;
        // A file beside the sign is one word with it.
        let is_shell = |word: &str| {
            matches!(word, "|" | "||" | "&" | "&&" | ";")
                || ["<", ">", "0<", "1>", "2>", "&>"].iter().any(|sign| word.starts_with(sign))
        };
        let is_name =
            |word: &String| matches!(word.rsplit(['/', '\\']).next(), Some("ffmpeg" | "ffmpeg.exe"));
        // What stands before the name: `time`, `sudo`, a variable that is set.
        let before =
            words.iter().take_while(|word| !word.starts_with('-')).position(is_name).unwrap_or_default();
        let shell = words.iter().enumerate().find(|(index, word)| *index < before || is_shell(word));
        if let Some((index, word)) = shell {
            let problem = Problem::new("it is the shell's, and no part of the command", "leave it out");
            return Err(problem.of(index, word.as_str()));
        }
        let skipped = usize::from(words.first().is_some_and(is_name));
        Self::parse(&words[skipped..]).map_err(|error| ParseError { index: error.index + skipped, ..error })
    }
}

fn linked(graphs: &[&Given<'_>]) -> Result<Pads, ParseError> {
    if graphs.is_empty() {
        return Ok(Pads::Linked(Linked::default()));
    }
    let texts: Vec<&str> = graphs.iter().map(|option| option.value.unwrap_or_default()).collect();
    match link(&texts) {
        Ok(linked) => Ok(Pads::Linked(linked)),
        Err(Unlinked::Unfit(_)) => Ok(Pads::Text),
        Err(Unlinked::Wrong(text, problem)) => Err(problem.of(graphs[text].index, texts[text])),
    }
}

/// An input that the graph takes from and that is not there.
fn missing_input(job: &Job) -> Option<usize> {
    let sources = job.graph.nodes.iter().flat_map(|node| &node.inputs);
    let inputs = sources.filter_map(|source| match source {
        Source::Input { input, .. } => Some(*input),
        _ => None,
    });
    inputs.max().filter(|input| *input >= job.inputs.len())
}

pub(super) fn no_input(input: usize) -> String {
    format!("there is no input {input}")
}

pub(super) fn inputs_there_are(count: usize) -> String {
    match count {
        0 => "the command has none: put -i and a file before its outputs".to_owned(),
        1 => "inputs count from 0, and there is one".to_owned(),
        _ => format!("inputs count from 0, and there are {count}"),
    }
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
                let wrong =
                    || option.wrong("it is no number of times", "write a whole number, or -1 for ever");
                input.repeats = Some(count.ok_or_else(wrong)?);
            }
            _ => input.args.push(option.arg()),
        }
    }
    Ok(input)
}
