//! Commands as one would build them, each the same job as a line that people write.

mod lines;

use std::time::Duration;

use afmpeg_cmd::{
    Arg, Audio, Codec, Filter, Input, Job, MediaKind, Output, OutputStream, Stream, Time,
    filters::{
        audio::{acrossfade, atempo, channelsplit},
        mixed::concat,
        source::{color, sine},
        video::{XfadeTransition, fps, overlay, scale, select, setpts, tile, xfade},
    },
    model::Source,
};
use lines::LINES;

/// What FFmpeg knows of a filter, as far as lines use it: the first options in their order, for values without names,
/// and other names of options.
type Known = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const FILTERS: &[Known] = &[
    ("acrossfade", &[], &[("d", "duration")]),
    ("atempo", &["tempo"], &[]),
    ("color", &["color", "size"], &[("s", "size"), ("d", "duration")]),
    ("fps", &["fps"], &[]),
    ("overlay", &["x", "y"], &[]),
    ("scale", &["w", "h"], &[]),
    ("select", &["expr"], &[]),
    ("setpts", &["expr"], &[]),
    ("sine", &[], &[("d", "duration")]),
    ("split", &["outputs"], &[]),
    ("tile", &["layout"], &[]),
];

/// A filter with every option by its first name, numbers as Rust prints them, and no count of inputs: they are there.
fn with_names(mut filter: Filter) -> Filter {
    let (order, aliases) =
        FILTERS.iter().find(|(name, ..)| *name == filter.name).map_or((&[][..], &[][..]), |(_, a, b)| (a, b));
    for (place, option) in filter.options.iter_mut().enumerate() {
        let name = option.name.take().unwrap_or_else(|| order[place].to_owned());
        let first = aliases.iter().find(|(alias, _)| *alias == name).map(|(_, first)| (*first).to_owned());
        option.name = Some(first.unwrap_or(name));
        if let Ok(number) = option.value.as_str().parse::<f64>() {
            option.value = number.into();
        }
    }
    filter.options.retain(|option| option.name.as_deref() != Some("inputs"));
    filter
}

/// A job with nothing left to FFmpeg of what lines leave to it in their graphs.
fn usual(mut job: Job) -> Job {
    let has_one_input = job.inputs.len() == 1;
    for node in &mut job.graph.nodes {
        node.filter = with_names(node.filter.clone());
        let kind = node.outputs[0].specifier();
        for source in &mut node.inputs {
            match source {
                // A pad takes one stream, the first that fits; without a letter, one of the filter's kind.
                Source::Input { streams, .. } if streams.is_empty() => *streams = format!("{kind}:0"),
                Source::Input { streams, .. } if streams.len() == 1 => streams.push_str(":0"),
                Source::Free { free } if has_one_input => {
                    *source = Source::Input { input: 0, streams: format!("{}:0", free.specifier()) };
                }
                _ => {}
            }
        }
    }
    for stream in job.outputs.iter_mut().flat_map(|output| &mut output.streams) {
        stream.filters = stream.filters.drain(..).map(with_names).collect();
    }
    job
}

/// That what was built is what the line says.
#[track_caller]
fn assert_builds(what: &str, built: &Job) {
    let line = LINES.iter().find(|(name, ..)| *name == what).expect("it is a line").1;
    let built = built.to_args();
    let jobs = [Job::parse(&built), Job::parse_line(line)];
    let [built_job, written] = jobs.map(|job| usual(job.expect("it is a command")));
    assert_eq!(built_job, written, "{}", built.join(" "));
}

/// All streams of an input that a specifier fits, as they are.
fn copied(input: &Input, streams: &str) -> OutputStream {
    OutputStream::all_of(input, streams).codec(Codec::copy())
}

#[test]
fn packing_anew_leaves_the_choice_of_streams_to_ffmpeg() {
    let film = Input::new("in.mkv");
    let job = Job::reading([&film], [Output::new("out.mp4").arg("c", "copy")]);
    assert_builds("packs a film anew", &job);
}

#[test]
fn cut_without_encoding() {
    let part = Input::new("in.mp4").seek(Duration::from_secs(60)).to(Duration::from_secs(90));
    let job = Job::reading([&part], [Output::new("out.mp4").arg("c", "copy")]);
    assert_builds("cuts without encoding", &job);
}

#[test]
fn film_without_its_sound() {
    let film = Input::new("in.mp4");
    let job = Job::reading([&film], [Output::new("out.mp4").arg("c", "copy").with(Arg::flag("an"))]);
    assert_builds("takes the sound away", &job);
}

