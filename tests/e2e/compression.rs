//! Lossless compression, whose search is ours in part: `wasm-build/libraries/zlib`.

use std::process::Command;

use crate::harness::{CLIP, full, memory_with, native, repository};

#[test]
fn pictures_are_compressed_to_the_same_bytes_as_by_native_ffmpeg() {
    let fs = memory_with(&[CLIP]);
    for level in 0..=9 {
        for prediction in ["none", "paeth", "mixed"] {
            let args = |input: &str| -> Vec<String> {
                let line = format!(
                    "-v error -bitexact -i {input} -an -frames:v 3 -vf extractplanes=y -c:v png \
                     -compression_level {level} -pred {prediction} -f image2pipe pipe:"
                );
                line.split_whitespace().map(str::to_owned).collect()
            };
            let ours = full().runtime.job(fs.clone()).args(args(CLIP)).run().unwrap();
            let clip = repository().join("fixtures").join(CLIP);
            let theirs = Command::new(native()).args(args(clip.to_str().unwrap())).output().unwrap();
            assert!(theirs.status.success() && !theirs.stdout.is_empty(), "{theirs:?}");
            assert!(ours.stdout() == theirs.stdout, "level {level}, prediction {prediction}");
        }
    }
}
