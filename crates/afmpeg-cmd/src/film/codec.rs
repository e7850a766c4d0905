//! The encoders of chunks: their settings are checked against the policy for seams, and completed.

use super::seam::{Cap, Seam};
use crate::{Codec, Value, recipes::RecipeError};

/// An encoder whose chunks join exactly.
struct Encoder {
    name: &'static str,
    /// ffprobe's name of the codec.
    codec: &'static str,
    /// Its options with lists of its library's own settings, `key=value:key=value`.
    lists: &'static [&'static str],
    /// Whether it has a constant quality only with `crf`.
    needs_crf: bool,
    /// Whether it keeps to a maximum rate.
    keeps_rate: bool,
}

const ENCODERS: [Encoder; 6] = [
    encoder("libx264", "h264", &["x264-params", "x264opts"], false, true),
    encoder("libx264rgb", "h264", &["x264-params", "x264opts"], false, true),
    encoder("libx265", "hevc", &["x265-params"], false, true),
    encoder("libsvtav1", "av1", &["svtav1-params"], false, false),
    encoder("libvpx-vp9", "vp9", &[], true, false),
    encoder("ffv1", "ffv1", &[], false, false),
];

const fn encoder(
    name: &'static str,
    codec: &'static str,
    lists: &'static [&'static str],
    needs_crf: bool,
    keeps_rate: bool,
) -> Encoder {
    Encoder { name, codec, lists, needs_crf, keeps_rate }
}

/// A setting of an encoder: an option, or an entry of a list in an option.
struct Setting {
    key: String,
    value: String,
}

impl Setting {
    fn is_on(&self) -> bool {
        !matches!(self.value.as_str(), "0" | "false" | "no")
    }
}

/// The rate control that excludes constant quality.
const RATES: [&str; 4] = ["b", "bitrate", "tbr", "target-bitrate"];
/// The rate control that excludes a size.
const RATES_AND_QUALITIES: [&str; 9] =
    ["b", "bitrate", "maxrate", "bufsize", "vbv-maxrate", "vbv-bufsize", "crf", "qp", "lossless"];
/// The options that change the times or the number of frames.
const TIMES: [&str; 6] = ["r", "fpsmax", "fps_mode", "vsync", "enc_time_base", "frames"];

/// A checked encoder, and ffprobe's name of its codec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) codec: Codec,
    pub(super) codec_name: &'static str,
}

/// Checks that an encoder joins exactly and suits the policy, and closes its groups of pictures.
pub(super) fn checked(
    codec: &Codec,
    variant: &str,
    seam: Seam,
    is_sized: bool,
) -> Result<Checked, RecipeError> {
    let refused = |found: String, expected: &str| {
        RecipeError::new(format!("the encoder of {variant}"), found, expected)
    };
    let name = codec.name().unwrap_or("none");
    let Some(encoder) = ENCODERS.iter().find(|encoder| encoder.name == name) else {
        let names: Vec<&str> = ENCODERS.iter().map(|encoder| encoder.name).collect();
        return Err(refused(name.to_owned(), &format!("one of {}", names.join(", "))));
    };
    if is_sized && !encoder.keeps_rate {
        return Err(refused(name.to_owned(), "libx264 or libx265, which keep to a size"));
    }
    let settings = settings(codec, encoder);
    let excluded: &[&str] = match seam {
        _ if is_sized => &RATES_AND_QUALITIES,
        Seam::ConstantQuality => &RATES,
        Seam::Capped | Seam::Serial => &[],
    };
    for setting in &settings {
        let Setting { key, value } = setting;
        let expected = match key.as_str() {
            key if TIMES.contains(&key) => "no such option, since frames keep their times",
            "pass" if setting.is_on() => "one pass",
            "open-gop" if setting.is_on() => "closed groups of pictures",
            "irefresh-type" if value == "1" => "closed groups of pictures",
            "force_key_frames" if value.contains("n_forced") => {
                "no number of earlier key frames, which starts at 0 in each chunk"
            }
            // A quality of zero is the best, and a rate of zero is none.
            key if excluded.contains(&key) && (setting.is_on() || matches!(key, "crf" | "qp")) => {
                if is_sized { "no such option beside `max_bytes`" } else { "constant quality: `crf` or `qp`" }
            }
            _ => continue,
        };
        return Err(refused(format!("{key}={value}"), expected));
    }
    let has_quality =
        settings.iter().any(|setting| setting.key == "crf" || setting.key == "lossless" && setting.is_on());
    if seam == Seam::ConstantQuality && encoder.needs_crf && !has_quality {
        return Err(refused(name.to_owned(), "constant quality: `crf`"));
    }
    let codec = match name {
        // Its default is open groups.
        "libx265" => {
            let list = codec.option("x265-params").map(|list| format!("{list}:")).unwrap_or_default();
            codec.clone().replace_opt("x265-params", format!("{list}open-gop=0"))
        }
        _ => codec.clone(),
    };
    Ok(Checked { codec, codec_name: encoder.codec })
}

