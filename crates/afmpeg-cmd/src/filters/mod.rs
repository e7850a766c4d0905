//! FFmpeg's filters with types: a function for each, a method for each of its options, by FFmpeg's own names.
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
//! - [`video`] and [`audio`] have what stays within its kind, [`source`] what takes nothing in, and [`mixed`] what goes
//!   from one kind to another, or takes several. Sinks are FFmpeg's own affair.
//! - Where an option has several names, the method has the first, and the documentation's search knows the others.
//!   Names that Rust cannot have are near: `r#loop`, `_0m` for `0m`.
//! - Values that a type has no room for (an expression for a number, say) are set with `opt`, which takes anything.
//!   Ranges are told and not checked here.
//! - A filter is a [`Filter`] as soon as one is wanted, as by [`Stream::filter`](crate::Stream::filter).
//!
//! They are those of the fullest module: in another, a filter may be missing.

#[macro_use]
mod macros;

pub mod audio;
mod framesync;
pub mod mixed;
mod number;
pub mod source;
pub mod video;

use std::borrow::Borrow;

use crate::{AnyStream, Filter, Kind, Stream};

pub use framesync::*;
pub use number::{Integer, Number};

/// Streams of one kind, lent or given.
fn all<K: Kind>(streams: impl IntoIterator<Item: Borrow<Stream<K>>>) -> Vec<AnyStream> {
    streams.into_iter().map(|stream| stream.borrow().any()).collect()
}

/// With the number of its inputs, if it has not been said.
fn counted(filter: Filter, option: &str, count: usize) -> Filter {
    match filter.option(option) {
        Some(_) => filter,
        None => filter.opt(option, count),
    }
}
