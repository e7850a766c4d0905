//! Real-world command lines, and the commands that they parse to.

mod lines;

use afmpeg_cmd::{
    Audio, Codec, Command, Filter, Input, MediaKind, Output, OutputStream, Time,
    model::{Graph, Source},
};
use lines::LINES;
use proptest::prelude::*;

#[test]
fn lines_are_parsed_to_commands_in_the_usual_form() {
    for (name, line, usual) in LINES {
        let command = Command::parse_line(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        let usual = if usual.is_empty() { line.strip_prefix("ffmpeg ").unwrap() } else { usual };
        assert_eq!(command.to_args().join(" "), *usual, "{name}");
    }
}

#[test]
fn printed_lines_and_json_are_the_same_command() {
    for (name, line, _) in LINES {
        let command = Command::parse_line(line).unwrap();
        assert_eq!(Command::parse(command.to_args()).unwrap(), command, "{name}");
        let json = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&json).unwrap(), command, "{name}");
    }
}

#[test]
fn invalid_lines_are_refused_at_the_invalid_argument() {
    for (line, index, token, problem) in [
        ("-i a.mp4", 2, "", "there is no output"),
        ("-i", 0, "-i", "expected a value"),
        ("a.mp4 -crf", 1, "-crf", "expected a value"),
        ("-i a.mp4 b.mp4 -t 5", 4, "5", "-t follows the last file"),
        ("-re a.mp4", 0, "re", "-re is an option of an input, and precedes an output"),
        ("-atag mp4a -i a.mp4 b.mp4", 1, "mp4a", "-tag is an option of an output, and precedes an input"),
        (
            "-shortest -i a.mp4 b.mp4",
            0,
            "shortest",
            "-shortest is an option of an output, and precedes an input",
        ),
        ("-i a.mp4 -t soon b.mp4", 3, "soon", "not a duration"),
        ("-i a.mp4 -map x b.mp4", 3, "x", "expected an input"),
        ("-i a.mp4 -map 0:video b.mp4", 3, "0:video", "invalid stream specifier \"video\""),
        (
            "-i a.mp4 -map 0:m:language:deu? b.mp4",
            3,
            "0:m:language:deu?",
            "its question mark is part of the metadata value",
        ),
        ("-i a.mp4 -map 1 b.mp4", 3, "1", "there is no input 1"),
        ("-i a.mp4 -map [x] b.mp4", 3, "[x]", "no graph has a free output pad [x]"),
        ("-i a.mp4 -map 0:0,0:1 b.mp4", 3, "0:0,0:1", "invalid stream specifier \"0,0:1\""),
        ("-i a.mp4 -map_chapters 3 b.mp4", 3, "3", "there is no input 3"),
        ("-i a.mp4 -metadata title b.mp4", 3, "title", "expected key=value"),
        ("-i a.mp4 -psnr -y b.mp4", 2, "-psnr", "FFmpeg has removed this option"),
        ("-i a.mp4 -vsync 0 b.mp4", 2, "-vsync", "FFmpeg has removed this option"),
        ("-version", 0, "-version", "it only prints information"),
        (
            "-i a.mp4 -vcodec:v x b.mp4",
            2,
            "-vcodec:v",
            "-vcodec applies to streams of one kind, and has a specifier",
        ),
        ("-i a.mp4 -filter_complex [1:v]hflip b.mp4", 3, "[1:v]hflip", "there is no input 1"),
        ("-i a.mp4 -filter_complex [x]hflip b.mp4", 3, "[x]hflip", "no filter outputs [x]"),
        ("ffmpeg -i a.mp4 b.mp4 </dev/null", 4, "</dev/null", "shell syntax is not part of the command"),
        ("ffmpeg -i a.mp4 - >b.mp4", 4, ">b.mp4", "shell syntax is not part of the command"),
        ("time ffmpeg -i a.mp4 b.mp4", 0, "time", "shell syntax is not part of the command"),
        ("$ ffmpeg -i a.mp4 b.mp4", 0, "$", "shell syntax is not part of the command"),
        ("ffmpeg -i a.mp4 b.mp4 2>&1", 4, "2>&1", "shell syntax is not part of the command"),
        ("ffmpeg -i 'a.mp4", 0, "ffmpeg -i 'a.mp4", "unterminated quote"),
    ] {
        let error = Command::parse_line(line).expect_err(line);
        assert_eq!((error.index, &*error.token, &*error.problem), (index, token, problem), "{line}");
        assert!(!error.hint.is_empty(), "{line}");
    }
}

