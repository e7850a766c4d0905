// remuxes a film
pub mod remuxes_a_film {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .copy_all(),
    ])
}
}

// encodes for the web
pub mod encodes_for_the_web {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mov");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("c", "libx264").on("v"))
            .arg("preset", "fast")
            .arg("crf", 23)
            .with(Arg::new("c", "aac").on("a"))
            .with(Arg::new("b", "128k").on("a"))
            .arg("movflags", "+faststart"),
    ])
    .overwrite()
}
}

// cuts without encoding
pub mod cuts_without_encoding {
use afmpeg_cmd::{Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4").seek(Time::from_secs(60)).to(Time::from_secs(90));
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .copy_all(),
    ])
}
}

// cuts exactly
pub mod cuts_exactly {
use afmpeg_cmd::{Arg, Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .seek(Time::from_secs(10))
            .duration(Time::from_micros(5500000))
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("c", "aac").on("a")),
    ])
}
}

// extracts the audio
pub mod extracts_the_audio {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.m4a")
            .no_video()
            .with(Arg::new("c", "copy").on("a")),
    ])
}
}

// extracts the audio as MP3
pub mod extracts_the_audio_as_mp3 {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp3")
            .no_video()
            .with(Arg::new("q", 2).on("a")),
    ])
}
}

// removes the audio
pub mod removes_the_audio {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .copy_all()
            .no_audio(),
    ])
}
}

// replaces the audio
pub mod replaces_the_audio {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("film.mp4");
    let input1 = Input::new("music.mp3");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::all_of(&input0, "v").codec(Codec::copy()))
            .stream(OutputStream::all_of(&input1, "a").codec("aac"))
            .shortest(),
    ])
}
}

// keeps all streams but subtitles
pub mod keeps_all_streams_but_subtitles {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::all_of(&input0, "").codec(Codec::copy()))
            .stream(OutputStream::except(&input0, "s")),
    ])
}
}

// keeps all streams, encodes one
pub mod keeps_all_streams_encodes_one {
use afmpeg_cmd::{Arg, Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::all_of(&input0, "").codec(Codec::copy()))
            .with(Arg::new("c", "libx265").on("v:0"))
            .arg("crf", 28),
    ])
}
}

// has subtitles if there are some
pub mod has_subtitles_if_there_are_some {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(input0.video()).codec(Codec::copy()))
            .stream(OutputStream::new(input0.audio()).codec(Codec::copy()))
            .stream(OutputStream::all_of(&input0, "s").optional().codec("mov_text")),
    ])
}
}

// makes it small
pub mod makes_it_small {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "scale=640:-2").on("v")),
    ])
}
}

// makes it small, with the codec of the stream
pub mod makes_it_small_with_the_codec_of_the_stream {
use afmpeg_cmd::{Codec, Command, Filter, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::all_of(&input0, "v").codec(Codec::new("libx264").opt("b", "2M").opt("maxrate", "3M")).filter(Filter::new("scale").arg("min(1280,iw)").arg(-2)).filter(Filter::new("fps").arg(30)))
            .stream(OutputStream::all_of(&input0, "a").optional().codec(Codec::copy())),
    ])
}
}

// puts a logo into the corner
pub mod puts_a_logo_into_the_corner {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let input1 = Input::new("logo.png");
    let v0 = Filter::new("overlay").arg("W-w-10").arg(10).source().video();
    let mut command = Command::from_input([&input0, &input1], [
        Output::new("out.mp4")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::automatic(MediaKind::Audio)),
    ]);
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command
}
}

// puts a small logo into the corner
pub mod puts_a_small_logo_into_the_corner {
use afmpeg_cmd::{Codec, Command, Filter, Input, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let input1 = Input::new("logo.png");
    let v0 = input1.stream::<Video>("v").filter(Filter::new("scale").arg(100).arg(-1));
    let v1 = Filter::new("overlay").opt("x", "W-w-10").opt("y", 10).on([input0.stream::<Video>("v").any(), v0.any()]).video();
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v1))
            .stream(OutputStream::all_of(&input0, "a").optional().codec(Codec::copy())),
    ])
}
}

