use afmpeg_cmd::{Arg, Codec, Command, Filter, Input, MediaKind, Output, OutputStream, Video};

pub fn command() -> Command {
    let input0 = Input::new("a.mp4");
    let input1 = Input::new("b.png");
    let pads0 = Filter::new("split").arg(3).on([input0.stream::<Video>("v").any()]).pads([MediaKind::Video, MediaKind::Video, MediaKind::Video]);
    let v1 = Filter::new("overlay").on([pads0[0].clone()]).video();
    let v2 = Filter::new("showinfo").on([pads0[1].clone()]).video();
    let mut command = Command::from_input([&input0, &input1], [
        Output::new("a.mkv")
            .stream(OutputStream::new(&v1))
            .stream(OutputStream::automatic(MediaKind::Audio)),
        Output::new("b.mkv")
            .stream(OutputStream::new(&v2).codec("ffv1"))
            .stream(OutputStream::new(&pads0[2]).codec(Codec::copy())),
    ])
    .with(Arg::new("filter_threads", 2));
    command.graph.nodes[1].inputs.push(afmpeg_cmd::model::Source::Free { free: MediaKind::Video });
    command.graph.sws_flags = Some("bicubic".into());
    command
}
