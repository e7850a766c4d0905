//! The recipes, one per file.

mod captions;
mod dash;
mod extract_audio;
mod gif;
mod hls;
mod join;
mod ladder;
mod normalize;
mod sdr;
mod sheet;
mod spectrum;
mod sprites;
mod thumbnail;
mod trim;
mod waveform;
mod webp;

pub(crate) use captions::Captions;
pub(crate) use dash::Dash;
pub(crate) use extract_audio::ExtractAudio;
pub(crate) use gif::Gif;
pub(crate) use hls::Hls;
pub(crate) use join::Join;
pub(crate) use ladder::Ladder;
pub(crate) use normalize::Normalize;
pub(crate) use sdr::Sdr;
pub(crate) use sheet::Sheet;
pub(crate) use spectrum::Spectrum;
pub(crate) use sprites::Sprites;
pub(crate) use thumbnail::Thumbnail;
pub(crate) use trim::Trim;
pub(crate) use waveform::Waveform;
pub(crate) use webp::Webp;
