//! The recipes on a real film and a real sound.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Input, Output, OutputStream, Ratio, Stream, Video,
    recipes::{
        Conform, ContactSheet, Corner, Dash, Fade, Fit, ForceStyle, Gif, Hls, Inset, KenBurns, Ladder,
        RemoveSilence, Rendition, Sprites, StyleField, Subtitles, Text, Thumbnail, View, crossfade,
        crossfade_audio, fit, reverse_audio, reverse_video, shorten_silences, speed_audio, speed_video, trim,
    },
};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use super::{measured, probe, run, write};
use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, Variant, fixture, full, judge, memory_with};

const SECOND: Duration = Duration::from_secs(1);
const FONT: &str = "DejaVuSansMono.ttf";
const ALARM: &str = "alarm-clock-elapsed.oga";

/// Returns two seconds of the film, from the middle of a shot.
fn part() -> Input {
    Input::new(CLIP).seek(SECOND).duration(2 * SECOND)
}

fn whole() -> Duration {
    Duration::from_secs_f64(CLIP_SECONDS)
}

/// Returns the hash of every decoded frame.
#[track_caller]
fn hashes(module: &Variant, fs: &MemFs, path: &str) -> Vec<String> {
    let listed = module.ffmpeg(fs, &format!("-i {path} -map 0:v -f framehash -hash md5 -"));
    let lines = str::from_utf8(listed.stdout()).unwrap().lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().1.to_owned()).collect()
}

/// Returns the first frame of a video, 320x180, in grey.
#[track_caller]
fn first_picture(module: &Variant, fs: &MemFs, video: Stream<Video>) -> Bytes {
    let output = OutputStream::new(video).codec("rawvideo").frames(1);
    let output = Output::new("picture.raw").stream(output).format("rawvideo").arg("pix_fmt", "gray");
    run(module, fs, &Command::new([output]).overwrite());
    fs.read("/picture.raw").unwrap()
}

