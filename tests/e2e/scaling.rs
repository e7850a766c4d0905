//! The scaler and its kernels, which are ours: `wasm-build/simd/ffmpeg/libswscale/wasm`.

use crate::harness::assert_same_as_native_without_assembly;

/// Noise of which each line and each column of chroma has a value of its own.
const EXTREME_CHROMA: &str = "nullsrc=s=272x8:r=25,format=yuv420p,\
     geq=lum='255*mod(X+Y,2)':cb='255*mod(X,2)':cr='255*mod(Y,2)'";

/// Graphs that end in packed RGB by different ways: with chroma for each pixel, with alpha, without scaling, with each
/// kind of dithering, and of widths that fill no vector.
const GRAPHS: &[(&str, &str)] = &[
    (EXTREME_CHROMA, "scale=flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24"),
    (EXTREME_CHROMA, "scale=270:13:flags=bilinear+full_chroma_int,format=bgra"),
    (EXTREME_CHROMA, "format=yuva444p,colorchannelmixer=aa=0.5,scale=33:13,format=rgba"),
    ("testsrc2=s=272x80:r=25", "scale=300:90:flags=bicubic:sws_dither=none,format=bgr8"),
    ("testsrc2=s=272x80:r=25", "scale=301:90:flags=lanczos:sws_dither=ed,format=rgb8"),
    ("testsrc2=s=272x80:r=25", "scale=300:90:flags=bicubic:sws_dither=a_dither,format=bgr4_byte"),
    ("testsrc2=s=272x80:r=25", "scale=70:31,format=bgr8"),
    ("testsrc2=s=272x80:r=25", "scale=70:31,format=rgb565le"),
    ("testsrc2=s=272x80:r=25", "format=yuv444p,scale=70:31:in_range=full,format=bgr555le"),
    (EXTREME_CHROMA, "format=yuva420p,scale=70:30,format=rgb565le"),
    (EXTREME_CHROMA, "format=rgb565le"),
    (EXTREME_CHROMA, "crop=270:8:0:0:exact=1,format=bgr8"),
    ("testsrc2=s=274x80:r=25", "format=yuv422p,format=rgb8"),
    ("testsrc2=s=274x80:r=25", "format=yuv422p,format=bgr555le"),
];

#[test]
fn packed_rgb_is_the_same_as_with_native_ffmpeg_without_assembly() {
    for (source, filters) in GRAPHS {
        let graph = format!("{source},{filters}");
        let mut line = vec!["-v", "error", "-filter_threads", "1", "-f", "lavfi", "-i", &graph];
        line.extend("-frames:v 2 -c:v rawvideo -f framemd5 -".split(' '));
        assert_same_as_native_without_assembly(&line);
    }
}
