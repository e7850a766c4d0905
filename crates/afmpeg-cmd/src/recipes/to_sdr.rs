use serde::{Deserialize, Serialize};

use super::{
    RecipeError,
    colors::{self, ColorOrigin, Hdr},
    pq,
};
use crate::{Filter, Stream, Video, path, probe, probe::SideData};

/// The luminance of white on an SDR display, in cd/m² (ITU-R BT.2408).
const WHITE: f64 = 203.0;
/// The peak luminance of HLG's reference display, in cd/m² (ITU-R BT.2100).
const HLG_PEAK: f64 = 1_000.0;

/// The filters with which [`to_sdr`] maps tones.
///
/// ```
/// use afmpeg_cmd::recipes::ToneMap;
///
/// assert_eq!(ToneMap::default(), ToneMap::Scale);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ToneMap {
    /// FFmpeg's `scale`, which every module has: the curve of libplacebo, which mpv and VLC use. The peak is that of the
    /// mastering display, which FFmpeg reads from each frame; else 10,000 cd/m² for PQ, with a dark picture, and 1000 for
    /// HLG. The job starts slower, by about four seconds, in which FFmpeg computes a table of colours.
    #[default]
    Scale,
    /// `zscale` and `tonemap`, which the full module has: for greys, a curve within 8 of 255 values of that of ITU-R
    /// BT.2390; bright colours keep their hue and saturation. The peak is the maximum content light level in the probe;
    /// else that of the mastering display; else as with `Scale`. A probe of streams lacks the levels of a file that has
    /// them in its frames alone.
    Zscale,
}

/// Converts HDR (PQ or HLG) to standard dynamic range in BT.709, as 8-bit `yuv420p` of limited range, without the
/// metadata of HDR. It is chosen by the [probe](crate::Input::probe) of the video's input:
///
/// - SDR stays unchanged, also with wide primaries. If it is untagged, it gets the matrix that players assume. A video
///   without a transfer function is SDR, unless its primaries or its matrix are those of BT.2020.
/// - HDR without primaries or a matrix is in BT.2020.
/// - Dolby Vision is converted from its base layer, without its metadata.
/// - Images, and videos whose earlier filters set the matrix, stay unchanged.
///
/// ```
/// use afmpeg_cmd::{Command, Input, Output, Probe, recipes::{ToneMap, to_sdr}};
///
/// let json = r#"{ "streams": [{ "index": 0, "codec_type": "video", "pix_fmt": "yuv420p10le", "color_space": "bt2020nc",
///     "color_transfer": "smpte2084", "color_primaries": "bt2020", "side_data_list": [
///         { "side_data_type": "Content light level metadata", "max_content": 1015, "max_average": 400 }
///     ] }] }"#;
/// let probe: Probe = serde_json::from_str(json).unwrap();
/// let film = Input::new("hdr.mp4").probe(&probe);
/// let sdr = to_sdr(&film.video(), ToneMap::Zscale)?;
/// let command = Command::new([Output::new("sdr.mp4").video(&sdr, "libx264")]);
/// assert!(command.graph.to_string().contains("tonemap=mobius:param=0.515:peak=5:desat=0,"));
/// # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
/// ```
///
/// # Errors
///
/// The input has no probe, or its probe has no such stream; the transfer function is missing, with primaries or a matrix
/// of BT.2020; the video is in a profile of Dolby Vision without a compatible base layer, such as 5.
pub fn to_sdr(video: &Stream<Video>, tone_map: ToneMap) -> Result<Stream<Video>, RecipeError> {
    let any = video.any();
    let ColorOrigin::Input(input, streams) = colors::color_origin(&any.origin) else {
        return Ok(video.clone());
    };
    let path = &input.data().path;
    let Some(stream) = input.probed_video(streams) else {
        if path::is_picture(path) {
            return Ok(video.clone());
        }
        let hint = "HDR is recognised by its colours: pass ffprobe's output to `Input::probe`";
        return Err(RecipeError::missing(path, "probed video", hint));
    };
    if let Some(profile) = stream.side_data_list.iter().find_map(incompatible_dolby_vision) {
        let found = format!("Dolby Vision profile {profile}, without a compatible base layer");
        return Err(RecipeError::new(
            path,
            found,
            "SDR, PQ, HLG, or Dolby Vision with a base layer in one of them",
        ));
    }
    let Some(hdr) = Hdr::of(&stream) else {
        if colors::known(stream.color_transfer.as_ref()).is_none() && is_wide(&stream) {
            let hint = "its other colours are those of HDR: tag it as PQ (`smpte2084`), HLG (`arib-std-b67`) or SDR \
                        (`bt2020-10`)";
            return Err(RecipeError::missing(path, "transfer function", hint));
        }
        return Ok(colors::read(video));
    };
    let video = colors::read(video);
    let formats = Filter::new("format").opt("pix_fmts", "yuv420p");
    let formats = formats.opt("color_spaces", "bt709").opt("color_ranges", "tv");
    Ok(match tone_map {
        ToneMap::Scale => {
            let scale = colors::mapped(Filter::new("scale"), &hdr);
            video.filters([colors::converted(scale, "bt709", "tv"), formats])
        }
        ToneMap::Zscale => {
            // `zscale` keeps the metadata of the stream, which encoders write. The last filter removes it, and passes
            // frames on.
            let unmarked = colors::in_bt709(Filter::new("scale"));
            video.filters(zscaled(&hdr, peak(&stream, &hdr))).filters([formats, unmarked])
        }
    })
}