#[test]
fn streams_are_mapped_by_every_kind_of_specifier() {
    for (line, usual) in [
        // A program has many streams: options of all of them are not options of the first.
        ("-i a -map 0:p:1 -c copy b", "-i a -map 0:p:1 -c copy b"),
        ("-i a -map 0:p:1 -map 0:a:1 -c copy b", "-i a -map 0:p:1 -map 0:a:1 -c copy b"),
        ("-i a -map 0:v:p:1 -c:v:1 copy b", "-i a -map 0:v:p:1 -c:v:1 copy b"),
        ("-i a -map 0:v:vidx:0? b", "-i a -map 0:v:vidx:0? b"),
        ("-i a -map 0:m:language:deu:? -map 0:u:? b", "-i a -map 0:m:language:deu:? -map 0:u:? b"),
        (r"-i a -map '0:m:title:who\?' b", r"-i a -map 0:m:title:who\? b"),
        ("-i a -map 0:a:1:? -map 0v b", "-i a -map 0:a:1? -map 0:v b"),
        ("-i a -map v -map :a:0 -map '#0x101' b", "-i a -map 0:v -map 0:a:0 -map 0:#0x101 b"),
        ("-i a -filter_complex '[#0x101]hflip' b", "-i a -filter_complex [0:#0x101]hflip@n0 b"),
    ] {
        let command = Command::parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(command.to_args().join(" "), usual);
        assert_eq!(Command::parse(command.to_args()).unwrap(), command, "{line}");
    }
}

#[test]
fn streams_selected_by_metadata_can_be_optional() {
    let film = Input::new("a.mkv");
    let german = OutputStream::all_of(&film, "m:language:deu").optional();
    let command = Command::new([Output::new("b.mkv").stream(german)]);
    assert_eq!(command.to_args()[2..4], ["-map", "0:m:language:deu:?"]);
}

#[test]
fn numbers_have_prefixes_and_times_have_units() {
    for (line, usual) in [
        ("-i a -fs 10MiB b", "-i a -fs 83886080 b"),
        ("-i a -fs 1.5M b", "-i a -fs 1500000 b"),
        ("-stream_loop 0x2 -i a -frames:v 1e1 -map 0:v b", "-stream_loop 2 -i a -map 0:v -frames:v 10 b"),
        ("-itsoffset +0.5 -i a -t 00:00:01.5s b", "-itsoffset 0.5 -i a -t 1.5 b"),
    ] {
        assert_eq!(Command::parse_line(line).unwrap().to_args().join(" "), usual, "{line}");
    }
}

#[test]
fn invalid_graphs_are_refused_at_the_invalid_position() {
    for (graph, offset, problem) in [
        ("", 0, "expected a filter"),
        ("hflip,,vflip", 6, "invalid filter name \"\""),
        ("[a hflip", 0, "unterminated label"),
        ("[]hflip", 0, "empty label"),
        ("[0:v]hflip[a]x", 13, "expected the end of a filter, found 'x'"),
        ("scale=w=1:2", 5, "the value \"2\" of scale has no name, but follows named options"),
        ("crop=(1]", 7, "expected the end of a filter, found ']'"),
        ("sws_flags=bicubic", 0, "unterminated sws_flags"),
        ("hflip;[x]vflip", 6, "no filter outputs [x]"),
    ] {
        let error = graph.parse::<Graph>().expect_err(graph);
        assert_eq!((error.offset, &*error.problem), (Some(offset), problem), "{graph}");
    }
}

