//! Overlays: marks, other videos, texts and subtitles.

use afmpeg_cmd::{
    Codec, Command, Expr, Filter, Input, Output, OutputStream,
    recipes::{Corner, ForceStyle, Inset, StyleField, Subtitles, Text},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{color_at, make, run};
use crate::harness::{fixture, full, judge, memory_with};

#[test]
fn insets_are_in_their_corner_at_their_fraction_of_the_width() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=blue:s=200x100:r=25:d=2[v]", false, "film.mp4");
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=64x32 -frames:v 1 logo.png");
    make(&module, &fs, "color=red:s=64x32:r=25:d=1[v]", false, "face.mp4");
    let film = Input::new("film.mp4");
    for (corner, near, far) in [
        (Corner::TopLeft, (12, 12), (186, 86)),
        (Corner::TopRight, (186, 12), (12, 86)),
        (Corner::BottomLeft, (12, 86), (186, 12)),
        (Corner::BottomRight, (186, 86), (12, 12)),
    ] {
        // 0.2 of the width of 200: 40x20.
        let mark = Inset::watermark().corner(corner).margin(10).width(0.2).opacity(1.0);
        let marked = mark.on(&film.video(), &Input::new("logo.png").video()).unwrap();
        run(&module, &fs, &Command::new([Output::new("out.mkv").video(&marked, "ffv1")]).overwrite());
        judge(&fs, "/out.mkv").assert_size(200, 100).assert_frames(50);
        assert_eq!(color_at(&module, &fs, "out.mkv", 1.5, near), "red", "{corner:?}, until the end");
        assert_eq!(color_at(&module, &fs, "out.mkv", 1.5, far), "blue", "{corner:?}");
        assert_eq!(color_at(&module, &fs, "out.mkv", 1.5, (100, 50)), "blue", "{corner:?}");
    }

    // A longer video does not extend the film.
    make(&module, &fs, "color=red:s=64x32:r=30:d=3[v]", false, "long.mp4");
    for inset in [Inset::watermark(), Inset::picture_in_picture()] {
        let marked = inset.on(&film.video(), &Input::new("long.mp4").video()).unwrap();
        run(&module, &fs, &Command::new([Output::new("out.mkv").video(&marked, "ffv1")]).overwrite());
        judge(&fs, "/out.mkv").assert_frames(50).assert_duration(2.0, 0.001);
    }

    let faint = Inset::watermark().width(0.2).opacity(0.5);
    let faint = faint.on(&film.video(), &Input::new("logo.png").video()).unwrap();
    run(&module, &fs, &Command::new([Output::new("out.mkv").video(&faint, "ffv1")]).overwrite());
    assert_eq!(color_at(&module, &fs, "out.mkv", 0.5, (150, 66)), "mixed");

    let both = Inset::picture_in_picture().margin(10).width(0.5).corner(Corner::TopLeft);
    let both = both.on(&film.video(), &Input::new("face.mp4").video()).unwrap();
    run(&module, &fs, &Command::new([Output::new("out.mkv").video(&both, "ffv1")]).overwrite());
    judge(&fs, "/out.mkv").assert_frames(50);
    assert_eq!(color_at(&module, &fs, "out.mkv", 0.5, (100, 50)), "red", "an inset of 100x50");
    assert_eq!(color_at(&module, &fs, "out.mkv", 1.5, (60, 40)), "blue", "no inset after its end");
}

