//! Command lines as people write them: what they become, and that they are read as they were meant.

mod lines;

use afmpeg_cmd::{
    Audio, Codec, Filter, Input, Job, MediaKind, Output, OutputStream, Time,
    model::{Graph, Source},
};
use lines::LINES;
use proptest::prelude::*;

#[test]
fn lines_become_jobs_in_their_usual_form() {
    for (what, line, usual) in LINES {
        let job = Job::parse_line(line).unwrap_or_else(|error| panic!("{what}: {error}"));
        let usual = if usual.is_empty() { line.strip_prefix("ffmpeg ").unwrap() } else { usual };
        assert_eq!(job.to_args().join(" "), *usual, "{what}");
    }
}

#[test]
fn what_is_printed_is_the_same_job() {
    for (what, line, _) in LINES {
        let job = Job::parse_line(line).unwrap();
        assert_eq!(Job::parse(job.to_args()).unwrap(), job, "{what}");
        let json = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&json).unwrap(), job, "{what}");
    }
}

#[test]
fn wrong_lines_are_refused_where_they_are_wrong() {
    for (line, index, token, problem) in [
        ("-i a.mp4", 2, "", "there is no output"),
        ("-i", 0, "-i", "nothing follows it"),
        ("a.mp4 -crf", 1, "-crf", "nothing follows it"),
        ("-i a.mp4 b.mp4 -t 5", 4, "5", "-t stands behind the last file"),
        ("-re a.mp4", 0, "re", "-re is for an input, and stands before an output"),
        ("-atag mp4a -i a.mp4 b.mp4", 1, "mp4a", "-tag is for an output, and stands before an input"),
        ("-shortest -i a.mp4 b.mp4", 0, "shortest", "-shortest is for an output, and stands before an input"),
        ("-i a.mp4 -t soon b.mp4", 3, "soon", "it is no time duration"),
        ("-i a.mp4 -map x b.mp4", 3, "x", "it names no input"),
        ("-i a.mp4 -map 0:video b.mp4", 3, "0:video", "\"video\" is no stream specifier"),
        (
            "-i a.mp4 -map 0:m:language:deu? b.mp4",
            3,
            "0:m:language:deu?",
            "its question mark is part of what the metadata is to be",
        ),
        ("-i a.mp4 -map 1 b.mp4", 3, "1", "there is no input 1"),
        ("-i a.mp4 -map [x] b.mp4", 3, "[x]", "no graph leaves a pad [x] to take"),
        ("-i a.mp4 -map 0:0,0:1 b.mp4", 3, "0:0,0:1", "\"0,0:1\" is no stream specifier"),
        ("-i a.mp4 -map_chapters 3 b.mp4", 3, "3", "there is no input 3"),
        ("-i a.mp4 -metadata title b.mp4", 3, "title", "it has no equals sign"),
        ("-i a.mp4 -psnr -y b.mp4", 2, "-psnr", "FFmpeg has this option no more"),
        ("-i a.mp4 -vsync 0 b.mp4", 2, "-vsync", "FFmpeg has this option no more"),
        ("-version", 0, "-version", "it asks FFmpeg something, and makes nothing"),
        ("-i a.mp4 -vcodec:v x b.mp4", 2, "-vcodec:v", "-vcodec is for streams of one kind already"),
        ("-i a.mp4 -filter_complex [1:v]hflip b.mp4", 3, "[1:v]hflip", "there is no input 1"),
        ("-i a.mp4 -filter_complex [x]hflip b.mp4", 3, "[x]hflip", "nothing makes [x] for this filter"),
        (
            "ffmpeg -i a.mp4 b.mp4 </dev/null",
            4,
            "</dev/null",
            "it is the shell's, and no part of the command",
        ),
        ("ffmpeg -i a.mp4 - >b.mp4", 4, ">b.mp4", "it is the shell's, and no part of the command"),
        ("time ffmpeg -i a.mp4 b.mp4", 0, "time", "it is the shell's, and no part of the command"),
        ("$ ffmpeg -i a.mp4 b.mp4", 0, "$", "it is the shell's, and no part of the command"),
        ("ffmpeg -i a.mp4 b.mp4 2>&1", 4, "2>&1", "it is the shell's, and no part of the command"),
        ("ffmpeg -i 'a.mp4", 0, "ffmpeg -i 'a.mp4", "a quote has no end"),
    ] {
        let error = Job::parse_line(line).expect_err(line);
        assert_eq!((error.index, &*error.token, &*error.problem), (index, token, problem), "{line}");
        assert!(!error.hint.is_empty(), "{line}");
    }
}