/// Maps tones of a source with this peak luminance in linear light, where 1 is white.
fn zscaled(hdr: &Hdr, peak: f64) -> [Filter; 5] {
    let linear = Filter::new("zscale").opt("transfer", "linear").opt("npl", WHITE);
    [
        linear.arg_opt("primariesin", hdr.untagged_primaries),
        Filter::new("format").opt("pix_fmts", "gbrpf32le"),
        Filter::new("zscale").opt("primaries", "bt709"),
        // It would read the peak from metadata that `zscale` has removed from the frames. By default, it mixes white into
        // bright colours.
        Filter::new("tonemap")
            .opt("tonemap", "mobius")
            .opt("param", format!("{:.3}", knee(peak) / WHITE))
            .opt("peak", (peak / WHITE).max(1.0))
            .opt("desat", 0),
        Filter::new("zscale").opt("transfer", "bt709").opt("matrix", "bt709").opt("range", "tv"),
    ]
}

/// Returns the luminance from which `mobius` compresses tones, in cd/m²: a fifth above the start of the spline in ITU-R
/// BT.2390, 5.4, where the two curves differ least. It is below white, since `mobius` divides by the distance.
fn knee(peak: f64) -> f64 {
    let spline = pq::luminance(1.5 * pq::signal(WHITE) - 0.5 * pq::signal(peak));
    (1.2 * spline).min(0.99 * WHITE)
}

/// Returns the peak luminance in cd/m², in the order of FFmpeg's `ff_determine_signal_peak`. HLG is relative to its
/// reference display.
fn peak(stream: &probe::Stream, hdr: &Hdr) -> f64 {
    if hdr.is_hlg {
        return HLG_PEAK;
    }
    let mut data = stream.side_data_list.iter();
    let content = data.clone().find_map(|data| u32::try_from(data.content_light_level()?.max_content).ok());
    let display = data.find_map(|data| Some(data.mastering_display()?.max_luminance?.as_f64()));
    let peaks = [content.map(f64::from), display];
    peaks.into_iter().flatten().find(|peak| *peak > 0.0).unwrap_or(pq::PEAK)
}

/// Returns the profile of Dolby Vision, if its base layer is neither HDR10, HLG nor SDR.
fn incompatible_dolby_vision(data: &SideData) -> Option<i64> {
    let profile = data.dolby_vision_profile()?;
    let compatibility = data.int("dv_bl_signal_compatibility_id");
    compatibility.map_or(profile == 5, |id| id == 0).then_some(profile)
}

/// Whether the primaries or the matrix of a stream are those of BT.2020.
fn is_wide(stream: &probe::Stream) -> bool {
    let tags = [&stream.color_primaries, &stream.color_space];
    tags.into_iter().flatten().any(|tag| tag.starts_with("bt2020"))
}