#[test]
fn only_a_single_filter_without_labels_is_parsed_as_a_filter() {
    for text in ["", "hflip,vflip", "hflip;vflip", "[a]hflip", "hflip[a]", "scale=w=1:2", "sws_flags=x;hflip"]
    {
        assert!(text.parse::<Filter>().is_err(), "{text}");
    }
    let named: Filter = " hue@grey = h=1 : s=2 ".parse().unwrap();
    assert_eq!(named, Filter::new("hue").named("grey").opt("h", "1").opt("s", "2"));
}

#[test]
fn labels_can_be_reused_and_used_before_their_filter() {
    let again = "[0:v]hflip[t];[t]vflip[t];[t]negate[out]";
    let before = "[b]vflip[out];[0:v]hflip[b]";
    for (graph, printed) in
        [(again, "[0:v]hflip@n0,vflip@n1,negate@n2[v2]"), (before, "[0:v]hflip@n0,vflip@n1[v1]")]
    {
        assert_eq!(graph.parse::<Graph>().unwrap().to_string(), printed);
    }
}

#[test]
fn unlabelled_inputs_are_free_and_of_the_filters_kind() {
    let graph: Graph = "[1]overlay;amix=inputs=1".parse().unwrap();
    let inputs: Vec<&Source> = graph.nodes.iter().flat_map(|node| &node.inputs).collect();
    let free = |free| Source::Free { free };
    assert_eq!(inputs[1..], [&free(MediaKind::Video), &free(MediaKind::Audio)]);
}

#[test]
fn order_of_two_options_is_kept() {
    // The streams of the second map are unknown, so its options cannot move to one stream.
    for line in ["-i a -map 0 -c:v libx264 -c copy b", "-i a -map 0 -map 0:v -c copy -c:v:0 libx264 b"] {
        let args = Command::parse_line(line).unwrap().to_args().join(" ");
        let (first, second) = (args.find("-c:v").unwrap(), args.find("-c copy").unwrap());
        assert_eq!(first < second, line.find("-c:v") < line.find("-c copy"), "{args}");
    }
}

#[test]
fn options_that_a_target_sets_stay_after_it() {
    let before = "-i a -map 0:v -map 0:a -c:a copy -target pal-dvd b.mpg";
    let after = "-i a -map 0:v -map 0:a -target pal-vcd -c:a copy -f matroska b.mkv";
    for line in [before, after] {
        assert_eq!(Command::parse_line(line).unwrap().to_args().join(" "), line);
    }
    let format_before = Command::parse_line("-i a -f avi -target pal-dvd b.mpg").unwrap();
    assert_eq!(format_before.outputs[0].format, None);
}

#[test]
fn graphs_outside_of_the_model_stay_text() {
    for graph in [
        "[0:v][b]feedback[a][o];[a]negate[b]",
        "[0:v][o2]overlay[o];[o]split[o2][out]",
        // A generated name depends on the index of the filter.
        "[0:v]sendcmd=c='1 Parsed_hue_1 s 0',hue[o]",
        "[0:v]sendcmd=f=commands.txt,hue[o]",
        "[0:v]zmq,hue[o]",
    ] {
        let command =
            Command::parse(["-i", "a.mp4", "-filter_complex", graph, "-map", "[o]", "b.mp4"]).unwrap();
        assert!(command.graph.nodes.is_empty());
        assert_eq!(command.args[0].value.as_ref().unwrap().as_str(), graph);
        assert_eq!(Command::parse(command.to_args()).unwrap(), command);
    }
}

#[test]
fn graphs_with_commands_for_named_filters_are_parsed() {
    for graph in ["[0:v]sendcmd=c='1 hue s 0',hue[o]", "[0:v]sendcmd@a=f=c.txt,hue@b[o]"] {
        assert_eq!(graph.parse::<Graph>().unwrap().nodes.len(), 2);
    }
}

