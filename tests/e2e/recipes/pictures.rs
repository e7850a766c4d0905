//! Pictures from videos and sounds, and videos from pictures.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Filter, Input, Output, OutputStream, Ratio, Video,
    recipes::{AnimatedWebp, AudioImage, ContactSheet, Fit, Gif, KenBurns, Sprites, Thumbnail, View, fit},
};
use afmpeg_engine::ErrorKind;
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{color_at, four_colors, make, probe, run, write};
use crate::{
    codecs::{natively, on_host, picture_quality},
    harness::{CLIP, Variant, full, judge, memory_with},
    heif::tiled,
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn pictures_fit_another_aspect_ratio_in_every_mode() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=160x90 -frames:v 1 red.png");
    // Pixels twice as wide as high, so that the picture is displayed as 320x90.
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=160x90 -vf setsar=2 -frames:v 1 -c:v ffv1 wide.mkv");
    for (path, mode, edge, bar) in [
        ("red.png", Fit::Contain, "black", 28),
        ("red.png", Fit::Cover, "red", 0),
        ("red.png", Fit::Stretch, "red", 0),
        ("wide.mkv", Fit::Contain, "black", 46),
        ("wide.mkv", Fit::Cover, "red", 0),
    ] {
        let video = fit(&Input::new(path).video(), 128, 128, mode).unwrap();
        let output = Output::new("out.png").stream(OutputStream::new(video).frames(1)).arg("update", 1);
        run(&module, &fs, &Command::new([output]).overwrite());
        let judged = judge(&fs, "/out.png");
        judged.assert_size(128, 128);
        assert_eq!(judged.stream("video")["sample_aspect_ratio"], "1:1", "{path} {mode:?}");
        assert_eq!(color_at(&module, &fs, "out.png", 0.0, (64, 4)), edge, "{path} {mode:?}");
        assert_eq!(color_at(&module, &fs, "out.png", 0.0, (64, 63)), "red", "{path} {mode:?}");
        if bar > 0 {
            let around = [bar - 3, bar + 1];
            let found = around.map(|y| color_at(&module, &fs, "out.png", 0.0, (64, y)));
            assert_eq!(found, ["black", "red"], "{path} {mode:?}");
        }
    }
}

#[test]
fn picture_with_the_name_of_a_sequence_is_a_single_picture() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=64x36 -frames:v 1 red.png");
    module.ffmpeg(&fs, "-f lavfi -i color=blue:s=64x36 -frames:v 1 1001.png");
    fs.write("/100%d.png", fs.read("/red.png").unwrap()).unwrap();
    for (input, frames) in [(Input::image("100%d.png"), 1), (Input::still("100%d.png", SECOND), 25)] {
        let command = Command::new([Output::new("out.mkv").video(input.video(), "ffv1")]).overwrite();
        let expected = Duration::from_millis(40 * frames);
        assert_eq!(command.expected_duration(&[]), Some(expected));
        run(&module, &fs, &command);
        judge(&fs, "/out.mkv").assert_frames(frames);
        assert_eq!(color_at(&module, &fs, "out.mkv", 0.0, (8, 8)), "red");
    }
}

#[test]
fn thumbnail_has_the_requested_time_and_size() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    let thumbnail = Thumbnail::new("a.mp4", Duration::from_millis(2_500)).width(64);
    write(&module, &fs, thumbnail.output("100%d.jpg").unwrap());
    // The judge would read a name with a percent sign as a sequence.
    fs.write("/thumbnail.jpg", fs.read("/100%d.jpg").unwrap()).unwrap();
    judge(&fs, "/thumbnail.jpg").assert_size(64, 36).assert_codec("video", "mjpeg");
    assert_eq!(color_at(&module, &fs, "thumbnail.jpg", 0.0, (30, 16)), "blue");

    // 10 blue frames and 25 white ones: white is most typical.
    let thumbnail = Thumbnail::new("a.mp4", Duration::from_millis(2_600)).most_typical_of(35);
    write(&module, &fs, thumbnail.output("typical.png").unwrap());
    judge(&fs, "/typical.png").assert_size(128, 72);
    assert_eq!(color_at(&module, &fs, "typical.png", 0.0, (30, 16)), "white");
}

