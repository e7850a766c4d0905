use afmpeg_cmd::{Arg, Input, Job, MediaKind, Output, OutputStream};

pub fn job() -> Job {
    let input0 = Input::new("color").format("lavfi");
    let mut job = Job::from_input([&input0], [
        Output::new("out.mkv")
            .stream(OutputStream::label("o", MediaKind::Video)),
    ])
    .with(Arg::new("filter_complex", "[0:v][b]feedback[a][o];[a]drawtext=text=a\\\\:b[b]"));
    job.outputs[0].streams[0].kind = None;
    job
}