#[test]
fn graphs_of_one_command_are_linked() {
    let args = [
        "-i",
        "a",
        "-filter_complex",
        "[0:v]split[x][y]",
        "-filter_complex",
        "[y]hflip[z]",
        "-map",
        "[x]",
        "-map",
        "[z]",
        "b",
    ];
    assert_eq!(
        Command::parse(args).unwrap().to_args().join(" "),
        "-i a -filter_complex [0:v]split@n0[v0_0][v0_1];[v0_1]hflip@n1[v1] -map [v0_0] -map [v1] b"
    );
}

#[test]
fn a_graph_of_thousands_of_filters_is_parsed_quickly() {
    let chain: Vec<String> =
        (0..5000).map(|index| format!("[{index}:v]scale=2:2[x{index}];[x{index}]hflip")).collect();
    let graph: Graph = chain.join(";").parse().unwrap();
    assert_eq!(graph.nodes.len(), 10_000);
    assert_eq!(graph.to_string().parse::<Graph>().unwrap(), graph);
}

#[test]
fn built_commands_are_parsed_back() {
    let (film, logo) = (Input::new("film.mkv").seek(Time::from_secs(3)), Input::new("logo.png"));
    let video = film.video();
    let small = video.filter(Filter::new("scale").opt("w", "min(iw, 640)").opt("h", -2));
    let marked = Filter::new("overlay").opt("x", 24).on([small, logo.video()]).video();
    let command = Command::new([
        Output::new("film.mp4")
            .video(&marked, Codec::new("libx264").opt("crf", 21))
            .audio(film.audio(), "aac")
            .stream(OutputStream::new(film.nth::<Audio>(1)).metadata("title", "a=b").disposition("0"))
            .metadata("title", "it's")
            .faststart(),
        Output::new("still.png")
            .stream(OutputStream::new(&video).frames(1).filter(Filter::new("hue").opt("s", 0))),
        Output::new("all.mkv")
            .stream(OutputStream::all_of(&film, "s").optional().codec(Codec::copy()))
            .chapters(&film),
    ])
    .overwrite();
    assert_eq!(Command::parse(&command).unwrap(), command);
}

/// Valid words, in a mostly valid order.
fn words() -> impl Strategy<Value = Vec<String>> {
    let input = prop::sample::select(vec![
        "-i a",
        "-ss 1 -i a",
        "-t 0:01 -f lavfi -i b",
        "-c:v h264 -i c",
        "-noautorotate -i d",
        "-stream_loop 2 -i e",
    ]);
    let graph = prop::sample::select(vec![
        "",
        "",
        "-filter_complex hflip",
        "-filter_complex [0:v]hflip[x]",
        "-lavfi [0:v]split[x][y];[y]overlay",
        "-filter_complex [0]concat=a=1[x]",
        "-filter_complex sine[x]",
        "-filter_complex [b]vflip[x];[0:v]hflip[b]",
        "-filter_complex [0:v]scale=w=1:h='a, b'[x] -filter_complex [0:a]asplit=3",
    ]);
    let option = prop::sample::select(vec![
        "-map 0",
        "-map 0:v",
        "-map 0:v:0",
        "-map 0:a:1",
        "-map 0:a?",
        "-map -0:s",
        "-map 0:2",
        "-map 0:m:language:eng",
        "-c copy",
        "-c:v x",
        "-c:a:0 y",
        "-codec:1 z",
        "-vcodec w",
        "-c:a copy",
        "-b:v 1M",
        "-b 2M",
        "-ab 1k",
        "-q 3",
        "-qscale:a 4",
        "-r 25",
        "-r:v:0 30",
        "-vf scale=1:2",
        "-filter:v split[a][b];[a][b]hstack",
        "-filter hflip",
        "-filter:v:0 negate",
        "-af volume='1,5'",
        "-bsf:v a,b=c=1",
        "-bsf x",
        "-frames 3",
        "-vframes 1",
        "-frames:v oh",
        "-metadata a=b",
        "-metadata:s:v c=",
        "-metadata:s:a:0 d=e=f",
        "-metadata:s g=h",
        "-metadata:c:0 i=j",
        "-metadata:s:t:0 mimetype=k",
        "-attach l",
        "-disposition:v 0",
        "-disposition default",
        "-shortest",
        "-noshortest",
        "-an",
        "-t 1:02",
        "-to 5",
        "-ss 200ms",
        "-fs 1Ki",
        "-map_chapters 0",
        "-map_chapters -1",
        "-map_metadata:s:a 0:s:v",
        "-movflags +faststart",
        "-crf 20",
        "-crf:v 21",
        "-x:m:language:eng 5",
        "-f null",
        "-y",
        "-nostdin",
        "-v error",
    ]);
    let output = (
        prop::collection::vec(option, 0..12),
        prop::bool::ANY,
        prop::sample::select(vec!["o", "-", "-- -p"]),
    )
        .prop_map(|(options, takes, path)| (options, takes, path));
    (prop::collection::vec(input, 1..3), graph, prop::collection::vec(output, 1..3)).prop_map(
        |(inputs, graph, outputs)| {
            // Values of options contain blanks, and are a single word.
            let split = |words: &str| match words.split_once(' ') {
                Some((name, value)) if name == "-filter_complex" => value
                    .split(" -filter_complex ")
                    .flat_map(|graph| [name.to_owned(), graph.to_owned()])
                    .collect(),
                _ => words.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            };
            let mut words: Vec<String> = inputs.into_iter().flat_map(split).collect();
            words.extend(split(graph));
            for (index, (options, takes, path)) in outputs.into_iter().enumerate() {
                words.extend(options.into_iter().flat_map(split));
                if takes && index == 0 && graph.contains("[x]") {
                    words.extend(split("-map [x]"));
                }
                words.extend(split(path));
            }
            words
        },
    )
}

