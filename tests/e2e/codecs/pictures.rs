//! Round trips of pictures.

use super::{
    case::{Case, case, check},
    source::Raw,
};

const YUV: Raw = Raw::Pictures("yuv420p");
const YUV_422: Raw = Raw::Pictures("yuv422p");
const YUV_444: Raw = Raw::Pictures("yuv444p");
const DEEP: Raw = Raw::Pictures("yuv420p10le");
const DEEP_422: Raw = Raw::Pictures("yuv422p10le");
const DEEP_444: Raw = Raw::Pictures("yuv444p10le");
const DEEP_ALPHA: Raw = Raw::Pictures("yuva444p10le");
const YUV_ALPHA: Raw = Raw::Pictures("yuva420p");
const FULL: Raw = Raw::Pictures("yuvj420p");
const FULL_444: Raw = Raw::Pictures("yuvj444p");
const RGB: Raw = Raw::Pictures("rgb24");
const PLANES: Raw = Raw::Pictures("gbrp");
const RGBA: Raw = Raw::Pictures("rgba");
const RGBA_64: Raw = Raw::Pictures("rgba64be");
const BGRA: Raw = Raw::Pictures("bgra");
const RGB_8: Raw = Raw::Pictures("rgb8");

pub(super) const H264: &[Case] = &[
    case("H.264", YUV, "libx264 -preset veryfast -threads 1", "x264.mp4", "h264 libopenh264")
        .close(-0.01, 1.004),
    case("H.264, 10 bit", DEEP, "libx264 -preset veryfast -threads 1", "deep.mp4", "h264").close(0.0, 1.001),
    case("H.264", YUV, "libx264 -preset veryfast -qp 0 -threads 1", "exact.mkv", "h264")
        .close(0.0, 1.0)
        .lossless(),
    case("H.264, RGB", PLANES, "libx264rgb -preset veryfast -qp 0 -threads 1", "rgb.mkv", "h264")
        .close(0.0, 1.0)
        .lossless(),
    case("H.264", YUV, "libopenh264 -b:v 500k", "openh264.mp4", "h264 libopenh264"),
];

pub(super) const HEVC: &[Case] = &[
    case("HEVC", YUV, "libx265 -preset ultrafast -threads 1", "x265.mp4", "hevc").close(-0.01, 0.996),
    case("HEVC", YUV, "libx265 -preset medium -threads 1", "medium.mp4", "hevc").close(-0.01, 1.001),
    case("HEVC, 10 bit", DEEP, "libx265 -preset ultrafast -threads 1", "deep.mp4", "hevc")
        .close(-0.01, 0.999),
    case("HEVC, alpha", YUV_ALPHA, "libx265 -preset ultrafast -threads 1", "alpha.mp4", "hevc")
        .close(0.0, 1.0),
];

pub(super) const AV1: &[Case] = &[
    case("AV1", YUV, "libsvtav1 -preset 10 -crf 35", "av1.mp4", "libdav1d").close(0.01, 0.971),
    case("AV1, 10 bit", DEEP, "libsvtav1 -preset 10 -crf 35", "deep.mp4", "libdav1d").close(-0.03, 0.974),
    case("AVIF", YUV, "libsvtav1 -preset 10 -crf 35 -frames:v 1 -color_range tv", "still.avif", "libdav1d")
        .close(-0.06, 0.981),
];

pub(super) const VPX: &[Case] = &[
    case("VP8", YUV, "libvpx -crf 20 -b:v 1M -cpu-used 4", "vp8.webm", "vp8 libvpx"),
    case(
        "VP8, alpha",
        YUV_ALPHA,
        "libvpx -crf 20 -b:v 1M -cpu-used 4 -auto-alt-ref 0",
        "vp8-alpha.webm",
        "libvpx vp8",
    ),
    case("VP9", YUV, "libvpx-vp9 -crf 30 -b:v 0 -cpu-used 5 -row-mt 1", "vp9.webm", "vp9 libvpx-vp9"),
    case("VP9, 10 bit", DEEP, "libvpx-vp9 -crf 30 -b:v 0 -cpu-used 5", "deep.webm", "vp9 libvpx-vp9"),
    // FFmpeg's own decoders ignore alpha.
    case("VP9, alpha", YUV_ALPHA, "libvpx-vp9 -lossless 1 -cpu-used 8", "alpha.webm", "libvpx-vp9 vp9")
        .lossless(),
    case("VP9", YUV_444, "libvpx-vp9 -lossless 1 -cpu-used 8", "exact.webm", "vp9 libvpx-vp9").lossless(),
];

