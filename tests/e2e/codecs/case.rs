//! A round trip through an encoder and the decoders of its codec, compared with native FFmpeg.

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    quality::sound_quality,
    source::{FRAMES, Raw, natively, on_host, words},
};
use crate::harness::{Variant, full};

/// The largest loss against native FFmpeg's encoding in decibels, and the largest difference of the sizes.
const LOSS: f64 = 0.5;
const SIZES: f64 = 0.03;

/// How far measured values can be from those of the table: native assembly varies with the processor.
const DECIBELS_VARY: f64 = 0.2;
const SIZES_VARY: f64 = 0.005;

/// The option for a single picture.
const STILL: &str = "-frames:v 1";

/// Decoders with floating-point arithmetic, whose rounding depends on the instruction set.
const FLOATING_POINT: &[&str] = &["aac", "ac3", "mp3float", "opus", "libopus", "vorbis", "libvorbis"];
/// The least equality of their samples with native ones, in decibels.
const EQUALITY: f64 = 110.0;

/// An encoder's output, compared with that of native FFmpeg for the same input.
#[derive(Clone, Copy)]
pub(super) enum Comparison {
    /// The same bytes.
    Same,
    /// The bytes that native FFmpeg writes without assembly; with assembly, its DCT rounds differently.
    SameAsC,
    /// Another version of a library, or floating-point arithmetic: by how many decibels the quality is better, and the
    /// ratio of the sizes.
    Close { gain: f64, size: f64 },
}

/// An encoder with the decoders of its codec.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) codec: &'static str,
    pub(super) raw: Raw,
    /// The encoder with its options.
    pub(super) encoder: &'static str,
    /// The file, whose name selects the muxer.
    pub(super) file: &'static str,
    /// The decoders of the codec, separated by spaces.
    pub(super) decoders: &'static str,
    pub(super) comparison: Comparison,
    pub(super) is_lossless: bool,
}

/// Returns a case with an encoder that writes the same bytes as natively.
pub(super) const fn case(
    codec: &'static str,
    raw: Raw,
    encoder: &'static str,
    file: &'static str,
    decoders: &'static str,
) -> Case {
    Case { codec, raw, encoder, file, decoders, comparison: Comparison::Same, is_lossless: false }
}

impl Case {
    pub(super) const fn same_as_c(self) -> Self {
        Self { comparison: Comparison::SameAsC, ..self }
    }

    pub(super) const fn close(self, gain: f64, size: f64) -> Self {
        Self { comparison: Comparison::Close { gain, size }, ..self }
    }

    pub(super) const fn lossless(self) -> Self {
        Self { is_lossless: true, ..self }
    }

    /// Encodes and decodes, and returns the differences from native FFmpeg and from the table.
    fn differences(&self, module: &Variant) -> Vec<String> {
        let pictures = if self.is_still() { 1 } else { FRAMES };
        let source = self.raw.source(pictures);
        let encoded = self.encoded(module, &source);
        let mut found: Vec<String> = self.difference_of_encoders(&source, &encoded).into_iter().collect();
        let is_same = encoded[0] == encoded[1];
        for stream in &encoded[..if is_same { 1 } else { 2 }] {
            for decoder in words(self.decoders) {
                found.extend(self.difference_of_decoders(module, decoder, stream));
            }
        }
        if self.is_lossless {
            let decoder = words(self.decoders).next().unwrap();
            let decoded = self.decoded(module, decoder, &encoded[0], &self.output());
            if decoded != source {
                found.push("is not lossless".to_owned());
            }
        }
        found.iter().map(|difference| format!("{}, {}: {difference}", self.codec, self.encoder)).collect()
    }

    fn is_still(&self) -> bool {
        self.encoder.contains(STILL)
    }

    /// Returns the options with which the encoding is decoded to the form of the source.
    fn output(&self) -> String {
        // A still AVIF lasts a second.
        let frames = if self.is_still() { STILL } else { "" };
        format!("{} {frames}", self.raw.output())
    }

