//! Transitions on subsampled chroma: a patch of ours makes `xfade` work on it without a conversion.

use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{full, judge};

const WIDTH: usize = 65;
const HEIGHT: usize = 49;

/// The planes of a frame in 4:2:0: offset, width and height.
const PLANES: [(usize, usize, usize); 3] =
    [(0, WIDTH, HEIGHT), (WIDTH * HEIGHT, 33, 25), (WIDTH * HEIGHT + 33 * 25, 33, 25)];

const FRAME: usize = WIDTH * HEIGHT + 2 * 33 * 25;

/// Two clips of two seconds with 10 frames per second, and their transition of one second, from 0.5 s on.
struct Clips {
    first: Vec<u8>,
    second: Vec<u8>,
    mixed: Vec<u8>,
}

impl Clips {
    fn new(transition: &str) -> Self {
        let fs = MemFs::new();
        let source =
            |name: &str| format!("{name}=s=80x60:r=10:d=2,format=yuv420p,crop={WIDTH}:{HEIGHT}:exact=1");
        let (first, second) = (source("testsrc2"), source("rgbtestsrc"));
        let graph = format!(
            "[0:v]split[a][x];[1:v]split[b][y];[x][y]xfade=transition={transition}:duration=1:offset=0.5[m]"
        );
        let inputs = ["-f", "lavfi", "-i", &first, "-f", "lavfi", "-i", &second, "-filter_complex", &graph];
        // Without a pixel format, each output has that of its filter.
        let outputs = ["-map", "[a]", "a.yuv", "-map", "[b]", "b.yuv", "-map", "[m]", "m.yuv"];
        full().ffmpeg_args(&fs, &[&inputs[..], &outputs].concat());
        let read = |path: &str| fs.read(path).unwrap().to_vec();
        let clips = Self { first: read("/a.yuv"), second: read("/b.yuv"), mixed: read("/m.yuv") };
        assert_eq!([&clips.first, &clips.second].map(Vec::len), [20 * FRAME; 2]);
        assert_eq!(clips.mixed.len(), 25 * FRAME, "not 25 frames in 4:2:0");
        clips
    }

    /// Returns a mixed frame, those that it is made of, and the part of the first clip in it.
    fn mixed(&self, number: usize) -> (&[u8], &[u8], &[u8], f32) {
        let progress = (1.0 - (number as f32 - 5.0) / 10.0).clamp(0.0, 1.0);
        (
            &self.mixed[number * FRAME..][..FRAME],
            &self.first[number * FRAME..][..FRAME],
            &self.second[(number - 5) * FRAME..][..FRAME],
            progress,
        )
    }
}

#[test]
fn fade_mixes_each_sample_of_each_plane() {
    let clips = Clips::new("fade");
    assert!(
        clips.mixed[..5 * FRAME] == clips.first[..5 * FRAME],
        "the frames before the transition are changed"
    );
    assert!(
        clips.mixed[16 * FRAME..] == clips.second[11 * FRAME..],
        "the frames after the transition are changed"
    );
    for number in 5..16 {
        let (mixed, first, second, progress) = clips.mixed(number);
        for (at, sample) in mixed.iter().enumerate() {
            let expected = f32::from(first[at]) * progress + f32::from(second[at]) * (1.0 - progress);
            // FFmpeg truncates; its time base rounds the progress.
            assert!(
                (f32::from(*sample) - expected).abs() < 1.1,
                "frame {number}, byte {at}: {sample}, {expected}"
            );
        }
    }
}

#[test]
fn wipe_takes_each_sample_from_the_clip_on_its_side() {
    let clips = Clips::new("wipeleft");
    for number in 5..16 {
        let (mixed, first, second, progress) = clips.mixed(number);
        for (offset, width, height) in PLANES {
            let edge = (width as f32 * progress) as usize;
            for (at, x) in (0..height).flat_map(|y| (0..width).map(move |x| (offset + y * width + x, x))) {
                // The sample at the edge depends on the rounding of the progress.
                if x.abs_diff(edge) > 1 {
                    let from = if x > edge { second } else { first };
                    assert_eq!(mixed[at], from[at], "frame {number}, plane at {offset}, column {x}");
                }
            }
        }
    }
}

#[test]
fn other_transitions_work_in_444_as_before() {
    let fs = MemFs::new();
    let source = "-f lavfi -i testsrc2=s=64x48:r=10:d=1,format=yuv420p";
    for (transition, format) in [("circlecrop", "yuv444p"), ("slideup", "yuv420p"), ("dissolve", "yuv444p")] {
        let graph = format!("[0:v][1:v]xfade=transition={transition}:duration=0.5:offset=0.2");
        full().ffmpeg(&fs, &format!("{source} {source} -filter_complex {graph} -c:v ffv1 -y out.mkv"));
        let judged = judge(&fs, "/out.mkv");
        assert_eq!(judged.stream("video")["pix_fmt"], format, "{transition}");
    }
}