pub(super) const MPEG: &[Case] = &[
    case("MPEG-2", YUV, "mpeg2video -q:v 3", "mpeg2.mpg", "mpeg2video mpegvideo").same_as_c(),
    case("MPEG-4", YUV, "mpeg4 -q:v 3", "mpeg4.mp4", "mpeg4").same_as_c(),
    case("MJPEG", FULL, "mjpeg -q:v 3", "mjpeg.avi", "mjpeg").same_as_c(),
    case("MJPEG, 4:4:4", FULL_444, "mjpeg -q:v 3", "mjpeg.mkv", "mjpeg").same_as_c(),
];

/// Codecs for editing and archives.
pub(super) const INTERMEDIATE: &[Case] = &[
    case("ProRes", DEEP_422, "prores_ks", "ks.mov", "prores"),
    case("ProRes", DEEP_422, "prores", "aw.mov", "prores"),
    case("ProRes 4444, alpha", DEEP_ALPHA, "prores_ks -profile:v 4444", "ks-alpha.mov", "prores"),
    case("ProRes 4444, alpha", DEEP_ALPHA, "prores_aw -profile:v 4", "aw-alpha.mov", "prores"),
    case("DNxHD", YUV_422, "dnxhd -vf pad=1280:720 -r 25 -b:v 60M", "hd.mov", "dnxhd").same_as_c(),
    case("DNxHR", YUV_422, "dnxhd -profile:v dnxhr_sq", "sq.mov", "dnxhd").same_as_c(),
    case("DNxHR, 10 bit", DEEP_422, "dnxhd -profile:v dnxhr_hqx", "hqx.mov", "dnxhd"),
    case("DNxHR, 4:4:4", DEEP_444, "dnxhd -profile:v dnxhr_444", "444.mov", "dnxhd"),
    case("FFV1", YUV, "ffv1 -level 3", "ffv1.mkv", "ffv1").lossless(),
    case("FFV1, 10 bit", DEEP_422, "ffv1 -level 3 -coder 1", "deep.mkv", "ffv1").lossless(),
    case("FFV1, alpha", BGRA, "ffv1 -level 3", "alpha.mkv", "ffv1").lossless(),
    case("JPEG 2000", YUV, "jpeg2000", "lossy.mov", "jpeg2000"),
    case("JPEG 2000, 10 bit", DEEP_422, "jpeg2000", "deep.mov", "jpeg2000"),
    case("JPEG 2000", RGB, "jpeg2000 -pred dwt53", "exact.mov", "jpeg2000").lossless(),
];

/// Codecs of still and animated images.
pub(super) const IMAGES: &[Case] = &[
    case("PNG", RGB, "png -frames:v 1", "picture.png", "png").lossless(),
    case("PNG, alpha", RGBA, "png -pred mixed -frames:v 1", "alpha.png", "png").lossless(),
    case("PNG, alpha, 16 bit", RGBA_64, "png -frames:v 1", "deep.png", "png").lossless(),
    case("APNG, alpha", RGBA, "apng -plays 0", "moving.apng", "apng").lossless(),
    case("GIF", RGB_8, "gif", "moving.gif", "gif").lossless(),
    case("GIF, alpha", BGRA, "gif -vf split[a][b];[a]palettegen[p];[b][p]paletteuse", "alpha.gif", "gif"),
    case("WebP", YUV, "libwebp -quality 75 -frames:v 1", "still.webp", "webp"),
    case("WebP, alpha", YUV_ALPHA, "libwebp -quality 75 -frames:v 1", "alpha.webp", "webp"),
    // Level 4, the default, differs: the native libwebp is newer and finds smaller encodings.
    case("WebP, alpha", BGRA, "libwebp -lossless 1 -compression_level 2 -frames:v 1", "exact.webp", "webp")
        .lossless(),
    case("WebP, animated", YUV, "libwebp_anim -quality 75 -loop 0", "moving.webp", "webp_anim")
        .close(-0.05, 0.996),
    case("WebP, animated, alpha", YUV_ALPHA, "libwebp_anim -quality 75 -loop 0", "alpha.webp", "webp_anim"),
    case(
        "WebP, animated, alpha",
        BGRA,
        "libwebp_anim -lossless 1 -compression_level 2",
        "exact.webp",
        "webp_anim",
    )
    .lossless(),
];

#[test]
fn h264_is_encoded_and_decoded_as_natively() {
    check(H264);
}

#[test]
fn hevc_is_encoded_and_decoded_as_natively() {
    check(HEVC);
}

#[test]
fn av1_is_encoded_and_decoded_as_natively() {
    check(AV1);
}

#[test]
fn vp8_and_vp9_are_encoded_and_decoded_as_natively() {
    check(VPX);
}

#[test]
fn mpeg_is_encoded_and_decoded_as_natively() {
    check(MPEG);
}

#[test]
fn codecs_for_editing_are_encoded_and_decoded_as_natively() {
    check(INTERMEDIATE);
}

#[test]
fn images_are_encoded_and_decoded_as_natively() {
    check(IMAGES);
}