// joins two films
pub mod joins_two_films {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let pads0 = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1).on([input0.video().any(), input0.audio().any(), input1.video().any(), input1.audio().any()]).pads([MediaKind::Video, MediaKind::Audio]);
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&pads0[0]))
            .stream(OutputStream::new(&pads0[1])),
    ])
}
}

// joins two films, with streams selected by FFmpeg
pub mod joins_two_films_with_streams_selected_by_ffmpeg {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let pads0 = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1).source().pads([MediaKind::Video, MediaKind::Audio]);
    let mut command = Command::from_input([&input0, &input1], [
        Output::new("out.mp4")
            .stream(OutputStream::new(&pads0[0]))
            .stream(OutputStream::new(&pads0[1]))
            .stream(OutputStream::automatic(MediaKind::Subtitle)),
    ])
    .overwrite();
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Audio });
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Audio });
    command
}
}

// joins the files of a list
pub mod joins_the_files_of_a_list {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("list.txt").format("concat").arg("safe", 0);
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .copy_all(),
    ])
}
}

// makes a GIF with colours of its own
pub mod makes_a_gif_with_colours_of_its_own {
use afmpeg_cmd::{Arg, Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4").seek(Time::from_secs(2)).duration(Time::from_secs(3));
    Command::from_input([&input0], [
        Output::new("out.gif")
            .with(Arg::new("filter", "fps=10,scale=320:-1:flags=lanczos,split[a][b];[a]palettegen[p];[b][p]paletteuse").on("v"))
            .arg("loop", 0),
    ])
}
}

// makes a GIF by a graph
pub mod makes_a_gif_by_a_graph {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let v0 = Filter::new("fps").arg(10).source().video();
    let pads1 = Filter::new("split").on([v0.any()]).pads([MediaKind::Video, MediaKind::Video]);
    let v2 = Filter::new("palettegen").opt("stats_mode", "diff").on([pads1[0].clone()]).video();
    let v3 = Filter::new("paletteuse").opt("dither", "bayer").opt("bayer_scale", 5).on([pads1[1].clone(), v2.any()]).video();
    let mut command = Command::from_input([&input0], [
        Output::new("out.gif")
            .stream(OutputStream::new(&v3))
            .stream(OutputStream::automatic(MediaKind::Audio)),
    ]);
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command
}
}

// takes one picture
pub mod takes_one_picture {
use afmpeg_cmd::{Arg, Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4").seek(Time::from_secs(5));
    Command::from_input([&input0], [
        Output::new("out.jpg")
            .with(Arg::new("frames", 1).on("v"))
            .with(Arg::new("q", 2).on("v")),
    ])
}
}

// extracts a frame per second
pub mod extracts_a_frame_per_second {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out-%03d.png")
            .with(Arg::new("filter", "fps=1").on("v")),
    ])
}
}

// shows many pictures on one sheet
pub mod shows_many_pictures_on_one_sheet {
use afmpeg_cmd::{Command, Filter, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("sheet.png")
            .stream(OutputStream::all_of(&input0, "v").filter(Filter::new("select").arg("not(mod(n,10))")).filter(Filter::new("scale").arg(160).arg(-1)).filter(Filter::new("tile").arg("4x3")).frames(1)),
    ])
}
}

// encodes numbered images
pub mod encodes_numbered_images {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::url("img%04d.png").arg("framerate", 24).arg("start_number", 1);
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("c", "libx264").on("v"))
            .arg("r", 30)
            .arg("pix_fmt", "yuv420p"),
    ])
}
}

// encodes an image and a song
pub mod encodes_an_image_and_a_song {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("cover.jpg").arg("loop", 1);
    let input1 = Input::new("song.mp3");
    Command::from_input([&input0, &input1], [
        Output::new("out.mp4")
            .shortest()
            .with(Arg::new("c", "libx264").on("v"))
            .arg("tune", "stillimage")
            .with(Arg::new("c", "aac").on("a"))
            .with(Arg::new("b", "192k").on("a"))
            .arg("pix_fmt", "yuv420p"),
    ])
}
}

