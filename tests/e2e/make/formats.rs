//! Formats, sizes and paths of outputs.

use super::{make, names, refused};
use crate::harness::{judge_host_file, write_natively};

/// Returns a folder with a video whose sides are odd, in a codec that has such sizes.
fn folder_with_odd_film() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let film = "-f lavfi -i testsrc=s=161x91:d=1 -f lavfi -i sine=d=1 -c:v ffv1 -c:a flac";
    write_natively(folder.path(), "odd.mkv", film);
    folder
}

#[test]
fn output_whose_format_cannot_hold_the_task_is_refused_with_extensions_that_work() {
    let folder = folder_with_odd_film();
    for (line, words, other) in [
        ("extract-audio odd.mkv -o x.png", "no audio", "m4a"),
        ("extract-audio odd.mkv -o x.gif", "no audio", "mp3"),
        ("extract-audio odd.mkv -o x", "no extension", "opus"),
        ("normalize odd.mkv -o x.mid", "no format", "flac"),
        ("text odd.mkv --text hi -o x.png", "one image", "mp4"),
        ("text odd.mkv --text hi -o x.opus", "no video", "mkv"),
        ("trim odd.mkv --to 0.5 -o x.png", "one image", "mkv"),
        ("trim odd.mkv --to 0.5 --exact -o x.wav", "no video", "mp4"),
        ("trim odd.mkv --to 0.5 -o x.m3u8", "further files", "mkv"),
        ("gif odd.mkv -o x.png", "expected the extension gif", "gif"),
        ("webp odd.mkv -o x", "no extension", "webp"),
        ("thumbnail odd.mkv -o x.mp4", "not a format of images", "jpg"),
    ] {
        let (error, hint) = refused(folder.path(), line);
        assert!(error.contains("cannot write x") && error.contains(words), "{line}: {error}");
        assert!(hint.contains("with -o") && hint.contains(other), "{line}: {hint}");
    }
    assert_eq!(names(folder.path()), ["odd.mkv"]);
    for extension in ["m4a", "mp3", "opus", "flac", "wav", "mka"] {
        make(folder.path(), &format!("extract-audio odd.mkv -o x.{extension}"));
        judge_host_file(&folder.path().join(format!("x.{extension}"))).assert_duration(1.0, 0.1);
    }
}

#[test]
fn video_of_an_odd_size_is_cut_to_an_even_one_for_h264() {
    let folder = folder_with_odd_film();
    let size = |name: &str| {
        let video = judge_host_file(&folder.path().join(name));
        let stream = video.stream("video");
        (stream["codec_name"].clone(), stream["width"].clone(), stream["height"].clone())
    };
    make(folder.path(), "text odd.mkv --text hi -o text.mkv");
    make(folder.path(), "trim odd.mkv --to 0.5 --exact -o part.mp4");
    for name in ["text.mkv", "part.mp4"] {
        assert_eq!(size(name), ("h264".into(), 160.into(), 90.into()), "{name}");
    }
    // VP9 has odd sizes.
    make(folder.path(), "trim odd.mkv --to 0.5 --exact -o part.webm");
    assert_eq!(size("part.webm"), ("vp9".into(), 161.into(), 91.into()));
}

#[test]
fn errors_name_files_as_they_were_typed() {
    let folder = folder_with_odd_film();
    for line in ["extract-audio odd.mkv -o x.m4a --bitrate x", "captions odd.mkv odd.mkv -o x.mp4"] {
        let (error, hint) = refused(folder.path(), line);
        assert!(!error.contains(".afmpeg-") && !error.contains(folder.path().to_str().unwrap()), "{error}");
        assert!(hint.contains("`--print`") && hint.contains("`afmpeg run`"), "{hint}");
    }
    let (error, _) = refused(folder.path(), "trim odd.mkv --from 9 -o x.mkv");
    assert!(error.ends_with("the end of odd.mkv"), "{error}");
}

#[test]
fn url_is_refused_with_the_command_that_reads_urls() {
    let folder = tempfile::tempdir().unwrap();
    let (error, hint) = refused(folder.path(), "gif http://example.com/a.mp4");
    assert!(
        error.contains("reads only files") && hint.contains("`afmpeg run --allow-url`"),
        "{error}: {hint}"
    );
}

#[test]
fn margin_without_space_for_a_text_is_refused_with_the_size_of_the_picture() {
    let folder = folder_with_odd_film();
    let (error, hint) = refused(folder.path(), "text odd.mkv --text hi --margin 100");
    assert!(error.contains("odd.mkv is 161x91") && hint.contains("--margin"), "{error}: {hint}");
    make(folder.path(), "text odd.mkv --text hi --margin 20");
}

#[test]
fn long_titles_of_chapters_are_kept_in_mp3() {
    let folder = tempfile::tempdir().unwrap();
    write_natively(folder.path(), "talk.mp3", "-f lavfi -i sine=d=3");
    let titles = ["a".repeat(128), "é".repeat(500)];
    let list = format!("0 {}\n1 {}\n", titles[0], titles[1]);
    std::fs::write(folder.path().join("list.txt"), list).unwrap();
    make(folder.path(), "chapters talk.mp3 list.txt -o out.mp3");
    let output = std::process::Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", "chapter_tags=title", "-of", "json", "out.mp3"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let probe: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (index, title) in titles.iter().enumerate() {
        assert_eq!(probe["chapters"][index]["tags"]["title"], title.as_str(), "{probe}");
    }
}
