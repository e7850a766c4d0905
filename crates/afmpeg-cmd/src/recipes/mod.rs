//! What people do with FFmpeg again and again, made of the public parts of this crate alone.
//!
//! Recipes give back streams, an [`Output`](crate::Output) or a [`Job`](crate::Job), which can still be changed, and
//! tell of a [`RecipeError`] before FFmpeg would. They do no I/O: what has to be known of a file is handed in as a
//! [`Media`](crate::Media), and what a first job has measured as [records](crate::measure::Record).
//!
//! | to... | take |
//! |---|---|
//! | fill another shape, make clips and stills alike | [`fit`](fn@fit), [`Conform`] |
//! | copy all that fits | [`copy_all`], [`trim`] |
//! | join | [`Concat`], [`crossfade`], [`crossfade_audio`] |
//! | offer several sizes | [`Ladder`], [`Hls`], [`Dash`] |
//! | meet a size in bytes | [`two_pass`] |
//! | take pictures out | [`Thumbnail`], [`ContactSheet`], [`Sprites`], [`Gif`] |
//! | make pictures move | [`KenBurns`] |
//! | put something over a video | [`Inset`], [`Text`], [`Subtitles`] |
//! | change time | [`trim`], [`speed_video`], [`speed_audio`], [`reverse_video`], [`reverse_audio`] |
//! | work on sound | [`Loudness`], [`RemoveSilence`], [`shorten_silences`], [`extract_audio`], [`replace_audio`] |
//! | see sound | [`SoundPicture`] |

mod audio;
mod colors;
mod concat;
mod contact_sheet;
mod copy;
mod crossfade;
mod dash;
pub(crate) mod error;
mod fit;
mod gif;
mod hls;
mod inset;
mod ken_burns;
mod ladder;
mod limiting;
mod loudness;
mod pictures;
mod room;
mod segments;
mod shape;
mod shown;
mod silence;
mod speed;
mod sprites;
mod subtitles;
mod text;
mod thumbnail;
mod trim;
mod two_pass;

pub use audio::{Until, audio_ending, extract_audio, replace_audio};
pub use concat::{Concat, Joined, concat_list};
pub use contact_sheet::ContactSheet;
pub use copy::{Copied, copy_all};
pub use crossfade::{Crossfaded, Fade, crossfade, crossfade_audio};
pub use dash::Dash;
pub use error::RecipeError;
pub use fit::{Conform, Fit, fit};
pub use gif::Gif;
pub use hls::Hls;
pub use inset::{Corner, Inset};
pub use ken_burns::{KenBurns, View};
pub use ladder::{Ladder, Rendition};
pub use limiting::Limiting;
pub use loudness::{Loudness, Measured};
pub use pictures::SoundPicture;
pub use silence::{Detection, RemoveSilence, Silence, shorten_silences};
pub use speed::{reverse_audio, reverse_video, speed_audio, speed_video};
pub use sprites::Sprites;
pub use subtitles::{ForceStyle, StyleField, Subtitles};
pub use text::Text;
pub use thumbnail::Thumbnail;
pub use trim::trim;
pub use two_pass::{TwoPass, two_pass};
