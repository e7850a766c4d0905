//! Recipes on the lean module, which has few filters.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Input, Output, OutputStream, Ratio,
    recipes::{
        Concat, Conform, ContactSheet, Fade, Fit, Gif, Inset, Joined, Ladder, Rendition, Sprites, Thumbnail,
        crossfade, fit,
    },
};
use afmpeg_vfs::MemFs;

use super::{probe, run};
use crate::harness::{judge, lean};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn reels_pictures_and_ladders_work_with_the_lean_module() {
    let (module, fs) = (lean(), MemFs::new());
    // Without colour tags.
    module.ffmpeg(
        &fs,
        "-f lavfi -i testsrc2=s=1280x720:r=25:d=0.6 -f lavfi -i sine=d=0.6 -c:v libopenh264 -c:a aac film.mp4",
    );
    let known = probe(&fs, "/film.mp4");
    let film = Input::new("film.mp4").probe(&known);
    let (video, h264) = (film.video(), || Codec::new("libopenh264"));
    let conform = Conform::new(320, 180, Ratio::from(25)).video(&video).unwrap();
    let shots = [(conform.clone(), SECOND), (conform, SECOND)];
    let reel = crossfade(&shots, &[Fade::new(SECOND / 5)]).unwrap();
    let joined = Concat::new([("film.mp4", &known), ("film.mp4", &known)]).encode();
    let Joined::Encoded { video: Some(joined), audio: Some(sound), .. } =
        joined.join("list.txt", "-").unwrap()
    else {
        panic!("expected an encoded join with video and sound")
    };
    let ladder = Ladder::new(&film, [Rendition::new(90, 200_000).named("small")]).audio(&film);
    let sheet = ContactSheet::new(SECOND / 2, 2, 2).cell(64, 36);
    let sprites = Sprites::new(SECOND / 2, SECOND / 4).cell(64, 36).grid(2, 1);
    let marked = Inset::picture_in_picture().margin(4).on(&video, &video).unwrap();
    let tall = fit(&video, 72, 128, Fit::Cover).unwrap();
    for (path, size, output) in [
        ("reel.mp4", (320, 180), Output::new("reel.mp4").video(&reel.stream, h264())),
        ("joined.mp4", (1280, 720), Output::new("joined.mp4").video(&joined, h264()).audio(sound, "aac")),
        (
            "small.mp4",
            (160, 90),
            ladder.video_codec(h264()).outputs(|_| "small.mp4".to_owned()).unwrap().remove(0),
        ),
        (
            "one.jpg",
            (1280, 720),
            Thumbnail::new("film.mp4", SECOND / 3).probe(&known).output("one.jpg").unwrap(),
        ),
        (
            "one.png",
            (320, 180),
            Thumbnail::new("film.mp4", SECOND / 3).probe(&known).width(320).output("one.png").unwrap(),
        ),
        ("sheet.png", (128, 72), sheet.output(&video, "sheet.png").unwrap()),
        ("sprites_001.jpg", (128, 36), sprites.output(&video, "sprites.jpg").unwrap()),
        ("film.gif", (160, 90), Gif::new().width(160).output(&video, "film.gif").unwrap()),
        (
            "marked.mp4",
            (1280, 720),
            Output::new("marked.mp4").stream(OutputStream::new(marked).codec(h264())),
        ),
        ("tall.mp4", (72, 128), Output::new("tall.mp4").video(&tall, h264())),
    ] {
        run(&module, &fs, &Command::new([output]));
        judge(&fs, &format!("/{path}")).assert_size(size.0, size.1);
    }
}
