//! HDR on SDR displays, by the tone curve of mpv and VLC: libplacebo's spline, with the knee of SMPTE ST 2094-10.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Input, Output, Ratio,
    recipes::{Conform, Thumbnail, ToneMap, to_sdr},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{colors::assert_alike, lossless, probe, run};
use crate::{
    codecs::picture_quality,
    harness::{CLIP, full, judge, memory_with, native},
};

/// The white of an SDR display in cd/m² (ITU-R BT.2408).
const WHITE: f64 = 203.0;
/// The peak luminance of PQ, and of HLG's reference display, in cd/m² (ITU-R BT.2100).
const PQ_PEAK: f64 = 10_000.0;
const HLG_PEAK: f64 = 1_000.0;

// The constants of PQ in SMPTE ST 2084.
const M1: f64 = 2610.0 / 16384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C2: f64 = 2413.0 / 4096.0 * 32.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

/// Returns the PQ signal of a luminance.
fn pq(luminance: f64) -> f64 {
    let power = (luminance / PQ_PEAK).powf(M1);
    ((C1 + C2 * power) / (1.0 + C3 * power)).powf(M2)
}

/// Returns the luminance of a PQ signal.
fn luminance_of_pq(signal: f64) -> f64 {
    let root = signal.powf(1.0 / M2);
    PQ_PEAK * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// Returns the luminance of a grey HLG signal on the reference display.
fn luminance_of_hlg(signal: f64) -> f64 {
    let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73);
    let scene = if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - c) / a).exp() + b) / 12.0 };
    HLG_PEAK * scene.powf(1.2)
}

fn mix(start: f64, end: f64, share: f64) -> f64 {
    start + (end - start) * share
}

