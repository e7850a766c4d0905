//! Commands built with afmpeg-cmd: FFmpeg accepts them, and their checks and expected durations are right.

use std::time::Duration;

use afmpeg::{CheckError, ErrorKind, Runtime, RuntimeExt as _};
use afmpeg_cmd::{
    Audio, Capabilities, Codec, Command, Expr, Filter, FilterCommands, Input, Output, OutputStream, Probe,
    Stream, Video,
    check::ProblemKind,
    filters::{
        audio::{afade, amix, atrim, volume},
        source::{color, sine, testsrc2},
        video::{XfadeTransition, format, fps, hue, overlay, scale, setsar, settb, xfade},
    },
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{CLIP, LEAN_LGPL, Variant, full, judge, lean, memory_with, module_path};
use crate::lines::LINES;

fn module_of(variant: &Variant) -> &Capabilities {
    variant.runtime.capabilities().unwrap()
}

/// Probes a file with the module's own ffprobe.
fn probe(variant: &Variant, fs: &MemFs, path: &str) -> Probe {
    variant.runtime.probe(fs.clone(), path).unwrap()
}

#[track_caller]
fn run(variant: &Variant, fs: &MemFs, command: &Command) {
    let problems = command.problems_with_capabilities(module_of(variant));
    assert_eq!(problems, [], "{}", command.to_args().join(" "));
    variant.ffmpeg_args(fs, &command.to_args().iter().map(String::as_str).collect::<Vec<_>>());
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn logo_over_a_clip_with_mixed_sound_has_the_expected_duration() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    let clip = Input::new(CLIP).duration(seconds(2.0));
    let logo = testsrc2().size("64x64").duration(seconds(1.0)).stream();
    let small = clip.video().filter(scale().w(320).h(-2));
    let marked = overlay().x("W-w-8").y(8).enable("between(t,0.5,1)").on(&small, &logo);
    let tone: Stream<Audio> = sine().frequency(440.0).duration(seconds(2.0)).stream();
    let mixed =
        amix().on([clip.audio().filter(volume().volume(0.5)), tone.filter(afade().duration(seconds(0.5)))]);
    let command = Command::new([Output::new("out.mp4")
        .video(&marked, Codec::new("libx264").opt("preset", "ultrafast"))
        .audio(mixed.filter(atrim().duration(seconds(2.0))), Codec::new("aac").opt("b", "96k"))
        .metadata("title", "a \"title\" = with: signs; and\nlines")
        .faststart()]);
    let durations = [probe(&module, &fs, CLIP).duration()];
    assert_eq!(command.expected_duration(&durations), Some(seconds(2.0)));

    run(&module, &fs, &command);
    let judged = judge(&fs, "/out.mp4");
    judged.assert_codec("video", "h264").assert_codec("audio", "aac").assert_size(320, 180).assert_frames(50);
    assert_eq!(judged.json["format"]["tags"]["title"], "a \"title\" = with: signs; and\nlines");
}

#[test]
fn stream_used_three_times_is_decoded_once_and_split() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    let clip = Input::new(CLIP).duration(seconds(1.0));
    let small: Stream<Video> = clip.video().filter(scale().w(160).h(90));
    let fast = || Codec::new("libx264").opt("preset", "ultrafast");
    let command = Command::new([
        Output::new("small.mp4").video(&small, fast()),
        Output::new("smaller.mp4").video(small.filter(scale().w(80).h(-2)), fast()),
        Output::new("still.png").stream(OutputStream::new(&small).frames(1)),
    ]);
    assert_eq!(command.inputs.len(), 1);
    run(&module, &fs, &command);
    judge(&fs, "/small.mp4").assert_size(160, 90).assert_frames(25);
    judge(&fs, "/smaller.mp4").assert_size(80, 46);
    judge(&fs, "/still.png").assert_size(160, 90);
}

