//! The guide's cookbook: its command lines and its builders write valid media, and its arguments are those of its
//! lines of `afmpeg run`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use afmpeg_engine::Runtime;
use afmpeg_guide::{CHAPTERS, Task, tasks};
use afmpeg_vfs::HostDir;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;

use crate::{
    command_line::binary,
    harness::{CLIP, FULL_GPL, full, judge_host_file, module_path, repository},
};

/// The files that the cookbook names, as FFmpeg writes them.
const INPUTS: &[(&str, &str)] = &[
    ("clip.mp4", "-t 3 -i bunny.mp4 -vf scale=320:-2 -c:v libx264 -preset ultrafast -g 25 -c:a aac -ac 2"),
    (
        "second.mp4",
        "-ss 3 -t 2 -i bunny.mp4 -vf scale=320:-2 -c:v libx264 -preset ultrafast -g 25 -c:a aac -ac 2",
    ),
    ("photo.jpg", "-ss 2 -i bunny.mp4 -vf scale=640:-2 -frames:v 1 -update 1"),
    ("logo.png", "-f lavfi -i color=red@0.7:s=64x64,format=rgba -frames:v 1 -update 1"),
    ("music.mp3", "-f lavfi -i sine=220:r=44100:d=4 -ac 2 -c:a libmp3lame"),
    ("voice.wav", "-f lavfi -i sine=440:r=48000:d=4,volume=0:enable='between(t,1,2)'"),
];

const CAPTIONS: &str =
    "1\n00:00:00,500 --> 00:00:02,000\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nHello again\n";

/// The extensions of texts that a task may write. All other files are media.
const TEXTS: &[&str] = &["txt", "json", "log", "mbtree"];

/// The extensions of segments, which a reader opens through their playlist or manifest.
const SEGMENTS: &[&str] = &["ts", "m4s"];

/// Returns a folder with the files that the cookbook names.
fn inputs(runtime: &Runtime) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::copy(repository().join("fixtures").join(CLIP), file("bunny.mp4")).unwrap();
    fs::copy(repository().join("fixtures/DejaVuSansMono.ttf"), file("font.ttf")).unwrap();
    fs::write(file("captions.srt"), CAPTIONS).unwrap();
    for (name, line) in INPUTS {
        let args = line.split(' ').chain([*name]);
        runtime.run(HostDir::open(&folder).unwrap(), args).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    fs::remove_file(file("bunny.mp4")).unwrap();
    folder
}

/// Returns a new folder with the same files.
fn copy_of(inputs: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(inputs).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// Returns the files in a folder and below.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

/// Reads every file that a task wrote with Debian's ffprobe, and returns the number of media.
#[track_caller]
fn judge_new_files(folder: &Path, before: &BTreeSet<PathBuf>) -> usize {
    let mut media = 0;
    for path in files(folder).difference(before) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if TEXTS.contains(&extension) || SEGMENTS.contains(&extension) {
            assert_ne!(fs::metadata(path).unwrap().len(), 0, "{}", path.display());
            continue;
        }
        assert!(!judge_host_file(path).streams().is_empty(), "{}", path.display());
        media += 1;
    }
    media
}

fn run_script(folder: &Path, script: &str) -> Output {
    let programs = binary().parent().unwrap().to_owned();
    let path = std::env::var("PATH").unwrap();
    Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(folder)
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .unwrap()
}

/// Runs a script of a task in a folder of its own, and returns the number of media and the standard output.
#[track_caller]
fn try_script(title: &str, script: &str, inputs: &Path) -> (usize, Vec<u8>) {
    let folder = copy_of(inputs);
    let before = files(folder.path());
    let output = run_script(folder.path(), script);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{title}: {}\n{script}{log}", output.status);
    (judge_new_files(folder.path(), &before), output.stdout)
}

/// Runs a task in its forms, each in a folder of its own.
fn try_task(task: &Task, runtime: &Runtime, inputs: &Path) {
    let title = &task.title;
    let (media, printed) = try_script(title, &task.script, inputs);
    assert!(media > 0 || !printed.is_empty() || task.is_check, "{title} has no result");
    if !task.make.is_empty() {
        let (media, _) = try_script(title, &task.make, inputs);
        assert_ne!(media, 0, "{title} has no result:\n{}", task.make);
    }

    assert!(!task.builders.is_empty(), "{title} has no builder");
    for builder in &task.builders {
        let folder = copy_of(inputs);
        let before = files(folder.path());
        let done = builder(runtime.clone(), HostDir::open(&folder).unwrap());
        done.unwrap_or_else(|error| panic!("{title}: {error:?}"));
        let media = judge_new_files(folder.path(), &before);
        assert_eq!(media > 0, !task.only_reads, "{title}: the builder wrote {media} files");
    }
}

fn try_chapter(chapter: &str) {
    let runtime = full().runtime;
    let inputs = inputs(&runtime);
    let tasks = tasks(chapter);
    assert_ne!(tasks.len(), 0);
    for task in tasks {
        try_task(&task, &runtime, inputs.path());
    }
}

