//! Loudness and channels.

use afmpeg_cmd::{
    Arg, Codec, Input, Job, MediaKind, Output, OutputStream,
    filters::audio::{AmixDuration, amix, channelsplit, ebur128, loudnorm, volume},
};

/// The selected audio.
fn sound() -> OutputStream {
    OutputStream::automatic(MediaKind::Audio)
}

pub(super) fn louder() -> Job {
    let film = Input::new("in.mp4");
    let video = OutputStream::automatic(MediaKind::Video).codec(Codec::copy());
    let loud = sound().filter(volume().volume(1.5));
    Job::from_input([&film], [Output::new("out.mp4").stream(video).stream(loud)])
}

pub(super) fn as_loud_as_others() -> Job {
    let normalised = sound().filter(loudnorm().I(-16).TP(-1.5).LRA(11)).arg("ar", "48k");
    Job::from_input([&Input::new("in.wav")], [Output::new("out.wav").stream(normalised)])
}

pub(super) fn measured() -> Job {
    let output = Output::null().stream(sound().filter(ebur128()));
    Job::from_input([&Input::new("in.wav")], [output])
        .with(Arg::flag("hide_banner"))
        .with(Arg::flag("nostats"))
}

pub(super) fn voice_over_music() -> Job {
    let (voice, music) = (Input::new("voice.wav"), Input::new("music.mp3"));
    let quiet = music.audio().filter(volume().volume(0.2));
    let mixed = amix().duration(AmixDuration::First).on([voice.audio(), quiet]);
    let output = Output::new("out.mp3").audio(&mixed, "libmp3lame");
    // The cover, if any.
    Job::new([output.stream(OutputStream::automatic(MediaKind::Video))])
}

pub(super) fn two_channels() -> Job {
    let stereo = sound().arg("ac", 2).arg("ar", 44100).arg("sample_fmt", "s16");
    Job::from_input([&Input::new("in.mkv")], [Output::new("out.wav").stream(stereo)])
}

pub(super) fn channels_apart() -> Job {
    let split = channelsplit().channel_layout("stereo").on(&Input::new("in.wav").audio());
    let sides = split.pads([MediaKind::Audio, MediaKind::Audio]);
    Job::new([Output::new("l.wav").map(&sides[0]), Output::new("r.wav").map(&sides[1])])
}
