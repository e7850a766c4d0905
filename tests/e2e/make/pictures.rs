//! Recipes with images and video.

use super::{make, names, refused, result};
use crate::{
    command_line::folder_with_clip,
    harness::{CLIP_SECONDS, FRAME, judge_host_file},
};

#[test]
fn gif_has_the_size_and_rate_that_suit_the_clip() {
    let folder = folder_with_clip();
    let shown = make(folder.path(), "gif clip.mp4");
    let path = folder.path().join("clip.gif");
    let bytes = std::fs::metadata(&path).unwrap().len();
    assert!(
        shown.starts_with("clip.gif  480x270  5.") && shown.contains(&format!("{bytes} bytes")),
        "{shown}"
    );
    let judged = judge_host_file(&path);
    judged.assert_codec("video", "gif").assert_size(480, 270).assert_duration(CLIP_SECONDS, 0.2);
    // 15 frames per second.
    judged.assert_frames(80);

    // A smaller clip keeps its size and its rate.
    make(folder.path(), "gif clip.gif --fps 10 --width 160 -o small.gif");
    make(folder.path(), "gif small.gif --from 1 --duration 2 -o again.gif");
    let again = judge_host_file(&folder.path().join("again.gif"));
    again.assert_size(160, 90).assert_frames(20).assert_duration(2.0, 0.11);
}

#[test]
fn part_of_a_clip_that_does_not_exist_is_refused() {
    let folder = folder_with_clip();
    let (error, hint) = refused(folder.path(), "gif clip.mp4 --from 9");
    assert!(error.contains("--from 9") && hint.contains("5.312"), "{error}: {hint}");
    let (error, _) = refused(folder.path(), "trim clip.mp4 --from 3 --to 2");
    assert!(error.contains("from 3 to 2 is empty"), "{error}");
    let (error, _) = refused(folder.path(), "thumbnail clip.mp4 --at 1:00");
    assert!(error.contains("--at 60"), "{error}");
    let (error, hint) = refused(folder.path(), "trim clip.mp4");
    assert!(error.contains("missing") && hint.contains("--from"), "{error}: {hint}");
    assert_eq!(names(folder.path()), ["clip.mp4"]);
}

#[test]
fn thumbnail_is_an_image_in_the_format_of_its_name() {
    let folder = folder_with_clip();
    for (line, name, codec, width, height) in [
        ("thumbnail clip.mp4", "clip.jpg", "mjpeg", 1280, 720),
        ("thumbnail clip.mp4 --at 2.5 --width 320 -o a.png", "a.png", "png", 320, 180),
    ] {
        let made = result(folder.path(), line);
        let judged = judge_host_file(&folder.path().join(name));
        judged.assert_codec("video", codec).assert_size(width, height).assert_frames(1);
        let [output] = made["outputs"].as_array().unwrap().as_slice() else { panic!("{made}") };
        assert_eq!((&output["path"], &output["seconds"]), (&name.into(), &serde_json::Value::Null));
        assert_eq!((&output["width"], &output["height"]), (&width.into(), &height.into()), "{made}");
        assert_eq!(output["bytes"], std::fs::metadata(folder.path().join(name)).unwrap().len());
    }
}

#[test]
fn trimmed_copy_keeps_the_codecs_and_an_exact_part_has_the_exact_frames() {
    let folder = folder_with_clip();
    make(folder.path(), "trim clip.mp4 --from 1 --to 3");
    let copied = judge_host_file(&folder.path().join("clip-trimmed.mp4"));
    copied.assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(1280, 720);
    copied.assert_duration(2.0, 2.0 * FRAME);
    assert_eq!(copied.stream("video")["profile"], "Main", "not encoded");

    make(folder.path(), "trim clip.mp4 --from 1 --duration 2 --exact -o exact.mkv");
    let exact = judge_host_file(&folder.path().join("exact.mkv"));
    exact.assert_codec("video", "h264").assert_codec("audio", "aac").assert_frames(50);
    assert_eq!(exact.stream("video")["profile"], "High", "encoded");
    exact.assert_duration(2.0, 2.0 * FRAME);
}