#[test]
fn contact_sheet_shows_every_part_of_the_film_in_order() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    let sheet = ContactSheet::new(4 * SECOND, 3, 2).cell(64, 36).padding(4).margin(6).background("black");
    write(&module, &fs, sheet.output(&Input::new("a.mp4").video(), "sheet.png").unwrap());
    let (width, height) = sheet.size();
    judge(&fs, "/sheet.png").assert_size(width.into(), height.into());
    // Six frames in four seconds: at 0.33, 1, 1.67, 2.33, 3 and 3.67 s.
    let center = |column: u32, row: u32| (6 + column * 68 + 30, 6 + row * 40 + 16);
    let cells = [(0, 0), (2, 0), (0, 1), (2, 1)];
    let found = cells.map(|(column, row)| color_at(&module, &fs, "sheet.png", 0.0, center(column, row)));
    assert_eq!(found, ["red", "lime", "blue", "white"]);
    assert_eq!(color_at(&module, &fs, "sheet.png", 0.0, (71, 20)), "black", "padding");
}

#[test]
fn contact_sheet_shows_the_times_of_its_frames() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    make(&module, &fs, "color=red:s=160x90:r=25:d=4[v]", false, "a.mkv");
    let film = Input::new("a.mkv").video();
    let sheet = ContactSheet::new(4 * SECOND, 2, 1).cell(160, 90);
    let timed = sheet.clone().times("DejaVuSansMono.ttf").video(&film).unwrap();
    let filter = |name: &str, filters: Vec<Filter>| {
        let video = timed.filters(filters);
        let output = Output::new(name).video(video, "rawvideo").format("rawvideo").arg("pix_fmt", "gray");
        run(&module, &fs, &Command::new([output]).overwrite());
        fs.read(format!("/{name}")).unwrap()
    };
    let cells = [0, 160].map(|x| {
        filter("cell.raw", vec![Filter::new("crop").opt("w", 160).opt("h", 90).opt("x", x).opt("y", 0)])
    });

    // The middles of two parts of 2 s: the times look like the same text drawn literally.
    let drawn = Command::new([Output::new("a.png").map(&timed)]);
    let drawn = drawn.graph.nodes.iter().find(|node| node.filter.name == "drawtext").unwrap().filter.clone();
    for (cell, time) in cells.iter().zip(["00:00:01", "00:00:03"]) {
        let mut text = drawn.clone();
        let options = text.options.iter_mut();
        for option in options.filter(|option| option.name.as_deref() == Some("text")) {
            option.value = time.into();
        }
        let plain = film.filters([Filter::new("scale").opt("w", 160).opt("h", 90), text]);
        let output = OutputStream::new(plain).codec("rawvideo").frames(1);
        let output = Output::new("text.raw").stream(output).format("rawvideo").arg("pix_fmt", "gray");
        run(&module, &fs, &Command::new([output]).overwrite());
        assert!(*cell == fs.read("/text.raw").unwrap(), "{time}");
    }
    assert!(cells[0] != cells[1]);
}

#[test]
fn contact_sheet_of_a_file_longer_than_its_video_is_full() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=red:s=64x36:r=25:d=1[v];sine=d=3[a]", true, "a.mkv");
    let sheet = ContactSheet::new(3 * SECOND, 3, 1).cell(64, 36);
    write(&module, &fs, sheet.output(&Input::new("a.mkv").video(), "sheet.png").unwrap());
    judge(&fs, "/sheet.png").assert_size(192, 36);
    assert_eq!(color_at(&module, &fs, "sheet.png", 0.0, (160, 16)), "red");
}

