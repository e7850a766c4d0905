//! What a file shows and sounds like, as values: decoded pictures and samples.

mod arguments;
mod by_hand;
mod moment;
mod picture;
mod pictures;
mod pipe;
mod request;
mod samples;
mod selection;
mod sound;
mod source;

pub use picture::{Picture, PictureFormat, PictureSize};
pub use pictures::Pictures;
pub use request::FrameRequest;
pub use samples::{SampleBlock, SampleBlocks};
pub use sound::SampleRequest;