    /// Returns the encodings of the module and of native FFmpeg.
    fn encoded(&self, module: &Variant, source: &[u8]) -> [Vec<u8>; 2] {
        let Self { raw, encoder, file, .. } = self;
        let input = raw.input();
        let options = format!("-c:{} {encoder} -flags +bitexact -fflags +bitexact", raw.kind());
        let fs = MemFs::new();
        fs.write("/raw", source.to_vec()).unwrap();
        module.ffmpeg(&fs, &format!("{input} -i raw {options} {file}"));
        let assembly = if matches!(self.comparison, Comparison::SameAsC) { "-cpuflags 0" } else { "" };
        let theirs = on_host("raw", source, |path| {
            let folder = tempfile::tempdir().unwrap();
            let output = folder.path().join(file);
            natively(&format!("{assembly} {input} -i {path} {options} {}", output.display()));
            std::fs::read(output).unwrap()
        });
        [fs.read(format!("/{file}")).unwrap().to_vec(), theirs]
    }

    fn difference_of_encoders(&self, source: &[u8], encoded: &[Vec<u8>; 2]) -> Option<String> {
        let [ours, theirs] = encoded;
        let Comparison::Close { gain, size } = self.comparison else {
            return (ours != theirs)
                .then(|| format!("{} bytes differ from {} native ones", ours.len(), theirs.len()));
        };
        #[allow(clippy::cast_precision_loss, reason = "sizes of small files")]
        let measured_size = ours.len() as f64 / theirs.len() as f64;
        let [ours, theirs] = [ours, theirs].map(|stream| {
            let line = self.output();
            let decoded = on_host(self.file, stream, |path| natively(&format!("-i {path} {line} pipe:")));
            self.raw.quality(source, &decoded)
        });
        let measured_gain = ours - theirs;
        let is_as_measured =
            (measured_gain - gain).abs() <= DECIBELS_VARY && (measured_size - size).abs() <= SIZES_VARY;
        let is_good = gain >= -LOSS && (size - 1.0).abs() <= SIZES;
        (!is_as_measured || !is_good)
            .then(|| format!("measured .close({measured_gain:.2}, {measured_size:.3}) at {ours:.2} dB"))
    }

    /// Compares a decoder with the native one of the same name.
    fn difference_of_decoders(&self, module: &Variant, decoder: &str, stream: &[u8]) -> Option<String> {
        let is_exact = !FLOATING_POINT.contains(&decoder);
        let output = if is_exact { "-f framemd5" } else { "-f f32le" };
        let ours = self.decoded(module, decoder, stream, output);
        let theirs = on_host(self.file, stream, |path| {
            natively(&format!("-c:{} {decoder} -i {path} {output} pipe:", self.raw.kind()))
        });
        let is_equal = if is_exact {
            let frames = frames(&theirs);
            !frames.is_empty() && self::frames(&ours) == frames
        } else {
            !theirs.is_empty() && sound_quality(&theirs, &ours) > EQUALITY
        };
        (!is_equal).then(|| format!("{decoder} decodes other frames than natively"))
    }

    fn decoded(&self, module: &Variant, decoder: &str, stream: &[u8], output: &str) -> Vec<u8> {
        let fs = MemFs::new();
        fs.write(format!("/{}", self.file), stream.to_vec()).unwrap();
        let line = format!("-c:{} {decoder} -i {} {output} pipe:", self.raw.kind(), self.file);
        module.runtime.job(fs).args(words(&line)).run().unwrap().stdout().to_vec()
    }
}

/// Returns the lines of frames from the output of the muxer `framemd5`.
pub(super) fn frames(framemd5: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(framemd5).into_owned();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// Checks all cases of a table, and reports all differences.
#[track_caller]
pub(super) fn check(cases: &[Case]) {
    let module = full();
    let differences: Vec<String> = cases.iter().flat_map(|case| case.differences(&module)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
