//! Recipes that write a folder with a video in several sizes.

use super::{make, names};
use crate::{
    command_line::folder_with_clip,
    harness::{CLIP_SECONDS, judge_host_file},
};

#[test]
fn hls_and_dash_have_each_height_that_the_clip_has() {
    let folder = folder_with_clip();
    for (line, main) in [
        ("hls clip.mp4 --heights 180,90 --segment 2", "clip-hls/master.m3u8"),
        ("dash clip.mp4 --heights 180,90 --segment 2", "clip-dash/manifest.mpd"),
    ] {
        let shown = make(folder.path(), line);
        assert!(shown.starts_with(main), "{shown}");
        let text = std::fs::read_to_string(folder.path().join(main)).unwrap();
        for (width, height) in [(320, 180), (160, 90)] {
            let is_listed = text.contains(&format!("{width}x{height}"))
                || text.contains(&format!("width=\"{width}\" height=\"{height}\""));
            assert!(is_listed, "{main}: {text}");
        }
    }
    judge_host_file(&folder.path().join("clip-hls/180p.m3u8")).assert_duration(CLIP_SECONDS, 0.1);
}

#[test]
fn ladder_is_a_file_for_each_height_below_that_of_the_clip() {
    let folder = folder_with_clip();
    make(folder.path(), "trim clip.mp4 --to 1 -o short.mp4");
    make(folder.path(), "ladder short.mp4");
    let ladder = folder.path().join("short-ladder");
    assert_eq!(names(&ladder), ["360p.mp4", "480p.mp4", "720p.mp4"]);
    for (name, width, height) in [("720p.mp4", 1280, 720), ("360p.mp4", 640, 360)] {
        let judged = judge_host_file(&ladder.join(name));
        judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(width, height);
        judged.assert_duration(1.0, 0.2);
    }
    assert_eq!(names(folder.path()), ["clip.mp4", "short-ladder", "short.mp4"]);
}
