//! Decoded frames and samples: they are the right ones, at the right times, and a long video does not fill the memory.

use std::{num::NonZero, process::Command, time::Duration};

use afmpeg_engine::{
    CancelToken, Error, ErrorKind, FrameRequest, Runtime,
    frames::{Frame, FrameFormat, FrameSize, SampleBlock},
};
use afmpeg_vfs::{MemFs, VfsExt as _};
use serde_json::Value;

use crate::harness::{CLIP, CLIP_FRAMES, FULL_GPL, full, lean, memory_with, runtime, variants};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[track_caller]
fn all(request: FrameRequest) -> Vec<Frame> {
    let pictures = request.run().unwrap_or_else(|error| panic!("{error}: {:?}", error.log()));
    pictures.map(|picture| picture.unwrap_or_else(|error| panic!("{error}: {:?}", error.log()))).collect()
}

fn times(pictures: &[Frame]) -> Vec<i64> {
    pictures.iter().map(|picture| picture.time().as_micros()).collect()
}

/// Runs a native tool on a file in memory.
fn native_tool(fs: &MemFs, path: &str, tool: &str, before: &[&str], after: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    std::fs::write(&file, fs.read(format!("/{path}")).unwrap()).unwrap();
    let command = Command::new(tool)
        .args(["-v", "error"])
        .args(before)
        .arg("-i")
        .arg(&file)
        .args(after)
        .output()
        .unwrap();
    assert!(command.status.success(), "{}", String::from_utf8_lossy(&command.stderr));
    command.stdout
}

/// Returns the timestamps of the first video's frames in presentation order, from Debian's ffprobe.
fn judged_pts(fs: &MemFs, path: &str) -> Vec<i64> {
    let after = ["-select_streams", "v:0", "-show_entries", "frame=best_effort_timestamp", "-of", "json"];
    let json: Value = serde_json::from_slice(&native_tool(fs, path, "ffprobe", &[], &after)).unwrap();
    let frames = json["frames"].as_array().unwrap();
    frames.iter().map(|frame| frame["best_effort_timestamp"].as_i64().unwrap()).collect()
}

/// Writes a lossless video of distinct frames: 64x48, 25 frames per second.
fn lossless(fs: &MemFs, path: &str, seconds: u32, filter: &str) {
    let source = format!("testsrc2=s=64x48:r=25:d={seconds}");
    let args = ["-f", "lavfi", "-i", &source, "-vf", filter, "-fps_mode", "passthrough"];
    full().ffmpeg_args(fs, &[&args[..], &["-c:v", "ffv1", "-pix_fmt", "bgr0", path]].concat());
}

#[test]
fn every_picture_comes_with_its_time_and_its_pixels() {
    let fs = MemFs::new();
    lossless(&fs, "cfr.mkv", 2, "null");
    let judged = native_tool(&fs, "cfr.mkv", "ffmpeg", &[], &["-f", "rawvideo", "-pix_fmt", "rgba", "-"]);
    let pictures = all(full().runtime.frames(fs, "cfr.mkv"));
    assert_eq!(times(&pictures), (0..50).map(|number| number * 40_000).collect::<Vec<_>>());
    let judged: Vec<&[u8]> = judged.chunks(64 * 48 * 4).collect();
    assert_eq!(pictures.len(), judged.len());
    for (picture, judged) in pictures.iter().zip(judged) {
        assert_eq!((picture.width(), picture.height(), picture.requested()), (64, 48, None));
        assert!(picture.data() == judged, "at {}", picture.time());
    }
}

#[test]
fn times_of_reordered_frames_are_the_streams_own() {
    for variant in variants() {
        let fs = memory_with(&[CLIP]);
        let size = FrameSize::Exact { width: 32, height: 18 };
        let pictures = all(variant.runtime.frames(fs.clone(), CLIP).size(size));
        assert_eq!(pictures.len() as u64, CLIP_FRAMES);
        let pts: Vec<i64> = pictures.iter().map(Frame::pts).collect();
        assert_eq!(pts, judged_pts(&fs, CLIP), "{}", variant.name);
    }
}

