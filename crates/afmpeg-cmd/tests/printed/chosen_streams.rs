use afmpeg_cmd::{Arg, Input, Job, Output, Time};

pub fn job() -> Job {
    let input0 = Input::new("in.mkv").seek(Time::from_micros(1500000));
    Job::from_input([&input0], [
        Output::new("out")
            .format("mp4")
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("b", "96k").on("a"))
            .arg("movflags", "+faststart")
            .no_video(),
    ])
    .overwrite()
}
