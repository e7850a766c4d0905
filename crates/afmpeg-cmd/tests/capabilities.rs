//! Checks of commands against a module. The listing is an excerpt of a real module's.

use afmpeg_cmd::{
    Capabilities, Codec, Command, Component, ComponentKind, Filter, Input, MediaKind, Output,
    check::{Place, ProblemKind},
};

/// Returns the capabilities of a module with these components and no others.
fn excerpt(components: serde_json::Value) -> Capabilities {
    let mut listing = serde_json::to_value(Capabilities::default()).expect("plain data");
    for (name, value) in components.as_object().expect("lists by name") {
        match value.as_object() {
            Some(lists) => lists.iter().for_each(|(kind, list)| listing[name][kind] = list.clone()),
            None => listing[name] = value.clone(),
        }
    }
    serde_json::from_value(listing).expect("a valid listing")
}

fn module() -> Capabilities {
    let pad = |kind: &str| serde_json::json!({ "name": "default", "type": kind });
    let (video, audio) = (pad("video"), pad("audio"));
    let filter = |name: &str,
                  inputs: &[&serde_json::Value],
                  outputs: &[&serde_json::Value],
                  flags: &[&str]| {
        let options = serde_json::json!([
            { "name": "n", "type": "int", "range": { "min": 1, "max": 10 } },
            { "name": "mode", "type": "int", "range": { "min": -1, "max": 1 },
              "constants": [{ "name": "soft", "value": 0 }, { "name": "hard", "value": 1 }] },
            { "name": "expr", "type": "string" },
        ]);
        serde_json::json!({ "name": name, "inputs": inputs, "outputs": outputs, "flags": flags, "options": options })
    };
    let listing = serde_json::json!({
        "filters": [
            filter("hflip", &[&video], &[&video], &["timeline_generic"]),
            filter("volume", &[&audio], &[&audio], &[]),
            filter("overlay", &[&video, &video], &[&video], &[]),
            { "name": "drawtext", "inputs": [video], "outputs": [video], "flags": [],
              "options": [{ "name": "fontfile", "type": "string" }, { "name": "text", "type": "string" }] },
            { "name": "split", "inputs": [video], "outputs": [], "flags": ["dynamic_outputs"],
              "options": [{ "name": "outputs", "type": "int", "range": { "min": 1, "max": null } }] },
        ],
        "encoders": [
            { "name": "libopenh264", "type": "video", "codec": "h264", "options": [] },
            { "name": "aac", "type": "audio", "codec": "aac", "options": [] },
        ],
        "muxers": [{ "names": ["mp4"], "options": [] }],
        "demuxers": [{ "names": ["mov", "mp4"], "options": [] }],
        "bitstream_filters": [],
        "generic": {
            "codec": [{ "name": "b", "type": "int64", "range": { "min": 0, "max": null } }],
            "filter": [{ "name": "threads", "type": "int", "range": { "min": 0, "max": 64 } }],
        },
    });
    excerpt(listing)
}

fn kinds(command: &Command) -> Vec<(Place, ProblemKind)> {
    command
        .problems_with_capabilities(&module())
        .into_iter()
        .map(|problem| (problem.place, problem.kind))
        .collect()
}

#[test]
fn filters_take_subtitles_of_an_input_as_video() {
    let check = |graph: &str| {
        let command = Command::parse(["-i", "a.mkv", "-filter_complex", graph, "-an", "b.mp4"]).unwrap();
        kinds(&command).into_iter().map(|(_, kind)| kind).collect::<Vec<_>>()
    };
    assert_eq!(check("[0:v][0:s:0]overlay"), []);
    let refused = ProblemKind::WrongPad { pad: 0, expected: MediaKind::Audio, found: MediaKind::Subtitle };
    assert_eq!(check("[0:s:0]volume"), [refused]);
}

#[test]
fn options_of_selected_streams_are_checked() {
    use MediaKind::{Audio, Video};

    let lacks = |kind, name: &str| ProblemKind::Lacks { kind, name: name.to_owned(), suggestion: None };
    for (options, found) in [
        ("-c:v zzz", vec![lacks("encoder", "zzz")]),
        ("-bsf:a zzz", vec![lacks("bitstream filter", "zzz")]),
        ("-vf zzz", vec![lacks("filter", "zzz")]),
        ("-c:v aac", vec![ProblemKind::WrongEncoder { codec: "aac".into(), expected: Video, found: Audio }]),
        ("-vf volume", vec![ProblemKind::WrongPad { pad: 0, expected: Audio, found: Video }]),
        ("-map 0:a -af hflip", vec![ProblemKind::WrongPad { pad: 0, expected: Video, found: Audio }]),
        ("-vf overlay", vec![ProblemKind::WrongArity { pads: "inputs", expected: 2, found: 1 }]),
        ("-c:v libopenh264 -b:v 1M -vf hflip,hflip -c:a aac -af volume", vec![]),
        ("-vf split,overlay -c:s copy", vec![]),
    ] {
        let command = Command::parse_line(&format!("-i a.mp4 {options} b.mp4")).unwrap();
        let kinds: Vec<_> = kinds(&command).into_iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds, found, "{options}");
    }
}