// burns subtitles in
pub mod burns_subtitles_in {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "subtitles=subs.srt:fontsdir=fonts:force_style='FontSize=24,Outline=1'").on("v"))
            .with(Arg::new("c", "copy").on("a")),
    ])
}
}

// adds subtitles with a language
pub mod adds_subtitles_with_a_language {
use afmpeg_cmd::{Arg, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let input1 = Input::new("subs.srt");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::all_of(&input0, ""))
            .stream(OutputStream::all_of(&input1, ""))
            .metadata_of("s:s:0", "language", "eng")
            .copy_all()
            .with(Arg::new("c", "mov_text").on("s")),
    ])
}
}

// sets the languages of audio streams
pub mod sets_the_languages_of_audio_streams {
use afmpeg_cmd::{Audio, Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(input0.video()).codec(Codec::copy()))
            .stream(OutputStream::new(input0.audio()).codec("aac").metadata("language", "deu"))
            .stream(OutputStream::new(input0.nth::<Audio>(1)).codec(Codec::new("aac").opt("b", "96k")).metadata("language", "eng").disposition("default")),
    ])
}
}

// sets a title
pub mod sets_a_title {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .metadata("title", "My film")
            .metadata("year", 2026)
            .copy_all(),
    ])
}
}

// takes all names away
pub mod takes_all_names_away {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .no_chapters()
            .arg("map_metadata", -1)
            .arg("c", "copy"),
    ])
}
}

// raises the volume
pub mod raises_the_volume {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "volume=1.5").on("a"))
            .with(Arg::new("c", "copy").on("v")),
    ])
}
}

// normalizes loudness
pub mod normalizes_loudness {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.wav");
    Command::from_input([&input0], [
        Output::new("out.wav")
            .with(Arg::new("filter", "loudnorm=I=-16:TP=-1.5:LRA=11").on("a"))
            .arg("ar", "48k"),
    ])
}
}

// measures loudness
pub mod measures_loudness {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.wav");
    Command::from_input([&input0], [
        Output::new("-")
            .format("null")
            .with(Arg::new("filter", "ebur128").on("a")),
    ])
    .with(Arg::flag("hide_banner"))
    .with(Arg::flag("nostats"))
}
}

// is twice as fast
pub mod is_twice_as_fast {
use afmpeg_cmd::{Audio, Command, Filter, Input, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let v0 = input0.stream::<Video>("v").filter(Filter::new("setpts").arg("0.5*PTS"));
    let a1 = input0.stream::<Audio>("a").filter(Filter::new("atempo").arg("2.0"));
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::new(&a1)),
    ])
}
}

// turns it around
pub mod turns_it_around {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "reverse").on("v"))
            .with(Arg::new("filter", "areverse").on("a")),
    ])
}
}

// turns it by a quarter
pub mod turns_it_by_a_quarter {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4").with(Arg::flag("noautorotate"));
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "transpose=1").on("v")),
    ])
}
}

// has bars around it
pub mod has_bars_around_it {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "scale=1280:720:force_original_aspect_ratio=decrease,pad=1280:720:(ow-iw)/2:(oh-ih)/2").on("v")),
    ])
}
}

// shows two side by side
pub mod shows_two_side_by_side {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let v0 = Filter::new("hstack").opt("inputs", 2).source().video();
    let mut command = Command::from_input([&input0, &input1], [
        Output::new("out.mp4")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::automatic(MediaKind::Audio))
            .no_audio(),
    ]);
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command
}
}

