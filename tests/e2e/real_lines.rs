//! Command lines as people write them, the jobs that they are read as, and the jobs that one would build: all do the
//! same in FFmpeg.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use afmpeg_cmd::Job;
use afmpeg_engine::Result;
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    built::BUILT,
    harness::{Variant, fixture, full, log_of},
    lines::LINES,
};

/// How the files that a line reads are made, where the usual two seconds at ten frames a second would not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Media {
    seconds: u32,
    rate: u32,
    /// Before the options of a film's two inputs, and behind them.
    before: &'static str,
    behind: &'static str,
}

const USUAL: Media = Media { seconds: 2, rate: 10, before: "", behind: "" };

impl Media {
    fn of(what: &str) -> Self {
        let lasting = |seconds, rate| Self { seconds, rate, ..USUAL };
        match what {
            // What they skip or cut must be there.
            "cuts without encoding" => lasting(91, 2),
            "is cut into files" => lasting(63, 2),
            "cuts exactly" => lasting(12, 5),
            "is the end of it" => lasting(12, 5),
            // The frames that x264 looks ahead are less than the ten seconds that FFmpeg waits for packets: without
            // them, threads would say which segment a packet is in.
            "is cut into pieces for HLS" => lasting(9, 10),
            "takes one picture" => lasting(6, 5),
            "makes a GIF with colours of its own" => lasting(3, 5),
            "fades from one film to the next" => lasting(5, 5),
            // What they make is large.
            "has bars around it" | "is two files in one run" | "is a ladder for HLS" => lasting(1, 4),
            // Without this they would do nothing.
            "takes all names away" => {
                Self { behind: "-i names.txt -map_metadata 2 -map_chapters 2", ..USUAL }
            }
            "turns it by a quarter" => Self { before: "-noautorotate -display_rotation 90", ..USUAL },
            "keeps all streams but subtitles" | "has subtitles if there are some" => {
                Self { behind: "-i subs.srt -map 3", ..USUAL }
            }
            _ => USUAL,
        }
    }

    /// The arguments that make a file, unlike others by its name's first letter.
    fn args(self, name: &str) -> Option<String> {
        let Self { seconds, rate, before, behind } = self;
        // The voice ends before the music under it.
        let seconds = if name == "voice.wav" { 1 } else { seconds };
        let letter = u32::from(name.bytes().next()?);
        let (hue, tone) = (letter * 40 % 360, 200 + letter * 5);
        let video = format!("-f lavfi -i testsrc2=s=160x90:r={rate}:d={seconds},hue=h={hue}");
        let audio = format!("-f lavfi -i sine=f={tone}:d={seconds},aformat=channel_layouts=stereo");
        let codecs = "-c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -c:a aac";
        Some(match name.rsplit('.').next()? {
            "mp4" | "mov" => format!("{before} {video} {audio} {behind} {codecs} {name}"),
            "mkv" => {
                let six = "pan=5.1|c0=c0|c1=0.5*c0|c2=0.3*c0|c4=0.2*c0";
                let six = format!("-f lavfi -i sine=f=300:d={seconds},{six}");
                format!("{video} {six} {audio} {behind} -map 0 -map 1 -map 2 {codecs} {name}")
            }
            "mp3" | "m4a" | "wav" => format!("{audio} {name}"),
            "jpg" | "png" if name.contains('%') => format!("{video} {name}"),
            "jpg" | "png" => format!("-f lavfi -i testsrc2=s=40x40 -frames:v 1 -update 1 {name}"),
            _ => return None,
        })
    }
}

/// A text file that a line reads.
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

/// What a run leaves: files by their paths, what it printed, and what it measured.
struct Left {
    files: BTreeMap<String, Bytes>,
    stdout: Vec<u8>,
    measured: Vec<String>,
}

/// Runs lines, and keeps the files that they read for the next that reads them.
struct Studio {
    module: Variant,
    made: HashMap<(String, Media), Vec<(String, Bytes)>>,
}

impl Studio {
    fn new() -> Self {
        Self { module: full(), made: HashMap::new() }
    }

