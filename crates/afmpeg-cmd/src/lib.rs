#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[macro_use]
mod options;

mod arg;
mod assemble;
mod automatic;
mod capacity;
pub mod check;
mod codec;
pub mod containers;
mod copying;
mod cursor;
mod duration;
pub mod encoders;
mod entry;
pub mod escape;
mod expr;
pub mod facts;
pub mod film;
mod filter;
mod filter_commands;
pub mod filters;
mod input;
mod kind;
pub mod measure;
pub mod model;
mod node;
mod number;
mod output;
mod parse;
mod path;
pub mod recipes;
mod render;
mod specifier;
mod stream;
mod value;

#[doc(inline)]
pub use afmpeg_types::{
    Capabilities, Component, ComponentKind, MediaKind, ParseMediaKindError, ParseRatioError, ParseTimeError,
    Probe, Ratio, Time, probe,
};
pub use arg::Arg;
pub use capacity::DroppedStream;
pub use codec::Codec;
pub use expr::Expr;
pub use filter::{Filter, FilterOption};
pub use filter_commands::FilterCommands;
pub use kind::{Audio, Kind, Subtitle, Video};
pub use model::Command;
pub use node::Input;
pub use number::{Integer, Number};
pub use output::{Output, OutputStream};
pub use parse::ParseError;
pub use stream::{AnyStream, AppliedFilter, Stream};
pub use value::Value;