// shows four in a square
pub mod shows_four_in_a_square {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let input2 = Input::new("c.mp4");
    let input3 = Input::new("d.mp4");
    let v0 = Filter::new("hstack").on([input0.stream::<Video>("v").any(), input1.stream::<Video>("v").any()]).video();
    let v1 = Filter::new("hstack").on([input2.stream::<Video>("v").any(), input3.stream::<Video>("v").any()]).video();
    let v2 = Filter::new("vstack").on([v0.any(), v1.any()]).video();
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v2))
            .stream(OutputStream::automatic(MediaKind::Audio)),
    ])
}
}

// fades from one film to the next
pub mod fades_from_one_film_to_the_next {
use afmpeg_cmd::{Audio, Command, Filter, Input, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let v0 = Filter::new("xfade").opt("transition", "fade").opt("duration", 1).opt("offset", 4).on([input0.stream::<Video>("").any(), input1.stream::<Video>("").any()]).video();
    let a1 = Filter::new("acrossfade").opt("d", 1).on([input0.stream::<Audio>("a").any(), input1.stream::<Audio>("a").any()]).audio();
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::new(&a1)),
    ])
}
}

// mixes a voice with music
pub mod mixes_a_voice_with_music {
use afmpeg_cmd::{Audio, Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("voice.wav");
    let input1 = Input::new("music.mp3");
    let a0 = input1.stream::<Audio>("a").filter(Filter::new("volume").arg("0.2"));
    let a1 = Filter::new("amix").opt("inputs", 2).opt("duration", "first").on([input0.stream::<Audio>("a").any(), a0.any()]).audio();
    Command::new([
        Output::new("out.mp3")
            .stream(OutputStream::new(&a1).codec("libmp3lame"))
            .stream(OutputStream::automatic(MediaKind::Video)),
    ])
}
}

// draws a waveform
pub mod draws_a_waveform {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp3");
    let v0 = Filter::new("showwavespic").opt("s", "640x120").source().video();
    let mut command = Command::from_input([&input0], [
        Output::new("wave.png")
            .stream(OutputStream::new(&v0).frames(1))
            .stream(OutputStream::automatic(MediaKind::Audio)),
    ]);
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Audio });
    command
}
}

// is two files in one run
pub mod is_two_files_in_one_run {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let pads0 = Filter::new("split").arg(2).on([input0.stream::<Video>("v").any()]).pads([MediaKind::Video, MediaKind::Video]);
    let v1 = Filter::new("scale").arg(1280).arg(-2).on([pads0[0].clone()]).video();
    let v2 = Filter::new("scale").arg(640).arg(-2).on([pads0[1].clone()]).video();
    Command::new([
        Output::new("hd.mp4")
            .stream(OutputStream::new(&v1).arg("b", "3M"))
            .stream(OutputStream::all_of(&input0, "a")),
        Output::new("sd.mp4")
            .stream(OutputStream::new(&v2).arg("b", "1M"))
            .stream(OutputStream::all_of(&input0, "a")),
    ])
}
}

// runs the first pass
pub mod runs_the_first_pass {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("/dev/null")
            .format("null")
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("b", "1M").on("v"))
            .arg("pass", 1)
            .no_audio(),
    ])
    .overwrite()
}
}

// is cut into pieces for HLS
pub mod is_cut_into_pieces_for_hls {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.m3u8")
            .format("hls")
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("c", "aac").on("a"))
            .arg("g", 48)
            .arg("sc_threshold", 0)
            .arg("hls_time", 4)
            .arg("hls_playlist_type", "vod")
            .arg("hls_segment_filename", "s%03d.ts"),
    ])
}
}

// is a ladder for HLS
pub mod is_a_ladder_for_hls {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("out_%v.m3u8")
            .stream(OutputStream::new(input0.video()).codec(Codec::new("libx264").opt("s", "1280x720").opt("b", "2M")))
            .stream(OutputStream::new(input0.audio()).codec("aac"))
            .stream(OutputStream::new(input0.video()).codec(Codec::new("libx264").opt("s", "640x360").opt("b", "800k")))
            .stream(OutputStream::new(input0.audio()).codec("aac"))
            .format("hls")
            .arg("var_stream_map", "v:0,a:0 v:1,a:1"),
    ])
}
}

