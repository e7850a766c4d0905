//! All problems of a command at once, with their places.

use afmpeg_cmd::{
    Arg, Codec, Command, Filter, Input, MediaKind, Output, OutputStream, Video,
    check::{Place, ProblemKind, Severity},
    model::{Graph, Map, Node, Source},
};

fn kinds(command: &Command) -> Vec<(Place, ProblemKind)> {
    command.problems().into_iter().map(|problem| (problem.place, problem.kind)).collect()
}

#[test]
fn valid_command_has_no_problems() {
    let film = Input::new("film.mkv");
    let small = film.video().filter(Filter::new("scale").opt("w", 640).opt("h", -2));
    let command = Command::new([
        Output::new("small.mp4").video(&small, "libx264").audio(film.audio(), Codec::copy()),
        Output::new("still.png").stream(OutputStream::new(&small).frames(1)),
    ]);
    assert_eq!(kinds(&command), []);
    assert!(command.check().is_ok());
}

#[test]
fn all_problems_are_found_at_once() {
    let film = Input::new("film.mkv");
    let flipped = film.video().filter(Filter::new("h flip").opt("a=b", 1));
    let command = Command::new([
        Output::new("./film.mkv").copy(&flipped),
        Output::new("b.mp4").map(film.audio()),
        Output::url("file:b.mp4").map(film.audio()).metadata("", "x"),
    ])
    .with(Arg::new("report\0", 1));
    let found = kinds(&command);
    assert_eq!(
        found.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
        [
            Place::Command,
            Place::Node(0),
            Place::Node(0),
            Place::Output(0),
            Place::Output(2),
            Place::Output(2),
            Place::Stream { output: 0, stream: 0 },
        ]
    );
    assert!(found.contains(&(Place::Output(0), ProblemKind::OutputIsInput)));
    assert!(found.contains(&(Place::Output(2), ProblemKind::SameOutput { other: 1 })));
    let text = command.check().unwrap_err().to_string();
    assert_eq!(text.lines().count(), 7);
    assert!(
        text.contains("node 0 (h flip): invalid name for a filter: \"h flip\"; use FFmpeg's own name"),
        "{text}"
    );
}

#[test]
fn filters_on_copied_streams_are_found_for_selected_streams() {
    let output = || vec![(Place::Output(0), ProblemKind::FiltersOnCopy)];
    let on_stream = |kind| vec![(Place::Stream { output: 0, stream: 0 }, kind)];
    for (options, found) in [
        ("-c copy -vf hflip", output()),
        ("-c:a libx264 -vcodec copy -vf hflip", output()),
        ("-acodec copy -af volume=2", output()),
        ("-map 0 -c copy -vf hflip", on_stream(ProblemKind::FiltersOnCopy)),
        ("-filter_complex hflip -c copy", on_stream(ProblemKind::CopyOfFiltered)),
        ("-c copy -c:v libx264 -vf hflip", vec![]),
        ("-c:v copy -af volume=2", vec![]),
        ("-map 0 -c copy -c:0 libx264 -vf hflip", vec![]),
        ("-map 0 -c copy -c:v:0 libx264 -vf hflip", vec![]),
        ("-vn -c copy -vf hflip", vec![]),
        ("-filter_complex hflip -c:a copy", vec![]),
    ] {
        let command = Command::parse_line(&format!("-i a.mp4 {options} b.mp4")).unwrap();
        assert_eq!(kinds(&command), found, "{options}");
    }
}

#[test]
fn graph_built_by_hand_is_checked_pad_by_pad() {
    let node =
        |inputs: Vec<Source>, outputs: Vec<MediaKind>| Node { filter: Filter::new("f"), inputs, outputs };
    let graph = Graph {
        sws_flags: None,
        nodes: vec![
            node(vec![Source::Input { input: 3, streams: "v".into() }], vec![MediaKind::Video; 2]),
            node(
                vec![Source::Node { node: 0, pad: 0 }, Source::Node { node: 0, pad: 0 }],
                vec![MediaKind::Audio],
            ),
            node(vec![Source::Node { node: 2, pad: 0 }, Source::Node { node: 0, pad: 7 }], vec![]),
        ],
    };
    let film = Input::new("film.mkv");
    let mut command = Command::new([Output::new("a.mp4").map(film.video()).map(film.nth::<Video>(1))]);
    command.graph = graph;
    command.outputs[0].streams[0].map = Map::Node { node: 1, pad: 0 };
    command.outputs[0].streams[1].map = Map::Node { node: 9, pad: 0 };
    assert_eq!(
        kinds(&command),
        [
            (Place::Node(0), ProblemKind::NoInput { input: 3 }),
            (Place::Node(0), ProblemKind::PadUsedAgain { pad: 0, uses: 2, kind: MediaKind::Video }),
            (Place::Node(0), ProblemKind::PadUnused { pad: 1 }),
            (Place::Node(2), ProblemKind::NotBefore { node: 2 }),
            (Place::Node(2), ProblemKind::NoPad { node: 0, pad: 7 }),
            (
                Place::Stream { output: 0, stream: 0 },
                ProblemKind::WrongKind { expected: MediaKind::Video, found: MediaKind::Audio }
            ),
            (Place::Stream { output: 0, stream: 1 }, ProblemKind::NoNode { node: 9 }),
        ]
    );
}