#[test]
fn streams_are_mapped_by_everything_that_they_have() {
    for (line, usual) in [
        // A program is many streams: what is said of all of them is not said of the first.
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
        let job = Job::parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(job.to_args().join(" "), usual);
        assert_eq!(Job::parse(job.to_args()).unwrap(), job, "{line}");
    }
}

#[test]
fn streams_by_their_metadata_can_be_missing() {
    let film = Input::new("a.mkv");
    let german = OutputStream::all_of(&film, "m:language:deu").optional();
    let job = Job::new([Output::new("b.mkv").stream(german)]);
    assert_eq!(job.to_args()[2..4], ["-map", "0:m:language:deu:?"]);
}

#[test]
fn numbers_have_prefixes_and_times_have_units() {
    for (line, usual) in [
        ("-i a -fs 10MiB b", "-i a -fs 83886080 b"),
        ("-i a -fs 1.5M b", "-i a -fs 1500000 b"),
        ("-stream_loop 0x2 -i a -frames:v 1e1 -map 0:v b", "-stream_loop 2 -i a -map 0:v -frames:v 10 b"),
        ("-itsoffset +0.5 -i a -t 00:00:01.5s b", "-itsoffset 0.5 -i a -t 1.5 b"),
    ] {
        assert_eq!(Job::parse_line(line).unwrap().to_args().join(" "), usual, "{line}");
    }
}

#[test]
fn wrong_graphs_are_refused_where_they_are_wrong() {
    for (graph, offset, problem) in [
        ("", 0, "there is no filter"),
        ("hflip,,vflip", 6, "\"\" is no filter's name"),
        ("[a hflip", 0, "a label has no end"),
        ("[]hflip", 0, "a label is empty"),
        ("[0:v]hflip[a]x", 13, "a filter does not end before 'x'"),
        ("scale=w=1:2", 5, "\"2\" of scale has no name, and stands behind some that have"),
        ("crop=(1]", 7, "a filter does not end before ']'"),
        ("sws_flags=bicubic", 0, "sws_flags have no end"),
        ("hflip;[x]vflip", 6, "nothing makes [x] for this filter"),
    ] {
        let error = graph.parse::<Graph>().expect_err(graph);
        assert_eq!((error.offset, &*error.problem), (Some(offset), problem), "{graph}");
    }
}

