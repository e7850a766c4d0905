//! Loudness and channels.

use afmpeg_cmd::{
    Arg, Codec, Command, Input, MediaKind, Output, OutputStream,
    filters::audio::{AmixDuration, amix, channelsplit, ebur128, loudnorm, volume},
};

/// The selected audio.
fn sound() -> OutputStream {
    OutputStream::automatic(MediaKind::Audio)
}

pub(super) fn louder() -> Command {
    let film = Input::new("in.mp4");
    let video = OutputStream::automatic(MediaKind::Video).codec(Codec::copy());
    let loud = sound().filter(volume().volume(1.5));
    Command::from_input([&film], [Output::new("out.mp4").stream(video).stream(loud)])
}

pub(super) fn as_loud_as_others() -> Command {
    let normalised = sound().filter(loudnorm().I(-16).TP(-1.5).LRA(11)).arg("ar", "48k");
    Command::from_input([&Input::new("in.wav")], [Output::new("out.wav").stream(normalised)])
}

pub(super) fn measured() -> Command {
    let output = Output::null().stream(sound().filter(ebur128()));
    Command::from_input([&Input::new("in.wav")], [output])
        .with(Arg::flag("hide_banner"))
        .with(Arg::flag("nostats"))
}

pub(super) fn voice_over_music() -> Command {
    let (voice, music) = (Input::new("voice.wav"), Input::new("music.mp3"));
    let quiet = music.audio().filter(volume().volume(0.2));
    let mixed = amix().duration(AmixDuration::First).on([voice.audio(), quiet]);
    let output = Output::new("out.mp3").audio(&mixed, "libmp3lame");
    // The cover, if any.
    Command::new([output.stream(OutputStream::automatic(MediaKind::Video))])
}

pub(super) fn two_channels() -> Command {
    let stereo = sound().arg("ac", 2).arg("ar", 44100).arg("sample_fmt", "s16");
    Command::from_input([&Input::new("in.mkv")], [Output::new("out.wav").stream(stereo)])
}

pub(super) fn channels_apart() -> Command {
    let split = channelsplit().channel_layout("stereo").on(&Input::new("in.wav").audio());
    let sides = split.pads([MediaKind::Audio, MediaKind::Audio]);
    Command::new([Output::new("l.wav").map(&sides[0]), Output::new("r.wav").map(&sides[1])])
}
