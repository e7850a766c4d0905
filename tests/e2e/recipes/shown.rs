//! The frame shown at a time is the same from thumbnails, sheets, sprites and decoded frames, for any frame times.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Input, Output, OutputStream, Stream, Video,
    recipes::{ContactSheet, Sprites, Thumbnail},
};
use afmpeg_vfs::{MemFs, VfsExt as _};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

use super::{
    inputs::{AS_TIMED, at_times, times},
    run,
};
use crate::harness::{Variant, full};

const WIDTH: usize = 64;
const HEIGHT: usize = 48;

/// Writes a clip with frames of increasing brightness at these times, in milliseconds, and a sound from zero to its end.
#[track_caller]
fn numbered(module: &Variant, fs: &MemFs, times: &[i64], options: &str, path: &str) {
    assert!(times.len() < 30);
    let frames = format!("color=black:s={WIDTH}x{HEIGHT}:r=25,trim=end_frame={},format=gray", times.len());
    let filters = format!("{frames},geq=lum='8*(N+1)',{}", at_times(times));
    let end = (times[times.len() - 1] + 40) as f64 / 1e3;
    // In MPEG-TS, sound with priming would start before zero.
    let sound = match path.rsplit_once('.') {
        Some((_, "ts")) => "-an",
        Some((_, "mkv")) => "-c:a flac",
        _ => "-c:a aac",
    };
    module.ffmpeg(
        fs,
        &format!(
            "-f lavfi -i {filters} -f lavfi -i sine=d={end}:r=48000 {AS_TIMED} -c:v libx264 -qp 10 -pix_fmt yuv420p \
             {sound} {options} -y {path}"
        ),
    );
}

/// Returns the number of the frame with this brightness.
#[track_caller]
fn number(brightness: u8) -> usize {
    let number = usize::from(brightness).div_ceil(8).max(1) - 1;
    let nearest = [number.saturating_sub(1), number, number + 1];
    nearest.into_iter().min_by_key(|number| usize::from(brightness).abs_diff(8 * (number + 1))).unwrap()
}

/// Returns the first frame of a video in grey.
#[track_caller]
fn gray(module: &Variant, fs: &MemFs, video: Stream<Video>) -> Vec<u8> {
    let output = OutputStream::new(video).codec(Codec::new("rawvideo").opt("pix_fmt", "gray")).frames(1);
    let output =
        Output::new("gray.raw").format("rawvideo").stream(output).arg("abort_on", "empty_output_stream");
    run(module, fs, &Command::new([output]).overwrite());
    fs.read("/gray.raw").unwrap().to_vec()
}

/// A seeded source of random numbers.
struct Numbers(ChaCha8Rng);

impl Numbers {
    fn below(&mut self, end: i64) -> i64 {
        i64::try_from(self.0.next_u64() % u64::try_from(end).unwrap()).unwrap()
    }

    fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as i64)).unwrap()]
    }

    /// Returns random times for a clip's frames, in milliseconds.
    fn times(&mut self) -> Vec<i64> {
        let steps: &[i64] = match self.below(4) {
            0 => &[1000],
            1 => &[8, 17, 33, 40, 100, 500],
            2 => &[40, 100, 5_000, 30_000],
            _ => self.choose(&[&[8][..], &[40], &[33], &[500]]),
        };
        let mut time = self.choose(&[0, 0, 40, 500]);
        let frames = 3 + self.below(25);
        (0..frames)
            .map(|_| {
                let start = time;
                time += self.choose(steps);
                start
            })
            .collect()
    }
}

