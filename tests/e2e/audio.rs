//! Extracting the sound of a clip.

use crate::harness::{CLIP, Variant, full, judge, memory_with, variants};

/// The clip's sound is 5.312 s: 249 AAC frames of 1024 samples at 48 kHz.
const SOUND_SECONDS: f64 = 249.0 * 1024.0 / 48000.0;

/// The longest frame of these codecs in seconds: flac, with 4608 samples.
const AUDIO_FRAME: f64 = 4608.0 / 48000.0;

fn extract(module: &Variant, options: &str, name: &str, codec: &str) {
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-i {CLIP} -vn {options} {name}"));
    let judged = judge(&fs, &format!("/{name}"));
    judged.assert_codec("audio", codec).assert_duration(SOUND_SECONDS, AUDIO_FRAME);
    assert_eq!(judged.streams().len(), 1);
    assert_eq!(judged.stream("audio")["sample_rate"], "48000");
}

#[test]
fn sound_is_extracted_to_aac_flac_and_wav() {
    for module in variants() {
        extract(&module, "-c:a aac", "out.m4a", "aac");
        extract(&module, "-c:a copy", "copy.m4a", "aac");
        extract(&module, "-c:a flac", "out.flac", "flac");
        extract(&module, "-c:a pcm_s16le", "out.wav", "pcm_s16le");
    }
}

#[test]
fn sound_is_extracted_to_mp3_and_opus() {
    let module = full();
    extract(&module, "-c:a libmp3lame -ac 2", "out.mp3", "mp3");
    extract(&module, "-c:a opus -strict experimental -ac 2", "out.opus", "opus");
}