    /// The files behind a name, a numbered one's too, by their paths.
    fn make(&mut self, name: &str, media: Media) -> Vec<(String, Bytes)> {
        if let Some(text) = text(name) {
            return vec![(format!("/{name}"), Bytes::from_static(text.as_bytes()))];
        }
        if name.ends_with(".ttf") {
            return vec![(format!("/{name}"), fixture("DejaVuSansMono.ttf").into())];
        }
        let key = (name.to_owned(), media);
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        let args = media.args(name).unwrap_or_else(|| panic!("nothing makes {name}"));
        let fs = MemFs::new();
        for text_file in ["subs.srt", "names.txt"].iter().filter(|file| media.behind.contains(**file)) {
            fs.write(format!("/{text_file}"), text(text_file).unwrap()).unwrap();
        }
        let before = fs.walk("/").unwrap();
        self.module.ffmpeg(&fs, &args);
        let made = fs.walk("/").unwrap().into_iter().filter(|path| !before.contains(path));
        let made: Vec<(String, Bytes)> = made.map(|path| (path.clone(), fs.read(&path).unwrap())).collect();
        self.made.insert(key, made.clone());
        made
    }

    /// A filesystem with what a line reads.
    fn stage(&mut self, what: &str, line: &str, job: &Job) -> MemFs {
        let fs = MemFs::new();
        let inputs = job.inputs.iter().filter(|input| input.format.as_deref() != Some("lavfi"));
        let attached = job.outputs.iter().flat_map(|output| &output.attachments);
        let mut names: Vec<&str> = inputs.map(|input| input.path.as_str()).collect();
        names.extend(attached.map(|attachment| attachment.path.as_str()));
        names.extend(line.contains("subs.srt").then_some("subs.srt"));
        names.extend(line.contains("fontsdir=fonts").then_some("fonts/DejaVuSansMono.ttf"));
        names.extend(line.contains("fontfile=").then_some("DejaVuSansMono.ttf"));
        if names.contains(&"list.txt") {
            names.extend(["a.mp4", "b.mp4"]);
        }
        for name in names {
            for (path, contents) in self.make(name, Media::of(what)) {
                fs.create_dir_all(path.rsplit_once('/').unwrap().0).unwrap();
                fs.write(path, contents).unwrap();
            }
        }
        fs
    }

    /// Runs words on a copy of a filesystem.
    fn left(&self, stage: &MemFs, words: &[String]) -> Result<Left> {
        let fs = stage.snapshot();
        let output = self.module.runtime.job(fs.clone()).args(words).deterministic().run()?;
        let new = fs.walk("/").unwrap().into_iter().filter(|path| !stage.exists(path));
        let files = new.map(|path| (path.clone(), fs.read(&path).unwrap())).collect();
        let summary = output.log().lines().skip_while(|line| !line.ends_with("Summary:")).skip(1);
        let measured = summary.take_while(|line| line.is_empty() || line.starts_with(' '));
        let measured = measured.map(str::to_owned).collect();
        Ok(Left { files, stdout: output.stdout().to_vec(), measured })
    }

    /// What is decoded of a file, stream by stream, a frame a line; a packet of subtitles.
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

    /// What a file tells beside its frames: codecs, names, flags and chapters.
    fn told(&self, path: &str, contents: &Bytes) -> Value {
        let fs = MemFs::new();
        fs.write(path, contents.clone()).unwrap();
        let probe = serde_json::to_value(self.module.runtime.probe(fs, path).unwrap()).unwrap();
        let streams = probe["streams"].as_array().unwrap().iter();
        let streams =
            streams.map(|stream| json!([stream["codec_name"], stream["tags"], stream["disposition"]]));
        json!([streams.collect::<Vec<_>>(), probe["format"]["tags"], probe["chapters"]])
    }

    /// That a line does the same as written, as it is read, and as it is built.
    fn compare(&mut self, what: &str, line: &str, build: fn() -> Job) {
        let job = Job::parse_line(line).unwrap();
        let stage = self.stage(what, line, &job);
        let left = |words: &[String]| match self.left(&stage, words) {
            Ok(left) => left,
            Err(error) => panic!("{what}: {}: {error}\n{}", words.join(" "), log_of(&error)),
        };
        let written = left(&words(line));
        let is_seen = !written.files.is_empty() || !written.stdout.is_empty() || !written.measured.is_empty();
        assert!(is_seen, "{what}: nothing comes of it");
        self.assert_as_long_as_expected(&job, &stage, &written, what);
        let is_shortest = job.outputs.iter().any(|output| output.shortest);
        let mut forms = vec![job.to_args(), build().to_args()];
        forms.dedup();
        for form in forms {
            self.assert_same(&written, &left(&form), is_shortest, &format!("{what}: {}", form.join(" ")));
        }
    }

    /// How long a file is, if it says so.
    fn seconds(&self, fs: &MemFs, path: &str) -> Option<f64> {
        let probe = self.module.runtime.probe(fs.clone(), path).ok()?;
        Some(probe.format?.duration()?.as_secs_f64())
    }

