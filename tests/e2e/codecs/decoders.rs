//! Decoders on streams that no encoder of the module writes.

use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    case::frames,
    source::{SIZE, clip, natively, on_host, words},
};
use crate::harness::full;

#[test]
fn av1_is_decoded_to_the_frames_of_native_ffmpeg() {
    let (width, height) = SIZE;
    for (format, options) in [
        ("yuv420p", "-c:v libsvtav1 -preset 10 -crf 35"),
        ("yuv420p10le", "-c:v libsvtav1 -preset 10 -crf 30 -svtav1-params film-grain=8"),
        ("yuv444p", "-c:v libaom-av1 -cpu-used 8 -crf 30"),
        ("gray", "-c:v libaom-av1 -cpu-used 8 -crf 30 -still-picture 1 -frames:v 1"),
    ] {
        let line = format!(
            "-ss 1 -i {} -an -frames:v 10 -vf scale={}:{} -pix_fmt {format} {options} -f nut pipe:",
            clip(),
            // Odd, so that blocks end outside the picture.
            width - 1,
            height - 1
        );
        let film = natively(&line);
        let fs = MemFs::new();
        fs.write("/film.nut", film.clone()).unwrap();
        let hashes = "-c:v libdav1d -i film.nut -f framemd5 pipe:";
        let ours = full().runtime.job(fs).args(words(hashes)).run().unwrap();
        let theirs = on_host("film.nut", &film, |path| natively(&hashes.replace("film.nut", path)));
        let (ours, theirs) = (frames(ours.stdout()), frames(&theirs));
        assert!(!theirs.is_empty(), "{line}");
        assert_eq!(ours, theirs, "{format} {options}");
    }
}