#[test]
fn components_of_the_module_are_accepted() {
    let clip = Input::new("a.mp4").format("mov");
    let video =
        clip.video().filter(Filter::new("hflip").opt("mode", "soft").enable("gte(t,1)").opt("threads", 2));
    let video = Filter::new("overlay").opt("n", "2*5").on([&video, &clip.video()]).video();
    let command = Command::new([Output::new("b.mp4")
        .video(&video, Codec::new("h264").opt("b", "1M"))
        .audio(&clip, "aac")
        .format("mp4")]);
    assert_eq!(kinds(&command), []);
}

#[test]
fn names_options_values_and_pads_are_checked() {
    let clip = Input::new("a.mp4");
    let loud = Filter::new("volume").opt("moed", 1).opt("n", 11).enable(1).on([clip.video()]).audio();
    let alone = Filter::new("overlay").opt("mode", "hart").on([clip.video()]).audio();
    let command = Command::new([Output::new("b.mp4")
        .audio(&loud, "libx264")
        .audio(&alone, "libopenh264")
        .format("mp5")]);
    let (node, stream) = (Place::Node, |stream| Place::Stream { output: 0, stream });
    let name = |name: &str| name.to_owned();
    let (video, audio) = (MediaKind::Video, MediaKind::Audio);
    assert_eq!(
        kinds(&command),
        [
            // Node 0 is the split that both read from.
            (
                node(1),
                ProblemKind::NoOption {
                    of: Component::new(ComponentKind::Filter, "volume"),
                    option: name("moed"),
                    suggestion: Some(name("mode"))
                }
            ),
            (node(1), ProblemKind::BadValue { option: name("n"), value: name("11"), allowed: name("1..10") }),
            (node(1), ProblemKind::NoTimeline),
            (node(1), ProblemKind::WrongPad { pad: 0, expected: audio, found: video }),
            (
                node(2),
                ProblemKind::BadValue {
                    option: name("mode"),
                    value: name("hart"),
                    allowed: name("soft, hard")
                }
            ),
            (node(2), ProblemKind::WrongArity { pads: "inputs", expected: 2, found: 1 }),
            (node(2), ProblemKind::WrongPadOut { pad: 0, expected: audio, found: video }),
            (
                Place::Output(0),
                ProblemKind::Lacks { kind: "muxer", name: name("mp5"), suggestion: Some(name("mp4")) }
            ),
            (stream(0), ProblemKind::Lacks { kind: "encoder", name: name("libx264"), suggestion: None }),
            (
                stream(1),
                ProblemKind::WrongEncoder { codec: name("libopenh264"), expected: audio, found: video }
            ),
        ]
    );
    let hints: Vec<_> =
        command.problems_with_capabilities(&module()).iter().map(|problem| problem.hint()).collect();
    assert!(hints.iter().any(|hint| hint == "use the gpl variant of the module, which has it"));
}

#[test]
fn hint_for_a_misspelt_name_has_the_intended_one_and_a_place_that_lists_all() {
    let clip = Input::new("a.mp4");
    let text = clip.video().filter(Filter::new("drawtext").opt("fontfil", "a.ttf"));
    let command = Command::new([Output::new("b.mp4").video(&text, "libopenh246").audio(clip.audio(), "acc")]);
    let problems = command.problems_with_capabilities(&module());
    let found: Vec<String> =
        problems.iter().map(|problem| format!("{problem}; {}", problem.hint())).collect();
    let missing = |kind, name: &str| ProblemKind::Lacks { kind, name: name.to_owned(), suggestion: None };
    assert_eq!(
        found,
        [
            "node 0 (drawtext): it has no option \"fontfil\"; did you mean `fontfile`? Otherwise, choose one of the \
             options of `Capabilities::filter(\"drawtext\")`, which `afmpeg capabilities filter drawtext` lists",
            "node 0 (drawtext): it has no font, and cannot find one; set its option `fontfile` to the path of a font on \
             the job's filesystem",
            "stream 0 of output 0 (b.mp4): the module has no encoder \"libopenh246\"; did you mean `libopenh264`? \
             Otherwise, choose one of `Capabilities::encoders`, which `afmpeg capabilities encoders` lists",
            "stream 1 of output 0 (b.mp4): the module has no encoder \"acc\"; did you mean `aac`? Otherwise, choose one \
             of `Capabilities::encoders`, which `afmpeg capabilities encoders` lists",
        ]
    );
    assert_eq!(
        missing("bitstream filter", "zzz").hint(),
        "choose one of `Capabilities::bitstream_filters`, which `afmpeg capabilities bitstream-filters` lists"
    );
}

