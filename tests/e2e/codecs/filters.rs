//! Filters that use a library, judged by native FFmpeg.

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    quality::{picture_quality, sound_quality},
    source::{Raw, clip, natively, on_host, words},
};
use crate::harness::full;

#[test]
fn sound_is_resampled_by_soxr_to_the_samples_of_native_ffmpeg() {
    let raw = Raw::Sound("f32le");
    let source = raw.source(0);
    let fs = MemFs::new();
    fs.write("/raw", source.clone()).unwrap();
    for (rate, precision) in [(44_100, 20), (16_000, 20), (96_000, 28), (22_050, 28)] {
        let options = format!("-af aresample={rate}:resampler=soxr:precision={precision} -f f32le pipe:");
        let line = format!("{} -i raw {options}", raw.input());
        let ours = full().runtime.job(fs.clone()).args(words(&line)).run().unwrap();
        let theirs = on_host("raw", &source, |path| natively(&line.replace("-i raw", &format!("-i {path}"))));
        let equality = sound_quality(&theirs, ours.stdout());
        assert!(equality > 120.0, "{options}: {equality:.1} dB");
    }
}

#[test]
fn hdr_becomes_sdr_as_natively() {
    let hdr = natively(&format!(
        "-ss 1 -i {} -an -frames:v 3 -vf scale=640:360,format=yuv420p10 -f rawvideo pipe:",
        clip()
    ));
    let fs = MemFs::new();
    fs.write("/raw", hdr.clone()).unwrap();
    let input = "-f rawvideo -s 640x360 -pix_fmt yuv420p10 -color_trc smpte2084 -color_primaries bt2020 \
                 -colorspace bt2020nc -color_range tv";
    let marked = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv";
    for graph in [
        "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
        // Approximate gamma of values above 1 differs between native processors.
        "zscale=t=bt709:m=bt709:p=bt709:r=tv:agamma=0,format=yuv420p",
        "zscale=320:180:filter=spline36:dither=error_diffusion,format=yuv420p",
        "zscale=t=linear:p=jedec-p22,zscale=t=bt709:m=bt709:p=bt709:r=tv,format=yuv420p",
    ] {
        let line = format!("{input} -i raw -vf {marked},{graph} -f rawvideo pipe:");
        let ours = full().runtime.job(fs.clone()).args(words(&line)).run().unwrap();
        let theirs = on_host("raw", &hdr, |path| natively(&line.replace("-i raw", &format!("-i {path}"))));
        let equality = picture_quality(&theirs, ours.stdout(), "yuv420p");
        assert!(equality > 45.0, "{graph}: {equality:.1} dB");
    }
}
