//! Real command lines, the commands parsed from them, and equivalent built commands: all have the same effect in
//! FFmpeg.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use afmpeg_cmd::Command;
use afmpeg_engine::Result;
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    built::BUILT,
    harness::{Variant, fixture, full, log_of},
    lines::LINES,
};

/// The input files of a line: two seconds at ten frames per second, unless the line needs other ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Media {
    seconds: u32,
    rate: u32,
    /// Options before the two inputs of a film, and after them.
    before: &'static str,
    after: &'static str,
}

const USUAL: Media = Media { seconds: 2, rate: 10, before: "", after: "" };

impl Media {
    fn for_line(name: &str) -> Self {
        let film = |seconds, rate| Self { seconds, rate, ..USUAL };
        match name {
            // Long enough for the skipped or cut part.
            "cuts without encoding" => film(91, 2),
            "is cut into files" => film(63, 2),
            "cuts exactly" => film(12, 5),
            "is the end of it" => film(12, 5),
            // x264's lookahead must be shorter than the ten seconds that FFmpeg waits for packets: otherwise thread
            // timing would decide the segment of a packet.
            "is cut into pieces for HLS" => film(9, 10),
            "takes one picture" => film(6, 5),
            "makes a GIF with colours of its own" => film(3, 5),
            "fades from one film to the next" => film(5, 5),
            // These have large outputs.
            "has bars around it" | "is two files in one run" | "is a ladder for HLS" => film(1, 4),
            // Without these options the lines would have no effect.
            "takes all names away" => Self { after: "-i names.txt -map_metadata 2 -map_chapters 2", ..USUAL },
            "turns it by a quarter" => Self { before: "-noautorotate -display_rotation 90", ..USUAL },
            "keeps all streams but subtitles" | "has subtitles if there are some" => {
                Self { after: "-i subs.srt -map 3", ..USUAL }
            }
            _ => USUAL,
        }
    }

    /// Returns the arguments that create a file, whose contents depend on the first letter of its name.
    fn args(self, name: &str) -> Option<String> {
        let Self { seconds, rate, before, after } = self;
        // The voice ends before the music.
        let seconds = if name == "voice.wav" { 1 } else { seconds };
        let letter = u32::from(name.bytes().next()?);
        let (hue, tone) = (letter * 40 % 360, 200 + letter * 5);
        let video = format!("-f lavfi -i testsrc2=s=160x90:r={rate}:d={seconds},hue=h={hue}");
        let audio = format!("-f lavfi -i sine=f={tone}:d={seconds},aformat=channel_layouts=stereo");
        let codecs = "-c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -c:a aac -aac_coder fast";
        Some(match name.rsplit('.').next()? {
            "mp4" | "mov" => format!("{before} {video} {audio} {after} {codecs} {name}"),
            "mkv" => {
                let surround = "pan=5.1|c0=c0|c1=0.5*c0|c2=0.3*c0|c4=0.2*c0";
                let surround = format!("-f lavfi -i sine=f=300:d={seconds},{surround}");
                format!("{video} {surround} {audio} {after} -map 0 -map 1 -map 2 {codecs} {name}")
            }
            "mp3" | "m4a" | "wav" => format!("{audio} {name}"),
            "jpg" | "png" if name.contains('%') => format!("{video} {name}"),
            "jpg" | "png" => format!("-f lavfi -i testsrc2=s=40x40 -frames:v 1 -update 1 {name}"),
            _ => return None,
        })
    }
}

/// Returns the contents of a text file that a line reads.
fn text(name: &str) -> Option<&'static str> {
    Some(match name {
        "list.txt" => "file a.mp4\nfile b.mp4\n",
        "subs.srt" => "1\n00:00:00,200 --> 00:00:01,000\nOne\n\n2\n00:00:01,200 --> 00:00:01,800\nTwo\n",
        "names.txt" => {
            ";FFMETADATA1\ntitle=A film\n\
             [CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n\
             [CHAPTER]\nTIMEBASE=1/1\nSTART=1\nEND=2\ntitle=Two\n"
        }
        _ => return None,
    })
}

