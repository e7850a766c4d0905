//! Conversion of commands to and from JSON.

use std::time::Duration;

use afmpeg_cmd::{Codec, Command, Filter, Input, Output, OutputStream};

fn command() -> Command {
    let film = Input::new("film.mkv").seek(Duration::from_millis(1_500)).arg("probesize", "1M");
    let logo = Input::new("logo.png");
    let marked = Filter::new("overlay").arg(10).opt("y", 20).on([film.video(), logo.video()]).video();
    Command::new([
        Output::new("film.mp4")
            .video(&marked, Codec::new("libx264").opt("crf", 21).bitstream_filter("h264_metadata"))
            .stream(
                OutputStream::new(film.audio())
                    .codec("aac")
                    .metadata("language", "deu")
                    .disposition("default"),
            )
            .stream(OutputStream::all_of(&film, "s").optional().codec("mov_text"))
            .chapters(&film)
            .metadata("title", "A film: \"1\"")
            .attach("a.ttf", "font/ttf")
            .faststart(),
        Output::null().map(&marked).shortest(),
    ])
    .overwrite()
}

#[test]
fn command_survives_a_round_trip_through_json() {
    let text = serde_json::to_string_pretty(&command()).unwrap();
    let read: Command = serde_json::from_str(&text).unwrap();
    assert_eq!(read, command());
    assert_eq!(read.to_args(), command().to_args());
}

#[test]
fn scaler_flags_are_kept_without_a_graph() {
    let mut command = Command::from_input([&Input::new("a.mp4")], [Output::new("b.mp4")]);
    command.graph.sws_flags = Some("lanczos".to_owned());
    let text = serde_json::to_string(&command).unwrap();
    assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
}

#[test]
fn json_may_omit_default_values() {
    let text = r#"{
        "inputs": [{ "path": "a.mp4", "seek": "1:00" }],
        "outputs": [{
            "path": "a.mp3",
            "streams": [{ "input": { "input": 0, "streams": "a:0" }, "codec": "libmp3lame" }]
        }]
    }"#;
    let command: Command = serde_json::from_str(text).unwrap();
    assert_eq!(command.to_args().join(" "), "-ss 60 -i a.mp4 -map 0:a:0 -c:a libmp3lame a.mp3");
}

#[test]
fn json_of_another_version_is_refused() {
    let error = serde_json::from_str::<Command>(r#"{ "version": 2, "outputs": [] }"#).unwrap_err();
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[test]
fn numbers_and_booleans_are_values_and_times() {
    let text = r#"{
        "inputs": [{ "path": "a.mp4", "duration": 2.5, "args": [
            { "name": "r", "value": 25 }, { "name": "x", "value": -0.5 }, { "name": "y", "value": true }
        ] }],
        "outputs": [{ "path": "b.mp4" }]
    }"#;
    let command: Command = serde_json::from_str(text).unwrap();
    assert_eq!(command.to_args().join(" "), "-t 2.5 -r 25 -x -0.5 -y 1 -i a.mp4 b.mp4");
}

#[test]
fn misspelt_json_is_refused_with_the_expected_names() {
    for (text, message) in [
        (r#"{ "outputs": [], "ouputs": [] }"#, "unknown field `ouputs`"),
        (
            r#"{ "outputs": [{ "path": "a", "lenght": 3 }] }"#,
            "unknown field `lenght`, expected one of `path`",
        ),
        (r#"{ "inputs": [{ "path": "a", "ss": 3 }], "outputs": [] }"#, "unknown field `ss`"),
        (
            r#"{ "inputs": [{ "path": "a", "seek": [] }], "outputs": [] }"#,
            "expected a time: a number of seconds",
        ),
        (
            r#"{ "args": [{ "name": "y", "value": {} }], "outputs": [] }"#,
            "expected a value: a text, a number",
        ),
        (
            r#"{ "graph": { "nodes": [{ "filter": { "name": "hflip" }, "inputs": ["0:v"], "outputs": [] }] },
                 "outputs": [] }"#,
            "expected a source: {\"input\": 0",
        ),
        (r#"{ "outputs": [{ "streams": [{ "codec": "aac" }] }] }"#, "expected one of `input`, `except`"),
        (
            r#"{ "outputs": [{ "streams": [{ "label": "a", "node": { "node": 0, "pad": 0 } }] }] }"#,
            "expected one of `input`, `except`",
        ),
        (r#"{ "outputs": [{ "streams": [{ "label": "a", "codecs": "aac" }] }] }"#, "unknown field `codecs`"),
    ] {
        let error = serde_json::from_str::<Command>(text).expect_err(text).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn pad_of_the_graph_needs_no_kind_for_its_options() {
    let json = r#"{
        "version": 1,
        "inputs": [{ "path": "a.mkv" }],
        "graph": { "nodes": [
            { "filter": { "name": "hflip" }, "inputs": [{ "input": 0, "streams": "v:0" }], "outputs": ["video"] }
        ] },
        "outputs": [{ "path": "b.mkv", "streams": [
            { "input": { "input": 0, "streams": "a" }, "codec": "aac" },
            { "node": { "node": 0, "pad": 0 }, "codec": "ffv1" }
        ] }]
    }"#;
    let command: Command = serde_json::from_str(json).unwrap();
    assert_eq!(command.problems(), []);
    assert!(command.to_args().join(" ").ends_with("-map 0:a -map [v0] -c:a aac -c:v ffv1 b.mkv"));
}