/// A filter's name, instance name and options.
type Parts = (String, Option<String>, Vec<(Option<String>, String)>);

fn filter((name, instance, mut options): Parts) -> Filter {
    // Options without names come first.
    options.sort_by_key(|(name, _)| name.is_some());
    let filter = Filter { instance, ..Filter::new(name) };
    options.into_iter().fold(filter, |filter, (name, value)| match name {
        Some(name) => filter.opt(name, value),
        None => filter.arg(value),
    })
}

fn filters() -> impl Strategy<Value = Vec<Filter>> {
    let option = (prop::option::of("[a-z_/.-]{1,5}"), r#"[a-c:'\\,;\[\]= \n\t=é%{}@]{0,8}"#);
    let options = prop::collection::vec(option, 0..5);
    let parts = ("[a-z0-9_]{1,8}", prop::option::of("[a-z0-9:]{1,5}"), options);
    prop::collection::vec(parts.prop_map(filter), 1..5)
}

proptest! {
    #[test]
    fn printed_commands_are_parsed_back(words in words()) {
        let command = Command::parse(&words).map_err(|error| TestCaseError::fail(format!("{words:?}: {error}")))?;
        let printed = command.to_args();
        let again = Command::parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed:?}: {error}")))?;
        prop_assert_eq!(&again, &command, "{:?}", printed);
        prop_assert_eq!(again.to_args(), printed);
    }

    #[test]
    fn any_values_are_parsed_back(filters in filters()) {
        let printed: Vec<String> = filters.iter().map(ToString::to_string).collect();
        let command = Command::parse(["-i", "a", "-map", "0:v", "-vf", &printed.join(","), "b"]).unwrap();
        prop_assert_eq!(&command.outputs[0].streams[0].filters, &filters);
    }

    #[test]
    fn no_input_panics(words in prop::collection::vec(r"(-?[a-z\[\]:;,='\\ 0-9]{0,12}|-map|-filter_complex|-i|-vf|-metadata:s:v)", 0..8), graph in r"[a-z\[\]:;,='\\ 0-9@é]{0,40}") {
        let _ = Command::parse(&words);
        let _ = Command::parse_line(&graph);
        let _ = graph.parse::<Graph>();
    }
}
