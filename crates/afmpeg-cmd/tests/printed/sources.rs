use afmpeg_cmd::{Filter, Job, Output, OutputStream};

pub fn job() -> Job {
    let v0 = Filter::new("color").arg("red").opt("d", 1).source().video();
    let a1 = Filter::new("sine").opt("d", 1).source().audio();
    Job::new([
        Output::new("out.mkv")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::new(&a1)),
    ])
}
