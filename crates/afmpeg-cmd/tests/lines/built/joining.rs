//! Several films in one.

use std::time::Duration;

use afmpeg_cmd::{
    Command, Input, MediaKind, Output, OutputStream, Stream, Video,
    filters::{
        audio::acrossfade,
        mixed::concat,
        video::{XfadeTransition, hstack, overlay, scale, ssim, vstack, xfade},
    },
};

/// The selected audio.
fn automatic_audio() -> OutputStream {
    OutputStream::automatic(MediaKind::Audio)
}

fn two_films() -> (Input, Input) {
    (Input::new("a.mp4"), Input::new("b.mp4"))
}

pub(super) fn logo() -> Command {
    let (film, logo) = (Input::new("in.mp4"), Input::new("logo.png"));
    let marked = overlay().x("W-w-10").y(10).on(&film.video(), &logo.video());
    Command::new([Output::new("out.mp4").map(&marked).stream(automatic_audio())])
}

pub(super) fn small_logo() -> Command {
    let (film, logo) = (Input::new("in.mp4"), Input::new("logo.png"));
    let small = logo.video().filter(scale().w(100).h(-1));
    let marked = overlay().x("W-w-10").y(10).on(&film.video(), &small);
    let audio = OutputStream::all_of(&film, "a").optional();
    Command::new([Output::new("out.mp4").map(&marked).stream(audio).copy_all()])
}

/// The first video and audio of both, in sequence.
fn joined() -> Output {
    let (a, b) = two_films();
    let parts = [a.video().any(), a.audio().any(), b.video().any(), b.audio().any()];
    let (video, audio) = concat().n(2).v(1).a(1).on(parts).video_and_audio();
    Output::new("out.mp4").map(&video).map(&audio)
}

pub(super) fn one_after_the_other() -> Command {
    Command::new([joined()])
}

pub(super) fn one_after_the_other_over_what_is_there() -> Command {
    Command::new([joined()]).overwrite()
}

pub(super) fn side_by_side() -> Command {
    let (a, b) = two_films();
    let both = hstack().on([a.video(), b.video()]);
    Command::new([Output::new("out.mp4").map(&both).no_audio()])
}

pub(super) fn square() -> Command {
    let films = ["a.mp4", "b.mp4", "c.mp4", "d.mp4"].map(Input::new);
    let rows: Vec<Stream<Video>> =
        films.chunks(2).map(|row| hstack().on(row.iter().map(Input::video))).collect();
    let square = vstack().on(rows);
    Command::new([Output::new("out.mp4").map(&square).stream(automatic_audio())])
}

pub(super) fn crossfade() -> Command {
    let (a, b) = two_films();
    let second = Duration::from_secs(1);
    let fade = xfade().transition(XfadeTransition::Fade).duration(second).offset(4 * second);
    let video = fade.on(&a.video(), &b.video());
    let audio = acrossfade().duration(second).on([a.audio(), b.audio()]);
    Command::new([Output::new("out.mp4").map(&video).map(&audio)])
}

pub(super) fn comparison() -> Command {
    let (a, b) = two_films();
    let compared = ssim().stats_file("-").on(&a.video(), &b.video());
    Command::new([Output::null().map(&compared).stream(automatic_audio())])
}
