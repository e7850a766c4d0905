//! Common tasks, built from the public parts of this crate alone.
//!
//! Recipes return streams, an [`Output`](crate::Output) or a [`Command`](crate::Command), which can be changed further,
//! and report a [`RecipeError`] before FFmpeg would. They do no I/O: properties of files are passed as
//! [`Probe`](crate::Probe), and measurements of a first command as [records](crate::measure::Record).
//!
//! | to... | use |
//! |---|---|
//! | fill another shape, conform clips and stills | [`fit`](fn@fit), [`Conform`] |
//! | show HDR on SDR displays | [`to_sdr`](fn@to_sdr) |
//! | copy every stream that a container holds | [`copy_all`], [`trim`] |
//! | join | [`Concat`], [`crossfade`], [`crossfade_audio`] |
//! | offer several sizes | [`Ladder`], [`Hls`], [`Dash`] |
//! | encode one film on many workers | [`film`](crate::film) |
//! | reach a size in bytes | [`two_pass`] |
//! | extract frames | [`Thumbnail`], [`ContactSheet`], [`Sprites`], [`Gif`], [`AnimatedWebp`] |
//! | animate a still | [`KenBurns`] |
//! | overlay a video | [`Inset`], [`Text`], [`Subtitles`] |
//! | change time | [`trim`], [`speed_video`], [`speed_audio`], [`reverse_video`], [`reverse_audio`] |
//! | process audio | [`Loudness`], [`Duck`], [`RemoveSilence`], [`shorten_silences`], [`extract_audio`], [`replace_audio`] |
//! | mark chapters | [`chapters`](fn@chapters) |
//! | visualize audio | [`AudioImage`] |

mod animated_webp;
mod animation;
mod audio;
mod audio_image;
mod chapters;
pub(crate) mod colors;
pub(crate) mod concat;
mod contact_sheet;
mod copy;
mod crossfade;
mod dash;
mod duck;
pub(crate) mod error;
mod fit;
mod frame_times;
mod gif;
mod hls;
mod inset;
mod ken_burns;
mod ladder;
mod limiting;
mod loudness;
mod pq;
mod segments;
pub(crate) mod shape;
mod silence;
mod space;
mod speed;
mod sprites;
mod subtitles;
mod text;
mod thumbnail;
mod to_sdr;
mod trim;
mod two_pass;

pub use animated_webp::AnimatedWebp;
pub use audio::{Until, audio_ending, extract_audio, replace_audio};
pub use audio_image::AudioImage;
pub use chapters::chapters;
pub use concat::{Concat, Joined, concat_list};
pub use contact_sheet::ContactSheet;
pub use copy::{Copied, copy_all};
pub use crossfade::{Crossfaded, Fade, crossfade, crossfade_audio};
pub use dash::Dash;
pub use duck::Duck;
pub use error::RecipeError;
pub use fit::{Conform, Fit, fit};
pub use gif::Gif;
pub use hls::Hls;
pub use inset::{Corner, Inset};
pub use ken_burns::{KenBurns, View};
pub use ladder::{Ladder, Rendition};
pub use limiting::Limiting;
pub use loudness::{Loudness, MeasuredLoudness};
pub use silence::{Detection, RemoveSilence, Silence, shorten_silences};
pub use speed::{reverse_audio, reverse_video, speed_audio, speed_video};
pub use sprites::Sprites;
pub use subtitles::{ForceStyle, StyleField, Subtitles};
pub use text::{Font, Text};
pub use thumbnail::Thumbnail;
pub use to_sdr::{ToneMap, to_sdr};
pub use trim::trim;
pub use two_pass::{TwoPass, two_pass};
