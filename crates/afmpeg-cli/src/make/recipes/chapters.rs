use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use afmpeg::{
    cmd::{
        Input, MediaKind, Time,
        containers::Container,
        recipes::{self, copy_all},
    },
    probe::Stream,
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        media::{Media, MediaFile, TextFile},
        part::time,
        plan::Plan,
        recipe::Recipe,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Chapters {
    /// Talk, book or film
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Text with a chapter in each line: its start and its title, as in 1:30 Interview
    #[arg(value_name = "LIST")]
    list: PathBuf,
}

impl Recipe for Chapters {
    fn input(&self) -> &Path {
        &self.input
    }

    fn texts(&self) -> Vec<&Path> {
        vec![&self.list]
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-chapters{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Streams
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let codec = file.probe.audio().and_then(|audio| audio.codec_name.as_deref()).unwrap_or_default();
        let container = Container::of_path(&media.output);
        let container = container.filter(|container| container.holds_chapters(codec)).ok_or_else(|| {
            Failure::usage(
                "cannot add chapters: FFmpeg writes none in the format of the output",
                "name an MP3, M4A, MP4, Opus or Matroska file with -o",
            )
        })?;
        let list = media.texts.first().ok_or_else(|| Failure::usage("the list is missing", "name a text"))?;
        let chapters = Chapter::all(list)?;
        fit(list, &chapters, container)?;
        let end = end(file, list, &chapters)?;
        let titles = chapters.iter().map(|chapter| (chapter.start, chapter.title));
        let text = recipes::chapters(titles, end)?;

        let input = file.input();
        let path = format!("{}chapters.txt", media.scratch);
        let copied = copy_all(&input, &file.probe, &media.output);
        let output = copied.output.chapters(&Input::new(&path).format("ffmetadata"));
        // FFmpeg writes chapters into ID3v2.4 with sizes that no reader understands if a title is long.
        let output = if container.muxers() == ["mp3"] { output.arg("id3v2_version", 3) } else { output };
        let plan = Plan::new(&file.probe, [output]).text(path, text);
        // An MP4 also has its old chapters in a stream of text, which the muxer replaces.
        let is_text = |stream: &Stream| {
            stream.kind() == Some(MediaKind::Data) && stream.codec_tag_string.as_deref() == Some("text")
        };
        let dropped = copied.dropped.iter();
        let dropped = dropped.filter(|left| !file.probe.streams.get(left.stream).is_some_and(is_text));
        Ok(dropped.fold(plan, |plan, stream| plan.note(stream.to_string())))
    }
}

/// A chapter of the list.
#[derive(Debug, PartialEq)]
struct Chapter<'a> {
    /// The number of its line, from 1.
    line: usize,
    start: Duration,
    title: &'a str,
}

impl<'a> Chapter<'a> {
    /// Reads the chapters of a list. Empty lines separate nothing.
    fn all(list: &'a TextFile) -> Result<Vec<Self>, Failure> {
        let mut chapters: Vec<Self> = Vec::new();
        for (line, text) in (1..).zip(list.text.lines()) {
            if text.trim().is_empty() {
                continue;
            }
            let chapter = Self::of_line(line, text.trim()).map_err(|problem| at(list, line, problem))?;
            if let Some(last) = chapters.last().filter(|last| last.start >= chapter.start) {
                let (start, before) = (Time::from(chapter.start), Time::from(last.start));
                return Err(at(list, line, format!("{start} is not after {before} in line {}", last.line)));
            }
            chapters.push(chapter);
        }
        if chapters.is_empty() {
            return Err(Failure::usage(format!("{} has no chapters", list.path), HINT));
        }
        Ok(chapters)
    }

    fn of_line(line: usize, text: &'a str) -> Result<Self, String> {
        let (start, title) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let start = time(start).map_err(|_| format!("expected a time such as 1:30, found {start:?}"))?;
        match title.trim() {
            "" => Err("the title is missing".to_owned()),
            title if title.contains('\0') => Err("the title contains a zero byte".to_owned()),
            title => Ok(Self { line, start, title }),
        }
    }
}

const HINT: &str = "write a time and a title in each line, in the order of the times, as in 1:30 Interview";

fn at(list: &TextFile, line: usize, problem: String) -> Failure {
    Failure::usage(format!("{}, line {line}: {problem}", list.path), HINT)
}

/// The longest title of a chapter in MP4 and its relatives, in bytes: FFmpeg writes its length in 16 bits.
const LONGEST: usize = 65_535;

/// Fails if the format cannot hold a title. Those of other formats than MP4 have no limit that a text reaches.
fn fit(list: &TextFile, chapters: &[Chapter<'_>], container: &Container) -> Result<(), Failure> {
    let is_limited = container.muxers().iter().any(|muxer| matches!(*muxer, "mp4" | "mov" | "ipod"));
    let mut long = chapters.iter().filter(|chapter| is_limited && chapter.title.len() > LONGEST);
    let Some(chapter) = long.next() else { return Ok(()) };
    let start: String = chapter.title.chars().take(20).collect();
    let bytes = chapter.title.len();
    let problem = format!("the title {start:?}... has {bytes} bytes, and the format holds {LONGEST}");
    Err(at(list, chapter.line, problem)
        .with_hint("shorten the title, or name a Matroska file with -o".to_owned()))
}

/// Returns the end of the last chapter, which is that of the file.
fn end(file: &MediaFile, list: &TextFile, chapters: &[Chapter<'_>]) -> Result<Duration, Failure> {
    let end = file.probe.duration().ok_or_else(|| {
        Failure::usage(
            format!("the duration of {} is unknown", file.path),
            "copy it to a container such as Matroska first, with `afmpeg make trim --from 0`",
        )
    })?;
    match chapters.last().filter(|last| last.start >= end) {
        None => Ok(end),
        Some(last) => {
            let problem = format!("{} is not before the end of {}", Time::from(last.start), file.path);
            let hint = format!("choose a time before {}", Time::from(end));
            Err(at(list, last.line, problem).with_hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> TextFile {
        TextFile { path: "list.txt".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn line_has_a_time_and_a_title_with_any_characters() {
        let list = list("0 Intro\r\n\n\t1:30\tQ=A; #1\n0:02:00.5   - two  words \n");
        let chapters = Chapter::all(&list).unwrap();
        let expected = [(1, 0, "Intro"), (3, 90_000, "Q=A; #1"), (4, 120_500, "- two  words")];
        let expected = expected.map(|(line, millis, title)| Chapter {
            line,
            start: Duration::from_millis(millis),
            title,
        });
        assert_eq!(chapters, expected);
    }

    #[test]
    fn title_that_mp4_would_cut_is_refused_with_its_start_and_matroska_holds_it() {
        let of = |bytes: usize, path: &str| {
            let list = list(&format!("0 {}", "é".repeat(bytes / 2) + &"x".repeat(bytes % 2)));
            fit(&list, &Chapter::all(&list).unwrap(), Container::of_path(path).unwrap())
        };
        for path in ["a.mp4", "a.mov", "a.m4b"] {
            assert!(of(65_535, path).is_ok());
            let error = of(65_536, path).unwrap_err();
            assert_eq!(
                error.message().unwrap(),
                format!(
                    "list.txt, line 1: the title {:?}... has 65536 bytes, and the format holds 65535",
                    "é".repeat(20)
                )
            );
        }
        assert!(of(70_000, "a.mkv").is_ok() && of(70_000, "a.mp3").is_ok());
    }

    #[test]
    fn errors_have_the_number_of_the_line() {
        for (text, words) in [
            ("0 Intro\nIntro 0", "list.txt, line 2: expected a time such as 1:30, found \"Intro\""),
            ("\n-5 Intro", "list.txt, line 2: expected a time"),
            ("0:10", "list.txt, line 1: the title is missing"),
            ("0 a\0b", "list.txt, line 1: the title contains a zero byte"),
            ("5 a\n\n5 b", "list.txt, line 3: 5 is not after 5 in line 1"),
            (" \n", "list.txt has no chapters"),
        ] {
            let error = Chapter::all(&list(text)).unwrap_err();
            assert!(error.message().unwrap().starts_with(words), "{text:?}: {error:?}");
        }
    }
}
