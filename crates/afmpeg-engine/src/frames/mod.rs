//! Decoded video frames and audio samples, as values.
//!
//! [`Runtime::frames`](crate::Runtime::frames) decodes a video into a [`Frames`] iterator and
//! [`Runtime::samples`](crate::Runtime::samples) an audio stream into [`SampleBlocks`], both while the caller reads them.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use afmpeg_engine::{Runtime, frames::FrameFormat};
//! use afmpeg_vfs::HostDir;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::builder().module("ffmpeg.wasm").build()?;
//! let request = runtime.frames(HostDir::open("media")?, "film.mp4").every(Duration::from_secs(10));
//! for frame in request.format(FrameFormat::Jpeg { quality: 85 }).run()? {
//!     let frame = frame?;
//!     std::fs::write(format!("{}.jpg", frame.time()), frame.data())?;
//! }
//! # Ok(())
//! # }
//! ```

mod arguments;
mod entry;
mod frame;
mod frame_finder;
mod frame_request;
mod iter;
mod pipe;
mod sample_request;
mod samples;
mod selection;
mod source;
mod timestamp;

pub use frame::{Frame, FrameFormat, FrameSize};
pub use frame_request::FrameRequest;
pub use iter::Frames;
pub use sample_request::SampleRequest;
pub use samples::{SampleBlock, SampleBlocks};
