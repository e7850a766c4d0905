//! Encoders and their options.

use std::time::Duration;

use afmpeg_cmd::{
    Audio, Codec, Command, Input, MediaKind, Output, OutputStream, Stream,
    filters::source::{color, sine, testsrc},
};

/// The selected stream of a kind, with this codec.
fn automatic(kind: MediaKind, codec: impl Into<Codec>) -> OutputStream {
    OutputStream::automatic(kind).codec(codec)
}

pub(super) fn for_the_web() -> Command {
    let film = Input::new("in.mov");
    let output = Output::new("out.mp4")
        .stream(automatic(MediaKind::Video, Codec::new("libx264").opt("preset", "fast").opt("crf", 23)))
        .stream(automatic(MediaKind::Audio, Codec::new("aac").opt("b", "128k")))
        .faststart();
    Command::from_input([&film], [output]).overwrite()
}

pub(super) fn exact_cut() -> Command {
    let film = Input::new("in.mp4");
    let output = Output::new("out.mp4")
        .stream(automatic(MediaKind::Video, "libx264"))
        .stream(automatic(MediaKind::Audio, "aac"))
        .seek(Duration::from_secs(10))
        .duration(Duration::from_millis(5500));
    Command::from_input([&film], [output])
}

pub(super) fn mp3() -> Command {
    let film = Input::new("in.mp4");
    let sound = automatic(MediaKind::Audio, Codec::by_format().opt("q", 2));
    Command::from_input([&film], [Output::new("out.mp3").stream(sound).no_video()])
}

pub(super) fn numbered_pictures() -> Command {
    let pictures = Input::url("img%04d.png").arg("framerate", 24).arg("start_number", 1);
    let codec = Codec::new("libx264").opt("r", 30).opt("pix_fmt", "yuv420p");
    Command::from_input([&pictures], [Output::new("out.mp4").stream(automatic(MediaKind::Video, codec))])
}

pub(super) fn picture_and_song() -> Command {
    let (cover, song) = (Input::new("cover.jpg").arg("loop", 1), Input::new("song.mp3"));
    let still = Codec::new("libx264").opt("tune", "stillimage").opt("pix_fmt", "yuv420p");
    let output = Output::new("out.mp4")
        .stream(automatic(MediaKind::Video, still))
        .stream(automatic(MediaKind::Audio, Codec::new("aac").opt("b", "192k")))
        .shortest();
    Command::from_input([&cover, &song], [output])
}

pub(super) fn first_pass() -> Command {
    let film = Input::new("in.mp4");
    let codec = Codec::new("libx264").opt("b", "1M").opt("pass", 1);
    let output =
        Output::new("/dev/null").format("null").stream(automatic(MediaKind::Video, codec)).no_audio();
    Command::from_input([&film], [output]).overwrite()
}

pub(super) fn keyframes_every_two_seconds() -> Command {
    let film = Input::new("in.mp4");
    let codec = Codec::new("libx264")
        .opt("x264-params", "keyint=60:min-keyint=60")
        .opt("force_key_frames", "expr:gte(t,n_forced*2)");
    Command::new([Output::new("out.mp4").video(film.video(), codec)])
}

pub(super) fn endless_film_and_its_music() -> Command {
    let (film, music) = (Input::new("a.mp4").repeat_for_ever(), Input::new("b.mp3"));
    let output = Output::new("out.mp4")
        .stream(OutputStream::all_of(&film, "v"))
        .stream(OutputStream::all_of(&music, "a"))
        .shortest()
        .max_bytes(10_000_000);
    Command::new([output])
}

pub(super) fn test_picture_and_tone() -> Command {
    let picture = Input::lavfi([testsrc().size("320x240").rate(25)]);
    let tone = Input::lavfi([sine().frequency(440)]);
    let output = Output::new("out.mp4")
        .stream(automatic(MediaKind::Video, "libx264"))
        .stream(automatic(MediaKind::Audio, "aac"))
        .duration(Duration::from_secs(5));
    Command::from_input([&picture, &tone], [output])
}

pub(super) fn graph_without_inputs() -> Command {
    let second = Duration::from_secs(1);
    let red = color().color("red").size("64x64").duration(second).stream();
    let tone: Stream<Audio> = sine().duration(second).stream();
    Command::new([Output::new("out.mkv").map(&red).map(&tone)])
}