#[test]
fn edit_lists_and_offsets_keep_their_timestamps() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, "-ss 1.3 -i bigbuckbunny.mp4 -c copy cut.mp4");
    module.ffmpeg(&fs, "-i bigbuckbunny.mp4 -c copy -output_ts_offset 7.25 late.ts");
    let size = FrameSize::Exact { width: 32, height: 18 };
    for path in ["cut.mp4", "late.ts"] {
        let pictures = all(module.runtime.frames(fs.clone(), path).size(size).range(..millis(1500)));
        let pts: Vec<i64> = pictures.iter().map(Frame::pts).collect();
        assert!(pts.len() > 30 && judged_pts(&fs, path).starts_with(&pts), "{path}: {pts:?}");
    }
    // Requested times count from the start of the file.
    let late = all(module.runtime.frames(fs.clone(), "late.ts").size(size).at(millis(2000)));
    let plain = all(module.runtime.frames(fs, CLIP).size(size).at(millis(2000)));
    assert!(late[0].data() == plain[0].data() && late[0].time().as_micros() <= 2_000_000);
    assert!(late[0].pts() > 7 * 90_000, "{late:?}");
}

#[test]
fn frame_of_a_time_is_the_one_shown_then() {
    let fs = MemFs::new();
    // Frame n is shown from n * n * 40 ms on.
    lossless(&fs, "vfr.mkv", 1, "setpts=N*N*0.04/TB");
    let module = full();
    let every = all(module.runtime.frames(fs.clone(), "vfr.mkv"));
    assert_eq!(times(&every), (0..25).map(|number| number * number * 40_000).collect::<Vec<_>>());

    let requested = [23_040, 0, 39, 40, 41, 159, 160, 161, 12_345, 160, 2_000];
    let shown = all(module.runtime.frames(fs, "vfr.mkv").at_times(requested.map(millis)));
    let mut ascending = requested.to_vec();
    ascending.sort_unstable();
    ascending.dedup();
    assert_eq!(shown.len(), ascending.len());
    for (picture, requested) in shown.iter().zip(ascending) {
        assert_eq!(picture.requested(), Some(millis(requested)));
        let number = (0..25).rfind(|number| number * number * 40 <= requested).unwrap();
        assert_eq!(
            picture.time().as_micros(),
            i64::try_from(number * number * 40_000).unwrap(),
            "at {requested} ms"
        );
        assert!(picture.data() == every[number as usize].data(), "at {requested} ms");
    }
}

#[test]
fn frames_after_a_seek_are_those_of_a_full_decode() {
    let module = full();
    let fs = MemFs::new();
    let source = "-f lavfi -i testsrc2=s=64x48:r=30000/1001:d=16 -c:v libx264 -preset ultrafast -bf 2 -g 100";
    for path in ["long.mp4", "long.mkv", "long.ts", "long.avi"] {
        module.ffmpeg(&fs, &format!("{source} {path}"));
        let every = all(module.runtime.frames(fs.clone(), path));
        assert_eq!(every.len(), 480, "{path}");
        for number in [31, 100, 250, 479] {
            // The time reported by a frame, in truncated microseconds, selects that frame.
            let time = Duration::from_micros(every[number].time().as_micros().unsigned_abs());
            let shown = all(module.runtime.frames(fs.clone(), path).at(time));
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0].pts(), every[number].pts(), "{path}, frame {number}");
            assert!(shown[0].data() == every[number].data(), "{path}, frame {number}");
        }
        let part = all(module.runtime.frames(fs.clone(), path).range(millis(12_000)..millis(12_500)));
        let inside =
            every.iter().filter(|picture| (12_000_000..12_500_000).contains(&picture.time().as_micros()));
        assert!(part.iter().eq(inside), "{path}: {:?}", times(&part));
    }
}