#[test]
fn crossfade_of_different_clips_is_a_problem_before_ffmpeg_refuses_it() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    let (clip, bars) = (Input::new(CLIP), Input::lavfi([testsrc2().size("320x180").duration(seconds(3.0))]));
    let probes = [Some(probe(&module, &fs, CLIP)), None];
    let fade = || xfade().transition(XfadeTransition::Slideleft).duration(seconds(0.5)).offset(seconds(1.5));
    let conform = |stream: &Stream<Video>, width: u32, height: u32| {
        let sized: Filter = scale().w(width).h(height).into();
        stream.filters([sized, setsar().sar(1).into(), fps().fps(25).into(), settb().expr("AVTB").into()])
    };
    let encoded = |stream: &Stream<Video>| {
        Command::new([Output::new("out.mp4").video(stream, Codec::new("libx264").opt("preset", "ultrafast"))])
            .overwrite()
    };

    let first = conform(&clip.video(), 320, 180);
    let wrong = encoded(&fade().on(&first, &conform(&bars.video(), 160, 90)));
    let problems = wrong.problems_with_probes(&probes);
    assert!(
        matches!(&problems[0].kind, ProblemKind::InputsDisagree { property: "size", .. }),
        "{problems:?}"
    );
    assert!(module.runtime.run(fs.clone(), &wrong).is_err());

    let right = encoded(&fade().on(&first, &conform(&bars.video(), 320, 180)));
    assert_eq!(right.problems_with_probes(&probes), []);
    run(&module, &fs, &right);
    let frames = right.expected_duration(&[None, Some(seconds(3.0))]).unwrap().as_millis().div_ceil(40);
    judge(&fs, "/out.mp4").assert_frames(u64::try_from(frames).unwrap());
}

#[test]
fn encoder_that_only_one_module_has_is_a_problem_for_the_other() {
    let clip = Input::new(CLIP);
    let command = Command::new([Output::new("out.mp4").video(clip.video().filter(scale().w(64)), "libx264")]);
    assert_eq!(command.problems_with_capabilities(module_of(&full())), []);
    let problems = command.problems_with_capabilities(module_of(&lean()));
    assert!(matches!(&problems[0].kind, ProblemKind::Lacks { kind: "encoder", .. }), "{problems:?}");
    assert_eq!(problems[0].hint(), "use the gpl variant of the module, which has it");
}

#[test]
fn commands_reach_a_named_filter_while_it_runs() {
    let (module, fs) = (full(), MemFs::new());
    let commands = FilterCommands::new().at(seconds(0.5), "hue@grey", "s", 0);
    let red = Input::lavfi([color().color("red").size("16x16").rate(4).duration(seconds(1.0))]).video();
    let controlled =
        red.filter(commands.filter()).filter(hue().s(Expr::var("t").lt(10).then_else(1, 2)).named("grey"));
    let output = Output::new("out.raw").video(controlled.filter(format().pix_fmts("rgb24")), "rawvideo");
    run(&module, &fs, &Command::new([output.format("rawvideo")]));
    let frames = fs.read("/out.raw").unwrap();
    let is_grey: Vec<bool> =
        frames.chunks(16 * 16 * 3).map(|frame| frame[0].abs_diff(frame[1]) < 8).collect();
    assert_eq!(is_grey, [false, false, true, true]);
}

#[test]
fn ffmpeg_error_contains_the_name_of_the_node() {
    let broken = Input::lavfi([testsrc2().duration(seconds(1.0))]).video();
    let broken = broken.filter(Filter::new("scale").opt("w", "no_such_variable").named("logo_scale"));
    let error = full().runtime.run(MemFs::new(), Command::new([Output::null().map(&broken)])).unwrap_err();
    let log = error.log().join("\n");
    assert!(log.contains("logo_scale"), "{log}");
}

#[test]
fn filters_that_count_frames_produce_the_expected_duration() {
    let (module, fs) = (full(), MemFs::new());
    for chain in [
        "trim=start=1:end=2:duration=3",
        "trim=start=1:start_frame=20:end=3:end_frame=40",
        "tpad=start=5:stop_duration=2",
        "loop=loop=3:size=10:start=55",
        "loop=loop=2:size=100",
        "trim=end_frame=3,setpts=expr=PTS-STARTPTS,zoompan=d=15:fps=10:s=64x36",
    ] {
        let line = format!(
            "-y -filter_complex testsrc=size=64x36:rate=10:duration=6,{chain}[v] -map [v] -c:v ffv1 out.mkv"
        );
        let command = Command::parse(line.split(' ')).unwrap();
        let expected = command.expected_duration(&[]).unwrap().as_secs_f64();
        run(&module, &fs, &command);
        // Ten frames per second.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        judge(&fs, "/out.mkv").assert_frames((expected * 10.0).round() as u64);
    }
}