/// Returns the bounding box of the differences between two frames of 320x180: left, top, right, bottom.
fn difference(one: &[u8], other: &[u8]) -> Option<[usize; 4]> {
    let pixels = one.iter().zip(other).enumerate();
    let different = pixels.filter(|(_, (one, other))| one.abs_diff(**other) > 24).map(|(index, _)| index);
    different.map(|index| (index % 320, index / 320)).fold(None, |bounds: Option<[usize; 4]>, (x, y)| {
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

#[test]
fn film_has_thumbnails_sheets_sprites_and_gifs() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let film = Input::new(CLIP).video();
    write(&module, &fs, Thumbnail::new(CLIP, 3 * SECOND).output("thumbnail.png").unwrap());
    judge(&fs, "/thumbnail.png").assert_size(1280, 720);
    // Frame 75 at 25 per second.
    module.ffmpeg(&fs, &format!("-i {CLIP} -vf trim=start_frame=75:end_frame=76 -update 1 frame.png"));
    assert_eq!(hashes(&module, &fs, "thumbnail.png"), hashes(&module, &fs, "frame.png"));

    write(&module, &fs, Thumbnail::new(CLIP, SECOND).width(320).most_typical_of(30).output("a.jpg").unwrap());
    judge(&fs, "/a.jpg").assert_codec("video", "mjpeg").assert_size(320, 180);

    let sheet = ContactSheet::new(whole(), 3, 2).cell(160, 90).padding(4);
    write(&module, &fs, sheet.output(&film, "sheet.png").unwrap());
    judge(&fs, "/sheet.png").assert_size(3 * 160 + 2 * 4, 2 * 90 + 4);

    let sprites = Sprites::new(whole(), SECOND).cell(160, 90).grid(2, 2);
    assert_eq!((sprites.count().unwrap(), sprites.sheets().unwrap()), (6, 2));
    let output = sprites.output(&film, "sprites.png").unwrap();
    let files: Vec<String> = {
        let before = fs.walk("/").unwrap();
        write(&module, &fs, output);
        fs.walk("/").unwrap().into_iter().filter(|path| !before.contains(path)).collect()
    };
    assert_eq!(files.len(), 2);
    for file in &files {
        judge(&fs, file).assert_size(320, 180);
        assert!(sprites.vtt("sprites.png").unwrap().contains(&file[1..]), "{file}");
    }

    write(
        &module,
        &fs,
        Gif::new().rate(Ratio::from(10)).width(160).output(&part().video(), "a.gif").unwrap(),
    );
    judge(&fs, "/a.gif").assert_codec("video", "gif").assert_size(160, 90).assert_frames(20);

    let movement = KenBurns::new(View::whole(), View { x: 0.3, y: 0.1, size: 0.5 }, SECOND).size(320, 180);
    let still = movement.video(&Input::image("a.jpg").video()).unwrap();
    write(&module, &fs, Output::new("still.mp4").video(still, "libx264"));
    judge(&fs, "/still.mp4").assert_size(320, 180).assert_frames(25).assert_duration(1.0, 0.001);
}

#[test]
fn film_is_cut_sped_up_reversed_and_crossfaded() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let known = probe(&fs, &format!("/{CLIP}"));
    write(&module, &fs, trim(CLIP, &known, SECOND, 2 * SECOND, "cut.mp4").unwrap().output);
    let judged = judge(&fs, "/cut.mp4");
    judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(1280, 720);
    judged.assert_duration(1.0, 0.1);

    let output = Output::new("fast.mkv")
        .video(speed_video(&part().video(), 2.0, Ratio::from(25)).unwrap(), "libx264")
        .audio(speed_audio(&part().audio(), 2.0).unwrap(), "flac");
    write(&module, &fs, output);
    judge(&fs, "/fast.mkv").assert_frames(25).assert_duration(1.0, 0.1);

    let small = fit(&part().video(), 320, 180, Fit::Contain).unwrap();
    let output = Output::new("forward.mkv").video(&small, "ffv1").audio(part().audio(), "flac");
    write(&module, &fs, output);
    let forward = Input::new("forward.mkv");
    let output = Output::new("back.mkv")
        .video(reverse_video(&forward.video()), "ffv1")
        .audio(reverse_audio(&forward.audio()), "flac");
    write(&module, &fs, output);
    judge(&fs, "/back.mkv").assert_frames(50).assert_duration(2.0, 0.1);
    let [forward, mut back] = ["forward.mkv", "back.mkv"].map(|path| hashes(&module, &fs, path));
    back.reverse();
    assert_eq!(forward, back, "frame by frame");

    let conform = Conform::new(320, 180, Ratio::from(25)).fit(Fit::Cover);
    let parts = [part(), Input::new(CLIP).seek(3 * SECOND).duration(2 * SECOND)];
    let shots = parts.each_ref().map(|part| (conform.video(&part.video()).unwrap(), 2 * SECOND));
    let sounds = parts.each_ref().map(|part| (conform.audio(&part.audio()), 2 * SECOND));
    let fades = [Fade::new(2 * SECOND / 5)];
    let (film, sound) = (crossfade(&shots, &fades).unwrap(), crossfade_audio(&sounds, &fades).unwrap());
    write(&module, &fs, Output::new("film.mp4").video(&film.stream, "libx264").audio(&sound.stream, "aac"));
    judge(&fs, "/film.mp4").assert_size(320, 180).assert_duration(3.6, 0.001).assert_frames(90);
}

#[test]
fn marks_texts_and_subtitles_are_drawn_at_their_positions() {
    let (module, fs) = (full(), memory_with(&[CLIP, FONT]));
    fs.create_dir_all("/fonts").unwrap();
    fs.write(format!("/fonts/{FONT}"), fixture(FONT)).unwrap();
    fs.write("/words.srt", "1\n00:00:00,000 --> 00:00:05,000\nA rabbit\n").unwrap();
    module.ffmpeg(&fs, &format!("-ss 4 -i {CLIP} -frames:v 1 -vf negate logo.png"));
    let film = fit(&part().video(), 320, 180, Fit::Contain).unwrap();
    let plain = first_picture(&module, &fs, film.clone());
    let logo = Input::image("logo.png").video();
    let style = ForceStyle::new().set(StyleField::FontSize, 30).set(StyleField::Alignment, 2);
    let marked: [(&str, Stream<Video>, [usize; 4]); 4] = [
        // A quarter of 320 wide, in proportion high, ten pixels from the edges.
        (
            "watermark",
            Inset::watermark().width(0.25).margin(10).corner(Corner::TopLeft).on(&film, &logo).unwrap(),
            [10, 10, 89, 54],
        ),
        (
            "picture in picture",
            Inset::picture_in_picture()
                .width(0.25)
                .margin(10)
                .corner(Corner::BottomRight)
                .on(&film, &Input::new(CLIP).seek(4 * SECOND).video().filter("negate"))
                .unwrap(),
            [230, 124, 309, 169],
        ),
        (
            "text",
            Text::new("A rabbit", FONT).size(24).corner(Corner::TopRight, 10).on(&film).unwrap(),
            [160, 10, 309, 40],
        ),
        (
            "subtitles",
            Subtitles::new("words.srt").fonts_dir("fonts").force_style(style).on(&film).unwrap(),
            [100, 145, 220, 179],
        ),
    ];
    for (name, video, [left, top, right, bottom]) in marked {
        let output = Output::new("marked.mp4").video(&video, "libx264");
        run(&module, &fs, &Command::new([output]).overwrite());
        judge(&fs, "/marked.mp4").assert_size(320, 180).assert_frames(50).assert_duration(2.0, FRAME);
        let found = difference(&plain, &first_picture(&module, &fs, video));
        let [l, t, r, b] = found.unwrap_or_else(|| panic!("no {name}"));
        assert!(l >= left && t >= top && r <= right && b <= bottom, "{name}: {found:?}");
        assert!(r - l > (right - left) / 2 && b - t > (bottom - top) / 3, "{name}: {found:?}");
    }
}

/// Concatenates the initial segment and all segments of one rendition.
fn joined(fs: &MemFs, folder: &str, is_segment: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut names: Vec<String> =
        fs.walk(folder).unwrap().into_iter().filter(|path| is_segment(path)).collect();
    // The initial segment is listed after the others.
    names.sort_by_key(|name| (!name.contains("init"), name.clone()));
    names.iter().flat_map(|name| fs.read(name).unwrap()).collect()
}

#[test]
fn film_is_encoded_as_files_hls_and_dash() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    fs.create_dir_all("/hls").unwrap();
    fs.create_dir_all("/dash").unwrap();
    let film = Input::new(CLIP);
    let sizes = [Rendition::new(180, 300_000), Rendition::new(90, 100_000)];
    let codec = Codec::new("libx264").opt("preset", "ultrafast").opt("pix_fmt", "yuv420p");
    let ladder = Ladder::new(&film, sizes).audio(&film).video_codec(codec);

    let outputs = ladder.outputs(|rendition| format!("{}.mp4", rendition.name())).unwrap();
    run(&module, &fs, &Command::new(outputs));
    write(&module, &fs, Hls::new(ladder.clone(), "hls").segment_duration(2 * SECOND).output().unwrap());
    write(&module, &fs, Dash::new(ladder, "dash/film.mpd").segment_duration(2 * SECOND).output().unwrap());
    for (name, width, height, number) in [("180p", 320, 180, 0), ("90p", 160, 90, 1)] {
        fs.write("/hls.ts", joined(&fs, "/hls", |path| path.contains(name) && path.ends_with(".ts")))
            .unwrap();
        let is_segment = |path: &str| path.contains(&format!("stream{number}"));
        fs.write("/dash.mp4", joined(&fs, "/dash", is_segment)).unwrap();
        for path in [&format!("/{name}.mp4"), "/hls.ts", "/dash.mp4"] {
            judge(&fs, path)
                .assert_codec("video", "h264")
                .assert_size(width, height)
                .assert_frames(CLIP_FRAMES);
        }
    }
}

