//! Recipes on the output of phones and cameras, with the default limits.

use std::{num::NonZero, time::Duration};

use afmpeg_cmd::{
    Codec, Command, Input, Output, Ratio,
    recipes::{
        Concat, ContactSheet, Fade, Gif, Inset, Joined, KenBurns, Ladder, Rendition, Sprites, Text,
        Thumbnail, View, crossfade, reverse_video, speed_video,
    },
};
use afmpeg_vfs::MemFs;

use super::{make, probe};
use crate::harness::{Variant, full, judge, memory_with};

const SECOND: Duration = Duration::from_secs(1);

/// Runs a command with the default limits for this number of processors.
#[track_caller]
fn run_on(module: &Variant, fs: &MemFs, processors: usize, output: impl IntoIterator<Item = Output>) {
    let command = Command::new(output).overwrite();
    command.check().unwrap_or_else(|problems| panic!("{problems}"));
    let running = module.runtime.job(fs.clone()).processors(NonZero::new(processors).unwrap()).args(&command);
    running.run().unwrap_or_else(|error| panic!("{processors} processors: {error}: {command:?}"));
}

/// Returns a fast encoder: a recipe's own memory does not depend on the encoder.
fn fast() -> Codec {
    Codec::new("libx264").opt("preset", "ultrafast")
}

#[test]
fn gif_of_half_a_minute_of_portrait_video_fits_into_the_default_limits() {
    let (module, fs) = (full(), MemFs::new());
    // At the recipe's own rate, which it would select from 30 frames per second.
    make(&module, &fs, "testsrc2=s=1080x1920:r=12:d=1[v]", false, "portrait.mp4");
    for (processors, seconds) in [(2, 3), (16, 30)] {
        let clip = Input::new("portrait.mp4").repeat(seconds - 1);
        run_on(&module, &fs, processors, [Gif::new().output(&clip.video(), "portrait.gif").unwrap()]);
        judge(&fs, "/portrait.gif").assert_size(480, 854).assert_frames(12 * u64::from(seconds));
    }
}

#[test]
fn recipes_on_1080p_portrait_and_landscape_fit_into_the_default_limits() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    make(&module, &fs, "testsrc2=s=1080x1920:r=10:d=1[v]", false, "portrait.mp4");
    make(&module, &fs, "testsrc2=s=1920x1080:r=10:d=1[v]", false, "landscape.mp4");
    module.ffmpeg(&fs, "-i portrait.mp4 -frames:v 1 -update 1 photo.png");
    let font = "DejaVuSansMono.ttf";
    let (portrait, landscape) = (probe(&fs, "/portrait.mp4"), probe(&fs, "/landscape.mp4"));
    for processors in [2, 16] {
        let run = |outputs: Vec<Output>| run_on(&module, &fs, processors, outputs);
        for (path, size) in [("portrait.mp4", (1080, 1920)), ("landscape.mp4", (1920, 1080))] {
            let video = Input::new(path).video();
            let still = Thumbnail::new(path, SECOND / 2).most_typical_of(5).output("still.jpg").unwrap();
            run(vec![still]);
            judge(&fs, "/still.jpg").assert_size(size.0, size.1);
            let sheet = ContactSheet::new(SECOND, 4, 2).cell(480, 480).times(font);
            let sprites = Sprites::new(SECOND, SECOND / 5);
            run(vec![
                sheet.output(&video, "sheet.jpg").unwrap(),
                sprites.output(&video, "sprites.jpg").unwrap(),
                Gif::new().output(&video, "a.gif").unwrap(),
            ]);
            judge(&fs, "/sheet.jpg").assert_size(1920, 960);

            let marked = Inset::watermark().on(&video, &Input::new("photo.png").video()).unwrap();
            let marked = Text::new("A caption", font).on(&marked).unwrap();
            let slow = speed_video(&reverse_video(&marked), 0.5, Ratio::from(5)).unwrap();
            run(vec![Output::new("slow.mp4").video(&slow, fast())]);
            judge(&fs, "/slow.mp4").assert_size(size.0, size.1).assert_frames(10);
        }
        let parts = [("portrait.mp4", &portrait), ("landscape.mp4", &landscape)];
        let Joined::Encoded { video: Some(joined), .. } = Concat::new(parts).join("a.txt", "a.mp4").unwrap()
        else {
            panic!("expected an encoded join")
        };
        let ladder = Ladder::new(&joined, [1080, 720, 360].map(|height| Rendition::new(height, 1_000_000)));
        run(ladder.video_codec(fast()).outputs(|rendition| format!("{}.mp4", rendition.name())).unwrap());
        judge(&fs, "/1080p.mp4").assert_frames(20);
        let video = Input::new("portrait.mp4").video();
        let shots = [(video.clone(), SECOND), (video.clone(), SECOND)];
        let faded = crossfade(&shots, &[Fade::new(SECOND / 2)]).unwrap();
        run(vec![Output::new("faded.mp4").video(&faded.stream, fast())]);
        judge(&fs, "/faded.mp4").assert_frames(15);
        let movement = KenBurns::new(View::whole(), View { x: 0.25, y: 0.25, size: 0.5 }, SECOND / 5);
        let movement = movement.size(1080, 1920).rate(Ratio::from(10));
        run(vec![
            Output::new("movement.mp4")
                .video(movement.video(&Input::image("photo.png").video()).unwrap(), fast()),
        ]);
        judge(&fs, "/movement.mp4").assert_size(1080, 1920).assert_frames(2);
    }
}