/// Returns the options of an encoder, and the entries of their lists with dashes in their names.
fn settings(codec: &Codec, encoder: &Encoder) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, value) in codec.options() {
        // A specifier may follow the name.
        let key = name.split(':').next().unwrap_or_default();
        let text = value.map(Value::as_str).unwrap_or_default();
        if !encoder.lists.contains(&key) {
            settings.push(Setting { key: key.to_owned(), value: text.to_owned() });
            continue;
        }
        for entry in text.split(':').filter(|entry| !entry.is_empty()) {
            let (key, value) = entry.split_once('=').unwrap_or((entry, "1"));
            settings.push(Setting { key: key.replace('_', "-"), value: value.to_owned() });
        }
    }
    settings
}

/// Sets a constant bit rate.
pub(super) fn capped(codec: Codec, cap: Cap) -> Codec {
    codec.opt("b", cap.bit_rate).opt("maxrate", cap.bit_rate).opt("bufsize", cap.buffer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoders::{
        EncoderOptions as _,
        video::{libsvtav1, libvpx_vp9, libx264, libx265},
    };

    fn refusal(codec: impl Into<Codec>, seam: Seam, is_sized: bool) -> Option<String> {
        checked(&codec.into(), "hd", seam, is_sized).err().map(|error| error.to_string())
    }

    #[test]
    fn settings_against_constant_quality_are_refused() {
        let quality = Seam::ConstantQuality;
        for (codec, found) in [
            (Codec::from(libx264().b(900_000)), "constant quality: `crf` or `qp`, found b=900000"),
            (libx264().opt("b:v", "1M").into(), "constant quality: `crf` or `qp`, found b=1M"),
            (
                libx265().x265_params("aq-mode=2:bitrate=900").into(),
                "constant quality: `crf` or `qp`, found bitrate=900",
            ),
            (libvpx_vp9().b(0).into(), "constant quality: `crf`, found libvpx-vp9"),
            (libx264().opt("pass", 2).into(), "one pass, found pass=2"),
            (
                libx264().x264opts("keyint=50:open_gop=1").into(),
                "closed groups of pictures, found open-gop=1",
            ),
            (libx265().x265_params("open-gop").into(), "closed groups of pictures, found open-gop=1"),
            (
                libsvtav1().svtav1_params("irefresh-type=1").into(),
                "closed groups of pictures, found irefresh-type=1",
            ),
            (libx264().opt("r", 25).into(), "no such option, since frames keep their times, found r=25"),
            (
                libx264().opt("force_key_frames", "expr:gte(t,n_forced*2)").into(),
                "no number of earlier key frames, which starts at 0 in each chunk, found \
                 force_key_frames=expr:gte(t,n_forced*2)",
            ),
        ] {
            assert_eq!(
                refusal(codec, quality, false).unwrap(),
                format!("the encoder of hd: expected {found}")
            );
        }
        for codec in [
            Codec::from(libx264()),
            libx264().qp(20).x264_params("open-gop=0:keyint=50").into(),
            libx264().crf(20).maxrate(1_000_000).bufsize(2_000_000).into(),
            libx265().crf(20).into(),
            libvpx_vp9().b(0).crf(30).into(),
            "ffv1".into(),
        ] {
            assert_eq!(refusal(codec, quality, false), None);
        }
    }

    #[test]
    fn size_excludes_other_rate_control_and_inexact_encoders() {
        for (codec, found) in [
            (Codec::from(libx264().crf(20)), "no such option beside `max_bytes`, found crf=20"),
            (libx264().qp(0).into(), "no such option beside `max_bytes`, found qp=0"),
            (libsvtav1().into(), "libx264 or libx265, which keep to a size, found libsvtav1"),
        ] {
            let error = refusal(codec, Seam::Capped, true).unwrap();
            assert_eq!(error, format!("the encoder of hd: expected {found}"));
        }
        assert_eq!(refusal(libx265(), Seam::Capped, true), None);
        assert_eq!(refusal(libx264().b(1_000_000), Seam::Serial, false), None);
        let copied = refusal(Codec::copy(), Seam::Serial, false).unwrap();
        assert!(
            copied.starts_with("the encoder of hd: expected one of libx264, ")
                && copied.ends_with("found copy")
        );
    }

    #[test]
    fn groups_of_pictures_of_x265_are_closed_beside_its_other_settings() {
        for (codec, list) in
            [(libx265(), "open-gop=0"), (libx265().x265_params("aq-mode=2"), "aq-mode=2:open-gop=0")]
        {
            let closed = checked(&codec.into(), "hd", Seam::ConstantQuality, false).unwrap();
            assert_eq!(closed.codec, Codec::new("libx265").opt("x265-params", list));
            assert_eq!(closed.codec_name, "hevc");
        }
    }
}