#[test]
fn film_with_other_sound() {
    let (film, music) = (Input::new("film.mp4"), Input::new("music.mp3"));
    let output = Output::new("out.mp4")
        .stream(copied(&film, "v"))
        .stream(OutputStream::all_of(&music, "a").codec("aac"))
        .shortest();
    assert_builds("has other sound", &Job::new([output]));
}

#[test]
fn everything_but_subtitles() {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mkv").stream(copied(&film, "")).stream(OutputStream::except(&film, "s"));
    assert_builds("keeps all streams but subtitles", &Job::new([output]));
}

#[test]
fn subtitles_that_may_not_be_there() {
    let film = Input::new("in.mkv");
    let output = Output::new("out.mp4")
        .copy(film.video())
        .copy(film.audio())
        .stream(OutputStream::all_of(&film, "s").optional().codec("mov_text"));
    assert_builds("has subtitles if there are some", &Job::new([output]));
}

#[test]
fn filters_and_bitrate_of_one_stream() {
    let film = Input::new("in.mp4");
    let video = OutputStream::all_of(&film, "v")
        .codec(Codec::new("libx264").opt("b", "2M").opt("maxrate", "3M"))
        .filter(scale().w("min(1280,iw)").h(-2))
        .filter(fps().fps(30));
    let output = Output::new("out.mp4").stream(video).stream(copied(&film, "a").optional());
    assert_builds("makes it small, with the codec of the stream", &Job::new([output]));
}

#[test]
fn small_logo_in_the_corner() {
    let (film, logo) = (Input::new("in.mp4"), Input::new("logo.png"));
    let small = logo.video().filter(scale().w(100).h(-1));
    let marked = overlay().x("W-w-10").y(10).on(&film.video(), &small);
    let output = Output::new("out.mp4").map(&marked).stream(copied(&film, "a").optional());
    assert_builds("puts a small logo into the corner", &Job::new([output]));
}

#[test]
fn two_films_joined() {
    let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
    let parts = [a.video().any(), a.audio().any(), b.video().any(), b.audio().any()];
    let (video, audio) = concat().n(2).v(1).a(1).on(parts).video_and_audio();
    assert_builds("joins two films", &Job::new([Output::new("out.mp4").map(&video).map(&audio)]));
}

#[test]
fn files_of_a_list_joined() {
    let list = Input::new("list.txt").format("concat").arg("safe", 0);
    let job = Job::reading([&list], [Output::new("out.mp4").arg("c", "copy")]);
    assert_builds("joins what a list names", &job);
}

#[test]
fn sheet_of_pictures() {
    let film = Input::new("in.mp4");
    let sheet = OutputStream::all_of(&film, "v")
        .filter(select().expr("not(mod(n,10))"))
        .filter(scale().w(160).h(-1))
        .filter(tile().layout("4x3"))
        .frames(1);
    assert_builds("shows many pictures on one sheet", &Job::new([Output::new("sheet.png").stream(sheet)]));
}

#[test]
fn film_of_numbered_pictures() {
    let pictures = Input::new("img%04d.png").arg("framerate", 24).arg("start_number", 1);
    let output =
        Output::new("out.mp4").with(Arg::new("c", "libx264").on("v")).arg("r", 30).arg("pix_fmt", "yuv420p");
    assert_builds("makes a film of pictures", &Job::reading([&pictures], [output]));
}

#[test]
fn sounds_with_languages() {
    let film = Input::new("in.mkv");
    let german = OutputStream::new(film.audio()).codec("aac").metadata("language", "deu");
    let english = OutputStream::new(film.nth::<Audio>(1))
        .codec(Codec::new("aac").opt("b", "96k"))
        .metadata("language", "eng")
        .disposition("default");
    let output = Output::new("out.mp4").copy(film.video()).stream(german).stream(english);
    assert_builds("names its sounds", &Job::new([output]));
}

#[test]
fn title() {
    let film = Input::new("in.mp4");
    let output = Output::new("out.mp4").metadata("title", "My film").metadata("year", 2026).arg("c", "copy");
    assert_builds("sets a title", &Job::reading([&film], [output]));
}

#[test]
fn nothing_that_tells_of_the_film() {
    let film = Input::new("in.mp4");
    let output = Output::new("out.mp4").no_chapters().arg("map_metadata", -1).arg("c", "copy");
    assert_builds("takes all names away", &Job::reading([&film], [output]));
}

#[test]
fn twice_as_fast() {
    let film = Input::new("in.mp4");
    let video = film.video().filter(setpts().expr("0.5*PTS"));
    let audio = film.audio().filter(atempo().tempo(2));
    assert_builds("is twice as fast", &Job::new([Output::new("out.mp4").map(&video).map(&audio)]));
}

