//! The colours of a recipe's output match those of its input, as players show them.

use std::time::Duration;

use afmpeg_cmd::{
    Arg, Command, Input, Output, Ratio,
    recipes::{Conform, ContactSheet, Fade, Gif, KenBurns, Thumbnail, View, crossfade},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{lossless, probe, run};
use crate::harness::{Variant, full, judge};

const SECOND: Duration = Duration::from_secs(1);

/// The colours of the bands of every source, from left to right.
const BANDS: [[u8; 3]; 5] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 150, 120], [128, 128, 128]];

/// Returns the colour that a player shows in the middle of each band, in RGB from 0 to 255: by the tagged matrix and
/// range, or without tags by BT.709 for HD and BT.601 for smaller video.
#[track_caller]
fn shown(module: &Variant, fs: &MemFs, path: &str) -> Vec<[f64; 3]> {
    let judged = judge(fs, &format!("/{path}"));
    let video = judged.stream("video");
    let number = |name: &str| usize::try_from(video[name].as_u64().unwrap()).unwrap();
    let text = |name: &str| video[name].as_str().unwrap_or_default().to_owned();
    let (width, height) = (number("width"), number("height"));
    let format = text("pix_fmt");
    let is_rgb = ["rgb", "bgr", "gbr", "pal"].iter().any(|start| format.starts_with(start));
    let centers = (0..BANDS.len()).map(|band| (2 * band + 1) * width / (2 * BANDS.len()));
    if is_rgb {
        module.ffmpeg(fs, &format!("-i {path} -frames:v 1 -f rawvideo -pix_fmt rgb24 -y pixels.raw"));
        let pixels = fs.read("/pixels.raw").unwrap();
        let offset = |x: usize| (height / 2 * width + x) * 3;
        return centers.map(|x| [0, 1, 2].map(|plane| f64::from(pixels[offset(x) + plane]))).collect();
    }
    // The same samples and bit depth, without chroma subsampling.
    let has_ten_bits = format.contains("10");
    let full = if text("color_range") == "pc" || format.starts_with("yuvj") { "yuvj444p" } else { "yuv444p" };
    let wide = if has_ten_bits { "yuv444p10le" } else { full };
    let planes =
        format!("-i {path} -frames:v 1 -f rawvideo -pix_fmt {wide} -sws_flags neighbor -y pixels.raw");
    module.ffmpeg(fs, &planes);
    let pixels = fs.read("/pixels.raw").unwrap();
    let sample = |plane: usize, x: usize| {
        let offset = (plane * height + height / 2) * width + x;
        if has_ten_bits {
            f64::from(u16::from_le_bytes([pixels[2 * offset], pixels[2 * offset + 1]])) / 4.0
        } else {
            f64::from(pixels[offset])
        }
    };
    let (kr, kb) = match text("color_space").as_str() {
        "bt709" => (0.2126, 0.0722),
        "bt2020nc" => (0.2627, 0.0593),
        "smpte170m" | "bt470bg" => (0.299, 0.114),
        _ if width >= 1280 || height > 576 => (0.2126, 0.0722),
        _ => (0.299, 0.114),
    };
    let is_full = full == "yuvj444p";
    centers
        .map(|x| {
            let [y, cb, cr] = [0, 1, 2].map(|plane| sample(plane, x));
            let (y, cb, cr) = if is_full {
                (y, cb - 128.0, cr - 128.0)
            } else {
                ((y - 16.0) * 255.0 / 219.0, (cb - 128.0) * 255.0 / 224.0, (cr - 128.0) * 255.0 / 224.0)
            };
            let (red, blue) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
            let green = (y - kr * red - kb * blue) / (1.0 - kr - kb);
            [red, green, blue].map(|value| value.clamp(0.0, 255.0))
        })
        .collect()
}

#[track_caller]
pub(super) fn assert_alike(found: &[[f64; 3]], expected: &[[f64; 3]], context: &str) {
    for (found, expected) in found.iter().zip(expected) {
        let off = found.iter().zip(expected).map(|(found, expected)| (found - expected).abs());
        let off = off.fold(0.0, f64::max);
        assert!(off <= 2.0, "{context}: expected {expected:.1?}, found {found:.1?}, off by {off:.1}");
    }
    assert_eq!(found.len(), expected.len());
}

/// Creates sources of this size, and returns their names and paths.
#[track_caller]
fn sources(
    module: &Variant,
    fs: &MemFs,
    (width, height): (usize, usize),
) -> Vec<(&'static str, &'static str)> {
    let row: Vec<u8> = (0..width).flat_map(|x| BANDS[x * BANDS.len() / width]).collect();
    fs.write("/bands.raw", row.repeat(height)).unwrap();
    module.ffmpeg(fs, &format!("-f rawvideo -pix_fmt rgb24 -s {width}x{height} -i bands.raw -y bands.png"));
    let assumed = if width >= 1280 { "bt709" } else { "smpte170m" };
    let jpeg = "format=color_ranges=pc:color_spaces=bt470bg";
    module.ffmpeg(fs, &format!("-i bands.png -vf {jpeg} -q:v 1 -qmin 1 -y bands.jpg"));
    for (matrix, range, tag, path) in [
        ("bt709", "tv", "bt709", "bt709.mkv"),
        ("smpte170m", "tv", "smpte170m", "bt601.mkv"),
        ("bt709", "pc", "bt709", "full.mkv"),
        (assumed, "tv", "unknown", "untagged.mkv"),
    ] {
        module.ffmpeg(
            fs,
            &format!(
                "-i bands.png -vf scale=out_color_matrix={matrix}:out_range={range},format=yuv444p,\
                 setparams=colorspace={tag}:range={range} -c:v ffv1 -y {path}"
            ),
        );
    }
    vec![
        ("an RGB picture", "bands.png"),
        ("a JPEG", "bands.jpg"),
        ("a video tagged BT.709", "bt709.mkv"),
        ("a video tagged BT.601", "bt601.mkv"),
        ("a video of full range", "full.mkv"),
        ("a video without tags", "untagged.mkv"),
    ]
}

