use afmpeg_cmd::{Arg, Command, Input, Output, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv").seek(Time::from_micros(1500000));
    Command::from_input([&input0], [
        Output::new("out")
            .format("mp4")
            .with(Arg::new("c", "libx264").on("v"))
            .with(Arg::new("b", "96k").on("a"))
            .arg("movflags", "+faststart")
            .no_video(),
    ])
    .overwrite()
}
