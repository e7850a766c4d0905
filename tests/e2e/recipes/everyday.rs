//! Every recipe on every common kind of clip.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Filter, Input, Output, Ratio,
    recipes::{
        Concat, Conform, ContactSheet, Dash, Fade, Fit, Gif, Hls, Inset, Joined, KenBurns, Ladder, Rendition,
        Sprites, Subtitles, Text, Thumbnail, View, copy_all, crossfade, crossfade_audio, fit, reverse_video,
        speed_video, trim, two_pass,
    },
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    inputs::{Clip, clips},
    lossless, run,
};
use crate::harness::{Variant, fixture, full, has_every_case, judge};

const SECOND: Duration = Duration::from_secs(1);
const FONT: &str = "DejaVuSansMono.ttf";

/// Runs a recipe's output on each clip, and checks it.
#[track_caller]
fn each(path: &str, output: impl Fn(&Input, &Clip) -> Output, check: impl Fn(&MemFs, &Clip)) {
    let (module, fs) = prepared();
    // Converting HDR takes a job four seconds more, so most recipes are not tried with it each time.
    for clip in clips(&module, &fs).into_iter().filter(|clip| clip.path != "hdr.mkv" || has_every_case()) {
        let input = Input::new(clip.path).probe(&clip.probe);
        let output = output(&input, &clip);
        assert_eq!(output_path(&output), path);
        run(&module, &fs, &Command::new([output]).overwrite());
        check(&fs, &clip);
    }
}

fn output_path(output: &Output) -> String {
    Command::new([output.clone()]).outputs[0].path.clone()
}

fn prepared() -> (Variant, MemFs) {
    let (module, fs) = (full(), MemFs::new());
    for folder in ["/hls", "/dash", "/fonts"] {
        fs.create_dir_all(folder).unwrap();
    }
    fs.write(format!("/fonts/{FONT}"), fixture(FONT)).unwrap();
    fs.write("/words.srt", "1\n00:00:00,000 --> 00:00:05,000\nA rabbit\n").unwrap();
    (module, fs)
}

/// Returns the size of a clip scaled to a width of 80 pixels and an even height.
fn small((width, height): (u64, u64)) -> (u64, u64) {
    let exact = height as f64 * 80.0 / width as f64;
    (80, ((exact / 2.0).round() * 2.0) as u64)
}

#[test]
fn thumbnail_has_the_aspect_ratio_of_its_clip() {
    let time = Duration::from_millis(450);
    for path in ["out.jpg", "out.png"] {
        each(
            path,
            |_, clip| Thumbnail::new(clip.path, time).probe(&clip.probe).output(path).unwrap(),
            |fs, clip| {
                judge(fs, &format!("/{path}")).assert_size(clip.size.0, clip.size.1);
            },
        );
    }
    each(
        "out.png",
        |_, clip| {
            let thumbnail = Thumbnail::new(clip.path, time).probe(&clip.probe).width(80).most_typical_of(5);
            thumbnail.output("out.png").unwrap()
        },
        |fs, clip| {
            let (width, height) = small(clip.size);
            judge(fs, "/out.png").assert_size(width, height);
        },
    );
}

#[test]
fn sheets_and_sprites_of_every_clip_are_full() {
    let sheet = ContactSheet::new(SECOND, 3, 2).cell(64, 36);
    each(
        "out.png",
        |input, _| sheet.output(&input.video(), "out.png").unwrap(),
        |fs, _| {
            judge(fs, "/out.png").assert_size(192, 72);
        },
    );
    let sprites = Sprites::new(SECOND, SECOND / 4).cell(64, 36).grid(2, 2);
    each(
        "out_%03d.jpg",
        |input, _| sprites.output(&input.video(), "out.jpg").unwrap(),
        |fs, _| {
            judge(fs, "/out_001.jpg").assert_size(128, 72);
            assert!(!fs.exists("/out_002.jpg"));
        },
    );
}