/// The results of a run: files by path, standard output, and the summary of measurements in the log.
struct Results {
    files: BTreeMap<String, Bytes>,
    stdout: Vec<u8>,
    measured: Vec<String>,
}

/// Runs lines, and caches their input files.
struct Studio {
    module: Variant,
    cache: HashMap<(String, Media), Vec<(String, Bytes)>>,
}

impl Studio {
    fn new() -> Self {
        Self { module: full(), cache: HashMap::new() }
    }

    /// Creates the files of a name, which may be a numbered pattern, and returns them by path.
    fn create(&mut self, name: &str, media: Media) -> Vec<(String, Bytes)> {
        if let Some(text) = text(name) {
            return vec![(format!("/{name}"), Bytes::from_static(text.as_bytes()))];
        }
        if name.ends_with(".ttf") {
            return vec![(format!("/{name}"), fixture("DejaVuSansMono.ttf").into())];
        }
        let key = (name.to_owned(), media);
        if let Some(files) = self.cache.get(&key) {
            return files.clone();
        }
        let args = media.args(name).unwrap_or_else(|| panic!("no arguments to create {name}"));
        let fs = MemFs::new();
        for text_file in ["subs.srt", "names.txt"].iter().filter(|file| media.after.contains(**file)) {
            fs.write(format!("/{text_file}"), text(text_file).unwrap()).unwrap();
        }
        let before = fs.walk("/").unwrap();
        self.module.ffmpeg(&fs, &args);
        let files = fs.walk("/").unwrap().into_iter().filter(|path| !before.contains(path));
        let files: Vec<(String, Bytes)> = files.map(|path| (path.clone(), fs.read(&path).unwrap())).collect();
        self.cache.insert(key, files.clone());
        files
    }

    /// Returns a filesystem with the input files of a line.
    fn stage(&mut self, line_name: &str, line: &str, command: &Command) -> MemFs {
        let fs = MemFs::new();
        let inputs = command.inputs.iter().filter(|input| input.format.as_deref() != Some("lavfi"));
        let attached = command.outputs.iter().flat_map(|output| &output.attachments);
        let mut names: Vec<&str> = inputs.map(|input| input.path.as_str()).collect();
        names.extend(attached.map(|attachment| attachment.path.as_str()));
        names.extend(line.contains("subs.srt").then_some("subs.srt"));
        names.extend(line.contains("fontsdir=fonts").then_some("fonts/DejaVuSansMono.ttf"));
        names.extend(line.contains("fontfile=").then_some("DejaVuSansMono.ttf"));
        if names.contains(&"list.txt") {
            names.extend(["a.mp4", "b.mp4"]);
        }
        for name in names {
            for (path, contents) in self.create(name, Media::for_line(line_name)) {
                fs.create_dir_all(path.rsplit_once('/').unwrap().0).unwrap();
                fs.write(path, contents).unwrap();
            }
        }
        fs
    }

    /// Runs arguments on a copy of a filesystem.
    fn run(&self, stage: &MemFs, args: &[String]) -> Result<Results> {
        let fs = stage.snapshot();
        let output = self.module.runtime.job(fs.clone()).args(args).deterministic().run()?;
        let new = fs.walk("/").unwrap().into_iter().filter(|path| !stage.exists(path));
        let files = new.map(|path| (path.clone(), fs.read(&path).unwrap())).collect();
        let summary = output.log().lines().skip_while(|line| !line.ends_with("Summary:")).skip(1);
        let measured = summary.take_while(|line| line.is_empty() || line.starts_with(' '));
        let measured = measured.map(str::to_owned).collect();
        Ok(Results { files, stdout: output.stdout().to_vec(), measured })
    }

