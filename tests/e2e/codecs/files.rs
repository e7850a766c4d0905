//! Whole files with the codecs of the web.

use std::process::Command;

use crate::{
    command_line,
    harness::{CLIP, Judged, full, judge, judge_host_file, lean, memory_with, native},
};

#[test]
fn formats_of_the_web_get_the_encoders_that_ffmpeg_picks() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(
        &fs,
        &format!("-t 0.2 -i {CLIP} -s 160x90 -ac 2 film.webm -vn -ac 2 sound.opus -vn -ac 2 sound.ogg -frames:v 1 -s 160x90 picture.webp"),
    );
    judge(&fs, "/film.webm").assert_codec("video", "vp9").assert_codec("audio", "opus");
    judge(&fs, "/sound.opus").assert_codec("audio", "opus");
    judge(&fs, "/sound.ogg").assert_codec("audio", "vorbis");
    judge(&fs, "/picture.webp").assert_codec("video", "webp").assert_size(160, 90);
}

#[test]
fn formats_of_the_web_get_the_encoders_of_native_ffmpeg() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    let folder = command_line::folder_with_clip();
    let names = ["film.webm", "film.mkv", "sound.opus", "sound.ogg", "sound.oga", "film.mp4", "sound.mp3"];
    for name in names {
        let input = if name.starts_with("sound") { "-vn -ac 2" } else { "-s 160x90 -ac 2" };
        let options = |clip: &str| format!("-y -bitexact -t 0.2 -i {clip} {input} {name}");
        module.ffmpeg(&fs, &options(CLIP));
        let theirs = Command::new(native())
            .current_dir(folder.path())
            .args(options("clip.mp4").split(' '))
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{name}: {theirs:?}");
        let encoders = |judged: &Judged| -> Vec<String> {
            let tags = judged.streams().iter().map(|stream| &stream["tags"]);
            tags.map(|tags| format!("{}{}", tags["encoder"], tags["ENCODER"])).collect()
        };
        let ours = encoders(&judge(&fs, &format!("/{name}")));
        assert_eq!(ours, encoders(&judge_host_file(&folder.path().join(name))), "{name}");
    }
}

#[test]
fn lean_module_encodes_opus() {
    let module = lean();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-t 1 -i {CLIP} -vn -ac 2 sound.opus"));
    judge(&fs, "/sound.opus").assert_codec("audio", "opus").assert_duration(1.0, 0.01);
}

#[test]
fn dash_manifest_is_read_with_the_segments_that_it_names() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-i {CLIP} -c copy -map 0 -f dash -seg_duration 2 manifest.mpd"));
    module.ffmpeg(&fs, "-i manifest.mpd -map 0 -c copy joined.mp4");
    judge(&fs, "/joined.mp4").assert_codec("video", "h264").assert_codec("audio", "aac").assert_frames(132);
}

#[test]
fn still_picture_becomes_avif_and_is_read_back() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-ss 1 -i {CLIP} -frames:v 1 -c:v libsvtav1 -preset 8 still.avif"));
    module.ffmpeg(&fs, "-i still.avif back.png");
    judge(&fs, "/back.png").assert_codec("video", "png").assert_size(1280, 720);
}
