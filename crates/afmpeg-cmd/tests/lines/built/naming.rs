//! Metadata and attachments.

use afmpeg_cmd::{Arg, Audio, Codec, Command, Input, Output, OutputStream};

pub(super) fn title() -> Command {
    let film = Input::new("in.mp4");
    let output = Output::new("out.mp4").metadata("title", "My film").metadata("year", 2026).copy_all();
    Command::from_input([&film], [output])
}

pub(super) fn nothing() -> Command {
    let film = Input::new("in.mp4");
    let output = Output::new("out.mp4").no_chapters().arg("map_metadata", -1).copy_all();
    Command::from_input([&film], [output])
}

pub(super) fn subtitles_with_a_language() -> Command {
    let (film, subtitles) = (Input::new("in.mp4"), Input::new("subs.srt"));
    // The number of streams of the film is unknown, so the subtitles are the first of their kind.
    let output = Output::new("out.mp4")
        .stream(OutputStream::all_of(&film, ""))
        .stream(OutputStream::all_of(&subtitles, ""))
        .copy_all()
        .with(Arg::new("c", "mov_text").on("s"))
        .metadata_of("s:s:0", "language", "eng");
    Command::new([output])
}

pub(super) fn sounds_with_languages() -> Command {
    let film = Input::new("in.mkv");
    let german = OutputStream::new(film.audio()).codec("aac").metadata("language", "deu");
    let english = OutputStream::new(film.nth::<Audio>(1))
        .codec(Codec::new("aac").opt("b", "96k"))
        .metadata("language", "eng")
        .disposition("default");
    Command::new([Output::new("out.mp4").copy(film.video()).stream(german).stream(english)])
}

pub(super) fn cover() -> Command {
    let (song, cover) = (Input::new("song.m4a"), Input::new("cover.jpg"));
    let output = Output::new("out.m4a")
        .stream(OutputStream::all_of(&song, "a"))
        .stream(OutputStream::new(cover.video()).disposition("attached_pic"))
        .copy_all();
    Command::new([output])
}

pub(super) fn font() -> Command {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mkv")
        .stream(OutputStream::all_of(&film, "v"))
        .copy_all()
        .attach("a.ttf", "application/x-truetype-font");
    Command::new([output])
}
