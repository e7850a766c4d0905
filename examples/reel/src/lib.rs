#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod caption;
mod files;
mod json;
mod mistake;
mod picture;
mod plan;
mod render;
mod sound;
mod storyboard;

pub use mistake::{Mistake, Mistakes};
pub use plan::Plan;
pub use render::{Error, Reel, Step, render};
pub use storyboard::{
    Captions, Encoding, Fit, Music, Next, Part, Seconds, Shot, Sound, Spanned, Storyboard, Transition, Voice,
};
