//! Text as data in filter graphs: FFmpeg reads any text back unchanged.

use afmpeg_cmd::{
    Command, Filter, Output, OutputStream, Stream, Video,
    recipes::{Corner, ForceStyle, StyleField, Subtitles, Text},
};
use afmpeg_tests::escaping::{changed, file_written, texts};
use afmpeg_vfs::{MemFs, VfsExt as _};
use bytes::Bytes;

use crate::harness::{Variant, full, memory_with};

const FONT: &str = "DejaVuSansMono.ttf";

fn black() -> Stream<Video> {
    Filter::new("color").opt("color", "black").opt("size", "1280x480").source().video()
}

fn first_picture(module: &Variant, fs: &MemFs, video: Stream<Video>) -> Bytes {
    let output = Output::new("out.raw").stream(OutputStream::new(video).codec("rawvideo").frames(1));
    module.runtime.run(fs.clone(), Command::new([output.format("rawvideo")]).overwrite()).unwrap();
    fs.read("/out.raw").unwrap()
}

#[test]
fn two_thousand_random_texts_are_read_back_unchanged() {
    assert_eq!(changed(&full().runtime, 1, 2_000).unwrap(), [""; 0]);
}

#[test]
fn file_names_reach_the_filesystem_unchanged() {
    let runtime = full().runtime;
    let names = texts(2, 60).into_iter().filter(|name| !name.contains('/') && !name.starts_with('.'));
    for name in names.take(25) {
        assert_eq!(file_written(&runtime, &name).unwrap(), [name]);
    }
}

#[test]
fn random_texts_are_drawn_like_the_same_texts_from_files() {
    let (module, fs) = (full(), memory_with(&[FONT]));
    let draw = |text: Text| {
        first_picture(&module, &fs, text.size(16).corner(Corner::TopLeft, 4).on(&black()).unwrap())
    };
    let nothing = draw(Text::new(" ", FONT));
    // FFmpeg removes a line break at the end of a file.
    let texts = texts(3, 40);
    for text in texts.iter().map(|text| text.trim_end_matches(['\n', '\r'])) {
        fs.write("/text", text.to_owned()).unwrap();
        let drawn = draw(Text::new(text, FONT));
        assert!(drawn == draw(Text::file("text", FONT)), "{text:?}");
        // FFmpeg draws nothing if the first line is empty.
        let has_first_line = text.lines().next().is_some_and(|line| !line.trim().is_empty());
        assert!(drawn != nothing || !has_first_line, "{text:?} was not drawn");
    }
}

#[test]
fn subtitles_are_found_at_any_path_and_styles_stay_values() {
    let module = full();
    let style = ForceStyle::new().set(StyleField::FontSize, 200).set(StyleField::Alignment, 10);
    for name in texts(4, 60).into_iter().filter(|name| !name.contains('/') && !name.starts_with('.')).take(25)
    {
        let fs = memory_with(&[FONT]);
        fs.write(format!("/{name}"), "1\n00:00:00,000 --> 00:00:01,000\n████\n").unwrap();
        let subtitles = Subtitles::new(&name).fonts_dir("/").force_style(style.clone());
        let picture = first_picture(&module, &fs, subtitles.on(&black()).unwrap());
        assert!(picture[..1280 * 480].iter().any(|value| *value > 200), "{name:?}");
    }
}