#[test]
fn silences_are_removed_from_a_real_sound() {
    let (module, fs) = (full(), memory_with(&[ALARM]));
    let alarm = Input::new(ALARM).audio();
    let whole = judge(&fs, &format!("/{ALARM}")).duration();
    let remove = RemoveSilence::new().threshold(-50.0).shortest(SECOND / 2).keep(SECOND / 10);
    let detection = remove.detect(&alarm).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.command, 1)).unwrap();
    // The alarm sounds six times.
    assert_eq!(silences.len(), 5, "{silences:?}");
    let silent: f64 =
        silences.iter().map(|silence| (silence.end.unwrap() - silence.start).as_secs_f64()).sum();
    let left = remove.cut_audio(&alarm, &silences, Duration::from_secs_f64(whole)).unwrap();
    write(&module, &fs, Output::new("brisk.flac").map(left));
    judge(&fs, "/brisk.flac").assert_duration(whole - silent + 5.0 * 0.1, 0.05);

    let shortened = shorten_silences(&alarm, -50.0, SECOND / 5).unwrap();
    write(&module, &fs, Output::new("shortened.flac").map(shortened));
    let shortened = judge(&fs, "/shortened.flac").duration();
    assert!(shortened < whole - silent + 5.0 * 0.3 && shortened > whole - silent - 0.6, "{shortened} s");
}
