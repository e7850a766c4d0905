//! HDR on SDR displays, by the tone curve of mpv and VLC: libplacebo's spline, with the knee of SMPTE ST 2094-10.

use std::time::Duration;

use afmpeg_cmd::{
    Command, Input, Ratio,
    recipes::{Conform, Thumbnail},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{colors::assert_alike, lossless, probe, run};
use crate::harness::{full, judge};

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