#[test]
fn sprites_are_at_the_positions_in_their_webvtt() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    fs.create_dir_all("/thumbs").unwrap();
    let sprites = Sprites::new(4 * SECOND, SECOND).cell(64, 36).grid(3, 1);
    write(&module, &fs, sprites.output(&Input::new("a.mp4").video(), "thumbs/a b.png").unwrap());
    let vtt = sprites.vtt("thumbs/a b.png").unwrap();
    let cues: Vec<(&str, u32, u32)> = vtt
        .lines()
        .filter_map(|line| {
            let (file, rectangle) = line.split_once("#xywh=")?;
            let numbers: Vec<u32> = rectangle.split(',').map(|number| number.parse().unwrap()).collect();
            Some((file, numbers[0], numbers[1]))
        })
        .collect();
    assert_eq!(cues.len(), 4);
    for ((file, x, y), color) in cues.into_iter().zip(["red", "lime", "blue", "white"]) {
        let sheet = fs.read(format!("/thumbs/{}", file.replace("%20", " "))).unwrap();
        fs.write("/sheet.png", sheet).unwrap();
        assert_eq!(color_at(&module, &fs, "sheet.png", 0.0, (x + 30, y + 16)), color);
    }
    assert!(!fs.exists("/thumbs/a b_003.png"));
}

#[test]
fn gif_has_the_requested_rate_size_and_repeats() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    let gif = Gif::new().rate(Ratio::from(5)).width(64).colors(16);
    for (gif, repeats) in
        [(gif.clone(), Some(0)), (gif.clone().times(1), None), (gif.no_dither().times(3), Some(2))]
    {
        let output = gif.output(&Input::new("a.mp4").video(), "a.gif").unwrap();
        run(&module, &fs, &Command::new([output]).overwrite());
        judge(&fs, "/a.gif").assert_codec("video", "gif").assert_size(64, 36).assert_frames(20);
        let bytes = fs.read("/a.gif").unwrap();
        let found = bytes.windows(11).position(|window| window == b"NETSCAPE2.0");
        let found = found.map(|offset| u16::from_le_bytes([bytes[offset + 13], bytes[offset + 14]]));
        assert_eq!(found, repeats);
    }
    let found = [0.5, 1.5, 2.5, 3.5].map(|time| color_at(&module, &fs, "a.gif", time, (30, 16)));
    assert_eq!(found, ["red", "lime", "blue", "white"]);
}

#[test]
fn gif_has_the_requested_number_of_colors() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(
        &fs,
        "-f lavfi -i color=white:s=64x64:r=10:d=0.5,drawbox=w=32:h=64:color=black:t=fill -c:v ffv1 two.mkv",
    );
    module.ffmpeg(
        &fs,
        "-f lavfi -i color=black:s=64x64:r=10:d=0.5,format=gbrp,geq=r=4*X:g=4*Y:b=128 -c:v ffv1 many.mkv",
    );
    let colors = |path: &str, colors: u32| -> usize {
        let gif = Gif::new().width(64).rate(Ratio::from(10)).colors(colors).no_dither();
        let output = gif.output(&Input::new(path).video(), "a.gif").unwrap();
        run(&module, &fs, &Command::new([output]).overwrite());
        module.ffmpeg(&fs, "-i a.gif -frames:v 1 -f rawvideo -pix_fmt rgb24 -y a.raw");
        let pixels = fs.read("/a.raw").unwrap();
        pixels.chunks(3).map(<[u8]>::to_vec).collect::<std::collections::HashSet<_>>().len()
    };
    assert_eq!(colors("two.mkv", 2), 2);
    for most in [2, 3, 16, 255, 256] {
        assert_eq!(colors("many.mkv", most), most as usize);
    }
}

#[test]
fn thumbnails_as_webp_and_avif_show_the_frame() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let known = probe(&fs, &format!("/{CLIP}"));
    let thumbnail = Thumbnail::new(CLIP, SECOND).probe(&known).width(320);
    let shown = |path: &str| {
        write(&module, &fs, thumbnail.output(path).unwrap());
        let picture = fs.read(format!("/{path}")).unwrap();
        let exact = "-sws_flags bicubic+accurate_rnd+full_chroma_int -pix_fmt rgb24 -f rawvideo pipe:";
        on_host(path, &picture, |path| natively(&format!("-i {path} {exact}")))
    };
    let expected = shown("a.png");
    for (path, codec) in [("a.webp", "webp"), ("a.avif", "av1")] {
        let quality = picture_quality(&expected, &shown(path), "rgb24");
        assert!(quality > 33.0, "{path}: {quality:.1} dB");
        let judged = judge(&fs, &format!("/{path}"));
        judged.assert_codec("video", codec).assert_size(320, 180).assert_frames(1);
        assert_eq!(judged.stream("video")["pix_fmt"], "yuv420p");
        assert!(fs.read(format!("/{path}")).unwrap().len() < 30_000, "{path}");
    }
}

