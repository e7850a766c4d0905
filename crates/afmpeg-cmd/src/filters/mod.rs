//! Typed FFmpeg filters: a function for each filter, a method for each of its options, by FFmpeg's own names.
//!
//! ```
//! use afmpeg_cmd::{Input, filters::{audio::amix, mixed::showwaves, source::color, video::{overlay, scale, xfade}}};
//! use afmpeg_cmd::filters::video::XfadeTransition;
//! use std::time::Duration;
//!
//! let (film, next, logo) = (Input::new("film.mp4"), Input::new("next.mp4"), Input::new("logo.png"));
//! let small = film.video().filter(scale().w(1280).h(-2));
//! let marked = overlay().x("W-w-24").y(24).enable("between(t,1,4)").on(&small, &logo.video());
//! let slide = xfade().transition(XfadeTransition::Slideleft).duration(Duration::from_millis(500));
//! let slid = slide.on(&marked, &next.video());
//! let mixed = amix().normalize(false).on([film.audio(), next.audio()]);
//! let picture = showwaves().size("640x120").on(&mixed);
//! let black = color().color("black").size("1280x720").stream();
//! ```
//!
//! - [`video`] and [`audio`] have filters with inputs and outputs of that kind, [`source`] has filters without inputs,
//!   and [`mixed`] filters with several kinds of streams. Sinks are left out.
//! - An option with several names has a method by the first; the others are in its documentation. Names that are not
//!   valid in Rust are adapted: `r#loop`, `_0m` for `0m`.
//! - `opt` sets values outside of a method's type, such as an expression for a number. Ranges are documented, not
//!   checked.
//! - A typed filter converts to a [`Filter`] where one is expected, as by [`Stream::filter`](crate::Stream::filter).
//!
//! The list is that of the fullest module: another may lack some of them.

#[macro_use]
mod macros;

pub mod audio;
mod framesync;
pub mod mixed;
pub mod source;
pub mod video;

use std::borrow::Borrow;

use crate::{AnyStream, Filter, Kind, Stream};

pub use framesync::*;

/// Collects streams of one kind, borrowed or owned.
fn all<K: Kind>(streams: impl IntoIterator<Item: Borrow<Stream<K>>>) -> Vec<AnyStream> {
    streams.into_iter().map(|stream| stream.borrow().any()).collect()
}

/// Sets the number of inputs, unless set.
fn counted(filter: Filter, option: &str, count: usize) -> Filter {
    match filter.option(option) {
        Some(_) => filter,
        None => filter.opt(option, count),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        audio::{amix, ebur128},
        mixed::concat,
        source::{avsynctest, movie, testsrc2},
        video::{XfadeTransition, convolution, r#loop, null, scale2ref, v360, xfade, xstack},
    };
    use crate::{Audio, Command, Filter, Input, MediaKind, Output, Time, Value, Video};

    fn graph(output: Output) -> String {
        Command::new([output]).graph.to_string()
    }

    #[test]
    fn number_of_inputs_is_set_unless_given() {
        let clips = ["a", "b", "c"].map(Input::new);
        let lent: Vec<_> = clips.iter().map(Input::audio).collect();
        let mixed = amix().normalize(false).on(&lent);
        assert_eq!(
            graph(Output::new("a.wav").map(mixed)),
            "[0:a:0][1:a:0][2:a:0]amix@n0=normalize=0:inputs=3[a0]"
        );
        let stacked = xstack().inputs(3).layout("0_0|w0_0|0_h0").on(clips.map(|clip| clip.video()));
        assert_eq!(
            graph(Output::new("a.mp4").map(stacked)),
            "[0:v:0][1:v:0][2:v:0]xstack@n0=inputs=3:layout=0_0|w0_0|0_h0[v0]"
        );
    }

    #[test]
    fn names_in_the_graph_are_ffmpegs() {
        assert_eq!(
            Filter::from(convolution()._0m("1 2 1")._0rdiv(0.25)).to_string(),
            r"convolution=0m=1\\\ 2\\\ 1:0rdiv=0.25"
        );
        assert_eq!(Filter::from(r#loop().r#loop(-1).size(25)).to_string(), "loop=loop=-1:size=25");
        let slide = xfade().transition(XfadeTransition::Slideleft).offset(Time::from_micros(2_500_000));
        assert_eq!(Filter::from(slide).to_string(), "xfade=transition=slideleft:offset=2.5");
        let turned = v360().opt("interp", "lanczos").named("globe");
        assert_eq!(Filter::from(turned).to_string(), "v360@globe=interp=lanczos");
        assert_eq!(Filter::from(null()).to_string(), "null");
        assert!(XfadeTransition::ALL.iter().any(|transition| Value::from(*transition).as_str() == "fade"));
    }

    #[test]
    fn every_output_pad_is_a_stream() {
        let (beep, flash) = avsynctest().stream();
        let printed = graph(Output::new("sync.mp4").video(&flash, "libx264").audio(&beep, "aac"));
        assert_eq!(printed, "avsynctest@n0[a0_0][v0_1]");
        let (film, logo) = (Input::new("film.mp4"), Input::new("logo.png"));
        let (small, whole) = scale2ref().w("iw/4").on(&logo.video(), &film.video());
        let printed = graph(Output::new("a.mp4").map(&small).map(&whole));
        assert_eq!(printed, "[1:v:0][0:v:0]scale2ref@n0=w=iw/4[v0_0][v0_1]");
    }

    #[test]
    fn pads_that_options_add_are_declared_by_the_caller() {
        let (a, b) = (Input::new("a.mp4"), Input::new("b.mp4"));
        let parts = [a.video().any(), a.audio().any(), b.video().any(), b.audio().any()];
        let (video, audio) = concat().v(1).a(1).on(parts).video_and_audio();
        let printed = graph(Output::new("c.mp4").map(&video).map(&audio));
        assert_eq!(printed, "[0:v:0][0:a:0][1:v:0][1:a:0]concat@n0=v=1:a=1[v0_0][a0_1]");
        let pads = ebur128().video(true).on(&a.audio()).pads([MediaKind::Video, MediaKind::Audio]);
        assert!(pads[0].typed::<Video>().is_some() && pads[1].typed::<Audio>().is_some());
        let clip = movie().filename("it's.mp4").source().video();
        assert_eq!(graph(Output::new("a.mp4").map(&clip)), r"movie@n0=filename=it\\\'s.mp4[v0]");
        let bars = testsrc2().duration(Time::from_secs(1)).stream();
        assert_eq!(graph(Output::new("a.mp4").map(&bars)), "testsrc2@n0=duration=1[v0]");
    }
}
