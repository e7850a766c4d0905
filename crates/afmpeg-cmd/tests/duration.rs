//! The expected duration of an output.

use std::time::Duration;

use afmpeg_cmd::{
    Arg, Audio, Command, Filter, Input, Output, OutputStream, Ratio, Stream, Video,
    recipes::{KenBurns, View},
};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// The duration of an input of 60 seconds after filters.
fn filtered(filters: impl IntoIterator<Item = Filter>) -> Option<Duration> {
    let video = Input::new("a.mp4").video().filters(filters);
    Command::new([Output::new("b.mp4").map(&video)]).expected_duration(&[Some(ms(60_000))])
}

#[test]
fn filters_keep_or_change_the_duration() {
    let trim = Filter::new("trim").opt("start", 10).opt("duration", 5);
    assert_eq!(filtered([trim.clone()]), Some(ms(5_000)));
    assert_eq!(filtered([trim, Filter::new("setpts").opt("expr", "PTS-STARTPTS")]), Some(ms(5_000)));
    assert_eq!(filtered([Filter::new("trim").opt("end", "1:30")]), Some(ms(60_000)));
    assert_eq!(filtered([Filter::new("setpts").opt("expr", "0.5*(PTS-STARTPTS)")]), Some(ms(30_000)));
    assert_eq!(filtered([Filter::new("setpts").opt("expr", "PTS/0.5")]), Some(ms(120_000)));
    assert_eq!(filtered([Filter::new("tpad").opt("stop_duration", 2)]), Some(ms(62_000)));
    assert_eq!(filtered([Filter::new("scale").arg(640).arg(-2)]), Some(ms(60_000)));
    // Without names, they are the first options of the filter.
    assert_eq!(filtered([Filter::new("trim").arg(5)]), Some(ms(55_000)));
    assert_eq!(filtered([Filter::new("setpts").arg("2*PTS")]), Some(ms(120_000)));
    for unknown in [
        Filter::new("select").opt("expr", "gt(scene,0.4)"),
        Filter::new("setpts").opt("expr", "N/(25*TB)"),
        Filter::new("trim").opt("end_frame", 10),
        Filter::new("a future filter"),
    ] {
        assert_eq!(filtered([unknown.clone()]), None, "{unknown}");
    }
}

#[test]
fn chain_of_crossfades_is_as_long_as_its_shots_minus_the_overlaps() {
    let shots = [3_000, 4_000, 2_000].map(|millis| Input::still("shot.png", ms(millis)).video());
    let fade = |offset: f64| Filter::new("xfade").opt("duration", 0.5).opt("offset", offset);
    let first = fade(2.5).on([&shots[0], &shots[1]]).video();
    let reel = fade(6.0).on([&first, &shots[2]]).video();
    let command = Command::new([Output::new("reel.mp4").map(&reel)]);
    assert_eq!(command.expected_duration(&[]), Some(ms(8_000)));
}

#[test]
fn segments_are_joined_by_their_longest_streams() {
    let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4").duration(ms(4_000)));
    let tone: Stream<Audio> = Filter::new("sine").opt("duration", 5).source().audio();
    let concat = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1);
    let (video, audio) =
        concat.on([a.video().any(), a.audio().any(), b.video().any(), tone.any()]).video_and_audio();
    let command = Command::new([Output::new("c.mp4").map(&video).map(&audio)]);
    assert_eq!(command.expected_duration(&[Some(ms(10_000)), Some(ms(60_000))]), Some(ms(15_000)));
    assert_eq!(command.expected_duration(&[None, Some(ms(60_000))]), None);
}

#[test]
fn limit_of_an_endless_input_counts() {
    let still = || Input::new("a.png").arg("loop", 1).video();
    let sound = Input::new("a.wav").audio();
    let known = [None, Some(ms(7_000))];
    let endless = Command::new([Output::new("a.mp4").map(still())]);
    assert_eq!(endless.expected_duration(&known), None);
    let mut inputs: Vec<Stream<Video>> = vec![still()];
    let cut = Command::new([Output::new("a.mp4").map(inputs.remove(0)).duration(ms(2_000))]);
    assert_eq!(cut.expected_duration(&known), Some(ms(2_000)));
    let with_sound = Command::new([Output::new("a.mp4").map(&sound).map(still()).shortest()]);
    assert_eq!(with_sound.expected_duration(&[Some(ms(7_000)), None]), Some(ms(7_000)));
}

