use afmpeg_cmd::{Codec, Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.mp4");
    let input2 = Input::new("logo.png");
    let pads0 = Filter::new("concat").opt("n", 2).opt("v", 1).opt("a", 1).on([input0.video().any(), input0.audio().any(), input1.video().any(), input1.audio().any()]).pads([MediaKind::Video, MediaKind::Audio]);
    let v1 = input2.stream::<Video>("v").filter(Filter::new("scale").opt("w", 120).opt("h", -1));
    let v2 = Filter::new("overlay").arg("W-w-10").arg(10).named("logo").on([pads0[0].clone(), v1.any()]).video();
    let v3 = v2.filter(Filter::new("format").arg("yuv420p"));
    let a4 = Filter::new("volume").arg("0.5").on([pads0[1].clone()]).audio();
    Command::new([
        Output::new("out.mp4")
            .stream(OutputStream::new(&v3).codec(Codec::new("libx264").opt("crf", 20)))
            .stream(OutputStream::new(&a4).codec("aac").metadata("language", "eng")),
    ])
}
