use afmpeg_cmd::{Arg, Audio, Codec, Command, Input, Output, OutputStream, Time};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv").duration(Time::from_secs(10)).repeat_for_ever();
    let input1 = Input::new("b.mkv").seek_before_end(Time::from_secs(5)).offset(Time::from_micros(250000));
    let mut command = Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::all_of(&input0, "v"))
            .stream(OutputStream::new(input0.nth::<Audio>(1)))
            .stream(OutputStream::all_of(&input1, "s").optional())
            .stream(OutputStream::all_of(&input0, "3"))
            .max_bytes(5000000)
            .shortest()
            .chapters(&input1)
            .metadata_of("c:0", "title", "Intro")
            .metadata("title", "It's")
            .attach("a.ttf", "")
            .copy_all()
            .with(Arg::new("bsf", "null").on("0"))
            .with(Arg::flag("copyinkf").on("0")),
        Output::new("all.mkv")
            .stream(OutputStream::all_of(&input0, "").codec(Codec::copy()))
            .stream(OutputStream::except(&input0, "d"))
            .duration(Time::from_secs(5)),
    ])
    .with(Arg::flag("hide_banner"));
    command.inputs[1].repeats = Some(-2);
    command.outputs[0].attachments[0].mime_type = None;
    command
}