#[test]
fn inset_too_high_for_its_film_is_scaled_down() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=blue:s=192x108:r=5:d=0.4[v]", false, "film.mkv");
    let film = Input::new("film.mkv").video();
    // The size of the logo, the requested width, and the expected width and height of the red area.
    for (logo, width, wide, high) in
        [("10x100", 0.15, 9, 90), ("100x10", 1.0, 182, 18), ("64x32", 0.25, 48, 24), ("2x1000", 1.0, 1, 98)]
    {
        let red = format!("-f lavfi -i color=red:s={logo} -frames:v 1 -y logo.png");
        module.ffmpeg(&fs, &red);
        for corner in [Corner::BottomRight, Corner::TopLeft] {
            let mark = Inset::watermark().corner(corner).margin(10).width(width).opacity(1.0);
            let marked = mark.on(&film, &Input::new("logo.png").video()).unwrap();
            let codec = Codec::new("rawvideo").opt("pix_fmt", "rgb24");
            let stream = OutputStream::new(marked).codec(codec).frames(1);
            let output = Output::new("frame.raw").stream(stream).format("rawvideo");
            run(&module, &fs, &Command::new([output]).overwrite());
            let frame = fs.read("/frame.raw").unwrap();
            let is_red = |x: usize, y: usize| {
                let pixel = &frame[(y * 192 + x) * 3..][..3];
                pixel[0] > 90 && pixel[2] < 160
            };
            let columns: Vec<usize> = (0..192).filter(|x| (0..108).any(|y| is_red(*x, y))).collect();
            let rows: Vec<usize> = (0..108).filter(|y| (0..192).any(|x| is_red(x, *y))).collect();
            // Chroma samples cover two pixels.
            let is_about = |lit: &[usize], size: usize, near: usize| {
                assert!(
                    lit.len().abs_diff(size) <= 2,
                    "{logo} {corner:?}: expected {size}, found {}",
                    lit.len()
                );
                assert!(lit[0].abs_diff(near) <= 1, "{logo} {corner:?}: expected {near}, found {}", lit[0]);
            };
            let is_far = corner == Corner::BottomRight;
            is_about(&columns, wide, if is_far { 182 - wide } else { 10 });
            is_about(&rows, high, if is_far { 98 - high } else { 10 });
        }
    }
}

#[test]
fn subtitles_are_burnt_in_from_any_path_in_the_requested_style() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=black:s=320x180:r=5:d=2[v]", false, "film.mp4");
    fs.create_dir_all("/fonts").unwrap();
    fs.write("/fonts/DejaVuSansMono.ttf", fixture("DejaVuSansMono.ttf")).unwrap();
    fs.create_dir_all("/it's [a]: b,c;d").unwrap();
    let path = "it's [a]: b,c;d/x=1.srt";
    fs.write(format!("/{path}"), "1\n00:00:00,000 --> 00:00:01,000\n████\n").unwrap();
    let style = ForceStyle::new()
        .set(StyleField::FontName, "DejaVu Sans Mono")
        .set(StyleField::FontSize, 60)
        .set(StyleField::PrimaryColour, "&H000000FF")
        .set(StyleField::Alignment, 10);
    let subtitles = Subtitles::new(path).fonts_dir("fonts").force_style(style);
    let burnt = subtitles.on(&Input::new("film.mp4").video()).unwrap();
    let command = Command::new([Output::new("out.mkv").video(&burnt, "ffv1")]);
    run(&module, &fs, &command);
    judge(&fs, "/out.mkv").assert_frames(10);
    assert_eq!(color_at(&module, &fs, "out.mkv", 0.4, (160, 90)), "red");
    assert_eq!(color_at(&module, &fs, "out.mkv", 1.4, (160, 90)), "black");

    // A missing font, as in most subtitles, is replaced by an available one.
    let style = ForceStyle::new().set(StyleField::FontSize, 60).set(StyleField::PrimaryColour, "&H000000FF");
    let style = style.set(StyleField::Alignment, 10).set(StyleField::FontName, "Arial");
    let burnt =
        Subtitles::new(path).fonts_dir("fonts").force_style(style).on(&Input::new("film.mp4").video());
    run(&module, &fs, &Command::new([Output::new("out.mkv").video(burnt.unwrap(), "ffv1")]).overwrite());
    assert_eq!(color_at(&module, &fs, "out.mkv", 0.4, (160, 90)), "red");
}

#[test]
fn text_over_a_video_is_drawn_literally() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    let text = r"%{pts} 50% \n it's 'a': b,c;d[e]=f \\ %%";
    fs.write("/text.txt", text).unwrap();
    let font = "DejaVuSansMono.ttf";
    let black = Input::new("color=black:s=640x64:d=1:r=5").format("lavfi").video();
    let frames = |text: Text, name: &str| {
        let video = text.size(20).corner(Corner::TopLeft, 8).on(&black).unwrap();
        let command = Command::new([Output::new(name).video(video, "rawvideo").format("rawvideo")]);
        run(&module, &fs, &command);
        fs.read(format!("/{name}")).unwrap()
    };
    let drawn = frames(Text::new(text, font), "drawn.raw");
    assert_eq!(drawn, frames(Text::file("text.txt", font), "read.raw"), "the same text from a file");
    let (first, last) = (&drawn[..drawn.len() / 5], &drawn[drawn.len() / 5 * 4..]);
    assert_eq!(first, last, "no running time");
    assert!(first.iter().any(|value| *value > 200));
}