/// The chunks of a WebP with these names, without their headers.
fn chunks<'a>(webp: &'a [u8], name: &[u8]) -> Vec<&'a [u8]> {
    let (mut offset, mut found) = (12, Vec::new());
    while offset + 8 <= webp.len() {
        let size = u32::from_le_bytes(webp[offset + 4..offset + 8].try_into().unwrap()) as usize;
        if &webp[offset..offset + 4] == name {
            found.push(&webp[offset + 8..offset + 8 + size]);
        }
        offset += 8 + size.next_multiple_of(2);
    }
    found
}

#[test]
fn animated_webp_has_the_requested_rate_size_and_repeats() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "testsrc2=s=128x72:r=25:d=2[v]", false, "a.mp4");
    let webp = AnimatedWebp::new().rate(Ratio::from(5)).width(64);
    for (webp, repeats) in
        [(webp.clone(), 0), (webp.clone().quality(20.0).times(1), 1), (webp.lossless().times(3), 3)]
    {
        let output = webp.output(&Input::new("a.mp4").video(), "a.webp").unwrap();
        run(&module, &fs, &Command::new([output]).overwrite());
        let bytes = fs.read("/a.webp").unwrap();
        let animation = chunks(&bytes, b"ANIM")[0];
        assert_eq!(u16::from_le_bytes([animation[4], animation[5]]), repeats);
        // Each frame's header has the width and the height less one, and the duration in milliseconds.
        let number =
            |frame: &[u8], at: usize| u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]);
        let frames = chunks(&bytes, b"ANMF");
        let canvas = chunks(&bytes, b"VP8X")[0];
        assert_eq!((number(canvas, 4), number(canvas, 7)), (63, 35));
        assert_eq!(frames.iter().map(|frame| number(frame, 12)).collect::<Vec<_>>(), [200; 10]);
    }
}

#[test]
fn lossless_animated_webp_keeps_every_pixel() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i testsrc2=s=128x72:r=5:d=1,format=bgra -c:v ffv1 a.mkv");
    let lossless = AnimatedWebp::new().rate(Ratio::from(5)).width(128).lossless();
    write(&module, &fs, lossless.output(&Input::new("a.mkv").video(), "a.webp").unwrap());
    let pixels = |path: &str| {
        let film = fs.read(format!("/{path}")).unwrap();
        on_host(path, &film, |path| natively(&format!("-i {path} -pix_fmt rgb24 -f rawvideo pipe:")))
    };
    let (source, found) = (pixels("a.mkv"), pixels("a.webp"));
    assert_eq!(source.len(), 5 * 128 * 72 * 3);
    assert!(source == found);
}

#[test]
fn pictures_of_anamorphic_video_have_square_pixels_and_its_aspect_ratio() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i testsrc2=s=720x576:r=25:d=0.2 -vf setsar=64/45 -c:v libx264 dvd.mp4");
    let thumbnail = Thumbnail::new("dvd.mp4", Duration::ZERO);
    let video = Input::new("dvd.mp4").video();
    for (path, output, width, height) in [
        ("whole.jpg", thumbnail.output("whole.jpg").unwrap(), 1024, 576),
        ("small.png", thumbnail.clone().width(320).output("small.png").unwrap(), 320, 180),
        ("a.gif", Gif::new().width(320).output(&video, "a.gif").unwrap(), 320, 180),
    ] {
        write(&module, &fs, output);
        let judged = judge(&fs, &format!("/{path}"));
        judged.assert_size(width, height);
        let aspect = judged.stream("video")["sample_aspect_ratio"].as_str().unwrap_or("1:1").to_owned();
        assert!(["1:1", "0:1"].contains(&aspect.as_str()), "{path}: {aspect}");
    }
}