#[test]
fn outputs_of_recipes_show_the_colors_of_the_source() {
    let module = full();
    for size in [(320, 180), (1280, 720)] {
        let fs = MemFs::new();
        for (name, path) in sources(&module, &fs, size) {
            let known = probe(&fs, &format!("/{path}"));
            let video = Input::new(path).probe(&known).video();
            let expected = shown(&module, &fs, path);
            let thumbnail =
                |output| Thumbnail::new(path, Duration::ZERO).probe(&known).output(output).unwrap();
            let conform = |width, height| Conform::new(width, height, Ratio::from(25)).video(&video).unwrap();
            let movement = KenBurns::new(View::whole(), View::whole(), SECOND / 10).upscale(1);
            let sheet = ContactSheet::new(SECOND / 25, 1, 1).cell(320, 180);
            let gif = Gif::new().width(320).no_dither();
            let outputs: [(&str, Output); 8] = [
                ("out.png", thumbnail("out.png")),
                (
                    "out.jpg",
                    thumbnail("out.jpg").with(Arg::new("q", 1).on("v")).with(Arg::new("qmin", 1).on("v")),
                ),
                ("sheet.png", sheet.output(&video, "sheet.png").unwrap()),
                ("out.gif", gif.output(&video, "out.gif").unwrap()),
                ("out.mkv", lossless(&conform(320, 180))),
                ("out.mkv", lossless(&conform(1280, 720))),
                ("out.mkv", lossless(&movement.size(320, 180).video(&video).unwrap())),
                ("out.mkv", lossless(&movement.size(1280, 720).video(&video).unwrap())),
            ];
            for (index, (output_path, output)) in outputs.into_iter().enumerate() {
                run(&module, &fs, &Command::new([output]).overwrite());
                let context = format!("{output_path} ({index}) of {name} of {}x{}", size.0, size.1);
                assert_alike(&shown(&module, &fs, output_path), &expected, &context);
            }
            let mut frames = module.runtime.frames(fs.clone(), path).run().unwrap();
            let frame = frames.next().unwrap().unwrap();
            let offset =
                |band: usize| (size.1 / 2 * size.0 + (2 * band + 1) * size.0 / (2 * BANDS.len())) * 4;
            let found = (0..BANDS.len())
                .map(|band| [0, 1, 2].map(|plane| f64::from(frame.data()[offset(band) + plane])));
            assert_alike(
                &found.collect::<Vec<_>>(),
                &expected,
                &format!("a frame of {name} of {}x{}", size.0, size.1),
            );
        }
    }
}

#[test]
fn film_of_slides_is_tagged_and_has_the_colors_of_the_pictures() {
    let (module, fs) = (full(), MemFs::new());
    sources(&module, &fs, (1280, 720));
    let conform = Conform::new(1280, 720, Ratio::from(25));
    let shots = ["bands.png", "bands.jpg"].map(|path| {
        let video = conform.video(&Input::still(path, SECOND / 5).video()).unwrap();
        (video, SECOND / 5)
    });
    let reel = crossfade(&shots, &[Fade::new(SECOND / 25)]).unwrap();
    run(&module, &fs, &Command::new([Output::new("reel.mp4").video(&reel.stream, "libx264")]));
    let judged = judge(&fs, "/reel.mp4");
    assert_eq!(judged.stream("video")["color_space"], "bt709");
    assert_eq!(judged.stream("video")["color_range"], "tv");
    let expected: Vec<[f64; 3]> = BANDS.iter().map(|color| color.map(f64::from)).collect();
    assert_alike(&shown(&module, &fs, "reel.mp4"), &expected, "reel");
}

#[test]
fn pictures_conformed_to_any_rgb_format_keep_their_colors() {
    let module = full();
    let fs = MemFs::new();
    sources(&module, &fs, (320, 180));
    let expected: Vec<[f64; 3]> = BANDS.iter().map(|color| color.map(f64::from)).collect();
    for format in ["rgb24", "gbrp", "0rgb", "bgr0", "rgb48le"] {
        for source in ["bands.png", "bt601.mkv"] {
            let video = Input::new(source).probe(&probe(&fs, &format!("/{source}"))).video();
            let conform = Conform::new(320, 180, Ratio::from(25)).pixel_format(format).video(&video).unwrap();
            let output = Output::new("raw.nut").video(&conform, "rawvideo");
            run(&module, &fs, &Command::new([output]).overwrite());
            let pixels =
                "-i raw.nut -frames:v 1 -f rawvideo -pix_fmt rgb24 -sws_flags accurate_rnd -y pixels.raw";
            module.ffmpeg(&fs, pixels);
            let pixels = fs.read("/pixels.raw").unwrap();
            let offset = |band: usize| (90 * 320 + (2 * band + 1) * 320 / (2 * BANDS.len())) * 3;
            let found =
                (0..BANDS.len()).map(|band| [0, 1, 2].map(|plane| f64::from(pixels[offset(band) + plane])));
            assert_alike(&found.collect::<Vec<_>>(), &expected, &format!("{source} in {format}"));
        }
    }
}
