#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod capabilities;
mod component;
pub mod fields;
mod media_kind;
pub mod probe;
mod ratio;
pub mod release;
mod time;

pub use capabilities::Capabilities;
pub use component::{Component, ComponentKind};
pub use media_kind::{MediaKind, ParseMediaKindError};
pub use probe::Probe;
pub use ratio::{ParseRatioError, Ratio};
pub use time::{ParseTimeError, Time};