#[test]
fn text_wider_than_its_frame_is_made_smaller() {
    let (module, fs) = (full(), memory_with(&["DejaVuSansMono.ttf"]));
    let caption = "A caption that is much longer than the frame is wide at this size";
    let font = "DejaVuSansMono.ttf";
    let columns = |text: &Text, name: &str| {
        let black =
            Input::lavfi([Filter::new("color").opt("color", "black").opt("size", "160x90").opt("d", 1)]);
        let video = text.clone().size(32).on(&black.video()).unwrap();
        let codec = Codec::new("rawvideo").opt("pix_fmt", "gray");
        let output = OutputStream::new(video).codec(codec).frames(1);
        run(&module, &fs, &Command::new([Output::new(name).stream(output).format("rawvideo")]));
        let frame = fs.read(format!("/{name}")).unwrap();
        let lit: Vec<usize> = (0..160).filter(|x| frame.chunks(160).any(|row| row[*x] > 100)).collect();
        assert!(!lit.is_empty(), "{name}");
        (lit[0], *lit.last().unwrap())
    };
    let text = Text::new(caption, font);
    for (text, name) in [
        (text.clone(), "middle.raw"),
        (text.clone().corner(Corner::BottomRight, 8), "right.raw"),
        (text.clone().wrap(12), "wrapped.raw"),
        (text.clone().position(0, 0), "left.raw"),
        (text.clone().position("w-text_w-8", "h-text_h-8"), "end_aligned.raw"),
        (text.position("(w-text_w)/2", "(h-text_h)*t"), "centered.raw"),
    ] {
        let (first, last) = columns(&text, name);
        assert!(first > 0 || name == "left.raw", "{name}: from {first}");
        assert!(last < 159, "{name}: to {last}");
        // The text fills most of the frame.
        assert!(last - first > 60, "{name}: from {first} to {last}");
    }
    // The text has only the space after its position.
    let short = Text::new("A short caption", font);
    for (text, name, from) in [
        (short.clone().position("w/2", 10), "half.raw", 80),
        (short.clone().position(100, "h/2"), "number.raw", 100),
        (short.clone().position("w-60", "h-text_h"), "end.raw", 100),
        (short.clone().position("(w-text_w)/2+30", 0), "aside.raw", 60),
    ] {
        let (first, last) = columns(&text, name);
        assert!((from..160).contains(&first) && last < 159, "{name}: from {first} to {last}");
        assert!(last - first > 15, "{name}: from {first} to {last}");
    }
    // A fitting text keeps its size: three letters of 0.6 times 32 pixels.
    let (first, last) = columns(&Text::new("HHH", font), "short.raw");
    assert!((50..=58).contains(&(last - first)), "from {first} to {last}");
}

#[test]
fn square_logo_over_an_anamorphic_film_is_displayed_square() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=blue:s=720x576:r=5:d=0.4 -vf setsar=64/45 -c:v ffv1 dvd.mkv");
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=100x100 -frames:v 1 logo.png");
    let (film, logo) = (Input::new("dvd.mkv"), Input::image("logo.png"));
    let mark = Inset::watermark().corner(Corner::TopLeft).margin(0).width(0.2).opacity(1.0);
    let marked = mark.on(&film.video(), &logo.video()).unwrap();
    let codec = Codec::new("rawvideo").opt("pix_fmt", "rgb24");
    let output =
        Output::new("frame.raw").format("rawvideo").stream(OutputStream::new(marked).codec(codec).frames(1));
    run(&module, &fs, &Command::new([output]));
    let frame = fs.read("/frame.raw").unwrap();
    let is_red = |x: usize, y: usize| frame[(y * 720 + x) * 3] > 128;
    let wide = (0..720).filter(|x| is_red(*x, 4)).count() as f64;
    let high = (0..576).filter(|y| is_red(4, *y)).count() as f64;
    assert!((wide - 144.0).abs() <= 2.0, "a fifth of the film's width: {wide}");
    assert!((wide * 64.0 / 45.0 - high).abs() <= 3.0, "{wide} of 64:45 wide and {high} high");
}

