use afmpeg_cmd::{Arg, Audio, Codec, Command, Filter, Input, Output, OutputStream};

pub fn command() -> Command {
    let input0 = Input::new("in.mkv");
    Command::new([
        Output::new("out.mkv")
            .stream(OutputStream::new(input0.video()).codec(Codec::copy().bitstream_filter(Filter::new("h264_metadata").opt("level", 4))).with(Arg::flag("copyinkf")).frames(100))
            .stream(OutputStream::new(input0.nth::<Audio>(1)).codec(Codec::new("aac").opt("b", "96k")).filter(Filter::new("volume").arg(2)).filter(Filter::new("atrim").arg(0).arg(1)))
            .stream(OutputStream::new(input0.subtitle()).codec(Codec::copy()).disposition("forced"))
            .no_chapters()
            .attach("a.ttf", "font/ttf"),
    ])
}
