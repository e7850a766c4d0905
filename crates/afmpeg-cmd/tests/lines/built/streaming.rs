//! Segments, ladders and playlists.

use afmpeg_cmd::{Codec, Command, Filter, Input, MediaKind, Output, OutputStream, filters::video::scale};

pub(super) fn pieces_for_hls() -> Command {
    let film = Input::new("in.mp4");
    let even = Codec::new("libx264").opt("g", 48).opt("sc_threshold", 0);
    let output = Output::new("out.m3u8")
        .format("hls")
        .stream(OutputStream::automatic(MediaKind::Video).codec(even))
        .stream(OutputStream::automatic(MediaKind::Audio).codec("aac"))
        .arg("hls_time", 4)
        .arg("hls_playlist_type", "vod")
        .arg("hls_segment_filename", "s%03d.ts");
    Command::from_input([&film], [output])
}

pub(super) fn ladder_for_hls() -> Command {
    let film = Input::new("in.mp4");
    let rungs = [("1280x720", "2M"), ("640x360", "800k")];
    let output = rungs.iter().fold(Output::new("out_%v.m3u8").format("hls"), |output, (size, rate)| {
        let video = Codec::new("libx264").opt("s", *size).opt("b", *rate);
        output.video(film.video(), video).audio(film.audio(), "aac")
    });
    Command::new([output.arg("var_stream_map", "v:0,a:0 v:1,a:1")])
}

pub(super) fn pieces() -> Command {
    let film = Input::new("in.mp4");
    let output = Output::new("out%03d.mp4")
        .format("segment")
        .stream(OutputStream::all_of(&film, ""))
        .copy_all()
        .arg("segment_time", 60)
        .arg("reset_timestamps", 1);
    Command::new([output])
}

pub(super) fn transport_stream() -> Command {
    let film = Input::new("in.mp4");
    let codec = Codec::copy()
        .bitstream_filter("h264_mp4toannexb")
        .bitstream_filter(Filter::new("dump_extra").opt("freq", "keyframe"));
    Command::new([Output::new("out.ts").format("mpegts").video(film.video(), codec)])
}

pub(super) fn two_sizes() -> Command {
    let film = Input::new("in.mp4");
    let video = film.video();
    let sized = |path: &str, width: u32, rate: &str| {
        Output::new(path)
            .video(video.filter(scale().w(width).h(-2)), Codec::by_format().opt("b", rate))
            .stream(OutputStream::all_of(&film, "a"))
    };
    Command::new([sized("hd.mp4", 1280, "3M"), sized("sd.mp4", 640, "1M")])
}