#[test]
fn mark_is_shown_during_a_sum_of_many_intervals() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=blue:s=64x36:r=25:d=6[v]", false, "film.mp4");
    module.ffmpeg(&fs, "-f lavfi -i color=red:s=64x36 -frames:v 1 logo.png");
    // Shown in every other frame: 75 intervals of 0.02 s, and as many after the end.
    let times = (0..150).map(|number| f64::from(number) * 0.08);
    let intervals: Expr = times.map(|time| Expr::var("t").between(time - 0.01, time + 0.01)).sum();
    let mark = Inset::watermark().corner(Corner::TopLeft).margin(0).width(1.0).opacity(1.0).enable(intervals);
    let marked = mark.on(&Input::new("film.mp4").video(), &Input::image("logo.png").video()).unwrap();
    let codec = Codec::new("rawvideo").opt("pix_fmt", "rgb24");
    run(&module, &fs, &Command::new([Output::new("film.raw").format("rawvideo").video(&marked, codec)]));
    let frames = fs.read("/film.raw").unwrap();
    let shown: Vec<bool> = frames.chunks(64 * 36 * 3).map(|frame| frame[0] > 128).collect();
    assert_eq!(shown, (0..150).map(|number| number % 2 == 0).collect::<Vec<_>>());
}

#[test]
fn check_reports_exactly_the_expressions_that_are_too_deep_for_ffmpeg() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, "color=blue:s=64x36:r=25:d=0.2[v]", false, "film.mp4");
    for (terms, is_fine) in [(100, true), (101, false)] {
        let expression = vec!["between(t,0,1)"; terms].join("+");
        let video = Input::new("film.mp4").video().filter(Filter::new("select").opt("expr", expression));
        let command = Command::new([Output::new("out.mkv").video(&video, "ffv1")]).overwrite();
        assert_eq!(command.check().is_ok(), is_fine, "{terms}: {:?}", command.check());
        assert_eq!(module.runtime.run(fs.clone(), &command).is_ok(), is_fine, "{terms}");
    }
}
/// Returns the font with another, shorter family name.
fn renamed(font: &[u8], family: &str) -> Vec<u8> {
    let short = |offset: usize| usize::from(u16::from_be_bytes([font[offset], font[offset + 1]]));
    let long = |offset: usize| {
        usize::try_from(u32::from_be_bytes(font[offset..offset + 4].try_into().unwrap())).unwrap()
    };
    // OpenType: the list of tables starts at byte 12, and the table `name` has the names.
    let names = (0..short(4)).map(|table| 12 + table * 16).find(|entry| &font[*entry..*entry + 4] == b"name");
    let names = long(names.unwrap() + 8);
    let mut renamed = font.to_vec();
    for record in (0..short(names + 2)).map(|record| names + 6 + record * 12) {
        let (platform, kind, length) = (short(record), short(record + 6), short(record + 8));
        // 1 is the family, 4 the full name, 6 the PostScript name, 16 the typographic family.
        if ![1, 4, 6, 16].contains(&kind) {
            continue;
        }
        let text: Vec<u8> = match platform {
            1 => family.bytes().collect(),
            _ => family.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        };
        assert!(text.len() <= length, "{family} is too long");
        let offset = names + short(names + 4) + short(record + 10);
        renamed[offset..offset + text.len()].copy_from_slice(&text);
        renamed[record + 8..record + 10].copy_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    }
    renamed
}

#[test]
fn fallback_font_of_subtitles_is_a_text_face_in_any_order_of_the_folder() {
    let (module, font) = (full(), fixture("DejaVuSansMono.ttf"));
    for (families, expected) in [
        (["Math Text", "Sans Mono", "DejaVu Sans"], "DejaVu Sans"),
        (["DejaVu Sans", "Noto Sans", "Arial"], "Arial"),
        (["Any Emoji", "Zed", "A Math Font"], "Zed"),
        (["Some Serif", "Another Face", "The Symbols"], "Another Face"),
        (["Source Code", "Fira Mono", "Color Emoji"], "Color Emoji"),
    ] {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let fs = MemFs::new();
            fs.create_dir_all("/fonts").unwrap();
            for (position, index) in order.into_iter().enumerate() {
                fs.write(format!("/fonts/{position}.ttf"), renamed(&font, families[index])).unwrap();
            }
            let words = "1\n00:00:00,000 --> 00:00:02,000\nHamburg\n";
            let words = if families.contains(&"Arial") {
                words.replace("Ham", "<font face=\"X\">Ham")
            } else {
                words.into()
            };
            fs.write("/words.srt", words).unwrap();
            let film = Input::lavfi(["color=black:s=160x90:d=0.04"]).video();
            let burnt = Subtitles::new("words.srt").fonts_dir("fonts").on(&film).unwrap();
            let log = run(&module, &fs, &Command::new([Output::new("out.mkv").video(&burnt, "ffv1")]));
            assert!(log.contains(&format!("using '{expected}'")), "{families:?} in order {order:?}: {log}");
        }
    }
}