#[test]
fn time_after_the_last_frame_is_an_error_in_its_place() {
    let module = full();
    let fs = MemFs::new();
    lossless(&fs, "short.mkv", 2, "null");
    let requested = [1970, 2000, 60_000].map(millis);
    let mut pictures = module.runtime.frames(fs.clone(), "short.mkv").at_times(requested).run().unwrap();
    let last = pictures.next().unwrap().unwrap();
    assert_eq!(last.time().as_micros(), 1_960_000);
    for time in [millis(2000), millis(60_000)] {
        let error = pictures.next().unwrap().unwrap_err();
        let Error::NoFrame { requested, duration, .. } = &error else { panic!("{error}") };
        assert_eq!((*requested, *duration), (time, Some(millis(2000))));
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.hint().unwrap().contains("before 2 s"), "{:?}", error.hint());
    }
    assert!(pictures.next().is_none() && pictures.next().is_none());
}

#[test]
fn interval_covers_the_file_or_a_range_of_it() {
    let fs = MemFs::new();
    lossless(&fs, "ten.mkv", 10, "null");
    let module = lean();
    // The lean module cannot decode the lossless codec, so the full module converts to PNG in MOV.
    full().ffmpeg(&fs, "-i ten.mkv -c:v png ten.mov");
    let pictures = all(module.runtime.frames(fs.clone(), "ten.mov").every(millis(3010)));
    assert_eq!(times(&pictures), [0, 3_000_000, 6_000_000, 9_000_000]);
    assert_eq!(pictures[3].requested(), Some(millis(9030)));
    let pictures =
        all(module.runtime.frames(fs, "ten.mov").every(millis(2000)).range(millis(1500)..millis(7500)));
    assert_eq!(times(&pictures), [1_480_000, 3_480_000, 5_480_000]);
}

#[test]
fn scenes_start_where_the_picture_changes() {
    let graph =
        "color=red:s=64x48:d=2[a];color=blue:s=64x48:d=2[b];color=white:s=64x48:d=2[c];[a][b][c]concat=3";
    let from_graph =
        || full().runtime.frames(MemFs::new(), graph).input_options(["-f", "lavfi"]).as_url().scenes(0.2);
    assert_eq!(times(&all(from_graph())), [2_000_000, 4_000_000]);
    assert_eq!(times(&all(from_graph().range(millis(2500)..millis(5000)))), [4_000_000]);
    assert_eq!(times(&all(from_graph().range(..millis(4000)))), [2_000_000]);
}

#[test]
fn frames_have_the_requested_size_and_format() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, "-display_rotation 90 -i bigbuckbunny.mp4 -t 1 -c copy turned.mp4");
    let one = |path: &str, size, format| {
        all(module.runtime.frames(fs.clone(), path).at(millis(500)).size(size).format(format)).remove(0)
    };
    let within = FrameSize::Within { width: 320, height: 320 };
    let turned = one("turned.mp4", within, FrameFormat::Rgba);
    assert_eq!((turned.width(), turned.height(), turned.data().len()), (180, 320, 180 * 320 * 4));
    let own = one("turned.mp4", FrameSize::Own, FrameFormat::Rgba);
    assert_eq!((own.width(), own.height()), (720, 1280));

    let png = one(CLIP, within, FrameFormat::Png);
    fs.write("/shot.png", png.data().clone()).unwrap();
    crate::harness::judge(&fs, "/shot.png").assert_codec("video", "png").assert_size(320, 180);
    let rgba = one(CLIP, within, FrameFormat::Rgba);
    let judged = native_tool(&fs, "shot.png", "ffmpeg", &[], &["-f", "rawvideo", "-pix_fmt", "rgba", "-"]);
    assert!(rgba.data().chunks(4).zip(judged.chunks(4)).all(|(rgba, judged)| rgba[..3] == judged[..3]));
}