#[test]
fn pictures_of_sound_have_the_requested_size() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let audio = Input::new(CLIP).audio();
    let waves = AudioImage::waveform(200, 50).colors("white").video(&audio).unwrap();
    let spectrum = AudioImage::spectrum(200, 100).colors("viridis").video(&audio).unwrap();
    run(
        &module,
        &fs,
        &Command::new([
            Output::new("waves.png").stream(OutputStream::new(waves).frames(1)).arg("update", 1),
            Output::new("spectrum.png").stream(OutputStream::new(spectrum).frames(1)).arg("update", 1),
        ]),
    );
    judge(&fs, "/waves.png").assert_size(200, 50);
    judge(&fs, "/spectrum.png").assert_size(200, 100);
    assert!(brightest(&module, &fs, "waves.png") > 200);
    assert!(brightest(&module, &fs, "spectrum.png") > 50);
}

/// Returns the brightest value of a picture's pixels.
#[track_caller]
fn brightest(module: &Variant, fs: &MemFs, path: &str) -> u8 {
    // Ignore transparency, the background of a waveform.
    module.ffmpeg(fs, &format!("-i {path} -frames:v 1 -f rawvideo -pix_fmt gray -y gray.raw"));
    fs.read("/gray.raw").unwrap().iter().copied().max().unwrap()
}

#[test]
fn ken_burns_moves_from_one_view_to_another() {
    let (module, fs) = (full(), MemFs::new());
    let halves = "color=red:s=80x90[l];color=blue:s=80x90[r];[l][r]hstack[v]";
    module.ffmpeg(&fs, &format!("-filter_complex {halves} -map [v] -frames:v 1 a.png"));
    let left = View { x: 0.0, y: 0.25, size: 0.5 };
    let right = View { x: 0.5, y: 0.25, size: 0.5 };
    for (first, last, colors) in
        [(left, right, ["red", "red", "blue", "blue"]), (View::whole(), left, ["red", "blue", "red", "red"])]
    {
        let movement = KenBurns::new(first, last, SECOND).size(160, 90).rate(Ratio::from(20));
        let video = movement.video(&Input::new("a.png").video()).unwrap();
        run(&module, &fs, &Command::new([Output::new("a.mkv").video(video, "ffv1")]).overwrite());
        judge(&fs, "/a.mkv").assert_size(160, 90).assert_frames(20).assert_duration(1.0, 0.001);
        let points = [(0.0, (10, 44)), (0.0, (150, 44)), (0.95, (10, 44)), (0.95, (150, 44))];
        assert_eq!(points.map(|(time, pixel)| color_at(&module, &fs, "a.mkv", time, pixel)), colors);
    }
}

#[test]
fn ken_burns_moves_without_jitter() {
    let (module, fs) = (full(), MemFs::new());
    let dot = "color=white:s=640x360,drawbox=x=312:y=172:w=16:h=16:color=black:t=fill";
    module.ffmpeg(&fs, &format!("-f lavfi -i {dot} -frames:v 1 a.png"));
    // A dot in the middle stays there, to a fraction of a pixel.
    let movement = KenBurns::new(View::whole(), View { x: 0.25, y: 0.25, size: 0.5 }, SECOND).size(160, 90);
    let video = movement.video(&Input::new("a.png").video()).unwrap().filter("negate");
    let codec = Codec::new("rawvideo").opt("pix_fmt", "gray");
    write(&module, &fs, Output::new("a.raw").format("rawvideo").video(&video, codec));
    let frames = fs.read("/a.raw").unwrap();
    assert_eq!(frames.len(), 25 * 160 * 90);
    for (number, frame) in frames.chunks(160 * 90).enumerate() {
        let dark = |value: u8| f64::from(value.saturating_sub(32));
        let sum: f64 = frame.iter().map(|value| dark(*value)).sum();
        let moment: f64 =
            frame.iter().enumerate().map(|(index, value)| dark(*value) * (index % 160) as f64).sum();
        let off = moment / sum - 79.5;
        assert!(off.abs() < 0.3, "frame {number} is off by {off} pixels");
    }
}