#[test]
fn cookbook_of_pictures_works() {
    try_chapter("pictures");
}

#[test]
fn cookbook_of_films_works() {
    try_chapter("films");
}

#[test]
fn cookbook_of_sound_works() {
    try_chapter("sound");
}

#[test]
fn cookbook_of_text_works() {
    try_chapter("text");
}

#[test]
fn cookbook_of_streaming_works() {
    try_chapter("streaming");
}

#[test]
fn cookbook_of_inspection_works() {
    try_chapter("inspection");
}

/// Returns FFmpeg's arguments in each `afmpeg run` of a script, without redirections.
fn arguments_in_script(script: &str) -> Vec<Vec<String>> {
    let joined = script.replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.strip_prefix("afmpeg run "));
    lines
        .map(|line| {
            let words = shell_words::split(line).unwrap();
            let is_ffmpegs = |word: &String| word.starts_with('-') && !word.starts_with("--");
            let ffmpegs = words.into_iter().skip_while(|word| !is_ffmpegs(word));
            ffmpegs.take_while(|word| word != ">").collect()
        })
        .collect()
}

/// Returns the strings of a list in brackets; `None` if it has anything else.
fn strings(list: TokenStream) -> Option<Vec<String>> {
    let items = list.into_iter().filter(|token| token.to_string() != ",");
    items.map(|token| Some(syn::parse_str::<syn::LitStr>(&token.to_string()).ok()?.value())).collect()
}

/// Returns every list of strings in Rust code, in order.
fn lists_in_code(code: TokenStream) -> Vec<Vec<String>> {
    let groups = code.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    });
    groups
        .flat_map(|group| match strings(group.stream()) {
            Some(list) if group.delimiter() == Delimiter::Bracket => vec![list],
            _ => lists_in_code(group.stream()),
        })
        .collect()
}

#[test]
fn arguments_in_rust_are_those_of_the_lines_of_afmpeg_run() {
    let mut count = 0;
    for (chapter, _) in CHAPTERS {
        for task in tasks(chapter) {
            let hidden = |line: &str| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n";
            let code: String = task.arguments.lines().map(hidden).collect();
            let expected = arguments_in_script(&task.script);
            assert_eq!(lists_in_code(code.parse().unwrap()), expected, "{chapter}: {}", task.title);
            assert_ne!(expected, [[""; 0]; 0], "{chapter}: {}", task.title);
            count += 1;
        }
    }
    assert!(count >= 30, "the cookbook has {count} tasks");
}

#[test]
fn every_line_of_afmpeg_make_in_the_cookbook_is_run() {
    let (mut written, mut run) = (0, 0);
    for (chapter, markdown) in CHAPTERS {
        written += markdown.lines().filter(|line| line.starts_with("afmpeg make ")).count();
        run += tasks(chapter).iter().map(|task| task.make.lines().count()).sum::<usize>();
    }
    assert!(run == written && run >= 13, "{run} of {written}");
}

fn chapters_of_the_guide() -> Vec<(PathBuf, String)> {
    let all = files(&repository().join("docs/guide/src"));
    all.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn tests_in_the_table_of_threats_exist() {
    let table = fs::read_to_string(repository().join("docs/guide/src/security.md")).unwrap();
    let name = Regex::new("`([a-z_0-9]+)::([a-z_0-9]+)`").unwrap();
    let mut count = 0;
    for (_, [file, test]) in name.captures_iter(&table).map(|found| found.extract()) {
        let folders = ["tests/e2e", "crates/afmpeg-vfs/tests"].map(|folder| repository().join(folder));
        let mut texts = folders.iter().map(|folder| fs::read_to_string(folder.join(format!("{file}.rs"))));
        let text = texts.find_map(Result::ok).unwrap_or_else(|| panic!("no file of tests is called {file}"));
        assert!(text.contains(&format!("\nfn {test}()")), "no test {test} in {file}.rs");
        count += 1;
    }
    assert_ne!(count, 0);
}

#[test]
fn links_of_the_guide_lead_to_its_chapters_and_all_are_listed() {
    let link = Regex::new(r"\]\(([^):#]+\.md)").unwrap();
    let mut listed = BTreeSet::new();
    for (path, text) in chapters_of_the_guide() {
        for (_, [target]) in link.captures_iter(&text).map(|found| found.extract()) {
            let target = path.parent().unwrap().join(target);
            assert!(target.is_file(), "{}: {} does not exist", path.display(), target.display());
            if path.ends_with("SUMMARY.md") {
                listed.insert(target);
            }
        }
    }
    let chapters: BTreeSet<PathBuf> = chapters_of_the_guide().into_iter().map(|(path, _)| path).collect();
    let unlisted: Vec<_> =
        chapters.difference(&listed).filter(|path| !path.ends_with("SUMMARY.md")).collect();
    assert!(unlisted.is_empty(), "not in SUMMARY.md: {unlisted:?}");
}
