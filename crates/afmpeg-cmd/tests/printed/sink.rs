use afmpeg_cmd::{Filter, Input, Job, MediaKind, Output, OutputStream};

pub fn job() -> Job {
    let input0 = Input::new("in.mkv");
    let mut job = Job::new([
        Output::new("out.mkv")
            .stream(OutputStream::label("", MediaKind::Video))
            .stream(OutputStream::all_of(&input0, "a")),
    ]);
    job.graph.nodes = vec![
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
    job.outputs[0].streams[0].map = afmpeg_cmd::model::Map::Node { node: 2, pad: 0 };
    job
}
