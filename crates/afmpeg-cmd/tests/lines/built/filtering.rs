//! Filters of single streams.

use afmpeg_cmd::{
    Arg, Codec, Command, Filter, Input, MediaKind, Output, OutputStream,
    filters::{
        audio::{areverse, atempo},
        video::{
            ScaleForceOriginalAspectRatio, TransposeDir, drawtext, fps, pad, reverse, scale, setpts,
            subtitles, transpose,
        },
    },
    recipes::{ForceStyle, StyleField},
};

/// One input and one output, with filters for the selected video.
fn filtered(filters: impl IntoIterator<Item: Into<Filter>>) -> (Input, Output) {
    let video = filters.into_iter().fold(OutputStream::automatic(MediaKind::Video), OutputStream::filter);
    (Input::new("in.mp4"), Output::new("out.mp4").stream(video))
}

pub(super) fn small() -> Command {
    let (film, output) = filtered([scale().w(640).h(-2)]);
    Command::from_input([&film], [output])
}

pub(super) fn small_and_encoded() -> Command {
    let film = Input::new("in.mp4");
    let video = OutputStream::all_of(&film, "v")
        .codec(Codec::new("libx264").opt("b", "2M").opt("maxrate", "3M"))
        .filter(scale().w("min(1280,iw)").h(-2))
        .filter(fps().fps(30));
    let audio = OutputStream::all_of(&film, "a").optional().codec(Codec::copy());
    Command::new([Output::new("out.mp4").stream(video).stream(audio)])
}

pub(super) fn burnt_subtitles() -> Command {
    let style = ForceStyle::new().set(StyleField::FontSize, 24).set(StyleField::Outline, 1);
    let style = style.value().expect("its values are numbers").expect("it has fields");
    let subtitles = subtitles().filename("subs.srt").fontsdir("fonts").force_style(style);
    let (film, output) = filtered([subtitles]);
    let audio = OutputStream::automatic(MediaKind::Audio).codec(Codec::copy());
    Command::from_input([&film], [output.stream(audio)])
}

pub(super) fn time_in_the_picture() -> Command {
    let time =
        drawtext().fontfile("DejaVuSansMono.ttf").text("%{pts:hms}").x(10).y(10).fontsize(24).r#box(true);
    let (film, output) = filtered([time]);
    let audio = OutputStream::automatic(MediaKind::Audio).codec(Codec::copy());
    Command::from_input([&film], [output.stream(audio)])
}

pub(super) fn turned_around() -> Command {
    let (film, output) = filtered([reverse()]);
    Command::from_input(
        [&film],
        [output.stream(OutputStream::automatic(MediaKind::Audio).filter(areverse()))],
    )
}

pub(super) fn turned_by_a_quarter() -> Command {
    let (film, output) = filtered([transpose().dir(TransposeDir::Clock)]);
    Command::from_input([&film.with(Arg::flag("noautorotate"))], [output])
}

pub(super) fn with_bars() -> Command {
    let fit = scale().w(1280).h(720).force_original_aspect_ratio(ScaleForceOriginalAspectRatio::Decrease);
    let bars = pad().width(1280).height(720).x("(ow-iw)/2").y("(oh-ih)/2");
    let (film, output) = filtered([Filter::from(fit), bars.into()]);
    Command::from_input([&film], [output])
}

pub(super) fn twice_as_fast() -> Command {
    let film = Input::new("in.mp4");
    let video = film.video().filter(setpts().expr("0.5*PTS"));
    let audio = film.audio().filter(atempo().tempo(2));
    Command::new([Output::new("out.mp4").map(&video).map(&audio)])
}

pub(super) fn scalers_of_one_kind() -> Command {
    let film = Input::new("in.mp4");
    let small = film.video().filter(scale().w(64).h(64));
    let output = Output::new("out.mp4").map(&small).stream(OutputStream::automatic(MediaKind::Audio));
    let mut command = Command::new([output]).with(Arg::flag("copyts"));
    command.graph.sws_flags = Some("bicubic".to_owned());
    command
}