#[test]
fn times_of_inputs_and_outputs_count() {
    let clip = Input::new("a.mp4").seek(ms(50_000)).video();
    let known = [Some(ms(60_000))];
    let command = Command::new([Output::new("a.mkv").map(&clip)]);
    assert_eq!(command.expected_duration(&known), Some(ms(10_000)));
    let end = Input::new("a.mp4").seek_before_end(ms(2_500)).video();
    assert_eq!(Command::new([Output::new("a.mkv").map(&end)]).expected_duration(&known), Some(ms(2_500)));
    let looped = Input::new("a.mp4").repeat(2).video();
    let command = Command::new([Output::new("a.mkv").map(&looped).seek(ms(30_000)).to(ms(100_000))]);
    assert_eq!(command.expected_duration(&known), Some(ms(70_000)));
    let stream = OutputStream::new(&clip).frames(1);
    assert_eq!(Command::new([Output::new("a.png").stream(stream)]).expected_duration(&known), None);
    let untyped = Output::new("a.mkv").map(&clip).with(Arg::new("t", 1));
    assert_eq!(Command::new([untyped]).expected_duration(&known), None);
}

#[test]
fn overlay_with_pass_is_as_long_as_the_first_input() {
    let (film, face) = (Input::new("film.mp4"), Input::new("face.mp4"));
    let expected = |overlay: Filter| {
        let video = overlay.on([film.video(), face.video()]).video();
        Command::new([Output::new("out.mp4").map(&video)])
            .expected_duration(&[Some(ms(2_000)), Some(ms(5_000))])
    };
    assert_eq!(expected(Filter::new("overlay").opt("eof_action", "pass")), Some(ms(2_000)));
    assert_eq!(expected(Filter::new("overlay")), Some(ms(5_000)));
}

/// The duration of a minute at 10 frames per second after filters.
fn counted(filters: impl IntoIterator<Item = Filter>) -> Option<Duration> {
    filtered(std::iter::once(Filter::new("fps").opt("fps", 10)).chain(filters))
}

#[test]
fn trim_uses_its_latest_end_and_earliest_start() {
    let trim = |options: &[(&str, u32)]| {
        let trim = Filter::new("trim");
        counted([options.iter().fold(trim, |trim, (name, value)| trim.opt(*name, *value))])
    };
    for (options, millis) in [
        (&[("end_frame", 20)][..], 2_000),
        (&[("start_frame", 15)], 58_500),
        (&[("start_frame", 15), ("end_frame", 20)], 500),
        (&[("end", 1), ("duration", 2)], 2_000),
        (&[("start", 1), ("end", 2), ("duration", 3)], 3_000),
        (&[("end", 3), ("end_frame", 10)], 3_000),
        (&[("start", 1), ("start_frame", 20)], 59_000),
        (&[("start", 1), ("end_frame", 5)], 0),
        (&[("start", 2), ("end", 1), ("end_frame", 30)], 1_000),
        (&[("start", 50), ("durationi", 0)], 10_000),
    ] {
        assert_eq!(trim(options), Some(ms(millis)), "{options:?}");
    }
    assert_eq!(trim(&[("end_pts", 5)]), None);
    assert_eq!(filtered([Filter::new("trim").opt("start_frame", 1)]), None, "the rate is unknown");
    assert_eq!(filtered([Filter::new("trim").opt("start_frame", 0)]), Some(ms(60_000)));
}

