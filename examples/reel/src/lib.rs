//! A storyboard becomes a short film: shots that fade into each other, a voice, music that gives way to it, captions.
//!
//! It is made of the public parts of afmpeg-cmd, afmpeg-engine and afmpeg-vfs alone. [`Storyboard`] is what is written
//! down, [`Plan`] the commands that come of it, and [`render`] runs them in memory. Whatever is wrong is a [`Mistake`]
//! with the storyboard's line.
//!
//! ```no_run
//! use std::{fs, sync::Arc};
//! use afmpeg_engine::Runtime;
//! use afmpeg_reel::{Storyboard, render};
//! use afmpeg_vfs::HostDir;
//!
//! let storyboard = Storyboard::parse("holiday/reel.toml", &fs::read_to_string("holiday/reel.toml")?)?;
//! let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
//! let reel = render(&runtime, Arc::new(HostDir::open("holiday")?), &storyboard, |_, _| {})?;
//! fs::write("reel.mp4", reel.film)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
    At, Captions, Encoding, Fit, Music, Next, Part, Seconds, Shot, Storyboard, Transition, Voice,
};
