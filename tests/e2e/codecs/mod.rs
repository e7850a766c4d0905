//! Round trips through the encoders and decoders of the full module, judged by native FFmpeg and by arithmetic.
//!
//! `docs/codecs.md` has the tables of cases in `pictures.rs`, `sound.rs` and `subtitles.rs`.

mod case;
mod decoders;
mod document;
mod files;
mod filters;
mod libraries;
mod pictures;
mod quality;
mod sound;
mod source;
mod speeds;
mod subtitles;

pub(crate) use {
    quality::picture_quality,
    source::{natively, on_host},
};