#[test]
fn thumbnails_sheets_sprites_and_frames_have_the_frame_shown_at_a_time() {
    let module = full();
    for seed in 0..12 {
        let mut numbers = Numbers(ChaCha8Rng::seed_from_u64(seed));
        let fs = MemFs::new();
        let path = numbers.choose(&["a.mp4", "a.mkv", "a.mov", "a.ts"]);
        let options = format!("-g {} -bf {}", numbers.choose(&[1, 5, 12, 250]), numbers.choose(&[0, 2, 3]));
        let planned = numbers.times();
        // A constant bit rate, without which short streams are not recognised, makes long ones large.
        let path = if path == "a.ts" && planned[planned.len() - 1] > 10_000 { "a.mkv" } else { path };
        let options = if path == "a.ts" { format!("{options} -muxrate 1M") } else { options };
        // A seek does not look ahead far enough for frames that are reordered over a pause.
        let pauses = planned.windows(2).any(|pair| pair[1] - pair[0] > 500);
        let options = if pauses { format!("{options} -bf 0") } else { options };
        numbered(&module, &fs, &planned, &options, path);
        let times: Vec<i64> = match path {
            // The judge reports no times for some of its frames. The file has no sound, and starts with its first frame.
            "a.ts" => planned.iter().map(|time| (time - planned[0]) * 1_000).collect(),
            _ => times(&fs, path),
        };
        let last = times[times.len() - 1];
        let shown = |micros: i64| times.iter().rposition(|time| *time <= micros).unwrap_or(0);
        let context = |micros: i64| format!("{seed}: {path} {options}, at {micros} of {times:?}");
        let film = Input::new(path);

        let mut requested = vec![0, times[0], last, times[numbers.below(times.len() as i64) as usize]];
        requested.extend((0..3).map(|_| numbers.below(last + 1)));
        let duration = |micros: i64| Duration::from_micros(u64::try_from(micros).unwrap());
        for micros in requested {
            let thumbnail = Thumbnail::new(path, duration(micros)).video().unwrap();
            let frame = gray(&module, &fs, thumbnail);
            let middle = frame[frame.len() / 2 + WIDTH / 2];
            assert_eq!(number(middle), shown(micros), "thumbnail of {}", context(micros));
            let mut frames = module.runtime.frames(fs.clone(), path).at(duration(micros)).run().unwrap();
            let frame = frames.next().unwrap().unwrap();
            let middle = frame.data()[(HEIGHT / 2 * WIDTH + WIDTH / 2) * 4];
            assert_eq!(number(middle), shown(micros), "frame of {}", context(micros));
        }

        // A multiple of 16 ms, so that the parts and their halves are whole milliseconds.
        let (columns, rows) = (4, 2);
        let whole = (last / 16_000).max(1) * 16_000;
        let cells = |sheet: Vec<u8>| -> Vec<usize> {
            let cell = |index: usize| {
                let (x, y) = (index % columns * WIDTH + WIDTH / 2, index / columns * HEIGHT + HEIGHT / 2);
                number(sheet[y * columns * WIDTH + x])
            };
            (0..columns * rows).map(cell).collect()
        };
        let size = (WIDTH as u32, HEIGHT as u32);
        let sheet = ContactSheet::new(duration(whole), columns as u32, rows as u32).cell(size.0, size.1);
        let expected: Vec<usize> = (0..8).map(|part| shown((2 * part + 1) * whole / 16)).collect();
        assert_eq!(
            cells(gray(&module, &fs, sheet.video(&film.video()).unwrap())),
            expected,
            "{}",
            context(whole)
        );
        let sprites = Sprites::new(duration(whole), duration(whole / 8))
            .cell(size.0, size.1)
            .grid(columns as u32, rows as u32);
        let expected: Vec<usize> = (0..8).map(|index| shown(index * (whole / 8))).collect();
        let found = cells(gray(&module, &fs, sprites.video(&film.video()).unwrap()));
        assert_eq!(found, expected, "sprites: {}", context(whole));
    }
}

#[test]
fn thumbnail_after_the_end_fails_and_just_before_it_is_the_last_frame() {
    let (module, fs) = (full(), MemFs::new());
    // Like a screen recording with a long still part, which ends at 42 s.
    let mut times: Vec<i64> = (0..8).map(|number| number * 100).collect();
    times.extend((0..8).map(|number| 41_200 + number * 100));
    numbered(&module, &fs, &times, "-g 250", "a.mkv");
    let thumbnail = |millis| Thumbnail::new("a.mkv", Duration::from_millis(millis)).output("a.png").unwrap();
    for millis in [5_000, 20_000, 41_150, 41_910] {
        run(&module, &fs, &Command::new([thumbnail(millis)]).overwrite());
        module.ffmpeg(&fs, "-i a.png -f rawvideo -pix_fmt gray -y gray.raw");
        let expected = if millis < 41_200 { 7 } else { 15 };
        assert_eq!(
            number(fs.read("/gray.raw").unwrap()[WIDTH * HEIGHT / 2 + WIDTH / 2]),
            expected,
            "{millis}"
        );
    }
    let command = Command::new([thumbnail(60_000)]).overwrite();
    let error = module.runtime.job(fs).args(&command).run().unwrap_err();
    assert!(error.to_string().contains("no frame at the requested time"), "{error}");
}