#[test]
fn times_of_a_contact_sheet_fit_into_cells_of_any_aspect_ratio() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    make(&module, &fs, "color=red:s=96x160:r=5:d=4[v]", false, "a.mkv");
    for (index, (width, height)) in
        [(270, 480), (90, 160), (320, 180), (56, 24), (64, 400)].into_iter().enumerate()
    {
        let sheet = ContactSheet::new(4 * SECOND, 1, 1).cell(width, height).times("DejaVuSansMono.ttf");
        let name = format!("{index}.raw");
        let codec = Codec::new("rawvideo").opt("pix_fmt", "gray");
        let video = sheet.video(&Input::new("a.mkv").video()).unwrap();
        let stream = OutputStream::new(video).codec(codec).frames(1);
        run(&module, &fs, &Command::new([Output::new(&name).stream(stream).format("rawvideo")]));
        let frame = fs.read(format!("/{name}")).unwrap();
        let (width, height) = (width as usize, height as usize);
        assert_eq!(frame.len(), width * height);
        // The letters are brighter than the red; eight of them cover more than 20 columns.
        let lit: Vec<usize> = (0..width).filter(|x| frame.chunks(width).any(|row| row[*x] > 120)).collect();
        assert!(
            lit.len() > 20 && lit[0] > 0 && *lit.last().unwrap() < width - 1,
            "{width}x{height}: {lit:?}"
        );
    }
    let small = ContactSheet::new(4 * SECOND, 1, 1).cell(48, 90).times("DejaVuSansMono.ttf");
    let error = small.video(&Input::new("a.mkv").video()).unwrap_err();
    assert_eq!(error.parameter(), "cell");
}

#[test]
fn thumbnail_after_the_end_is_the_same_error_in_every_format() {
    let (module, fs) = (full(), MemFs::new());
    four_colors(&module, &fs, "a.mp4");
    let errors = ["late.png", "late.jpg"].map(|path| {
        let command = Command::new([Thumbnail::new("a.mp4", 9 * SECOND).output(path).unwrap()]);
        let error = module.runtime.run(fs.clone(), &command).expect_err(path);
        assert!(!fs.exists(format!("/{path}")), "{path}");
        (error.kind(), error.to_string().replace(path, "late"))
    });
    assert_eq!(errors[0], errors[1]);
    assert_eq!(errors[0].0, ErrorKind::InvalidArgument);
    assert!(errors[0].1.contains("there is no frame at the requested time"), "{errors:?}");
}

