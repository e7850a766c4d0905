use crate::facade::cmd::{Command, Filter, Input, MediaKind, Output, OutputStream, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    let mut command = Command::from_input([&input0], [
        Output::new("out.mkv")
            .stream(OutputStream::label("", MediaKind::Video))
            .duration(Time::from_micros(1500000)),
    ]);
    command.graph.nodes = vec![
        crate::facade::cmd::model::Node {
            filter: Filter::new("split"),
            inputs: vec![crate::facade::cmd::model::Source::Input { input: 0, streams: "v".into() }],
            outputs: vec![MediaKind::Video, MediaKind::Video],
        },
        crate::facade::cmd::model::Node {
            filter: Filter::new("nullsink"),
            inputs: vec![crate::facade::cmd::model::Source::Node { node: 0, pad: 0 }],
            outputs: vec![],
        },
        crate::facade::cmd::model::Node {
            filter: Filter::new("hflip"),
            inputs: vec![crate::facade::cmd::model::Source::Node { node: 0, pad: 1 }],
            outputs: vec![MediaKind::Video],
        },
    ];
    command.outputs[0].streams[0].map = crate::facade::cmd::model::Map::Node { node: 2, pad: 0 };
    command
}
