//! Copied packets.

use std::time::Duration;

use afmpeg_cmd::{Arg, Codec, Command, Input, MediaKind, Output, OutputStream, Time};

pub(super) fn remuxed() -> Command {
    Command::from_input([&Input::new("in.mkv")], [Output::new("out.mp4").copy_all()])
}

pub(super) fn cut() -> Command {
    let part = Input::new("in.mp4").seek(Duration::from_secs(60)).to(Duration::from_secs(90));
    Command::from_input([&part], [Output::new("out.mp4").copy_all()])
}

pub(super) fn last_seconds() -> Command {
    let end = Input::new("in.mp4").seek_before_end(Duration::from_secs(10));
    Command::from_input([&end], [Output::new("out.mp4").copy_all()])
}

pub(super) fn audio_alone() -> Command {
    let film = Input::new("in.mp4");
    let sound = OutputStream::automatic(MediaKind::Audio).codec(Codec::copy());
    Command::from_input([&film], [Output::new("out.m4a").stream(sound).no_video()])
}

pub(super) fn without_audio() -> Command {
    Command::from_input([&Input::new("in.mp4")], [Output::new("out.mp4").copy_all().no_audio()])
}

pub(super) fn with_other_audio() -> Command {
    let (film, music) = (Input::new("film.mp4"), Input::new("music.mp3"));
    let output = Output::new("out.mp4")
        .stream(OutputStream::all_of(&film, "v").codec(Codec::copy()))
        .stream(OutputStream::all_of(&music, "a").codec("aac"))
        .shortest();
    Command::new([output])
}

pub(super) fn with_delayed_audio() -> Command {
    let film = Input::new("in.mp4");
    let late = Input::new("in.mp4").offset(Time::from_micros(500_000));
    let output = Output::new("out.mp4")
        .stream(OutputStream::all_of(&film, "v"))
        .stream(OutputStream::all_of(&late, "a"))
        .copy_all();
    Command::new([output])
}

pub(super) fn everything_but_subtitles() -> Command {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mkv")
        .stream(OutputStream::all_of(&film, ""))
        .stream(OutputStream::except(&film, "s"))
        .copy_all();
    Command::new([output])
}

pub(super) fn everything_and_one_encoded() -> Command {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mkv")
        .stream(OutputStream::all_of(&film, ""))
        .copy_all()
        .with(Arg::new("c", "libx265").on("v:0"))
        .arg("crf", 28);
    Command::new([output])
}

pub(super) fn subtitles_that_may_not_be_there() -> Command {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mp4")
        .copy(film.video())
        .copy(film.audio())
        .stream(OutputStream::all_of(&film, "s").optional().codec("mov_text"));
    Command::new([output])
}

pub(super) fn files_of_a_list() -> Command {
    let list = Input::new("list.txt").format("concat").arg("safe", 0);
    Command::from_input([&list], [Output::new("out.mp4").copy_all()])
}