#[test]
fn gif_of_every_clip_has_its_aspect_ratio_and_duration() {
    let gif = Gif::new().width(80).rate(Ratio::from(10)).colors(32);
    each(
        "out.gif",
        |input, _| gif.output(&input.video(), "out.gif").unwrap(),
        |fs, clip| {
            let (width, height) = small(clip.size);
            let judged = judge(fs, "/out.gif");
            judged.assert_size(width, height);
            let (first, last) = (clip.times[0], clip.times[clip.times.len() - 1]);
            let expected = (last - first) as f64 / 1e6;
            assert!((judged.duration() - expected).abs() < 0.2, "{}: {}", clip.name, judged.duration());
        },
    );
}

#[test]
fn every_clip_fits_another_aspect_ratio() {
    for mode in [Fit::Contain, Fit::Cover, Fit::Stretch] {
        each(
            "out.mkv",
            |input, _| lossless(&fit(&input.video(), 72, 128, mode).unwrap()),
            |fs, clip| {
                judge(fs, "/out.mkv").assert_size(72, 128).assert_frames(clip.times.len() as u64);
            },
        );
    }
}

#[test]
fn reel_of_any_clips_has_the_planned_duration() {
    let conform = Conform::new(160, 90, Ratio::from(25));
    each(
        "out.mkv",
        |input, _| {
            let red = Input::lavfi(["color=red:s=64x64:d=1"]);
            let shots = [input.video(), red.video(), input.video()];
            let shots = shots.map(|video| (conform.video(&video).unwrap(), SECOND));
            let sounds =
                [input.audio(), input.audio(), input.audio()].map(|sound| (conform.audio(&sound), SECOND));
            let fades = [Fade::new(SECOND / 5), Fade::cut()];
            let film = crossfade(&shots, &fades).unwrap();
            let sound = crossfade_audio(&sounds, &fades).unwrap();
            lossless(&film.stream).audio(&sound.stream, "flac")
        },
        |fs, _| {
            judge(fs, "/out.mkv").assert_size(160, 90).assert_frames(70).assert_duration(2.8, 0.001);
        },
    );
}

#[test]
fn camera_movement_over_every_clip_has_the_planned_duration() {
    let movement = KenBurns::new(View::whole(), View { x: 0.3, y: 0.2, size: 0.5 }, SECOND / 2);
    let movement = movement.size(128, 72).rate(Ratio::from(20));
    each(
        "out.mkv",
        |input, _| lossless(&movement.video(&input.video()).unwrap()),
        |fs, _| {
            judge(fs, "/out.mkv").assert_size(128, 72).assert_frames(10);
        },
    );
}

#[test]
fn marks_texts_and_subtitles_keep_the_frame_count_of_every_clip() {
    each(
        "out.mkv",
        |input, _| {
            let logo = Input::lavfi(["color=red:s=64x64:d=0.04"]).video();
            let marked = Inset::watermark().margin(4).on(&input.video(), &logo).unwrap();
            let both = Inset::picture_in_picture().margin(4).on(&marked, &input.video()).unwrap();
            let text = Text::new("A rabbit", format!("fonts/{FONT}")).size(16).on(&both).unwrap();
            lossless(&Subtitles::new("words.srt").fonts_dir("fonts").on(&text).unwrap())
        },
        |fs, clip| {
            judge(fs, "/out.mkv").assert_frames(clip.times.len() as u64);
        },
    );
}

