//! Images of video and audio.

use std::time::Duration;

use afmpeg_cmd::{
    Command, Input, MediaKind, Output, OutputStream, Stream, Video,
    filters::{
        mixed::showwavespic,
        video::{PalettegenStatsMode, PaletteuseDither, fps, palettegen, paletteuse, scale, select, tile},
    },
};

pub(super) fn one() -> Command {
    let film = Input::new("in.mp4").seek(Duration::from_secs(5));
    let picture = OutputStream::automatic(MediaKind::Video).frames(1).arg("q", 2);
    Command::from_input([&film], [Output::new("out.jpg").stream(picture)])
}

pub(super) fn one_a_second() -> Command {
    let film = Input::new("in.mp4");
    let pictures = OutputStream::automatic(MediaKind::Video).filter(fps().fps(1));
    Command::from_input([&film], [Output::new("out-%03d.png").stream(pictures)])
}

pub(super) fn sheet() -> Command {
    let film = Input::new("in.mp4");
    let sheet = OutputStream::all_of(&film, "v")
        .filter(select().expr("not(mod(n,10))"))
        .filter(scale().w(160).h(-1))
        .filter(tile().layout("4x3"))
        .frames(1);
    Command::new([Output::new("sheet.png").stream(sheet)])
}

pub(super) fn gif() -> Command {
    let film = Input::new("in.mp4").seek(Duration::from_secs(2)).duration(Duration::from_secs(3));
    let small = film.video().filter(fps().fps(10)).filter(scale().w(320).h(-1).flags("lanczos"));
    let palette = small.filter(palettegen());
    let coloured = paletteuse().on(&small, &palette);
    Command::new([Output::new("out.gif").map(&coloured).arg("loop", 0)])
}

/// A function from stream to stream, for any video.
fn few_colours(video: &Stream<Video>) -> Stream<Video> {
    let palette = video.filter(palettegen().stats_mode(PalettegenStatsMode::Diff));
    paletteuse().dither(PaletteuseDither::Bayer).bayer_scale(5).on(video, &palette)
}

pub(super) fn gif_of_what_changes() -> Command {
    let slow = Input::new("in.mp4").video().filter(fps().fps(10));
    Command::new([Output::new("out.gif").map(few_colours(&slow))])
}

pub(super) fn wave() -> Command {
    let wave = showwavespic().size("640x120").on(&Input::new("in.mp3").audio());
    Command::new([Output::new("wave.png").stream(OutputStream::new(wave).frames(1))])
}