fn smoothstep(start: f64, end: f64, value: f64) -> f64 {
    let share = ((value - start) / (end - start)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// Maps a luminance of a source with this peak to the PQ signal of a display with the white `WHITE`.
fn mapped(luminance: f64, peak: f64) -> f64 {
    let (source, display) = (pq(peak), pq(WHITE));
    let knee = 0.4;
    let strength = mix(1.0, 0.4, smoothstep(0.8, knee, knee) * smoothstep(0.1, knee, knee));
    let (knee_in, knee_out) = (knee * source, mix(knee * source, knee * display, strength));
    let knee_out = knee_out.clamp(0.1 * display, 0.8 * display);
    let slope = (knee_out / knee_in).powf(0.5 * (1.5 * (source / display - 1.0)).clamp(0.2, 1.2));
    let offset = pq(luminance) - knee_in;
    let (above, below) = (source - knee_in, display - knee_out);
    let curve = if offset > 0.0 {
        let bend = (slope * above - below) / (2.0 * above * above);
        ((bend / above * offset - 3.0 * bend) * offset + slope) * offset
    } else {
        ((slope * knee_in - knee_out) / (knee_in * knee_in) * offset + slope) * offset
    };
    curve + knee_out
}

/// Returns the mapped luminance as an SDR value from 0 to 255, with the gamma of ITU-R BT.1886.
fn shown(luminance: f64, peak: f64) -> f64 {
    255.0 * (luminance_of_pq(mapped(luminance, peak)) / WHITE).powf(1.0 / 2.4)
}

#[test]
fn hdr_is_mapped_to_the_tones_of_players_on_sdr_displays() {
    let (module, fs) = (full(), MemFs::new());
    let steps = [30_u8, 60, 100, 130, 148, 165, 190, 255];
    let row: Vec<u8> = (0..320).flat_map(|x| [steps[x * steps.len() / 320]; 3]).collect();
    fs.write("/steps.raw", row.repeat(180)).unwrap();
    for (transfer, luminance, peak) in [
        ("smpte2084", luminance_of_pq as fn(f64) -> f64, PQ_PEAK),
        ("arib-std-b67", luminance_of_hlg, HLG_PEAK),
    ] {
        let tags = format!("setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}");
        let ten_bits = "scale=out_color_matrix=bt2020nc:out_range=tv,format=yuv420p10le";
        let source = "-f rawvideo -pix_fmt rgb24 -s 320x180 -i steps.raw";
        module.ffmpeg(&fs, &format!("{source} -vf {ten_bits},{tags} -c:v ffv1 -y hdr.mkv"));
        let expected = steps.map(|step| [shown(luminance(f64::from(step) / 255.0), peak); 3]);

        let known = probe(&fs, "/hdr.mkv");
        let video = Input::new("hdr.mkv").probe(&known).video();
        let conformed = Conform::new(320, 180, Ratio::from(25)).video(&video).unwrap();
        let thumbnail = |path| Thumbnail::new("hdr.mkv", Duration::ZERO).probe(&known).output(path).unwrap();
        let tones = |pixels: &[u8], depth: usize| {
            let offset = |step: usize| (90 * 320 + (2 * step + 1) * 320 / (2 * steps.len())) * depth;
            let step = |step| [0, 1, 2].map(|plane| f64::from(pixels[offset(step) + plane]));
            (0..steps.len()).map(step).collect::<Vec<_>>()
        };
        for (path, output) in [
            ("out.jpg", thumbnail("out.jpg")),
            ("out.png", thumbnail("out.png")),
            ("out.mkv", lossless(&conformed)),
        ] {
            run(&module, &fs, &Command::new([output]).overwrite());
            let exact = "-sws_flags bicubic+accurate_rnd+full_chroma_int";
            let pixels = format!("-i {path} -frames:v 1 -f rawvideo -pix_fmt rgb24 {exact} -y pixels.raw");
            module.ffmpeg(&fs, &pixels);
            let found = tones(&fs.read("/pixels.raw").unwrap(), 3);
            assert_alike(&found, &expected, &format!("{path} of {transfer}"));
            let judged = judge(&fs, &format!("/{path}"));
            assert_ne!(judged.stream("video")["color_transfer"], transfer, "{path}");
        }
        let mut frames = module.runtime.frames(fs.clone(), "hdr.mkv").run().unwrap();
        let frame = frames.next().unwrap().unwrap();
        assert_alike(&tones(frame.data(), 4), &expected, &format!("a frame of {transfer}"));
    }
}

/// The light levels of a display with 1000 cd/m², for x265.
const LIGHT: &str =
    ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400";

/// Converts frames of the clip, treated as HDR, in the module and natively, and returns the graph.
#[track_caller]
fn assert_sdr_as_natively(transfer: &str, light: &str, tone_map: ToneMap) -> String {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let tags = format!("setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}:range=tv");
    let codec = "-c:v libx265 -preset ultrafast -x265-params log-level=error";
    let frames = format!("-ss 1 -i {CLIP} -an -frames:v 3 -vf scale=320:180,format=yuv420p10le,{tags}");
    module.ffmpeg(&fs, &format!("{frames} {codec}{light} frames.mkv"));
    // The stream of the first file has the light levels in its frames alone.
    module.ffmpeg(&fs, &format!("-i frames.mkv {codec} hdr.mkv"));
    let video = Input::new("hdr.mkv").probe(&probe(&fs, "/hdr.mkv")).video();
    let sdr = to_sdr(&video, tone_map).unwrap();
    let x265 = Codec::new("libx265").opt("preset", "ultrafast").opt("x265-params", "log-level=error");
    let raw = Output::new("sdr.yuv").format("rawvideo").video(&sdr, "rawvideo");
    let command = Command::new([Output::new("sdr.mp4").video(&sdr, x265), raw]);
    run(&module, &fs, &command);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hdr.mkv"), fs.read("/hdr.mkv").unwrap()).unwrap();
    let theirs = std::process::Command::new(native())
        .args(command.to_args())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(theirs.status.success(), "{theirs:?}");
    let theirs = std::fs::read(folder.path().join("sdr.yuv")).unwrap();
    let equality = picture_quality(&theirs, &fs.read("/sdr.yuv").unwrap(), "yuv420p");
    assert!(equality > 45.0, "{transfer} {tone_map:?}: {equality:.1} dB");

    let judged = judge(&fs, "/sdr.mp4");
    let video = judged.assert_frames(3).stream("video");
    for tag in ["color_space", "color_transfer", "color_primaries"] {
        assert_eq!(video[tag], "bt709", "{tag}");
    }
    assert_eq!((&video["pix_fmt"], &video["color_range"]), (&"yuv420p".into(), &"tv".into()));
    assert!(video["side_data_list"].is_null(), "{}", video["side_data_list"]);
    command.graph.to_string()
}

#[test]
fn pq_becomes_sdr_by_scale_as_natively() {
    assert_sdr_as_natively("smpte2084", LIGHT, ToneMap::Scale);
}

#[test]
fn hlg_becomes_sdr_by_scale_as_natively() {
    assert_sdr_as_natively("arib-std-b67", "", ToneMap::Scale);
}

#[test]
fn hdr_becomes_sdr_by_zscale_as_natively() {
    let graph = assert_sdr_as_natively("smpte2084", LIGHT, ToneMap::Zscale);
    // 1000 / 203: the peak of the file, not of PQ.
    assert!(graph.contains("peak=4.926"), "{graph}");
    assert_sdr_as_natively("arib-std-b67", "", ToneMap::Zscale);
}

/// Writes a column of PQ for each of these luminances of red, green and blue in BT.2020, in cd/m², converts them from this
/// peak to SDR, and returns the values of each column, from 0 to 255.
fn mapped_by_zscale(columns: &[[f64; 3]], peak: u32) -> Vec<[f64; 3]> {
    let (module, fs) = (full(), MemFs::new());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a signal of 16 bits")]
    let signal = |luminance: &f64| ((pq(*luminance) * 65535.0).round() as u16).to_le_bytes();
    let column = |colours: &[f64; 3]| colours.iter().flat_map(signal).collect::<Vec<u8>>().repeat(16);
    let row: Vec<u8> = columns.iter().flat_map(column).collect();
    fs.write("/columns.raw", row.repeat(32)).unwrap();
    let tags = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084:range=tv";
    let width = columns.len() * 16;
    module.ffmpeg(
        &fs,
        &format!(
            "-f rawvideo -pix_fmt rgb48le -s {width}x32 -i columns.raw \
             -vf format=gbrp16le,scale=out_color_matrix=bt2020nc:out_range=tv,format=yuv420p10le,{tags} -c:v ffv1 hdr.mkv"
        ),
    );
    let mut known = probe(&fs, "/hdr.mkv");
    let light = r#""side_data_type": "Content light level metadata", "max_average": 1, "max_content":"#;
    known.streams[0].side_data_list = serde_json::from_str(&format!("[{{ {light} {peak} }}]")).unwrap();
    let sdr = to_sdr(&Input::new("hdr.mkv").probe(&known).video(), ToneMap::Zscale).unwrap();
    let rgb = Codec::new("rawvideo").opt("pix_fmt", "rgb24");
    run(&module, &fs, &Command::new([Output::new("sdr.raw").format("rawvideo").video(&sdr, rgb)]));
    let pixels = fs.read("/sdr.raw").unwrap();
    let middle = |column: usize| (16 * width + 16 * column + 8) * 3;
    let value = |column: usize| [0, 1, 2].map(|plane| f64::from(pixels[middle(column) + plane]));
    (0..columns.len()).map(value).collect()
}

#[test]
fn zscale_maps_greys_as_itu_r_bt_2390() {
    let nits = [1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 203.0, 300.0, 400.0, 600.0, 1000.0, 2000.0, 4000.0_f64];
    for peak in [250, 400, 1000, 4000] {
        let nits: Vec<f64> = nits.into_iter().filter(|nits| *nits <= f64::from(peak)).collect();
        let columns: Vec<[f64; 3]> = nits.iter().map(|nits| [*nits; 3]).collect();
        for (nits, found) in nits.into_iter().zip(mapped_by_zscale(&columns, peak)) {
            let expected = 255.0 * (tone_mapped_by_bt_2390(nits, f64::from(peak)) / WHITE).powf(1.0 / 2.4);
            let is_near = (found[0] - expected).abs() < 8.0;
            assert!(is_near, "{nits} of {peak} cd/m²: expected {expected:.0}, found {found:?}");
        }
    }
}

#[test]
fn zscale_keeps_the_saturation_of_bright_colours() {
    // The primaries of BT.709 in BT.2020 (ITU-R BT.2087).
    let primaries = [[0.6274, 0.0691, 0.0164], [0.3293, 0.9195, 0.0880], [0.0433, 0.0114, 0.8956]];
    let found =
        mapped_by_zscale(&primaries.map(|colours: [f64; 3]| colours.map(|share| 1000.0 * share)), 1000);
    for (bright, found) in found.into_iter().enumerate() {
        for (plane, value) in found.into_iter().enumerate() {
            assert!(if plane == bright { value > 240.0 } else { value < 30.0 }, "{bright}: {found:?}");
        }
    }
}

/// Maps a luminance by the EETF of ITU-R BT.2390 to a display with the white `WHITE`, and black of zero.
fn tone_mapped_by_bt_2390(luminance: f64, peak: f64) -> f64 {
    let (source, most) = (pq(luminance) / pq(peak), pq(WHITE) / pq(peak));
    let knee = 1.5 * most - 0.5;
    let mapped = if source < knee {
        source
    } else {
        let share = (source - knee) / (1.0 - knee);
        let (square, cube) = (share.powi(2), share.powi(3));
        (2.0 * cube - 3.0 * square + 1.0) * knee
            + (cube - 2.0 * square + share) * (1.0 - knee)
            + (-2.0 * cube + 3.0 * square) * most
    };
    luminance_of_pq(mapped * pq(peak))
}