    /// Decodes a file and returns a line for each frame, or each packet of subtitles, by stream.
    fn frames(&self, path: &str, contents: &Bytes) -> BTreeMap<String, Vec<String>> {
        let fs = MemFs::new();
        fs.write(path, contents.clone()).unwrap();
        let line = format!("-i {path} -map 0:v? -map 0:a? -map 0:s? -c:s copy -f framemd5 -");
        let output = self.module.ffmpeg(&fs, &line);
        let mut streams = BTreeMap::<String, Vec<String>>::new();
        for line in str::from_utf8(output.stdout()).unwrap().lines().filter(|line| !line.starts_with('#')) {
            let (stream, frame) = line.split_once(',').unwrap();
            streams.entry(stream.to_owned()).or_default().push(frame.to_owned());
        }
        assert!(!streams.is_empty(), "{path} has no frames");
        streams
    }

    /// Returns a file's metadata: codecs, tags, dispositions and chapters.
    fn metadata(&self, path: &str, contents: &Bytes) -> Value {
        let fs = MemFs::new();
        fs.write(path, contents.clone()).unwrap();
        let probe = serde_json::to_value(self.module.runtime.probe(fs, path).unwrap()).unwrap();
        let streams = probe["streams"].as_array().unwrap().iter();
        let streams =
            streams.map(|stream| json!([stream["codec_name"], stream["tags"], stream["disposition"]]));
        json!([streams.collect::<Vec<_>>(), probe["format"]["tags"], probe["chapters"]])
    }

    /// Checks that a line has the same results as written, as parsed and as built.
    fn compare(&mut self, name: &str, line: &str, build: fn() -> Command) {
        let command = Command::parse_line(line).unwrap();
        let stage = self.stage(name, line, &command);
        let run = |args: &[String]| match self.run(&stage, args) {
            Ok(results) => results,
            Err(error) => panic!("{name}: {}: {error}\n{}", args.join(" "), log_of(&error)),
        };
        let written = run(&words(line));
        let has_results =
            !written.files.is_empty() || !written.stdout.is_empty() || !written.measured.is_empty();
        assert!(has_results, "{name}: no results");
        self.assert_expected_duration(&command, &stage, &written, name);
        let is_shortest = command.outputs.iter().any(|output| output.shortest);
        let mut forms = vec![command.to_args(), build().to_args()];
        forms.dedup();
        for form in forms {
            self.assert_same(&written, &run(&form), is_shortest, &format!("{name}: {}", form.join(" ")));
        }
    }

    /// Returns the duration of a file in seconds, if it has one.
    fn seconds(&self, fs: &MemFs, path: &str) -> Option<f64> {
        let probe = self.module.runtime.probe(fs.clone(), path).ok()?;
        Some(probe.format?.duration()?.as_secs_f64())
    }

    /// Checks the durations of a line's files against the expected duration, if there is one.
    #[track_caller]
    fn assert_expected_duration(&self, command: &Command, stage: &MemFs, written: &Results, name: &str) {
        let durations: Vec<Option<Duration>> = command
            .inputs
            .iter()
            .map(|input| self.seconds(stage, &input.path).map(Duration::from_secs_f64))
            .collect();
        let paths: Option<Vec<String>> = command
            .outputs
            .iter()
            .map(|output| Some(format!("/{}", output.path)))
            .map(|path| path.filter(|path| written.files.contains_key(path) && !is_picture(path)))
            .collect();
        let (Some(expected), Some(paths)) = (command.expected_duration(&durations), paths) else { return };
        let fs = MemFs::new();
        let seconds = paths.iter().filter_map(|path| {
            fs.write("/output", written.files[path].clone()).unwrap();
            self.seconds(&fs, "output")
        });
        let Some(longest) = seconds.reduce(f64::max) else { return };
        // FFmpeg continues for some frames after the end of the shortest stream.
        if command.outputs.iter().any(|output| output.shortest) {
            assert!(
                longest >= expected.as_secs_f64() - 0.1,
                "{name}: expected {expected:?}, found {longest} s"
            );
            return;
        }
        // Allow for a frame of the slowest film, which has two per second.
        let off = (longest - expected.as_secs_f64()).abs();
        assert!(off <= 0.55, "{name}: expected {expected:?} of {durations:?}, found {longest} s");
    }

