//! Filters of single streams.

use afmpeg_cmd::{
    Arg, Codec, Filter, Input, Job, MediaKind, Output, OutputStream,
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

pub(super) fn small() -> Job {
    let (film, output) = filtered([scale().w(640).h(-2)]);
    Job::from_input([&film], [output])
}

pub(super) fn small_and_encoded() -> Job {
    let film = Input::new("in.mp4");
    let video = OutputStream::all_of(&film, "v")
        .codec(Codec::new("libx264").opt("b", "2M").opt("maxrate", "3M"))
        .filter(scale().w("min(1280,iw)").h(-2))
        .filter(fps().fps(30));
    let audio = OutputStream::all_of(&film, "a").optional().codec(Codec::copy());
    Job::new([Output::new("out.mp4").stream(video).stream(audio)])
}

pub(super) fn burnt_subtitles() -> Job {
    let style = ForceStyle::new().set(StyleField::FontSize, 24).set(StyleField::Outline, 1);
    let style = style.value().expect("its values are numbers").expect("it has fields");
    let subtitles = subtitles().filename("subs.srt").fontsdir("fonts").force_style(style);
    let (film, output) = filtered([subtitles]);
    let audio = OutputStream::automatic(MediaKind::Audio).codec(Codec::copy());
    Job::from_input([&film], [output.stream(audio)])
}

pub(super) fn time_in_the_picture() -> Job {
    let time =
        drawtext().fontfile("DejaVuSansMono.ttf").text("%{pts:hms}").x(10).y(10).fontsize(24).r#box(true);
    let (film, output) = filtered([time]);
    let audio = OutputStream::automatic(MediaKind::Audio).codec(Codec::copy());
    Job::from_input([&film], [output.stream(audio)])
}

pub(super) fn turned_around() -> Job {
    let (film, output) = filtered([reverse()]);
    Job::from_input([&film], [output.stream(OutputStream::automatic(MediaKind::Audio).filter(areverse()))])
}

pub(super) fn turned_by_a_quarter() -> Job {
    let (film, output) = filtered([transpose().dir(TransposeDir::Clock)]);
    Job::from_input([&film.with(Arg::flag("noautorotate"))], [output])
}

pub(super) fn with_bars() -> Job {
    let fit = scale().w(1280).h(720).force_original_aspect_ratio(ScaleForceOriginalAspectRatio::Decrease);
    let bars = pad().width(1280).height(720).x("(ow-iw)/2").y("(oh-ih)/2");
    let (film, output) = filtered([Filter::from(fit), bars.into()]);
    Job::from_input([&film], [output])
}

pub(super) fn twice_as_fast() -> Job {
    let film = Input::new("in.mp4");
    let video = film.video().filter(setpts().expr("0.5*PTS"));
    let audio = film.audio().filter(atempo().tempo(2));
    Job::new([Output::new("out.mp4").map(&video).map(&audio)])
}

pub(super) fn scalers_of_one_kind() -> Job {
    let film = Input::new("in.mp4");
    let small = film.video().filter(scale().w(64).h(64));
    let output = Output::new("out.mp4").map(&small).stream(OutputStream::automatic(MediaKind::Audio));
    let mut job = Job::new([output]).with(Arg::flag("copyts"));
    job.graph.sws_flags = Some("bicubic".to_owned());
    job
}