#[test]
fn labels_can_be_used_again_and_before_they_are_made() {
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
fn the_later_of_two_options_stays_behind_the_earlier() {
    // All that the second map brings is unknown, so that none of it can be said of one stream.
    for line in ["-i a -map 0 -c:v libx264 -c copy b", "-i a -map 0 -map 0:v -c copy -c:v:0 libx264 b"] {
        let args = Job::parse_line(line).unwrap().to_args().join(" ");
        let (first, second) = (args.find("-c:v").unwrap(), args.find("-c copy").unwrap());
        assert_eq!(first < second, line.find("-c:v") < line.find("-c copy"), "{args}");
    }
}

#[test]
fn what_a_target_sets_can_be_set_behind_it_alone() {
    let before = "-i a -map 0:v -map 0:a -c:a copy -target pal-dvd b.mpg";
    let behind = "-i a -map 0:v -map 0:a -target pal-vcd -c:a copy -f matroska b.mkv";
    for line in [before, behind] {
        assert_eq!(Job::parse_line(line).unwrap().to_args().join(" "), line);
    }
    let format_before = Job::parse_line("-i a -f avi -target pal-dvd b.mpg").unwrap();
    assert_eq!(format_before.outputs[0].format, None);
}

#[test]
fn graphs_that_the_model_cannot_say_stay_text() {
    for graph in [
        "[0:v][b]feedback[a][o];[a]negate[b]",
        "[0:v][o2]overlay[o];[o]split[o2][out]",
        // A name of FFmpeg's own is lost with a filter's place.
        "[0:v]sendcmd=c='1 Parsed_hue_1 s 0',hue[o]",
        "[0:v]sendcmd=f=commands.txt,hue[o]",
        "[0:v]zmq,hue[o]",
    ] {
        let job = Job::parse(["-i", "a.mp4", "-filter_complex", graph, "-map", "[o]", "b.mp4"]).unwrap();
        assert!(job.graph.nodes.is_empty());
        assert_eq!(job.args[0].value.as_ref().unwrap().as_str(), graph);
        assert_eq!(Job::parse(job.to_args()).unwrap(), job);
    }
}

#[test]
fn commands_for_filters_by_their_own_names_leave_a_graph_whole() {
    for graph in ["[0:v]sendcmd=c='1 hue s 0',hue[o]", "[0:v]sendcmd@a=f=c.txt,hue@b[o]"] {
        assert_eq!(graph.parse::<Graph>().unwrap().nodes.len(), 2);
    }
}

#[test]
fn graphs_of_one_command_take_from_each_other() {
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
        Job::parse(args).unwrap().to_args().join(" "),
        "-i a -filter_complex [0:v]split@n0[v0_0][v0_1];[v0_1]hflip@n1[v1] -map [v0_0] -map [v1] b"
    );
}

#[test]
fn a_graph_of_thousands_is_read_at_once() {
    let chain: Vec<String> =
        (0..5000).map(|index| format!("[{index}:v]scale=2:2[x{index}];[x{index}]hflip")).collect();
    let graph: Graph = chain.join(";").parse().unwrap();
    assert_eq!(graph.nodes.len(), 10_000);
    assert_eq!(graph.to_string().parse::<Graph>().unwrap(), graph);
}

#[test]
fn what_builders_make_is_read_back() {
    let (film, logo) = (Input::new("film.mkv").seek(Time::from_secs(3)), Input::new("logo.png"));
    let video = film.video();
    let small = video.filter(Filter::new("scale").opt("w", "min(iw, 640)").opt("h", -2));
    let marked = Filter::new("overlay").opt("x", 24).on([small, logo.video()]).video();
    let job = Job::new([
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
    assert_eq!(Job::parse(&job).unwrap(), job);
}

/// Words that mean something, in an order that mostly does.
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
            // A label has no blanks around it, but a value has: it is all one word.
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

/// A filter's name, what it is called, and its options.
type Parts = (String, Option<String>, Vec<(Option<String>, String)>);

fn filter((name, instance, mut options): Parts) -> Filter {
    // Those without names come first.
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
    fn parsing_what_was_printed_gives_the_same(words in words()) {
        let job = Job::parse(&words).map_err(|error| TestCaseError::fail(format!("{words:?}: {error}")))?;
        let printed = job.to_args();
        let again = Job::parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed:?}: {error}")))?;
        prop_assert_eq!(&again, &job, "{:?}", printed);
        prop_assert_eq!(again.to_args(), printed);
    }

    #[test]
    fn values_are_read_back_whatever_is_in_them(filters in filters()) {
        let printed: Vec<String> = filters.iter().map(ToString::to_string).collect();
        let job = Job::parse(["-i", "a", "-map", "0:v", "-vf", &printed.join(","), "b"]).unwrap();
        prop_assert_eq!(&job.outputs[0].streams[0].filters, &filters);
    }

    #[test]
    fn nothing_makes_it_panic(words in prop::collection::vec(r"(-?[a-z\[\]:;,='\\ 0-9]{0,12}|-map|-filter_complex|-i|-vf|-metadata:s:v)", 0..8), graph in r"[a-z\[\]:;,='\\ 0-9@é]{0,40}") {
        let _ = Job::parse(&words);
        let _ = Job::parse_line(&graph);
        let _ = graph.parse::<Graph>();
    }
}
