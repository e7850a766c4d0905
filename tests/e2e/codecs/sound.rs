//! Round trips of sound.

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    case::{Case, case, check},
    source::{Raw, words},
};
use crate::harness::full;

const FLOATS: Raw = Raw::Sound("f32le");
const SHORTS: Raw = Raw::Sound("s16le");
const DEEP: Raw = Raw::Sound("s24le");

/// Codecs whose encoders use floating-point arithmetic.
pub(super) const LOSSY: &[Case] = &[
    case("AAC", FLOATS, "aac -b:a 128k", "sound.m4a", "aac aac_fixed").close(0.0, 1.0),
    case("AAC", FLOATS, "aac -b:a 128k -aac_coder fast", "fast.m4a", "aac aac_fixed").close(0.0, 1.0),
    case("Opus", FLOATS, "libopus -b:a 96k", "sound.opus", "opus libopus").close(0.04, 1.0),
    case("Opus", FLOATS, "libopus -b:a 24k -application voip", "speech.opus", "opus libopus")
        .close(-0.01, 1.001),
    case("Opus", FLOATS, "opus -strict experimental -b:a 96k", "own.opus", "opus libopus")
        .close(-0.04, 0.996),
    case("MP3", FLOATS, "libmp3lame -b:a 128k", "sound.mp3", "mp3 mp3float").close(0.15, 1.0),
    case("MP3", FLOATS, "libmp3lame -q:a 2", "variable.mp3", "mp3 mp3float").close(0.0, 1.0),
    case("Vorbis", FLOATS, "libvorbis -q:a 5", "sound.ogg", "vorbis libvorbis").close(0.0, 1.0),
    case("Vorbis", FLOATS, "vorbis -strict experimental -q:a 5", "own.ogg", "vorbis libvorbis")
        .close(0.0, 1.0),
    case("AC-3", FLOATS, "ac3 -b:a 192k", "sound.mp4", "ac3 ac3_fixed").close(0.0, 1.0),
    case("AC-3", FLOATS, "ac3_fixed -b:a 192k", "fixed.mp4", "ac3 ac3_fixed"),
];

/// Codecs whose encoders use whole numbers.
pub(super) const EXACT: &[Case] = &[
    case("FLAC, 16 bit", SHORTS, "flac", "sound.flac", "flac").lossless(),
    case("FLAC, 24 bit", DEEP, "flac", "deep.flac", "flac").lossless(),
    case("ALAC, 16 bit", SHORTS, "alac", "sound.m4a", "alac").lossless(),
    case("ALAC, 24 bit", DEEP, "alac", "deep.m4a", "alac").lossless(),
    case("PCM, 16 bit", SHORTS, "pcm_s16le", "sound.wav", "pcm_s16le").lossless(),
    case("PCM, 16 bit, big-endian", SHORTS, "pcm_s16be", "sound.aiff", "pcm_s16be").lossless(),
    case("PCM, 24 bit", DEEP, "pcm_s24le", "deep.wav", "pcm_s24le").lossless(),
    case("PCM, floating point", FLOATS, "pcm_f32le", "float.wav", "pcm_f32le").lossless(),
    case("PCM, A-law", SHORTS, "pcm_alaw", "a.wav", "pcm_alaw"),
    case("PCM, mu-law", SHORTS, "pcm_mulaw", "mu.wav", "pcm_mulaw"),
];

#[test]
fn sound_is_compressed_as_well_as_natively() {
    check(LOSSY);
}

#[test]
fn lossless_and_whole_number_sound_is_encoded_to_the_native_bytes() {
    check(EXACT);
}

#[test]
fn mp3_encoder_refuses_samples_that_are_not_sound() {
    for sample in [f32::NAN, f32::NEG_INFINITY, 1e38, 1e7] {
        let fs = MemFs::new();
        let samples: Vec<u8> =
            (0..44_100).flat_map(|at| if at < 5_000 { 0.0 } else { sample }.to_le_bytes()).collect();
        fs.write("/raw", samples).unwrap();
        let line = "-f f32le -ar 44100 -ch_layout mono -i raw -c:a libmp3lame -b:a 32k out.mp3";
        let error = full().runtime.job(fs).args(words(line)).run().unwrap_err();
        let log = error.log().join("\n");
        assert!(log.contains("samples that LAME cannot encode"), "{sample}: {error}\n{log}");
    }
}