#[test]
fn problem_of_a_filter_between_a_stream_and_its_encoder_names_the_filter() {
    let line = "-i a.mp4 -map 0:v:0 -filter:v:0 hflip=moed=1 -bsf:v:0 null=moed=1 b.mp4";
    let mut module = module();
    module.bitstream_filters = serde_json::from_value(serde_json::json!([{ "name": "null" }])).unwrap();
    let problems = Command::parse_line(line).unwrap().problems_with_capabilities(&module);
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "stream 0 of output 0 (hflip): it has no option \"moed\"",
            "stream 0 of output 0 (null): it has no option \"moed\"",
        ]
    );
    let command = "`afmpeg capabilities bitstream-filter null`";
    assert!(problems[1].hint().contains(command), "{}", problems[1].hint());
}

/// A module with all kinds of components whose options FFmpeg accepts.
fn whole_module() -> Capabilities {
    let option = |name: &str| serde_json::json!({ "name": name, "type": "string" });
    let listing = serde_json::json!({
        "encoders": [{ "name": "libx264", "type": "video", "codec": "h264", "options": [option("preset"), option("tune")] }],
        "decoders": [{ "name": "h264", "type": "video", "codec": "h264", "options": [option("enable_er")] }],
        "muxers": [{ "names": ["mp4"], "options": [option("movflags")] }],
        "demuxers": [{ "names": ["image2"], "options": [option("pattern_type")] }],
        "protocols": [{ "name": "file", "input": true, "output": true, "options": [option("blocksize")] }],
        "generic": {
            "codec": [option("b"), option("profile")], "format": [option("probesize")],
            "scaler": [option("sws_flags")], "resampler": [option("dither_scale")],
        },
    });
    excerpt(listing)
}

#[test]
fn missing_encoder_is_reported_without_its_options() {
    let lacks =
        |kind: &'static str, name: &str| ProblemKind::Lacks { kind, name: name.to_owned(), suggestion: None };
    let problems = |options: &str| -> Vec<ProblemKind> {
        let command = Command::parse_line(&format!("-i a.mp4 {options} b.mp4")).unwrap();
        let found = command.problems_with_capabilities(&whole_module());
        found.into_iter().map(|problem| problem.kind).collect()
    };
    let encoder = lacks("encoder", "libfuture");
    for options in [
        "-map 0:v:0 -c:v libfuture -fuel:v sun",
        "-c:v libfuture -fuel:v sun",
        "-c:v libfuture -fuel sun",
        "-c libfuture -fuel:v sun",
    ] {
        assert_eq!(problems(options), std::slice::from_ref(&encoder), "{options}");
    }
    // An option for other streams is not one of the missing encoder.
    assert_eq!(problems("-c:v libfuture -fuel:a sun"), [lacks("option", "fuel"), encoder]);
}

#[test]
fn unknown_options_are_reported_with_a_suggestion() {
    let line = "-hide_banner -noautorotate -enable_er 1 -pattern_type none -blocksize 4k -probesiez 1M -i a.mp4 \
                -map 0:v:0 -c:v libx264 -presett:v fast -tune:v film -vprofile high -sws_flags lanczos -shortets 1 b.mp4";
    let command = Command::parse(line.split_whitespace()).unwrap();
    let lacks = |name: &str, suggestion: &str| ProblemKind::Lacks {
        kind: "option",
        name: name.to_owned(),
        suggestion: Some(suggestion.to_owned()),
    };
    let found = command.problems_with_capabilities(&whole_module());
    assert_eq!(
        found.iter().map(|problem| (problem.place, problem.kind.clone())).collect::<Vec<_>>(),
        [
            (Place::Input(0), lacks("probesiez", "probesize")),
            (Place::Output(0), lacks("shortets", "shortest")),
            (Place::Stream { output: 0, stream: 0 }, lacks("presett", "preset")),
        ]
    );
    assert!(
        found[2].hint().starts_with("did you mean `preset`? Otherwise, use a module"),
        "{}",
        found[2].hint()
    );
    // An incomplete listing does not prove that an option is missing.
    assert!(
        command
            .problems_with_capabilities(&Capabilities::default())
            .iter()
            .all(|problem| problem.kind != found[0].kind)
    );
}

#[test]
fn text_without_a_font_is_reported_without_fontconfig() {
    let kinds_of = |filter: Filter, module: &Capabilities| {
        let command = Command::new([Output::new("b.mp4").map(Input::new("a.mp4").video().filter(filter))]);
        command.problems_with_capabilities(module).into_iter().map(|problem| problem.kind).collect::<Vec<_>>()
    };
    let text = || Filter::new("drawtext").opt("text", "A");
    assert_eq!(kinds_of(text(), &module()), [ProblemKind::NoFont]);
    assert_eq!(kinds_of(text().opt("fontfile", "a.ttf"), &module()), []);
    let unnamed = Command::parse_line("ffmpeg -i a.mp4 -filter_complex drawtext=a.ttf:A b.mp4").unwrap();
    assert_eq!(kinds(&unnamed), []);
    let finding = serde_json::json!({
        "filters": [{
            "name": "drawtext",
            "inputs": [{ "name": "default", "type": "video" }],
            "outputs": [{ "name": "default", "type": "video" }],
            "flags": [],
            "options": [{ "name": "font", "type": "string" }, { "name": "text", "type": "string" }],
        }],
    });
    assert_eq!(kinds_of(text(), &excerpt(finding)), []);
}