#[test]
fn jpegs_are_files_of_the_requested_size_and_quality_with_the_colours_of_the_frame() {
    let fs = memory_with(&[CLIP]);
    let size = FrameSize::Exact { width: 320, height: 180 };
    let one = |format| {
        all(full().runtime.frames(fs.clone(), CLIP).at(millis(2400)).size(size).format(format)).remove(0)
    };
    let rgba = one(FrameFormat::Rgba);
    let lengths = [100, 75, 1].map(|quality| {
        let jpeg = one(FrameFormat::Jpeg { quality });
        assert_eq!((jpeg.width(), jpeg.height(), jpeg.pts()), (320, 180, rgba.pts()));
        fs.write("/shot.jpg", jpeg.data().clone()).unwrap();
        crate::harness::judge(&fs, "/shot.jpg").assert_codec("video", "mjpeg").assert_size(320, 180);
        jpeg.data().len()
    });
    assert!(lengths.is_sorted_by(|more, less| more > less), "{lengths:?}");

    fs.write("/shot.jpg", one(FrameFormat::Jpeg { quality: 100 }).into_data()).unwrap();
    let entries = ["-show_entries", "stream=color_range,color_space", "-of", "csv=p=0"];
    let colours = String::from_utf8(native_tool(&fs, "shot.jpg", "ffprobe", &[], &entries)).unwrap();
    assert_eq!(colours.trim(), "pc,bt470bg");
    let judged = native_tool(&fs, "shot.jpg", "ffmpeg", &[], &["-f", "rawvideo", "-pix_fmt", "rgba", "-"]);
    assert_eq!(judged.len(), rgba.data().len());
    // Each channel is the same on average: another matrix or range would shift it.
    for channel in 0..3 {
        let sum =
            |bytes: &[u8]| bytes.iter().skip(channel).step_by(4).map(|byte| i64::from(*byte)).sum::<i64>();
        let off = (sum(rgba.data()) - sum(&judged)).abs();
        assert!(off < 320 * 180, "channel {channel}: {off} of {} pixels", 320 * 180);
    }
}

#[test]
fn pixels_are_those_of_native_ffmpeg() {
    let native = crate::harness::native();
    let fs = memory_with(&[CLIP]);
    let after = [
        "-vf",
        // Players assume BT.709 for untagged HD.
        "select=eq(n\\,60),scale=in_color_matrix=bt709",
        "-frames:v",
        "1",
        "-s",
        "320x180",
        "-pix_fmt",
        "rgba",
        "-f",
        "rawvideo",
        "-",
    ];
    let judged = native_tool(&fs, CLIP, native.to_str().unwrap(), &[], &after);
    let size = FrameSize::Exact { width: 320, height: 180 };
    let ours = all(full().runtime.frames(fs, CLIP).at(millis(2400)).size(size)).remove(0);
    let off: Vec<u8> = ours.data().iter().zip(&judged).map(|(ours, native)| ours.abs_diff(*native)).collect();
    let sum: u64 = off.iter().map(|off| u64::from(*off)).sum();
    assert_eq!(ours.data().len(), judged.len());
    // The assembly of the native scaler rounds differently.
    assert!(off.iter().all(|off| *off <= 8), "{:?}", off.iter().max());
    assert!(sum < ours.data().len() as u64, "{sum} in {} bytes", ours.data().len());
}

const ENDLESS: &str = "testsrc2=s=160x90:r=25";

#[test]
fn long_video_does_not_fill_the_memory() {
    // 10,000 frames of 56 KiB are 549 MiB.
    let long = runtime(FULL_GPL)
        .frames(MemFs::new(), "color=s=160x90:r=25:d=400")
        .input_options(["-f", "lavfi"])
        .as_url();
    let mut pictures = long.run().unwrap();
    pictures.next().unwrap().unwrap();
    let before = memory_stats::memory_stats().unwrap().physical_mem;
    let mut most = before;
    let mut count = 1;
    for (number, picture) in pictures.enumerate() {
        assert_eq!(picture.unwrap().time().as_micros(), (i64::try_from(number).unwrap() + 1) * 40_000);
        count += 1;
        if number % 100 == 0 {
            // Be slower than the decoder.
            std::thread::sleep(Duration::from_millis(2));
            most = most.max(memory_stats::memory_stats().unwrap().physical_mem);
        }
    }
    assert_eq!(count, 10_000);
    assert!(most - before < 200 << 20, "{} MiB more", (most - before) >> 20);
}

/// Writes a lossless video of two frames of 100 seconds each.
fn slides(fs: &MemFs, size: &str) {
    let source = format!("testsrc2=s={size}:r=1/100:d=200");
    full().ffmpeg_args(fs, &["-f", "lavfi", "-i", &source, "-c:v", "ffv1", "-pix_fmt", "bgr0", "slides.mkv"]);
}

