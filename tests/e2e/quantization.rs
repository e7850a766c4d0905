//! Encoders that share a quantizer, which is ours: `wasm-build/simd/ffmpeg/libavcodec/wasm/quantize.c`.

use crate::harness::assert_same_as_native_without_assembly;

/// Encoders with options that use all results of the quantizer. Windows Media has scans of its own.
const ENCODERS: &[&str] = &[
    "mjpeg -q:v 3",
    "mjpeg -q:v 20 -huffman default",
    "mpeg2video -q:v 5 -alternate_scan 1 -flags +ildct",
    "mpeg2video -q:v 20 -quantizer_noise_shaping 3",
    "mpeg4 -q:v 8 -mpeg_quant 1",
    "h263p -q:v 12 -flags +aic",
    "wmv1 -q:v 7 -luma_elim_threshold 10 -chroma_elim_threshold 10",
    "wmv2 -q:v 20 -quantizer_noise_shaping 3",
];

#[test]
fn encoders_write_the_same_bytes_as_native_ffmpeg_without_assembly() {
    for encoder in ENCODERS {
        let line = format!(
            "-v error -bitexact -f lavfi -i testsrc2=s=176x144:r=25 -frames:v 4 -threads 1 -c:v {encoder} -f md5 -"
        );
        assert_same_as_native_without_assembly(&line.split(' ').collect::<Vec<_>>());
    }
}