// is cut into files
pub mod is_cut_into_files {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("out%03d.mp4")
            .stream(OutputStream::all_of(&input0, "").codec(Codec::copy()))
            .format("segment")
            .arg("segment_time", 60)
            .arg("reset_timestamps", 1),
    ])
}
}

// remuxes MP4 to a transport stream
pub mod remuxes_mp4_to_a_transport_stream {
use afmpeg_cmd::{Codec, Command, Filter, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("out.ts")
            .stream(OutputStream::new(input0.video()).codec(Codec::copy().bitstream_filter(Filter::new("h264_mp4toannexb")).bitstream_filter(Filter::new("dump_extra").opt("freq", "keyframe"))))
            .format("mpegts"),
    ])
}
}

// adds a cover to a song
pub mod adds_a_cover_to_a_song {
use afmpeg_cmd::{Arg, Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("song.m4a");
    let input1 = Input::new("cover.jpg");
    Command::new([
        Output::new("out.m4a")
            .stream(OutputStream::all_of(&input0, "a").codec(Codec::copy()))
            .stream(OutputStream::all_of(&input1, "v").codec(Codec::copy()))
            .with(Arg::new("disposition", "attached_pic").on("v:0")),
    ])
}
}

// attaches a font
pub mod attaches_a_font {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::all_of(&input0, "v").codec(Codec::copy()))
            .attach("a.ttf", "application/x-truetype-font"),
    ])
}
}

// encodes test sources
pub mod encodes_test_sources {
use afmpeg_cmd::{Arg, Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::url("testsrc=size=320x240:rate=25").format("lavfi");
    let input1 = Input::new("sine=frequency=440").format("lavfi");
    Command::from_input([&input0, &input1], [
        Output::new("out.mp4")
            .duration(Time::from_secs(5))
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("c", "aac").on("a")),
    ])
}
}

// encodes a graph without inputs
pub mod encodes_a_graph_without_inputs {
use afmpeg_cmd::{Command, Filter, Output, OutputStream};

pub fn command() -> Command {
    let v0 = Filter::new("color").arg("red").opt("s", "64x64").opt("d", 1).source().video();
    let a1 = Filter::new("sine").opt("d", 1).source().audio();
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::new(&a1)),
    ])
}
}

// draws the time
pub mod draws_the_time {
use afmpeg_cmd::{Arg, Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .with(Arg::new("filter", "drawtext=fontfile=DejaVuSansMono.ttf:text='%{pts\\:hms}':x=10:y=10:fontsize=24:box=1").on("v"))
            .with(Arg::new("c", "copy").on("a")),
    ])
}
}

// delays the audio by half a second
pub mod delays_the_audio_by_half_a_second {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let input1 = Input::new("in.mp4").offset(Time::from_micros(500000));
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::all_of(&input0, "v").codec(Codec::copy()))
            .stream(OutputStream::all_of(&input1, "a").codec(Codec::copy())),
    ])
}
}

// is the end of it
pub mod is_the_end_of_it {
use afmpeg_cmd::{Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4").seek_before_end(Time::from_secs(10));
    Command::from_input([&input0], [
        Output::new("out.mp4")
            .copy_all(),
    ])
}
}

// loops a film
pub mod loops_a_film {
use afmpeg_cmd::{Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4").repeat_for_ever();
    let input1 = Input::new("b.mp3");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::all_of(&input0, "v"))
            .stream(OutputStream::all_of(&input1, "a"))
            .max_bytes(10000000)
            .shortest(),
    ])
}
}

// mixes six channels to two
pub mod mixes_six_channels_to_two {
use afmpeg_cmd::{Command, Input, Output};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::from_input([&input0], [
        Output::new("out.wav")
            .arg("ac", 2)
            .arg("ar", 44100)
            .arg("sample_fmt", "s16"),
    ])
}
}

