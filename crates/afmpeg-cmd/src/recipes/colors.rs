//! Colours as players show them: the matrix between YUV and RGB is that of the file's tag; without a tag, BT.709 for HD
//! and BT.601 for smaller video, and BT.2020 for HDR (ITU-R BT.2100). FFmpeg's default is BT.601 for all.

use crate::{Filter, Input, Stream, Video, node::Origin, path, probe};

/// Returns the matrix that players assume for untagged video of this size, in pixels.
pub(super) fn assumed(width: u32, height: u32) -> &'static str {
    if width >= 1280 || height > 576 { "bt709" } else { "smpte170m" }
}

/// Tags an untagged video with the matrix that players assume.
///
/// A video of an input without a [probe](Input::probe) stays unchanged.
pub(crate) fn read(video: &Stream<Video>) -> Stream<Video> {
    match source(video) {
        Some(Source { untagged: Some(matrix), .. }) => {
            video.filter(Filter::new("setparams").opt("colorspace", matrix))
        }
        _ => video.clone(),
    }
}

/// As [`read`], and converts HDR (PQ, HLG) of an input with a probe to standard dynamic range, in BT.709.
pub(super) fn standard(video: &Stream<Video>) -> Stream<Video> {
    match source(video) {
        Some(Source { hdr: Some(hdr), .. }) => {
            read(video).filter(mapped(Filter::new("scale"), &hdr).opt("out_color_matrix", "bt709"))
        }
        _ => read(video),
    }
}

/// A `scale` filter for `video` that also converts its colours, as [`standard`] does, in one pass: to this matrix and
/// limited range, or to RGB if `None`. For untagged video without a [probe](Input::probe), the filter stays unchanged.
pub(super) fn scaled(scale: Filter, video: &Stream<Video>, matrix: Option<&'static str>) -> Filter {
    let Some(source) = source(video) else { return scale };
    let scale = scale.arg_opt("in_color_matrix", source.untagged);
    let scale = match &source.hdr {
        Some(hdr) => mapped(scale, hdr),
        None => scale,
    };
    match matrix {
        Some(matrix) => converted(scale, matrix, "tv"),
        None => scale,
    }
}

/// The pixel formats of a `format` filter, in limited range and the matrix that [`scaled`] converts to.
pub(super) fn tagged(video: &Stream<Video>, pixel_formats: Filter, matrix: &'static str) -> Filter {
    let is_understood = source(video).is_some();
    pixel_formats.opt("color_ranges", "tv").arg_opt("color_spaces", is_understood.then_some(matrix))
}

/// Converts a picture to BT.601 in this range, and to the pixel formats of a `format` filter. Viewers decode JPEG (JFIF)
/// and WebP so, whatever the video was, and AVIF without tags.
pub(super) fn bt601(video: &Stream<Video>, range: &'static str, formats: Filter) -> Stream<Video> {
    let converted = converted(Filter::new("scale"), "bt470bg", range);
    video.filters([converted, formats.opt("color_ranges", range).opt("color_spaces", "bt470bg")])
}

/// A `scale` filter that converts to a matrix and a range. With its default flags FFmpeg is off by up to three of 255.
pub(super) fn converted(scale: Filter, matrix: &'static str, range: &'static str) -> Filter {
    let flags = "bicubic+accurate_rnd+full_chroma_int";
    scale.opt("out_color_matrix", matrix).opt("out_range", range).opt("flags", flags)
}

/// A `scale` filter that converts HDR to standard dynamic range.
pub(super) fn mapped(scale: Filter, hdr: &Hdr) -> Filter {
    in_bt709(scale.arg_opt("in_primaries", hdr.untagged_primaries)).opt("intent", "perceptual")
}

/// A `scale` filter that converts to the primaries and the transfer function of BT.709, and removes the light levels of
/// others.
pub(super) fn in_bt709(scale: Filter) -> Filter {
    scale.opt("out_primaries", "bt709").opt("out_transfer", "bt709")
}

/// The colours of a video. The default is tagged, or RGB.
#[derive(Default)]
struct Source {
    /// The matrix that players assume, if it is untagged.
    untagged: Option<&'static str>,
    hdr: Option<Hdr>,
}

/// A video in PQ or HLG.
pub(super) struct Hdr {
    /// The primaries of ITU-R BT.2100, if it is untagged.
    pub(super) untagged_primaries: Option<&'static str>,
    pub(super) is_hlg: bool,
}

impl Hdr {
    pub(super) fn of(stream: &probe::Stream) -> Option<Self> {
        let is_hlg = match stream.color_transfer.as_deref()? {
            "smpte2084" => false,
            "arib-std-b67" => true,
            _ => return None,
        };
        let untagged_primaries = known(stream.color_primaries.as_ref()).is_none().then_some("bt2020");
        Some(Self { untagged_primaries, is_hlg })
    }
}

/// A colour tag: ffprobe omits an unknown one, or prints it as such with `-show_optional_fields always`.
pub(super) fn known(tag: Option<&String>) -> Option<&str> {
    tag.map(String::as_str).filter(|tag| *tag != "unknown")
}

/// The origin of the colours of a video.
pub(super) enum ColorOrigin<'a> {
    /// Filters have chosen them, or a source of frames uses those that later filters request.
    Chosen,
    /// These streams of an input.
    Input(&'a Input, &'a str),
}

/// Returns the origin of the colours of a video with this origin.
pub(super) fn color_origin(origin: &Origin) -> ColorOrigin<'_> {
    let mut origin = origin;
    loop {
        match origin {
            Origin::Node { node, .. } => {
                let names = ["colorspace", "color_spaces", "out_color_matrix", "all"];
                if names.into_iter().any(|name| node.filter.option(name).is_some()) {
                    return ColorOrigin::Chosen;
                }
                let Some(first) = node.inputs.first() else { return ColorOrigin::Chosen };
                origin = first;
            }
            Origin::Input { input, streams, .. } => return ColorOrigin::Input(input, streams),
        }
    }
}

/// `None` for a video without a probe.
fn source(video: &Stream<Video>) -> Option<Source> {
    match color_origin(&video.any().origin) {
        ColorOrigin::Chosen => Some(Source::default()),
        ColorOrigin::Input(input, streams) => of_input(input, streams),
    }
}

fn of_input(input: &Input, streams: &str) -> Option<Source> {
    let Some(stream) = input.probed_video(streams) else {
        // Images are RGB, or tagged by their decoders.
        return path::is_picture(&input.data().path).then(Source::default);
    };
    let hdr = Hdr::of(&stream);
    let untagged = if known(stream.color_space.as_ref()).is_some() || !is_yuv(&stream) {
        None
    } else if hdr.is_some() {
        Some("bt2020nc")
    } else {
        let (width, height) = stream.size()?;
        Some(assumed(width, height))
    };
    Some(Source { untagged, hdr })
}

/// Whether the pixels of a stream are not RGB, by the name of the pixel format.
fn is_yuv(stream: &probe::Stream) -> bool {
    let name = stream.pix_fmt.as_deref().unwrap_or_default();
    ["yuv", "nv", "p0", "p2", "p4", "y2", "uyv", "yv", "ayuv", "vuy", "xv"]
        .iter()
        .any(|start| name.starts_with(start))
}