#[test]
fn filtered_subtitles_cannot_be_split() {
    let film = Input::new("film.mkv");
    let subtitles = film.subtitle().filter(Filter::new("null"));
    let command = Command::new([Output::new("a.srt").map(&subtitles), Output::new("b.ass").map(&subtitles)]);
    let found = command.problems();
    assert_eq!(found[0].kind, ProblemKind::PadUsedAgain { pad: 0, uses: 2, kind: MediaKind::Subtitle });
    assert!(found[0].hint().contains("second time"));
}

#[test]
fn options_that_would_apply_to_other_streams_are_refused() {
    let film = Input::new("film.mkv");
    let command = Command::new([Output::new("a.mkv")
        .stream(OutputStream::all_of(&film, "a"))
        .audio(film.nth(1), Codec::new("flac"))]);
    assert_eq!(kinds(&command), [(Place::Stream { output: 0, stream: 1 }, ProblemKind::AmbiguousOptions)]);
    // A stream of another kind has its own specifier.
    let command = Command::new([Output::new("a.mkv")
        .stream(OutputStream::all_of(&film, "a").codec("flac"))
        .video(film.video(), "libx264")]);
    assert_eq!(kinds(&command), []);
    assert!(command.to_args().join(" ").contains("-c:a flac -c:v libx264"));
}

#[test]
fn automatic_streams_are_refused_where_ffmpeg_selects_none() {
    let film = Input::new("film.mkv");
    let (flipped, quiet) = (film.video().filter("hflip"), film.audio().filter("areverse"));
    let with_audio = |path: &str| Output::new(path).stream(OutputStream::automatic(MediaKind::Audio));
    assert_eq!(kinds(&Command::new([with_audio("a.mp4").map(&flipped)])), []);
    let mut alone = Command::from_input([&film], [with_audio("a.mp4")]);
    assert_eq!(kinds(&alone), []);
    alone.outputs[0].automatic = true;
    assert_eq!(kinds(&alone), []);
    let refused = |output: usize| (Place::Output(output), ProblemKind::NotAutomatic);
    assert_eq!(kinds(&Command::new([with_audio("a.mp4").map(film.video())])), [refused(0)]);
    assert_eq!(
        kinds(&Command::new([Output::new("a.mp4").map(&flipped), with_audio("b.mp4").map(&flipped)])),
        [refused(1)]
    );
    let unordered = Output::new("a.mp4").map(&quiet).map(&flipped);
    let unordered = unordered.stream(OutputStream::automatic(MediaKind::Subtitle));
    assert_eq!(kinds(&Command::new([unordered])), [refused(0)]);
}

#[test]
fn options_of_the_only_entry_apply_to_all_its_streams() {
    let film = Input::new("film.mkv");
    let all = OutputStream::all_of(&film, "").codec(Codec::copy());
    let command =
        Command::new([Output::new("film.mp4").stream(all).stream(OutputStream::except(&film, "d"))]);
    assert_eq!(kinds(&command), []);
    assert_eq!(command.to_args().join(" "), "-i film.mkv -map 0 -map -0:d -c copy film.mp4");
}

#[test]
fn likely_mistakes_are_warnings() {
    let film = Input::new("film.mkv").seek(std::time::Duration::from_secs(3));
    let cut = Command::new([Output::new("a.mkv").copy(film.video()).copy(film.audio())]);
    assert_eq!(cut.problems().len(), 1);
    assert_eq!(cut.problems()[0].severity(), Severity::Warning);
    assert!(cut.check().is_ok());
    let endless = Command::new([Output::new("a.mkv").map(Input::new("a.gif").repeat_for_ever().video())]);
    assert_eq!(endless.problems()[0].kind, ProblemKind::Endless { input: 0 });
}

#[test]
fn metadata_keys_may_contain_anything_but_an_equals_sign() {
    let output = Output::new("b.mkv").map(Input::new("a.mp4").video());
    assert_eq!(Command::new([output.clone().metadata("my key: ü", "x")]).problems(), []);
    let problems = Command::new([output.metadata("ti=tle", "x")]).problems();
    assert!(problems[0].hint().starts_with("remove equals signs"), "{}", problems[0].hint());
}

#[test]
fn filter_with_options_in_its_name_gets_a_hint() {
    let audio = Input::new("a.mp4").audio().filter("aresample=48000");
    let problems = Command::new([Output::new("b.wav").map(audio)]).problems();
    assert_eq!(
        problems[0].to_string(),
        "node 0 (aresample=48000): invalid name for a filter: \"aresample=48000\""
    );
    assert!(problems[0].hint().contains("Filter::new(\"aresample\").arg(48000)"), "{}", problems[0].hint());
    let parsed: Filter = "aresample=48000".parse().unwrap();
    assert_eq!(parsed, Filter::new("aresample").arg(48_000));
}