#[test]
fn added_frames_count_at_their_rate() {
    let tpad = || Filter::new("tpad");
    assert_eq!(counted([tpad().opt("start", 5).opt("stop", 3)]), Some(ms(60_800)));
    assert_eq!(counted([tpad().opt("start_duration", 1).opt("stop_duration", 2)]), Some(ms(63_000)));
    assert_eq!(counted([tpad().opt("stop", 3).opt("stop_duration", 2)]), Some(ms(62_000)));
    assert_eq!(counted([tpad().opt("stop_duration", 0.26)]), Some(ms(60_300)), "whole frames");
    assert_eq!(counted([tpad().opt("stop", -1), Filter::new("trim").opt("duration", 90)]), Some(ms(90_000)));
    assert_eq!(filtered([tpad().opt("start_duration", 1).opt("stop_mode", "clone")]), Some(ms(61_000)));
    assert_eq!(filtered([tpad().opt("stop", 3)]), None, "the rate is unknown");
}

#[test]
fn looped_frames_count_each_time() {
    let repeat = |times: i32, size: u32, start: u32| {
        Filter::new("loop").opt("loop", times).opt("size", size).opt("start", start)
    };
    for (filter, millis) in [
        (repeat(3, 10, 0), 63_000),
        // A start of 1 is the same as 0.
        (repeat(1, 10, 1), 61_000),
        (repeat(1, 10, 600), 60_100),
        (repeat(3, 10, 595), 61_800),
        (repeat(1, 10, 601), 60_000),
        (repeat(2, 1_000, 0), 180_000),
        (Filter::new("loop").opt("loop", 3), 60_000),
    ] {
        assert_eq!(counted([filter.clone()]), Some(ms(millis)), "{filter}");
    }
    assert_eq!(counted([repeat(-1, 10, 5)]), None);
    let cut = Filter::new("trim").opt("end_frame", 1_000);
    assert_eq!(counted([repeat(-1, 10, 5), cut]), Some(ms(100_000)));
    assert_eq!(counted([repeat(1, 10, 0).opt("time", 3)]), None);
}

#[test]
fn zoompan_outputs_its_number_of_frames() {
    let first = || Filter::new("trim").opt("end_frame", 1);
    let zoompan = |d: u32, fps: u32| Filter::new("zoompan").opt("d", d).opt("fps", fps);
    assert_eq!(filtered([first(), zoompan(50, 25)]), Some(ms(2_000)));
    assert_eq!(filtered([first(), Filter::new("zoompan")]), Some(ms(3_600)));
    assert_eq!(counted([Filter::new("trim").opt("end_frame", 3), zoompan(50, 20)]), Some(ms(7_500)));
    assert_eq!(counted([zoompan(1, 5)]), Some(ms(120_000)));
    assert_eq!(counted([zoompan(0, 25)]), Some(ms(24_000)), "one frame at least");
    assert_eq!(counted([Filter::new("zoompan").opt("d", "in_w/10")]), None);
    assert_eq!(filtered([zoompan(50, 25)]), None, "the number of frames is unknown");

    let video = |input: Input| {
        let video = input.video().filter(zoompan(50, 25));
        Command::new([Output::new("b.mp4").map(&video)]).expected_duration(&[])
    };
    assert_eq!(video(Input::still("a.png", ms(3_000))), Some(ms(150_000)));
    assert_eq!(video(Input::still("a.png", ms(3_000)).arg("framerate", 10)), Some(ms(60_000)));
    assert_eq!(video(Input::image("a%d.png")), Some(ms(2_000)));
    let way = KenBurns::new(View::whole(), View { x: 0.5, y: 0.5, size: 0.5 }, ms(4_000));
    let video =
        way.rate(Ratio::from(30)).video(&Input::new("a.png").video()).expect("a view within the image");
    assert_eq!(Command::new([Output::new("b.mp4").map(&video)]).expected_duration(&[None]), Some(ms(4_000)));
}