#[test]
fn options_of_real_command_lines_pass_the_check_and_misspelt_ones_do_not() {
    let variant = full();
    let module = module_of(&variant);
    let unknown = |line: &str| -> Vec<String> {
        let problems = Command::parse_line(line).unwrap().problems_with_capabilities(module);
        let options = problems.into_iter().filter_map(|problem| match problem.kind {
            ProblemKind::Lacks { kind: "option", name, suggestion } => {
                Some(format!("{name} for {}", suggestion.unwrap_or_default()))
            }
            _ => None,
        });
        options.collect()
    };
    // The module lacks the options of encoders whose library it was built without.
    for (name, line, _) in LINES.iter().filter(|(_, line, _)| !line.contains("libx265")) {
        assert!(unknown(line).is_empty(), "{name}: {:?}", unknown(line));
    }
    let line = "ffmpeg -i a.mp4 -c:v libx264 -presett fast -movflag +faststart b.mp4";
    assert_eq!(unknown(line), ["presett for preset", "movflag for movflags"]);
}

#[test]
fn progress_of_a_command_with_an_expected_duration_has_a_fraction() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    let clip = Input::new(CLIP);
    let command =
        Command::new([Output::new("small.mkv").video(clip.video().filter(scale().w(320).h(-2)), "mpeg4")]);
    let prepared = module.runtime.prepare(fs, &command).probe().unwrap();
    assert_eq!(prepared.expected_duration(), Some(seconds(5.312)));
    let running = prepared.job().args(["-stats_period", "0.02"]).spawn().unwrap();
    let fractions: Vec<_> = running.progress().filter_map(|progress| progress.fraction).collect();
    running.wait().unwrap();
    assert!(fractions.iter().any(|fraction| (0.01..0.99).contains(fraction)), "{fractions:?}");
}

#[test]
fn command_that_neither_module_nor_input_fits_is_refused_before_it_runs() {
    let module = lean();
    let fs = memory_with(&[CLIP]);
    let film = Input::new(CLIP);
    let command = Command::new([Output::new("out.mkv").video(&film, "libx265").copy(film.nth::<Audio>(7))]);
    let prepared = module.runtime.prepare(fs, &command).probe().unwrap();
    let Err(CheckError::Problems(problems)) = prepared.check() else { panic!("the command cannot work") };
    let kinds: Vec<_> = problems.iter().map(|problem| &problem.kind).collect();
    assert!(
        matches!(
            kinds[..],
            [ProblemKind::Lacks { kind: "encoder", .. }, ProblemKind::NoStream { input: 0, .. }]
        ),
        "{kinds:?}"
    );
    prepared.run().unwrap_err();
}

#[test]
fn command_is_probed_checked_and_run_on_any_executor() {
    // A runtime of its own, whose capabilities have not been read.
    let runtime = Runtime::builder().module(module_path(LEAN_LGPL)).without_cache().build().unwrap();
    let fs = memory_with(&[CLIP]);
    let film = Input::new(CLIP);
    let copy = Command::new([Output::new("out.mkv").copy(film.video())]);
    let lacking = Command::new([Output::new("out.mkv").video(film.video(), "libx265")]);
    pollster::block_on(async {
        let prepared = runtime.prepare(fs.clone(), &copy).probe_async().await.unwrap();
        assert_eq!(prepared.expected_duration(), Some(seconds(5.312)));
        prepared.check_async().await.unwrap();
        prepared.job().run_async().await.unwrap();
        let prepared = runtime.prepare(fs, &lacking).probe_async().await.unwrap();
        assert!(matches!(prepared.check_async().await, Err(CheckError::Problems(_))));
    });
}

#[test]
fn only_files_are_probed_for_a_command() {
    let module = lean();
    let tone = Input::lavfi([sine().duration(seconds(1.0))]);
    let command = Command::new([Output::new("out.wav").map(tone.audio())]);
    let prepared = module.runtime.prepare(MemFs::new(), &command).probe().unwrap();
    assert_eq!(prepared.expected_duration(), None);
    prepared.check().unwrap();
    prepared.run().unwrap();

    // Names and URLs are read as by the command itself.
    let fs = memory_with(&[CLIP]);
    fs.write("/a:b-%d.mp4", fs.read(format!("/{CLIP}")).unwrap()).unwrap();
    for input in [Input::new("a:b-%d.mp4"), Input::url(format!("concat:{CLIP}"))] {
        let command = Command::new([Output::new("out.mkv").copy(input.video())]);
        let prepared = module.runtime.prepare(fs.snapshot(), &command).probe().unwrap();
        assert_eq!(prepared.expected_duration(), Some(seconds(5.312)), "{:?}", command.inputs[0].path);
        prepared.run().unwrap();
    }

    let missing = Command::new([Output::new("out.wav").map(Input::new("missing.wav").audio())]);
    let error = module.runtime.prepare(MemFs::new(), &missing).probe().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
