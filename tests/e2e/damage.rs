//! Jobs where ffmpeg exits with success despite a loss: damaged inputs, and outputs that it did not write.

use std::process::Command;

use afmpeg_engine::{Error, ErrorKind};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{CLIP, fixture, full, memory_with, native};

/// The real clip with bytes changed in the middle of its media.
fn damaged_clip() -> Vec<u8> {
    let mut clip = fixture(CLIP);
    let len = clip.len();
    for part in 20..40 {
        let start = len * part / 60;
        clip[start..start + 32].iter_mut().for_each(|byte| *byte ^= 0x5a);
    }
    clip
}

/// Decodes the video only, in one thread, so that the damage is the same in each run.
const DECODE: &[&str] = &["-threads", "1", "-i", "damaged.mp4", "-map", "0:v", "-f", "null", "-"];

#[test]
fn damage_that_ffmpeg_continues_after_is_counted_as_by_native_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("damaged.mp4"), damaged_clip()).unwrap();
    let native = Command::new(native())
        .current_dir(folder.path())
        .args(["-hide_banner", "-nostdin", "-v", "verbose"])
        .args(DECODE)
        .output()
        .unwrap();
    assert!(native.status.success());
    let log = String::from_utf8_lossy(&native.stderr);
    // "  Input stream #0:0 (video): 132 packets read (... bytes); 130 frames decoded; 2 decode errors; "
    let line = log.lines().find(|line| line.contains("Input stream #0:0")).unwrap();
    let errors = line.split("; ").find_map(|part| part.strip_suffix(" decode errors")).unwrap();
    let errors: u32 = errors.parse().unwrap();
    let corrupt_frames = log.lines().filter(|line| line.ends_with("corrupt decoded frame")).count();
    assert!(corrupt_frames > 0, "{log}");

    let fs = MemFs::new();
    fs.write("/damaged.mp4", damaged_clip()).unwrap();
    let statistics = full().runtime.run(fs, DECODE.iter().copied()).unwrap().statistics();
    assert_eq!(statistics.decode_errors, errors);
    // A repeated warning is printed once.
    assert!(statistics.corrupt_frames as usize >= corrupt_frames, "{statistics:?}");
    assert!(statistics.damage().is_some());
}

#[test]
fn intact_input_has_no_damage() {
    let output = full().runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-f", "null", "-"]).unwrap();
    assert_eq!(output.statistics().damage(), None);
}

#[test]
fn job_fails_on_damage_if_configured() {
    let fs = MemFs::new();
    fs.write("/damaged.mp4", damaged_clip()).unwrap();
    let runtime = full().runtime;
    let error = runtime.job(fs).args(DECODE.iter().copied()).fail_on_damage(true).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    assert!(matches!(error, Error::Damaged { .. }), "{error}");

    let intact = runtime.job(memory_with(&[CLIP])).args(["-i", CLIP, "-t", "1", "-f", "null", "-"]);
    intact.fail_on_damage(true).run().unwrap();
}

#[test]
fn dropped_and_duplicated_frames_are_counted_as_by_native_ffmpeg() {
    let runtime = full().runtime;
    for rate in ["5", "50"] {
        let args =
            ["-f", "lavfi", "-i", "testsrc2=s=64x36:d=2", "-fps_mode", "cfr", "-r", rate, "-f", "null", "-"];
        let native = Command::new(native())
            .args(["-nostdin", "-v", "error", "-progress", "pipe:1"])
            .args(args)
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&native.stdout);
        let last = |key: &str| -> u32 {
            report.lines().rev().find_map(|line| line.strip_prefix(key)).unwrap().parse().unwrap()
        };
        let (dropped, duplicated) = (last("drop_frames="), last("dup_frames="));
        assert!(dropped + duplicated > 30, "{report}");
        let statistics = runtime.run(MemFs::new(), args).unwrap().statistics();
        assert_eq!(
            (statistics.dropped_frames, statistics.duplicated_frames),
            (dropped, duplicated),
            "{rate}"
        );
    }
}

/// Returns the real clip in another container, with its index at the front, and the first half of that file.
fn whole_and_truncated(name: &str) -> (Vec<u8>, Vec<u8>) {
    let fs = memory_with(&[CLIP]);
    let args = ["-i", CLIP, "-c", "copy", "-movflags", "faststart", name];
    full().runtime.run(fs.clone(), args).unwrap();
    let whole = fs.read(name).unwrap().to_vec();
    // Cut between two packets, so that no partial packet is marked as corrupt.
    let end = packet_positions(&whole).into_iter().find(|offset| *offset > whole.len() / 2).unwrap();
    let half = whole[..end].to_vec();
    (whole, half)
}

/// Returns the offsets of a file's packets, from Debian's ffprobe.
fn packet_positions(content: &[u8]) -> Vec<usize> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "packet=pos", "-of", "csv=p=0"]).arg(file.path());
    let lines = String::from_utf8(ffprobe.output().unwrap().stdout).unwrap();
    lines.lines().map(|line| line.trim_end_matches(',').parse().unwrap()).collect()
}

#[test]
fn truncated_upload_is_counted_even_between_two_packets() {
    let runtime = full().runtime;
    for name in ["/upload.mp4", "/upload.mkv"] {
        let (whole, half) = whole_and_truncated(name);
        for (content, read_errors) in [(whole, 0), (half, 1)] {
            let fs = MemFs::new();
            fs.write(name, content).unwrap();
            let args = ["-i", name, "-map", "0:v", "-f", "null", "-"];
            let statistics = runtime.run(fs.clone(), args).unwrap().statistics();
            assert_eq!(statistics.read_errors, read_errors, "{name}");
            assert_eq!((statistics.corrupt_packets, statistics.decode_errors), (0, 0), "{name}");

            let result = runtime.job(fs).args(args).fail_on_damage(true).run();
            assert_eq!(matches!(result, Err(Error::Damaged { .. })), read_errors > 0, "{name}");
        }
    }
}

const SOURCE: &[&str] = &["-f", "lavfi", "-i", "testsrc2=s=64x36:d=0.1"];

#[test]
fn existing_output_is_kept_with_an_error_at_any_log_level() {
    for quiet in [&["-v", "quiet"][..], &[]] {
        let fs = MemFs::new();
        fs.write("/o.mkv", "old").unwrap();
        let error = full().runtime.run(fs.clone(), [quiet, SOURCE, &["o.mkv"]].concat()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("o.mkv"), "{error}");
        assert!(error.hint().unwrap().contains("-y"));
        assert_eq!(fs.read("/o.mkv").unwrap(), b"old".as_slice());
    }
}

#[test]
fn existing_output_is_kept_without_an_error_with_option_n() {
    let fs = MemFs::new();
    fs.write("/o.mkv", "old").unwrap();
    full().runtime.run(fs.clone(), [&["-n"], SOURCE, &["o.mkv"]].concat()).unwrap();
    assert_eq!(fs.read("/o.mkv").unwrap(), b"old".as_slice());
}