#[test]
fn picture_of_tiles_is_read_as_the_whole_picture_everywhere() {
    let (module, fs) = (full(), MemFs::new());
    let tiles: Vec<Vec<u8>> = ["red", "lime", "blue", "white"]
        .iter()
        .map(|color| {
            module.ffmpeg(&fs, &format!("-f lavfi -i color={color}:s=256x256 -frames:v 1 -y tile.jpg"));
            fs.read("/tile.jpg").unwrap().to_vec()
        })
        .collect();
    for (name, whole) in [("photo.heic", (512, 512)), ("cropped.heic", (500, 400))] {
        fs.write(format!("/{name}"), tiled(&tiles, 2, (256, 256), whole)).unwrap();
        let probe = module.runtime.probe(fs.clone(), name).unwrap();
        assert_eq!(probe.video().unwrap().size(), Some(whole), "{name}");

        // Like FFmpeg itself without `-map`.
        module.ffmpeg(&fs, &format!("-i {name} -y plain.png"));
        judge(&fs, "/plain.png").assert_size(whole.0.into(), whole.1.into());
        let plain = |path: &str| module.ffmpeg(&fs, &format!("-i {path} -f framemd5 -")).into_stdout();
        let photo = Input::new(name).probe(&probe);
        let mapped = Output::new("mapped.png").map(photo.video()).arg("update", 1);
        run(&module, &fs, &Command::new([mapped]).overwrite());
        assert_eq!(plain("mapped.png"), plain("plain.png"), "{name}");
        let twice = [photo.video(), photo.video().filter("hflip")];
        let output = Output::new("twice.mkv").video(&twice[0], "ffv1").video(&twice[1], "ffv1");
        run(&module, &fs, &Command::new([output]).overwrite());
        judge(&fs, "/twice.mkv").assert_size(whole.0.into(), whole.1.into());

        // Without a probe, a tile is not used for the picture.
        let unknown = Input::new(name);
        let error = Thumbnail::new(name, Duration::ZERO).output("small.png").unwrap_err();
        assert_eq!(
            (error.parameter(), error.to_string().contains("`Thumbnail::probe`")),
            (name, true),
            "{error}"
        );
        for output in [
            Output::new("mapped.png").map(unknown.video()),
            Output::new("mapped.png").map(unknown.video().filter("hflip")),
            Output::new("mapped.png").video(&unknown, "png"),
        ] {
            let problems = Command::new([output]).check().unwrap_err().to_string();
            assert!(
                problems.contains("may be a single tile") && problems.contains("Input::probe"),
                "{problems}"
            );
        }
        let tile = Command::new([Output::new("tile.png").map(unknown.stream::<Video>("1"))]);
        run(&module, &fs, &tile.overwrite());
        judge(&fs, "/tile.png").assert_size(256, 256);
        let whole_picture = Output::new("whole.png").video(&photo, "png").arg("update", 1);
        run(&module, &fs, &Command::new([whole_picture]).overwrite());
        judge(&fs, "/whole.png").assert_size(whole.0.into(), whole.1.into());

        let thumbnail = Thumbnail::new(name, Duration::ZERO).probe(&probe).width(64);
        run(&module, &fs, &Command::new([thumbnail.output("small.png").unwrap()]).overwrite());
        let found =
            [(8, 8), (56, 8), (8, 44), (56, 44)].map(|pixel| color_at(&module, &fs, "small.png", 0.0, pixel));
        assert_eq!(found, ["red", "lime", "blue", "white"], "{name}");

        for request in [
            module.runtime.frames(fs.clone(), name),
            module.runtime.frames(fs.clone(), name).at(Duration::ZERO),
        ] {
            let frames: Vec<_> = request.run().unwrap().map(Result::unwrap).collect();
            assert_eq!(frames.len(), 1, "{name}");
            assert_eq!((frames[0].width(), frames[0].height()), whole, "{name}");
            let last = &frames[0].data()[frames[0].data().len() - 4..];
            assert!(last.iter().all(|value| *value > 240), "{name}: {last:?}");
        }
        let one = module.runtime.frames(fs.clone(), name).stream(2).run().unwrap().next().unwrap().unwrap();
        assert_eq!((one.width(), one.height()), (256, 256), "the requested tile");
    }
    // A file with such a name but without tiles, when it was probed.
    fs.write("/plain.heic", fs.read("/tile.jpg").unwrap()).unwrap();
    let probe = module.runtime.probe(fs.clone(), "plain.heic").unwrap();
    let still = Thumbnail::new("plain.heic", Duration::ZERO).probe(&probe).output("plain.png").unwrap();
    run(&module, &fs, &Command::new([still]).overwrite());
    judge(&fs, "/plain.png").assert_size(256, 256);
}

/// Adds an EXIF orientation to a JPEG.
fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    exif[6 + 8 + 2 + 9] = orientation;
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn orientation_of_a_photo_is_its_rotation() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=64x48 -frames:v 1 photo.jpg");
    let jpeg = fs.read("/photo.jpg").unwrap();
    for (orientation, rotation, size) in [(6, 90, (48, 64)), (3, 180, (64, 48)), (8, 270, (48, 64))] {
        fs.write("/turned.jpg", oriented(&jpeg, orientation)).unwrap();
        let request = module.runtime.probe_request(fs.clone(), "turned.jpg").frames().intervals("%+#1");
        let probe = request.run().unwrap();
        let video = probe.video().unwrap();
        assert_eq!((video.rotation(), video.upright_size()), (Some(rotation), Some(size)));
        let frame = module.runtime.frames(fs.clone(), "turned.jpg").run().unwrap().next().unwrap().unwrap();
        assert_eq!((frame.width(), frame.height()), size);
        let still = Thumbnail::new("turned.jpg", Duration::ZERO).output("still.png").unwrap();
        run(&module, &fs, &Command::new([still]).overwrite());
        judge(&fs, "/still.png").assert_size(size.0.into(), size.1.into());
    }
}