#[test]
fn crossfade_of_two_films() {
    let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
    let second = Duration::from_secs(1);
    let fade = xfade().transition(XfadeTransition::Fade).duration(second).offset(4 * second);
    let video = fade.on(&a.video(), &b.video());
    let audio = acrossfade().duration(second).on([a.audio(), b.audio()]);
    let output = Output::new("out.mp4").map(&video).map(&audio);
    assert_builds("fades from one film to the next", &Job::new([output]));
}

#[test]
fn two_sizes_of_one_film() {
    let film = Input::new("in.mp4");
    let video = film.video();
    let sized = |path: &str, width: u32, rate: &str| {
        Output::new(path)
            .video(video.filter(scale().w(width).h(-2)), Codec::by_format().opt("b", rate))
            .stream(OutputStream::all_of(&film, "a"))
    };
    let job = Job::new([sized("hd.mp4", 1280, "3M"), sized("sd.mp4", 640, "1M")]);
    assert_builds("is two files in one run", &job);
}

#[test]
fn ladder_for_hls() {
    let film = Input::new("in.mp4");
    let rungs = [("1280x720", "2M"), ("640x360", "800k")];
    let output = rungs.iter().fold(Output::new("out_%v.m3u8").format("hls"), |output, (size, rate)| {
        let video = Codec::new("libx264").opt("s", *size).opt("b", *rate);
        output.video(film.video(), video).audio(film.audio(), "aac")
    });
    let job = Job::new([output.arg("var_stream_map", "v:0,a:0 v:1,a:1")]);
    assert_builds("is a ladder for HLS", &job);
}

#[test]
fn film_in_pieces() {
    let film = Input::new("in.mp4");
    let output = Output::new("out%03d.mp4")
        .format("segment")
        .stream(copied(&film, ""))
        .arg("segment_time", 60)
        .arg("reset_timestamps", 1);
    assert_builds("is cut into files", &Job::new([output]));
}

#[test]
fn packets_made_fit_for_a_transport_stream() {
    let film = Input::new("in.mp4");
    let codec = Codec::copy()
        .bitstream_filter("h264_mp4toannexb")
        .bitstream_filter(Filter::new("dump_extra").opt("freq", "keyframe"));
    let output = Output::new("out.ts").format("mpegts").video(film.video(), codec);
    assert_builds("goes from MP4 to a transport stream", &Job::new([output]));
}

#[test]
fn font_that_travels_along() {
    let film = Input::new("in.mkv");
    let output =
        Output::new("out.mkv").stream(copied(&film, "v")).attach("a.ttf", "application/x-truetype-font");
    assert_builds("takes a font along", &Job::new([output]));
}

#[test]
fn film_made_of_nothing() {
    let second = Duration::from_secs(1);
    let red = color().color("red").size("64x64").duration(second).stream();
    let tone: Stream<Audio> = sine().duration(second).stream();
    assert_builds("is made of a graph alone", &Job::new([Output::new("out.mkv").map(&red).map(&tone)]));
}

#[test]
fn sound_that_is_late() {
    let film = Input::new("in.mp4");
    let late = Input::new("in.mp4").offset(Time::from_micros(500_000));
    let output = Output::new("out.mp4").stream(copied(&film, "v")).stream(copied(&late, "a"));
    assert_builds("is later by half a second", &Job::new([output]));
}

#[test]
fn last_seconds() {
    let end = Input::new("in.mp4").seek_before_end(Duration::from_secs(10));
    let job = Job::reading([&end], [Output::new("out.mp4").arg("c", "copy")]);
    assert_builds("is the end of it", &job);
}

#[test]
fn endless_film_that_ends_with_its_music() {
    let (film, music) = (Input::new("a.mp4").repeat_for_ever(), Input::new("b.mp3"));
    let output = Output::new("out.mp4")
        .stream(OutputStream::all_of(&film, "v"))
        .stream(OutputStream::all_of(&music, "a"))
        .shortest()
        .max_bytes(10_000_000);
    assert_builds("goes on and on", &Job::new([output]));
}

#[test]
fn channels_in_files_of_their_own() {
    let sound = Input::new("in.wav");
    let split = channelsplit().channel_layout("stereo").on(&sound.audio());
    let sides = split.pads([MediaKind::Audio, MediaKind::Audio]);
    let job = Job::new([Output::new("l.wav").map(&sides[0]), Output::new("r.wav").map(&sides[1])]);
    assert_builds("is two channels in two files", &job);
}

#[test]
fn keyframes_every_two_seconds() {
    let film = Input::new("in.mp4");
    let codec = Codec::new("libx264")
        .opt("x264-params", "keyint=60:min-keyint=60")
        .opt("force_key_frames", "expr:gte(t,n_forced*2)");
    let job = Job::new([Output::new("out.mp4").video(film.video(), codec)]);
    assert_builds("has keyframes every two seconds", &job);
}