#[test]
fn padding_has_the_given_duration() {
    let apad = |options: &[(&str, i32)]| {
        let apad = Filter::new("apad");
        filtered([options.iter().fold(apad, |apad, (name, value)| apad.opt(*name, *value))])
    };
    assert_eq!(apad(&[("pad_dur", 2)]), Some(ms(62_000)));
    assert_eq!(apad(&[("whole_dur", 90)]), Some(ms(90_000)));
    assert_eq!(apad(&[("whole_dur", 10)]), Some(ms(60_000)));
    assert_eq!(apad(&[("whole_dur", 90), ("pad_dur", 1)]), Some(ms(61_000)));
    assert_eq!(apad(&[("whole_dur", 90), ("pad_len", 1_000)]), None);
    assert_eq!(apad(&[("pad_dur", -1)]), None, "endless");
}

#[test]
fn number_of_frames_limits_the_duration() {
    let pattern = Filter::new("testsrc").opt("rate", "30000/1001").source().video();
    let some = || OutputStream::new(&pattern).frames(300);
    let expected = |output: Output| Command::new([output]).expected_duration(&[]);
    assert_eq!(expected(Output::new("a.mp4").stream(some())), Some(ms(10_010)));
    assert_eq!(expected(Output::new("a.mp4").stream(some()).duration(ms(5_000))), Some(ms(5_000)));
    assert_eq!(expected(Output::new("a.mp4").stream(some()).arg("r", 10)), None);
}

#[test]
fn crossfaded_audio_is_shorter_by_its_fades() {
    let joined = |filter: Filter, millis: &[u64]| {
        let tone = |millis: &u64| Filter::new("sine").opt("duration", ms(*millis)).source().audio();
        let sound = filter.on(millis.iter().map(tone)).audio();
        Command::new([Output::new("a.flac").map(&sound)]).expected_duration(&[])
    };
    let fade = || Filter::new("acrossfade").opt("d", 0.5);
    assert_eq!(joined(fade(), &[3_000, 2_000]), Some(ms(4_500)));
    assert_eq!(joined(fade().opt("n", 3), &[3_000, 2_000, 1_000]), Some(ms(5_000)));
    assert_eq!(joined(fade().opt("overlap", true), &[3_000, 2_000]), Some(ms(4_500)));
    assert_eq!(joined(fade().opt("o", false), &[3_000, 2_000]), Some(ms(5_000)));
    assert_eq!(joined(fade(), &[3_000, 400]), None, "the fade is shorter than its option");
    assert_eq!(joined(Filter::new("acrossfade").opt("ns", 100), &[3_000, 2_000]), None);
}

#[test]
fn limited_output_has_the_duration_of_the_limit_if_one_stream_lasts() {
    let film = Input::new("a.mp4");
    let sound = film.audio().filter("a future filter");
    let command = |output: Output| {
        let output = output.map(film.video()).map(&sound);
        Command::new([output]).expected_duration(&[Some(ms(60_000))])
    };
    let output = Output::new("b.mp4");
    assert_eq!(command(output.clone().duration(ms(30_000))), Some(ms(30_000)));
    assert_eq!(command(output.clone().seek(ms(20_000)).to(ms(50_000))), Some(ms(30_000)));
    assert_eq!(command(output.clone().duration(ms(90_000))), None);
    assert_eq!(command(output.clone().duration(ms(30_000)).shortest()), None);
    assert_eq!(command(output), None);
}

#[test]
fn music_ducked_under_a_delayed_voice_ends_with_the_film() {
    let voice = Input::new("voice.wav").audio();
    let late = voice.filter(Filter::new("adelay").opt("delays", 2_000).opt("all", true));
    let command = Command::new([Output::new("late.wav").map(&late)]);
    assert_eq!(command.expected_duration(&[Some(ms(9_000))]), Some(ms(11_000)));

    let music = Input::new("music.mp3").repeat_for_ever().audio();
    let voice = late.filter("apad");
    let ducked = Filter::new("sidechaincompress").on([&music, &voice]).audio();
    let mixed = Filter::new("amix").on([&ducked, &voice]).audio();
    let cut = mixed.filter(Filter::new("atrim").opt("duration", 20));
    let command = Command::new([Output::new("mix.wav").map(&cut)]);
    assert_eq!(command.expected_duration(&[Some(ms(9_000)), Some(ms(6_000))]), Some(ms(20_000)));
}