    /// That the files which a line writes are as long as is expected of it, where something is.
    #[track_caller]
    fn assert_as_long_as_expected(&self, job: &Job, stage: &MemFs, written: &Left, what: &str) {
        let known: Vec<Option<Duration>> = job
            .inputs
            .iter()
            .map(|input| self.seconds(stage, &input.path).map(Duration::from_secs_f64))
            .collect();
        let paths: Option<Vec<String>> = job
            .outputs
            .iter()
            .map(|output| Some(format!("/{}", output.path)))
            .map(|path| path.filter(|path| written.files.contains_key(path) && !is_picture(path)))
            .collect();
        let (Some(expected), Some(paths)) = (job.expected_duration(&known), paths) else { return };
        let fs = MemFs::new();
        let seconds = paths.iter().filter_map(|path| {
            fs.write("/made", written.files[path].clone()).unwrap();
            self.seconds(&fs, "made")
        });
        let Some(longest) = seconds.reduce(f64::max) else { return };
        // FFmpeg goes on for some frames behind the end of the shortest stream.
        if job.outputs.iter().any(|output| output.shortest) {
            assert!(longest >= expected.as_secs_f64() - 0.1, "{what}: {longest} s, expected {expected:?}");
            return;
        }
        // A frame of the slowest of the films, of two a second.
        let off = (longest - expected.as_secs_f64()).abs();
        assert!(off <= 0.55, "{what}: {longest} s, expected {expected:?} of {known:?}");
    }

    #[track_caller]
    fn assert_same(&self, written: &Left, other: &Left, is_shortest: bool, what: &str) {
        let names = |left: &Left| left.files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(written), names(other), "{what}");
        assert_eq!(written.stdout, other.stdout, "{what}");
        assert_eq!(written.measured, other.measured, "{what}");
        for (path, contents) in &written.files {
            let others = &other.files[path];
            // The same bytes, as there mostly are, are the same frames and the same names.
            let is_same = contents == others;
            if !is_media(path) {
                assert!(is_same, "{what}: {path}");
                continue;
            }
            let frames = self.frames(path, contents);
            if is_same {
                continue;
            }
            assert_eq!(self.told(path, contents), self.told(path, others), "{what}: {path}");
            let others = self.frames(path, others);
            if is_shortest {
                assert_ends_alike(&frames, &others, what);
            } else {
                assert_eq!(frames, others, "{what}: {path}");
            }
        }
    }
}

/// That the stream which ends a file is the same in both, and the others have the same times as far as both go. How far
/// FFmpeg reads ahead of the shortest stream is its threads' affair, and with it what an encoder that looks ahead sees.
#[track_caller]
fn assert_ends_alike(
    written: &BTreeMap<String, Vec<String>>,
    other: &BTreeMap<String, Vec<String>>,
    what: &str,
) {
    assert!(written.keys().eq(other.keys()), "{what}");
    let pairs = || written.values().zip(other.values());
    assert!(pairs().any(|(written, other)| written == other), "{what}");
    for (written, other) in pairs() {
        let times = |frames: &[String], count: usize| -> Vec<String> {
            frames[..count].iter().map(|frame| frame.rsplit_once(',').unwrap().0.to_owned()).collect()
        };
        let both = written.len().min(other.len());
        assert_eq!(times(written, both), times(other, both), "{what}");
    }
}

fn is_media(path: &str) -> bool {
    !path.ends_with(".m3u8") && !path.contains(".log")
}

/// Whether a file is one frame, or a list, which have no length of their own.
fn is_picture(path: &str) -> bool {
    [".png", ".jpg", ".m3u8"].iter().any(|ending| path.ends_with(ending))
}

/// A line's words as a shell has them, without the program.
fn words(line: &str) -> Vec<String> {
    shell_words::split(line).unwrap().split_off(1)
}

/// What a line is made with, for tests that run side by side.
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
fn same_in_all_forms(of: Group) {
    let mut studio = Studio::new();
    for ((what, line, _), (built, build)) in LINES.iter().zip(BUILT) {
        assert_eq!(what, built);
        if group(line) == of {
            studio.compare(what, line, *build);
        }
    }
}

#[test]
fn lines_with_a_graph_do_the_same_as_their_jobs() {
    same_in_all_forms(Group::Graph);
}

#[test]
fn lines_that_copy_do_the_same_as_their_jobs() {
    same_in_all_forms(Group::Copy);
}

#[test]
fn lines_with_filters_do_the_same_as_their_jobs() {
    same_in_all_forms(Group::Filter);
}

#[test]
fn lines_that_encode_do_the_same_as_their_jobs() {
    same_in_all_forms(Group::Plain);
}
