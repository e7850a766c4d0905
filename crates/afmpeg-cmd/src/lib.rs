#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod arg;
mod assemble;
mod automatic;
pub mod check;
mod codec;
mod commands;
mod duration;
pub mod escape;
mod expr;
pub mod facts;
mod filter;
pub mod filters;
mod input;
mod kind;
pub mod measure;
mod media;
pub mod model;
mod module;
mod node;
mod output;
mod parse;
mod path;
mod ratio;
pub mod recipes;
mod render;
mod stream;
mod time;
mod value;

pub use arg::Arg;
pub use codec::Codec;
pub use commands::Commands;
pub use expr::Expr;
pub use filter::{Filter, FilterOption};
pub use input::Input;
pub use kind::{Audio, Kind, MediaKind, Subtitle, Video};
pub use media::{Media, MediaStream, Tiles};
pub use model::Job;
pub use module::Module;
pub use output::{Output, OutputStream};
pub use parse::ParseError;
pub use ratio::{NotARatio, Ratio};
pub use stream::{AnyStream, Applied, Stream};
pub use time::{NotATime, Time};
pub use value::Value;
