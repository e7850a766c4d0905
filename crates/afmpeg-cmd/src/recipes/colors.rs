//! Colours as players show them: the matrix between YUV and RGB is that of the file's tag; without a tag, BT.709 for HD
//! and BT.601 for smaller video. FFmpeg's default is BT.601 for both.

use crate::{Filter, Input, Stream, Video, node::Origin, path, probe};

/// Returns the matrix that players assume for untagged video of this size, in pixels.
pub(super) fn assumed(width: u32, height: u32) -> &'static str {
    if width >= 1280 || height > 576 { "bt709" } else { "smpte170m" }
}

/// Tags an untagged video with the matrix that players assume.
///
/// A video of an input without a [probe](Input::probe) stays unchanged.
pub(super) fn read(video: &Stream<Video>) -> Stream<Video> {
    match source(&video.any().origin) {
        Some(Source { untagged: Some(matrix), .. }) => {
            video.filter(Filter::new("setparams").opt("colorspace", matrix))
        }
        _ => video.clone(),
    }
}

/// As [`read`], and converts HDR (PQ, HLG) of an input with a probe to standard dynamic range, in BT.709.
pub(super) fn standard(video: &Stream<Video>) -> Stream<Video> {
    match source(&video.any().origin) {
        Some(Source { is_hdr: true, .. }) => {
            read(video).filter(mapped(Filter::new("scale")).opt("out_color_matrix", "bt709"))
        }
        _ => read(video),
    }
}

/// A `scale` filter for `video` that also converts its colours, as [`standard`] does, in one pass: to this matrix and
/// limited range, or to RGB if `None`. For untagged video without a [probe](Input::probe), the filter stays unchanged.
pub(super) fn scaled(scale: Filter, video: &Stream<Video>, matrix: Option<&'static str>) -> Filter {
    let Some(source) = source(&video.any().origin) else { return scale };
    let scale = scale.arg_opt("in_color_matrix", source.untagged);
    let scale = if source.is_hdr { mapped(scale) } else { scale };
    match matrix {
        Some(matrix) => converted(scale, matrix, "tv"),
        None => scale,
    }
}

/// The pixel formats of a `format` filter, in limited range and the matrix that [`scaled`] converts to.
pub(super) fn tagged(video: &Stream<Video>, pixel_formats: Filter, matrix: &'static str) -> Filter {
    let is_understood = source(&video.any().origin).is_some();
    pixel_formats.opt("color_ranges", "tv").arg_opt("color_spaces", is_understood.then_some(matrix))
}

/// A `scale` filter that converts to a matrix and a range. With its default flags FFmpeg is off by up to three of 255.
pub(super) fn converted(scale: Filter, matrix: &'static str, range: &'static str) -> Filter {
    let flags = "bicubic+accurate_rnd+full_chroma_int";
    scale.opt("out_color_matrix", matrix).opt("out_range", range).opt("flags", flags)
}

/// A `scale` filter that converts HDR to standard dynamic range.
fn mapped(scale: Filter) -> Filter {
    scale.opt("out_primaries", "bt709").opt("out_transfer", "bt709").opt("intent", "perceptual")
}

/// The colours of a video. The default is tagged, or RGB.
#[derive(Default)]
struct Source {
    /// The matrix that players assume, if it is untagged.
    untagged: Option<&'static str>,
    is_hdr: bool,
}

/// `None` for a video without a probe.
fn source(origin: &Origin) -> Option<Source> {
    let mut origin = origin;
    loop {
        match origin {
            Origin::Node { node, .. } => {
                // Earlier filters have chosen the colours.
                let names = ["colorspace", "color_spaces", "out_color_matrix", "all"];
                if names.into_iter().any(|name| node.filter.option(name).is_some()) {
                    return Some(Source::default());
                }
                // A source of frames uses the matrix that later filters request.
                let Some(first) = node.inputs.first() else { return Some(Source::default()) };
                origin = first;
            }
            Origin::Input { input, streams, .. } => return of_input(input, streams),
        }
    }
}

fn of_input(input: &Input, streams: &str) -> Option<Source> {
    let Some(stream) = input.probed_video(streams) else {
        // Images are RGB, or tagged by their decoders.
        return path::is_picture(&input.data().path).then(Source::default);
    };
    // ffprobe omits an unknown matrix, or prints it as such with `-show_optional_fields always`.
    let is_tagged = stream.color_space.as_deref().is_some_and(|matrix| matrix != "unknown");
    let untagged = if !is_tagged && is_yuv(&stream) {
        let (width, height) = stream.size()?;
        Some(assumed(width, height))
    } else {
        None
    };
    let is_hdr = matches!(stream.color_transfer.as_deref(), Some("smpte2084" | "arib-std-b67"));
    Some(Source { untagged, is_hdr })
}

/// Whether the pixels of a stream are not RGB, by the name of the pixel format.
fn is_yuv(stream: &probe::Stream) -> bool {
    let name = stream.pix_fmt.as_deref().unwrap_or_default();
    ["yuv", "nv", "p0", "p2", "p4", "y2", "uyv", "yv", "ayuv", "vuy", "xv"]
        .iter()
        .any(|start| name.starts_with(start))
}
