//! `examples/captions`: requests in an inbox become videos with captions, or the reasons that they do not.

use std::{collections::BTreeSet, fs, num::NonZero, path::Path, process::Command, sync::Mutex};

use afmpeg::{HostDir, Runtime};
use afmpeg_captions::{Bot, Until};
use serde_json::Value;

use crate::harness::{FULL_GPL, judge_host_file, module_path, native, repository};

const SRT: &str = "1\n00:00:00,400 --> 00:00:01,000\nHello\n";

/// A bot for `folder` that answers two requests at once.
fn bot(folder: &Path) -> Bot {
    let two = NonZero::new(2).unwrap();
    let runtime = Runtime::builder().module(module_path(FULL_GPL)).slots(two).build().unwrap();
    Bot::open(runtime, folder, HostDir::open(repository().join("fixtures")).unwrap()).unwrap()
}

/// Writes a black video of 1.6 s, at 10 frames per second, with sound.
fn write_clip(path: &Path) {
    let picture = ["-f", "lavfi", "-i", "color=black:s=320x180:r=10:d=1.6"];
    let sound = ["-f", "lavfi", "-i", "sine=d=1.6"];
    let written = Command::new(native()).args(["-v", "error"]).args(picture).args(sound).arg(path).status();
    assert!(written.unwrap().success());
}

/// Puts a request into a folder, with the clip and subtitles.
fn put(folder: &Path, name: &str, json: &str, clip: &Path) {
    let request = folder.join(name);
    fs::create_dir_all(&request).unwrap();
    fs::copy(clip, request.join("clip.mp4")).unwrap();
    fs::write(request.join("hello.srt"), SRT).unwrap();
    fs::write(request.join("request.json"), json).unwrap();
}

/// Returns the brightest luma in the upper, the middle and the lower third of each frame.
fn brightest(film: &Path) -> Vec<[u8; 3]> {
    let raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-"];
    let decoded = Command::new(native()).args(["-v", "error", "-i"]).arg(film).args(raw).output().unwrap();
    assert!(decoded.status.success(), "{decoded:?}");
    let third = |frame: &[u8], number: usize| *frame[number * 320 * 60..][..320 * 60].iter().max().unwrap();
    decoded.stdout.chunks(320 * 180).map(|frame| [0, 1, 2].map(|number| third(frame, number))).collect()
}

/// Checks that a third of the picture has text in the frames of `shown`, and that all else is black.
#[track_caller]
fn assert_text(film: &Path, third: usize, shown: std::ops::Range<usize>) {
    let frames = brightest(film);
    assert_eq!(frames.len(), 16);
    for (number, frame) in frames.iter().enumerate() {
        for (at, luma) in frame.iter().enumerate() {
            let has_text = at == third && shown.contains(&number);
            assert_eq!(*luma > 100, has_text, "frame {number}, third {at}: {luma}");
        }
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn each_request_gets_a_video_with_its_captions_or_the_reason_and_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    write_clip(&clip);
    let bot = bot(folder.path());
    let inbox = folder.path().join("inbox");
    let outbox = folder.path().join("outbox");

    let timed = r#"{ "video": "clip.mp4", "captions": [{ "from": 0.4, "to": 1, "text": "1 < 2 & {\\b1}3" }],
        "style": { "position": "top", "color": "ffffff" } }"#;
    put(&inbox, "timed", &timed.replace("ffffff", "#ffffff"), &clip);
    put(&inbox, "file", r#"{ "video": "clip.mp4", "captions": "hello.srt" }"#, &clip);
    put(&inbox, "wrong color", timed, &clip);
    put(&inbox, "no media", r#"{ "video": "hello.srt", "captions": "hello.srt" }"#, &clip);
    put(&inbox, "no subtitles", r#"{ "video": "clip.mp4", "captions": "request.json" }"#, &clip);
    put(&inbox, "no file", r#"{ "video": "../timed/clip.mp4", "captions": "hello.srt" }"#, &clip);
    let backwards = r#"{ "video": "clip.mp4", "captions": [{ "from": 1, "to": 0.5, "text": "Hello" }] }"#;
    put(&inbox, "backwards", backwards, &clip);
    fs::create_dir(inbox.join("empty")).unwrap();

    let answered = Mutex::new(BTreeSet::new());
    bot.run(Until::Empty, |name, failure| {
        let is_new = answered.lock().unwrap().insert((name.to_owned(), failure.is_some()));
        assert!(is_new, "{}", name.display());
    })
    .unwrap();
    assert_eq!(answered.into_inner().unwrap().iter().filter(|(_, failed)| *failed).count(), 6);
    assert_eq!((names(&inbox), names(&folder.path().join("claimed"))), Default::default());

    for name in ["timed.mp4", "file.mp4"] {
        judge_host_file(&outbox.join(name)).assert_codec("video", "h264").assert_codec("audio", "aac");
    }
    assert_text(&outbox.join("timed.mp4"), 0, 4..10);
    assert_text(&outbox.join("file.mp4"), 2, 4..10);
    let reasons = [
        ("backwards", "invalid_argument", "caption 1 ends at 0.5 s, but starts at 1 s"),
        ("empty", "invalid_argument", "the request has no file \"request.json\""),
        ("no file", "invalid_argument", "the request has no file \"../timed/clip.mp4\""),
        ("no media", "invalid_argument", "hello.srt has no picture"),
        ("no subtitles", "invalid_data", "request.json"),
        ("wrong color", "invalid_argument", "request.json: expected a colour as #rrggbb, found \"ffffff\""),
    ];
    for (name, kind, message) in reasons {
        let answer = fs::read(outbox.join(format!("{name}.json"))).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(
            (answer["kind"].as_str(), answer["retryable"].as_bool()),
            (Some(kind), Some(false)),
            "{answer}"
        );
        assert!(answer["message"].as_str().is_some_and(|text| text.contains(message)), "{name}: {answer}");
        assert!(answer["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{answer}");
    }
    assert_eq!(names(&outbox).len(), 8);
}

#[test]
fn requests_that_an_earlier_bot_had_claimed_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("clip.mp4");
    write_clip(&clip);
    let json = r#"{ "video": "clip.mp4", "captions": "hello.srt", "style": { "position": "middle" } }"#;
    put(&folder.path().join("claimed"), "half", json, &clip);
    bot(folder.path()).run(Until::Empty, |_, failure| assert!(failure.is_none(), "{failure:?}")).unwrap();
    assert_text(&folder.path().join("outbox/half.mp4"), 1, 4..10);
}