#[test]
fn ladder_hls_and_dash_of_every_clip_have_its_aspect_ratio_and_duration() {
    let codec = || Codec::new("libx264").opt("preset", "ultrafast").opt("pix_fmt", "yuv420p");
    let ladder = |input: &Input| {
        Ladder::new(input, [Rendition::new(72, 200_000).named("small")]).audio(input).video_codec(codec())
    };
    let wide = |clip: &Clip| ((clip.size.0 as f64 * 36.0 / clip.size.1 as f64).round() as u64) * 2;
    each(
        "small.mp4",
        |input, _| ladder(input).outputs(|rendition| format!("{}.mp4", rendition.name())).unwrap().remove(0),
        |fs, clip| {
            judge(fs, "/small.mp4").assert_size(wide(clip), 72).assert_frames(clip.times.len() as u64);
        },
    );
    each(
        "hls/%v.m3u8",
        |input, _| Hls::new(ladder(input), "hls").fmp4().output().unwrap(),
        |fs, clip| {
            let segments =
                [fs.read("/hls/small_init.mp4").unwrap(), fs.read("/hls/small_00000.m4s").unwrap()];
            fs.write("/joined.mp4", segments.concat()).unwrap();
            judge(fs, "/joined.mp4").assert_size(wide(clip), 72);
        },
    );
    each(
        "dash/a.mpd",
        |input, _| Dash::new(ladder(input), "dash/a.mpd").output().unwrap(),
        |fs, clip| {
            let names = ["/dash/init-stream0.m4s", "/dash/chunk-stream0-00001.m4s"];
            fs.write("/joined.mp4", names.map(|name| fs.read(name).unwrap()).concat()).unwrap();
            judge(fs, "/joined.mp4").assert_size(wide(clip), 72);
        },
    );
}

#[test]
fn every_clip_is_encoded_in_two_passes() {
    let (module, fs) = prepared();
    for clip in clips(&module, &fs) {
        let input = Input::new(clip.path).probe(&clip.probe);
        let codec = Codec::new("libx264").opt("preset", "ultrafast").opt("b", "200k");
        let video = fit(&input.video(), 160, 90, Fit::Contain).unwrap();
        let video = video.filter(Filter::new("format").opt("pix_fmts", "yuv420p"));
        let passes = two_pass(video, codec, "passes").unwrap();
        run(&module, &fs, &passes.first);
        let output = Output::new("out.mp4").stream(passes.second).audio(input.audio(), "aac");
        run(&module, &fs, &Command::new([output]).overwrite());
        let judged = judge(&fs, "/out.mp4");
        judged.assert_frames(clip.times.len() as u64).assert_codec("audio", "aac");
    }
}

#[test]
fn every_clip_is_played_faster_and_backwards() {
    each(
        "out.mkv",
        |input, _| {
            let fast = speed_video(&input.video(), 2.0, Ratio::from(25)).unwrap();
            lossless(&reverse_video(&fast))
        },
        |fs, clip| {
            let (first, last) = (clip.times[0], clip.times[clip.times.len() - 1]);
            let expected = (last - first) as f64 / 2e6;
            let judged = judge(fs, "/out.mkv");
            assert!((judged.duration() - expected).abs() < 0.2, "{}: {}", clip.name, judged.duration());
        },
    );
}

#[test]
fn every_clip_is_copied_cut_and_joined() {
    let (module, fs) = prepared();
    let clips = clips(&module, &fs);
    let other = &clips[0];
    for clip in &clips {
        let input = Input::new(clip.path).probe(&clip.probe);
        let copied = copy_all(&input, &clip.probe, "copy.mkv");
        assert_eq!(copied.dropped, []);
        let cut = trim(clip.path, &clip.probe, SECOND / 5, SECOND * 2, "cut.mkv").unwrap();
        run(&module, &fs, &Command::new([copied.output]).overwrite());
        judge(&fs, "/copy.mkv").assert_frames(clip.times.len() as u64);
        run(&module, &fs, &Command::new([cut.output]).overwrite());
        assert!(!judge(&fs, "/cut.mkv").streams().is_empty());

        let parts = Concat::new([(other.path, &other.probe), (clip.path, &clip.probe)]).encode();
        let Joined::Encoded { video: Some(video), audio: Some(audio), .. } =
            parts.join("list.txt", "-").unwrap()
        else {
            panic!("expected an encoded join with video and sound")
        };
        let output = lossless(&video).audio(audio, "flac").arg("fps_mode", "cfr");
        run(&module, &fs, &Command::new([output]).overwrite());
        let last = clip.times[clip.times.len() - 1] as f64 / 1e6;
        let judged = judge(&fs, "/out.mkv");
        judged.assert_size(160, 90);
        let expected = 1.0 + last.max(1.0);
        assert!((judged.duration() - expected).abs() < 0.15, "{}: {}", clip.name, judged.duration());
    }
}