#[test]
fn frame_shown_for_long_is_repeated_for_each_time() {
    let fs = MemFs::new();
    slides(&fs, "64x48");
    let pictures = all(full().runtime.frames(fs.clone(), "slides.mkv").every(millis(500)));
    assert_eq!(pictures.len(), 400);
    for (number, picture) in pictures.iter().enumerate() {
        assert_eq!(picture.requested(), Some(millis(500) * u32::try_from(number).unwrap()));
        assert_eq!(picture.time().as_micros(), if number < 200 { 0 } else { 100_000_000 });
    }
    let twice = [millis(99_000), millis(99_500), millis(150_000)];
    assert_eq!(times(&all(full().runtime.frames(fs, "slides.mkv").at_times(twice))), [0, 0, 100_000_000]);
}

#[test]
fn frame_shown_for_long_does_not_fill_the_memory() {
    let fs = MemFs::new();
    slides(&fs, "1920x1080");
    // As RGBA, 1,000 copies of the first frame take 7.7 GiB.
    let pictures = full().runtime.frames(fs, "slides.mkv").every(millis(100)).run().unwrap();
    assert_eq!(pictures.take(20).map(|picture| picture.unwrap().time().as_micros()).max(), Some(0));
}

#[test]
fn dropped_iterator_ends_its_job_and_frees_the_slot() {
    let runtime: Runtime = runtime(FULL_GPL).with_slots(NonZero::<usize>::MIN);
    for _ in 0..3 {
        let endless = runtime.frames(MemFs::new(), ENDLESS).input_options(["-f", "lavfi"]).as_url();
        assert_eq!(endless.run().unwrap().take(3).filter(Result::is_ok).count(), 3);
    }
    // If the slot were taken, this would never return.
    runtime.run(MemFs::new(), ["-version"]).unwrap();
}

#[test]
fn cancellation_is_the_last_item() {
    let token = CancelToken::new();
    let jobs = token.clone();
    let endless = runtime(FULL_GPL).frames(MemFs::new(), ENDLESS).input_options(["-f", "lavfi"]).as_url();
    let mut pictures = endless.configure_job(move |job| job.cancel_token(&jobs)).run().unwrap();
    pictures.next().unwrap().unwrap();
    token.cancel();
    let errors: Vec<Error> = pictures.by_ref().filter_map(Result::err).collect();
    assert_eq!(errors.iter().map(Error::kind).collect::<Vec<_>>(), [ErrorKind::Cancelled]);
    assert!(pictures.next().is_none());
}

#[test]
fn invalid_requests_fail_before_decoding() {
    let runtime = runtime(FULL_GPL);
    let fs = memory_with(&[CLIP, "complete.oga"]);
    let error = |request: FrameRequest| request.run().unwrap_err();
    let too_large = error(runtime.frames(fs.clone(), CLIP).max_frame_bytes(1280 * 720 * 4 - 1));
    assert_eq!(too_large.kind(), ErrorKind::OutputLimit, "{too_large}");
    let no_video = error(runtime.frames(fs.clone(), "complete.oga"));
    assert_eq!(no_video.to_string(), "complete.oga has no video stream");
    let sound = error(runtime.frames(fs.clone(), CLIP).stream(1));
    assert_eq!(sound.to_string(), "stream 1 of bigbuckbunny.mp4 is not video");
    assert_eq!(error(runtime.frames(fs.clone(), "absent.mp4")).kind(), ErrorKind::NotFound);
    let zero = FrameSize::Exact { width: 0, height: 9 };
    for invalid in [
        runtime.frames(fs.clone(), CLIP).size(zero),
        runtime.frames(fs.clone(), CLIP).at_times([]),
        runtime.frames(fs.clone(), CLIP).every(Duration::ZERO),
        runtime.frames(fs.clone(), CLIP).format(FrameFormat::Jpeg { quality: 0 }),
        runtime.frames(fs, CLIP).scenes(f64::NAN),
    ] {
        assert_eq!(error(invalid).kind(), ErrorKind::InvalidArgument);
    }
}

fn samples(blocks: &[SampleBlock]) -> Vec<f32> {
    blocks.iter().flat_map(|block| block.samples().iter().copied()).collect()
}

