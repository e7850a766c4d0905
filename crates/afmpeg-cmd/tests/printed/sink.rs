use afmpeg_cmd::{Command, Filter, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    let mut command = Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::label("", MediaKind::Video))
            .stream(OutputStream::all_of(&input0, "a")),
    ]);
    command.graph.nodes = vec![
        afmpeg_cmd::model::Node {
            filter: Filter::new("split"),
            inputs: vec![afmpeg_cmd::model::Source::Input { input: 0, streams: "v".into() }],
            outputs: vec![MediaKind::Video, MediaKind::Video],
        },
        afmpeg_cmd::model::Node {
            filter: Filter::new("nullsink"),
            inputs: vec![afmpeg_cmd::model::Source::Node { node: 0, pad: 0 }],
            outputs: vec![],
        },
        afmpeg_cmd::model::Node {
            filter: Filter::new("hflip"),
            inputs: vec![afmpeg_cmd::model::Source::Node { node: 0, pad: 1 }],
            outputs: vec![MediaKind::Video],
        },
    ];
    command.outputs[0].streams[0].map = afmpeg_cmd::model::Map::Node { node: 2, pad: 0 };
    command
}
