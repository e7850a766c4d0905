use afmpeg_cmd::{Arg, Command, Input, MediaKind, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("color").format("lavfi");
    let mut command = Command::from_input([&input0], [
        Output::new("out.mkv")
            .stream(OutputStream::label("o", MediaKind::Video)),
    ])
    .with(Arg::new("filter_complex", "[0:v][b]feedback[a][o];[a]drawtext=text=a\\\\:b[b]"));
    command.outputs[0].streams[0].kind = None;
    command
}