#[test]
fn samples_have_the_values_and_times_of_the_sine() {
    for variant in variants() {
        let fs = MemFs::new();
        let source = "-f lavfi -i sine=frequency=1000:sample_rate=48000:d=3 -ac 2";
        variant.ffmpeg(&fs, &format!("{source} -c:a pcm_s16le tone.wav"));
        let whole = variant.runtime.samples(fs.clone(), "tone.wav").run().unwrap();
        assert_eq!((whole.rate(), whole.channels(), whole.channel_layout()), (48_000, 2, None));
        let whole: Vec<SampleBlock> = whole.collect::<Result<_, _>>().unwrap();
        let mut next = 0;
        for block in &whole {
            assert_eq!(block.start(), next);
            next += block.samples().len() as i64 / 2;
        }
        assert_eq!(next, 3 * 48_000);
        let all = samples(&whole);
        for (number, both) in all.chunks(2).enumerate() {
            // The source has 1/8 of full scale, and each of two channels half of its power. The tolerance is the
            // precision of 16 bits and of the source's table.
            let angle = number as f64 * 1000.0 / 48_000.0 * std::f64::consts::TAU;
            let expected = angle.sin() / 8.0 * std::f64::consts::FRAC_1_SQRT_2;
            let off = both.iter().map(|sample| (f64::from(*sample) - expected).abs()).fold(0.0, f64::max);
            assert!(off < 2e-4, "sample {number}: expected {expected}, found {both:?}");
        }

        let part =
            variant.runtime.samples(fs.clone(), "tone.wav").range(millis(1500)..millis(1750)).run().unwrap();
        let part: Vec<SampleBlock> = part.collect::<Result<_, _>>().unwrap();
        assert_eq!(part[0].start(), 72_000);
        assert!(samples(&part) == all[2 * 72_000..2 * 84_000], "{part:?}");

        let mono = variant.runtime.samples(fs, "tone.wav").rate(16_000).channels(1).run().unwrap();
        let mono: Vec<SampleBlock> = mono.collect::<Result<_, _>>().unwrap();
        assert_eq!(samples(&mono).len(), 3 * 16_000);
    }
}

#[test]
fn audio_too_short_for_the_resampler_is_an_error() {
    let fs = MemFs::new();
    full().ffmpeg(&fs, "-f lavfi -i sine=sample_rate=48000:d=0.5 -c:a pcm_s16le tone.wav");
    let at = |rate| full().runtime.samples(fs.clone(), "tone.wav").rate(rate).run().unwrap();
    assert_eq!(at(1000).map(|block| block.unwrap().samples().len()).sum::<usize>(), 500);
    let items: Vec<_> = at(10).collect();
    let [Err(error)] = &items[..] else { panic!("expected an error, found {items:?}") };
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn blocks_may_grow_as_much_as_the_requested_rate_and_channels() {
    let fs = MemFs::new();
    full().ffmpeg(&fs, "-f lavfi -i sine=sample_rate=8000:d=0.3 -c:a pcm_s16le tone.wav");
    // A block of 1,024 samples takes 25 MB.
    let blocks = full().runtime.samples(fs, "tone.wav").rate(6_144_000).channels(8).run().unwrap();
    let samples: usize = blocks.map(|block| block.unwrap().samples().len()).sum();
    assert_eq!(samples, 8 * 6_144_000 * 3 / 10);
}

#[test]
fn samples_keep_the_channel_layout() {
    let blocks = full().runtime.samples(memory_with(&[CLIP]), CLIP).run().unwrap();
    assert_eq!((blocks.channels(), blocks.channel_layout()), (6, Some("5.1")));
    let judged = native_tool(
        &memory_with(&[CLIP]),
        CLIP,
        "ffprobe",
        &[],
        &["-select_streams", "a:0", "-show_entries", "frame=nb_samples", "-of", "csv=p=0"],
    );
    let judged: usize = String::from_utf8(judged)
        .unwrap()
        .lines()
        .map(|line| line.trim_matches(',').parse::<usize>().unwrap())
        .sum();
    let ours: usize = blocks.map(|block| block.unwrap().samples().len() / 6).sum();
    assert_eq!(ours, judged);
}
