//! How long an output becomes, as far as the command says it.

use std::time::Duration;

use afmpeg_cmd::{Arg, Audio, Filter, Input, Job, Output, Stream, Video};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Of an input that is 60 seconds long, put through filters.
fn filtered(filters: impl IntoIterator<Item = Filter>) -> Option<Duration> {
    let video = Input::new("a.mp4").video().filters(filters);
    Job::new([Output::new("b.mp4").map(&video)]).expected_duration(&[Some(ms(60_000))])
}

#[test]
fn filters_that_keep_change_and_decide() {
    let trim = Filter::new("trim").opt("start", 10).opt("duration", 5);
    assert_eq!(filtered([trim.clone()]), Some(ms(5_000)));
    assert_eq!(filtered([trim, Filter::new("setpts").opt("expr", "PTS-STARTPTS")]), Some(ms(5_000)));
    assert_eq!(filtered([Filter::new("trim").opt("end", "1:30")]), Some(ms(60_000)));
    assert_eq!(filtered([Filter::new("setpts").opt("expr", "0.5*(PTS-STARTPTS)")]), Some(ms(30_000)));
    assert_eq!(filtered([Filter::new("setpts").opt("expr", "PTS/0.5")]), Some(ms(120_000)));
    assert_eq!(filtered([Filter::new("tpad").opt("stop_duration", 2)]), Some(ms(62_000)));
    assert_eq!(filtered([Filter::new("scale").arg(640).arg(-2)]), Some(ms(60_000)));
    for unknown in [
        Filter::new("select").opt("expr", "gt(scene,0.4)"),
        Filter::new("setpts").opt("expr", "N/(25*TB)"),
        Filter::new("trim").opt("end_frame", 10),
        Filter::new("trim").arg(5),
        Filter::new("a filter of next year"),
    ] {
        assert_eq!(filtered([unknown.clone()]), None, "{unknown}");
    }
}

#[test]
fn chain_of_crossfades_is_as_long_as_its_shots_less_the_overlaps() {
    let shots = [3_000, 4_000, 2_000].map(|millis| Input::still("shot.png", ms(millis)).video());
    let fade = |offset: f64| Filter::new("xfade").opt("duration", 0.5).opt("offset", offset);
    let first = fade(2.5).on([&shots[0], &shots[1]]).video();
    let reel = fade(6.0).on([&first, &shots[2]]).video();
    let job = Job::new([Output::new("reel.mp4").map(&reel)]);
    assert_eq!(job.expected_duration(&[]), Some(ms(8_000)));
}

#[test]
fn segments_are_joined_by_their_longest_streams() {
    let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4").duration(ms(4_000)));
    let tone: Stream<Audio> = Filter::new("sine").opt("duration", 5).source().audio();
    let concat = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1);
    let (video, audio) =
        concat.on([a.video().any(), a.audio().any(), b.video().any(), tone.any()]).video_and_audio();
    let job = Job::new([Output::new("c.mp4").map(&video).map(&audio)]);
    assert_eq!(job.expected_duration(&[Some(ms(10_000)), Some(ms(60_000))]), Some(ms(15_000)));
    assert_eq!(job.expected_duration(&[None, Some(ms(60_000))]), None);
}

#[test]
fn what_ends_an_endless_input_decides() {
    let still = || Input::new("a.png").arg("loop", 1).video();
    let sound = Input::new("a.wav").audio();
    let known = [None, Some(ms(7_000))];
    let endless = Job::new([Output::new("a.mp4").map(still())]);
    assert_eq!(endless.expected_duration(&known), None);
    let mut inputs: Vec<Stream<Video>> = vec![still()];
    let cut = Job::new([Output::new("a.mp4").map(inputs.remove(0)).duration(ms(2_000))]);
    assert_eq!(cut.expected_duration(&known), Some(ms(2_000)));
    let with_sound = Job::new([Output::new("a.mp4").map(&sound).map(still()).shortest()]);
    assert_eq!(with_sound.expected_duration(&[Some(ms(7_000)), None]), Some(ms(7_000)));
}

#[test]
fn times_of_inputs_and_outputs_count() {
    let clip = Input::new("a.mp4").seek(ms(50_000)).video();
    let known = [Some(ms(60_000))];
    let job = Job::new([Output::new("a.mkv").map(&clip)]);
    assert_eq!(job.expected_duration(&known), Some(ms(10_000)));
    let end = Input::new("a.mp4").seek_before_end(ms(2_500)).video();
    assert_eq!(Job::new([Output::new("a.mkv").map(&end)]).expected_duration(&known), Some(ms(2_500)));
    let looped = Input::new("a.mp4").repeat(2).video();
    let job = Job::new([Output::new("a.mkv").map(&looped).seek(ms(30_000)).to(ms(100_000))]);
    assert_eq!(job.expected_duration(&known), Some(ms(70_000)));
    let stream = afmpeg_cmd::OutputStream::new(&clip).frames(1);
    assert_eq!(Job::new([Output::new("a.png").stream(stream)]).expected_duration(&known), None);
    let untyped = Output::new("a.mkv").map(&clip).with(Arg::new("t", 1));
    assert_eq!(Job::new([untyped]).expected_duration(&known), None);
}

#[test]
fn overlay_that_passes_on_the_rest_is_as_long_as_the_first() {
    let (film, face) = (Input::new("film.mp4"), Input::new("face.mp4"));
    let expected = |overlay: Filter| {
        let video = overlay.on([film.video(), face.video()]).video();
        Job::new([Output::new("out.mp4").map(&video)]).expected_duration(&[Some(ms(2_000)), Some(ms(5_000))])
    };
    assert_eq!(expected(Filter::new("overlay").opt("eof_action", "pass")), Some(ms(2_000)));
    assert_eq!(expected(Filter::new("overlay")), Some(ms(5_000)));
}
