use afmpeg_cmd::{Command, Filter, Output, OutputStream};

pub fn command() -> Command {
    let v0 = Filter::new("color").arg("red").opt("d", 1).source().video();
    let a1 = Filter::new("sine").opt("d", 1).source().audio();
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::new(&v0))
            .stream(OutputStream::new(&a1)),
    ])
}
