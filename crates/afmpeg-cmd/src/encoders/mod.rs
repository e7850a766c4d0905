//! Typed FFmpeg encoders: a function for each encoder, a method for each of its options, by FFmpeg's own names.
//!
//! ```
//! use afmpeg_cmd::encoders::{EncoderOptions as _, audio::{LibopusVbr, libopus}, video::libx264};
//! use afmpeg_cmd::{Command, Input, Output};
//!
//! let film = Input::new("film.mp4");
//! let h264 = libx264().preset("veryfast").crf(21).g(50);
//! let opus = libopus().vbr(LibopusVbr::Constrained).b(96_000);
//! let output = Output::new("small.mkv").video(film.video(), h264).audio(film.audio(), opus);
//! assert_eq!(
//!     Command::new([output]).to_args().join(" "),
//!     "-i film.mp4 -map 0:v:0 -map 0:a:0 -c:v libx264 -preset:v veryfast -crf:v 21 -g:v 50 \
//!      -c:a libopus -vbr:a constrained -b:a 96000 small.mkv"
//! );
//! ```
//!
//! - [`video`], [`audio`] and [`subtitle`] have the encoders of that kind, with the options of each.
//! - [`EncoderOptions`] has the options of all encoders, such as `b` and `g`. [`Codec`] has it too.
//! - An option with several names has a method by the first; the others are in its documentation. Names that are not
//!   valid in Rust are adapted: `aq_mode` for `aq-mode`.
//! - `opt` sets values outside of a method's type, and options of the stream, such as `pix_fmt`. Ranges are documented,
//!   not checked.
//! - A typed encoder converts to a [`Codec`] where one is expected, as by [`Output::video`](crate::Output::video).
//!
//! The list is that of the fullest module: another may lack some of them.

#[macro_use]
mod macros;

pub mod audio;
mod generic;
pub mod subtitle;
pub mod video;

use crate::{Codec, Value};

pub use generic::*;

impl EncoderOptions for Codec {
    fn opt(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.opt(name, value)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        EncoderOptions,
        audio::flac,
        video::{Libx264AqMode, Libx264BPyramid, libvpx_vp9, libwebp, libx264, mjpeg},
    };
    use crate::{Codec, Command, Input, Output};

    fn args(codec: impl Into<Codec>) -> String {
        let clip = Input::new("a");
        let args = Command::new([Output::new("b").video(clip.video(), codec)]).to_args().join(" ");
        args.strip_prefix("-i a -map 0:v:0 -c:v ").unwrap().strip_suffix(" b").unwrap().replace(":v", "")
    }

    #[test]
    fn options_are_set_by_ffmpegs_names() {
        assert_eq!(
            args(libx264().aq_mode(Libx264AqMode::Autovariance).b_pyramid(Libx264BPyramid::None).crf(20.5)),
            "libx264 -aq-mode autovariance -b-pyramid none -crf 20.5"
        );
        assert_eq!(args(libvpx_vp9().row_mt(true).cpu_used(4)), "libvpx-vp9 -row-mt 1 -cpu-used 4");
    }

    #[test]
    fn options_of_all_encoders_follow_in_the_order_of_calls() {
        assert_eq!(args(libwebp().lossless(1).b(0).quality(80)), "libwebp -lossless 1 -b 0 -quality 80");
        assert_eq!(args(mjpeg().qmin(2).opt("pix_fmt", "yuvj420p")), "mjpeg -qmin 2 -pix_fmt yuvj420p");
        assert_eq!(args(EncoderOptions::g(Codec::new("mpeg4"), 12)), "mpeg4 -g 12");
    }

    #[test]
    fn option_of_an_encoder_comes_before_the_generic_one() {
        // A string for x264, and a number for others.
        assert_eq!(args(libx264().profile("high")), "libx264 -profile high");
    }

    #[test]
    fn packets_are_filtered_by_a_typed_encoder() {
        let encoder = flac().bitstream_filter("null");
        assert_eq!(Codec::from(encoder), Codec::new("flac").bitstream_filter("null"));
    }
}