// splits two channels into two files
pub mod splits_two_channels_into_two_files {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.wav");
    let pads0 = Filter::new("channelsplit").opt("channel_layout", "stereo").source().pads([MediaKind::Audio, MediaKind::Audio]);
    let mut command = Command::from_input([&input0], [
        Output::new("l.wav")
            .stream(OutputStream::new(&pads0[0])),
        Output::new("r.wav")
            .stream(OutputStream::new(&pads0[1])),
    ]);
    command.graph.nodes[0].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Audio });
    command
}
}

// has scalers of one kind
pub mod has_scalers_of_one_kind {
use afmpeg_cmd::{Arg, Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    let v0 = input0.stream::<Video>("v").filter(Filter::new("scale").arg(64).arg(64));
    let mut command = Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::automatic(MediaKind::Audio)),
    ])
    .with(Arg::flag("copyts"));
    command.graph.sws_flags = Some("bicubic".into());
    command
}
}

// compares two films
pub mod compares_two_films {
use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let v0 = Filter::new("ssim").opt("stats_file", "-").on([input0.stream::<Video>("v").any(), input1.stream::<Video>("v").any()]).video();
    Command::new([
        Output::new("-")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::automatic(MediaKind::Audio))
            .format("null"),
    ])
}
}

// has keyframes every two seconds
pub mod has_keyframes_every_two_seconds {
use afmpeg_cmd::{Codec, Command, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mp4");
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(input0.video()).codec(Codec::new("libx264").opt("x264-params", "keyint=60:min-keyint=60").opt("force_key_frames", "expr:gte(t,n_forced*2)"))),
    ])
}
}

pub const ALL: &[fn() -> afmpeg_cmd::Command] = &[
    remuxes_a_film::command,
    encodes_for_the_web::command,
    cuts_without_encoding::command,
    cuts_exactly::command,
    extracts_the_audio::command,
    extracts_the_audio_as_mp3::command,
    removes_the_audio::command,
    replaces_the_audio::command,
    keeps_all_streams_but_subtitles::command,
    keeps_all_streams_encodes_one::command,
    has_subtitles_if_there_are_some::command,
    makes_it_small::command,
    makes_it_small_with_the_codec_of_the_stream::command,
    puts_a_logo_into_the_corner::command,
    puts_a_small_logo_into_the_corner::command,
    joins_two_films::command,
    joins_two_films_with_streams_selected_by_ffmpeg::command,
    joins_the_files_of_a_list::command,
    makes_a_gif_with_colours_of_its_own::command,
    makes_a_gif_by_a_graph::command,
    takes_one_picture::command,
    extracts_a_frame_per_second::command,
    shows_many_pictures_on_one_sheet::command,
    encodes_numbered_images::command,
    encodes_an_image_and_a_song::command,
    burns_subtitles_in::command,
    adds_subtitles_with_a_language::command,
    sets_the_languages_of_audio_streams::command,
    sets_a_title::command,
    takes_all_names_away::command,
    raises_the_volume::command,
    normalizes_loudness::command,
    measures_loudness::command,
    is_twice_as_fast::command,
    turns_it_around::command,
    turns_it_by_a_quarter::command,
    has_bars_around_it::command,
    shows_two_side_by_side::command,
    shows_four_in_a_square::command,
    fades_from_one_film_to_the_next::command,
    mixes_a_voice_with_music::command,
    draws_a_waveform::command,
    is_two_files_in_one_run::command,
    runs_the_first_pass::command,
    is_cut_into_pieces_for_hls::command,
    is_a_ladder_for_hls::command,
    is_cut_into_files::command,
    remuxes_mp4_to_a_transport_stream::command,
    adds_a_cover_to_a_song::command,
    attaches_a_font::command,
    encodes_test_sources::command,
    encodes_a_graph_without_inputs::command,
    draws_the_time::command,
    delays_the_audio_by_half_a_second::command,
    is_the_end_of_it::command,
    loops_a_film::command,
    mixes_six_channels_to_two::command,
    splits_two_channels_into_two_files::command,
    has_scalers_of_one_kind::command,
    compares_two_films::command,
    has_keyframes_every_two_seconds::command,
];