    #[track_caller]
    fn assert_same(&self, written: &Results, other: &Results, is_shortest: bool, context: &str) {
        let names = |results: &Results| results.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(written), names(other), "{context}");
        assert_eq!(written.stdout, other.stdout, "{context}");
        assert_eq!(written.measured, other.measured, "{context}");
        for (path, contents) in &written.files {
            let others = &other.files[path];
            // Mostly the bytes are equal, and so are frames and metadata.
            let is_same = contents == others;
            if !is_media(path) {
                assert!(is_same, "{context}: {path}");
                continue;
            }
            let frames = self.frames(path, contents);
            if is_same {
                continue;
            }
            assert_eq!(self.metadata(path, contents), self.metadata(path, others), "{context}: {path}");
            let others = self.frames(path, others);
            if is_shortest {
                assert_same_until_the_shortest(&frames, &others, context);
            } else {
                assert_eq!(frames, others, "{context}: {path}");
            }
        }
    }
}

/// Checks that one stream is equal, and that the others have equal times as far as both go. How far FFmpeg reads past
/// the shortest stream depends on its threads, and so do the frames in an encoder's lookahead.
#[track_caller]
fn assert_same_until_the_shortest(
    written: &BTreeMap<String, Vec<String>>,
    other: &BTreeMap<String, Vec<String>>,
    context: &str,
) {
    assert!(written.keys().eq(other.keys()), "{context}");
    let pairs = || written.values().zip(other.values());
    assert!(pairs().any(|(written, other)| written == other), "{context}");
    for (written, other) in pairs() {
        let times = |frames: &[String], count: usize| -> Vec<String> {
            frames[..count].iter().map(|frame| frame.rsplit_once(',').unwrap().0.to_owned()).collect()
        };
        let both = written.len().min(other.len());
        assert_eq!(times(written, both), times(other, both), "{context}");
    }
}

fn is_media(path: &str) -> bool {
    !path.ends_with(".m3u8") && !path.contains(".log")
}

/// Returns whether a file is a single frame or a list, which have no duration.
fn is_picture(path: &str) -> bool {
    [".png", ".jpg", ".m3u8"].iter().any(|ending| path.ends_with(ending))
}

/// Splits a line like a shell, and returns the words after the program.
fn words(line: &str) -> Vec<String> {
    shell_words::split(line).unwrap().split_off(1)
}

/// Groups of lines for tests that run in parallel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Graph,
    Copy,
    Filter,
    Plain,
}

fn group(line: &str) -> Group {
    let has = |words: &[&str]| line.split(' ').any(|word| words.contains(&word));
    if has(&["-filter_complex", "-lavfi"]) {
        Group::Graph
    } else if has(&["copy"]) {
        Group::Copy
    } else if has(&["-vf", "-af"]) {
        Group::Filter
    } else {
        Group::Plain
    }
}

#[track_caller]
fn same_in_all_forms(selected: Group) {
    let mut studio = Studio::new();
    for ((name, line, _), (built, build)) in LINES.iter().zip(BUILT) {
        assert_eq!(name, built);
        if group(line) == selected {
            studio.compare(name, line, *build);
        }
    }
}

#[test]
fn lines_with_a_graph_have_the_same_results_as_their_commands() {
    same_in_all_forms(Group::Graph);
}

#[test]
fn lines_that_copy_have_the_same_results_as_their_commands() {
    same_in_all_forms(Group::Copy);
}

#[test]
fn lines_with_filters_have_the_same_results_as_their_commands() {
    same_in_all_forms(Group::Filter);
}

#[test]
fn lines_that_encode_have_the_same_results_as_their_commands() {
    same_in_all_forms(Group::Plain);
}
