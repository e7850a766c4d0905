//! What goes wrong, and what it says.

use std::{num::NonZero, path::Path};

use afmpeg_engine::{Error, ErrorKind, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{CLIP, FULL_GPL, full, memory_with, module_path};

/// A message a person can use: one line that names the thing, and a hint.
#[track_caller]
fn assert_names(error: &Error, thing: &str) {
    let message = error.to_string();
    assert!(message.contains(thing), "{thing} is not named in: {message}");
    assert!(!message.contains('\n'), "more than a line: {message}");
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "no hint with: {message}");
}

#[test]
fn missing_input_is_named_with_ffmpegs_whole_code() {
    let error = full().runtime.run(MemFs::new(), ["-i", "missing.mp4", "out.mp4"]).unwrap_err();
    assert_names(&error, "missing.mp4");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "ENOENT");
    assert_eq!(exit.status().low_byte(), 254, "as native FFmpeg leaves it in the shell");
    assert!(exit.log().iter().any(|line| line.contains("Error opening input")));
}

#[test]
fn unknown_option_is_named() {
    let error =
        full().runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-nosuch", "1", "out.mp4"]).unwrap_err();
    assert_names(&error, "nosuch");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "AVERROR_OPTION_NOT_FOUND");
    assert_eq!(exit.status().low_byte(), 8);
}

#[test]
fn unknown_filter_and_encoder_are_named() {
    let runtime = full().runtime;
    let error = runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-vf", "nosuch", "out.mp4"]).unwrap_err();
    assert_names(&error, "nosuch");
    let error = runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-c:v", "libnosuch", "out.mp4"]).unwrap_err();
    assert_names(&error, "libnosuch");
}

#[test]
fn misspelt_name_comes_with_the_one_that_may_be_meant() {
    let runtime = full().runtime;
    let source = ["-f", "lavfi", "-i", "color=d=0.1"];
    let null = ["-f", "null", "-"];
    let misspelt: [(&[&str], &str); 10] = [
        (&["-vf", "vingette"], "vignette"),
        (&["-vf", "vignette=angel=1"], "angle"),
        (&["-vf", "vignette=enabel=1"], "enable"),
        (&["-c:v", "libx246"], "libx264"),
        (&["-bsf:v", "h264_mp4toannexbb"], "h264_mp4toannexb"),
        (&["-pix_fmt", "yuv42p"], "yuv420p"),
        // The tool's own, a library's, an encoder's, a muxer's.
        (&["-filter_complx", "null"], "filter_complex"),
        (&["-g:v", "1", "-refss:v", "1"], "refs"),
        (&["-presett", "fast"], "preset"),
        (&["-movflag", "faststart"], "movflags"),
    ];
    for (options, meant) in misspelt {
        let args = [&source[..], options, &null].concat();
        let error = runtime.run(MemFs::new(), args).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.starts_with(&format!("did you mean `{meant}`? ")), "{options:?}: {error}\n{hint}");
    }
    let error = runtime.run(MemFs::new(), ["-f", "matrosk", "-i", "a", "b.mkv"]).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `matroska`? "), "{error}");
    let error = runtime.run(MemFs::new(), [&source[..], &["-f", "matrosk", "b.mkv"]].concat()).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `matroska`? "), "{error}");
    let error = runtime.run(MemFs::new(), ["-c:v", "h264x", "-i", "a", "b.mkv"]).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `h264`? "), "{error}");
    let job = runtime.job(MemFs::new()).tool(Tool::Ffprobe).args(["-show_stream", "a"]);
    let error = job.run().unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `show_streams`? "), "{error}");
}

#[test]
fn name_that_is_like_no_other_comes_without_a_guess() {
    let runtime = full().runtime;
    for options in [["-transmogrify", "1"], ["-vf", "transmogrify"], ["-c:v", "transmogrify"]] {
        let args = [&["-f", "lavfi", "-i", "color=d=0.1"], &options[..], &["-f", "null", "-"]].concat();
        let hint = runtime.run(MemFs::new(), args).unwrap_err().hint().unwrap();
        assert!(!hint.contains("did you mean"), "{hint}");
    }
}

#[test]
fn looking_for_what_was_meant_needs_no_slot() {
    // The only slot is taken by a job without an end as soon as the failed ones have given it back.
    let runtime = full().runtime.with_slots(NonZero::<usize>::MIN);
    let failing = |_| {
        let job = runtime
            .job(MemFs::new())
            .args(["-f", "lavfi", "-i", "color", "-vf", "vingette", "-f", "null", "-"]);
        job.spawn().unwrap()
    };
    let failing: Vec<_> = (0..8).map(failing).collect();
    let endless = ["-nostdin", "-f", "lavfi", "-i", "color", "-f", "null", "-"];
    let endless = runtime.job(MemFs::new()).args(endless).spawn().unwrap();
    for job in failing {
        let hint = job.wait().unwrap_err().hint().unwrap();
        assert!(hint.contains("`vignette`"), "{hint}");
    }
    endless.cancel();
    assert_eq!(endless.wait().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn what_cannot_be_passed_to_a_program_is_refused_before_it_starts() {
    let runtime = full().runtime;
    let error = runtime.run(MemFs::new(), ["-i", "a\0b", "out.mp4"]).unwrap_err();
    assert_names(&error, r#""a\0b""#);
    let error = runtime.job(MemFs::new()).current_dir("here").args(["-version"]).run().unwrap_err();
    assert_names(&error, "here");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn text_is_not_taken_for_media() {
    let fs = MemFs::new();
    fs.write("/notes.mp4", "this is not a film").unwrap();
    let error = full().runtime.run(fs, ["-i", "notes.mp4", "out.mp4"]).unwrap_err();
    assert_names(&error, "notes.mp4");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "AVERROR_INVALIDDATA");
}

#[test]
fn a_probe_that_fails_names_its_file() {
    let error = full().runtime.probe(MemFs::new(), "missing.mp4").unwrap_err();
    assert_names(&error, "missing.mp4");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn a_missing_module_is_named() {
    let error = Runtime::builder().module("no/such/ffmpeg.wasm").build().unwrap_err();
    assert_names(&error, "no/such/ffmpeg.wasm");
    assert_eq!(error.kind(), ErrorKind::Module);
}

#[test]
fn a_module_that_is_not_webassembly_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ffmpeg.wasm");
    std::fs::write(&path, "MZ not a module").unwrap();
    assert_names(&Runtime::builder().module(&path).build().unwrap_err(), path.to_str().unwrap());
}

#[test]
fn a_damaged_module_is_noticed_by_its_manifest_and_without_one_by_its_structure() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(module_path(FULL_GPL)).unwrap();
    let manifest = std::fs::read(module_path(FULL_GPL).with_extension("wasm.json")).unwrap();

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x40;
    let path = folder.path().join("flipped.wasm");
    std::fs::write(&path, &flipped).unwrap();
    std::fs::write(folder.path().join("flipped.wasm.json"), &manifest).unwrap();
    let error = damaged(&path);
    assert_names(&error, path.to_str().unwrap());
    assert!(error.to_string().contains("sha256"), "{error}");

    let path = folder.path().join("truncated.wasm");
    std::fs::write(&path, &good[..good.len() / 3]).unwrap();
    assert_names(&damaged(&path), path.to_str().unwrap());
}

fn damaged(path: &Path) -> Error {
    let cache = tempfile::tempdir().unwrap();
    let error = Runtime::builder().module(path).cache_dir(cache.path().join("own")).build().unwrap_err();
    assert!(matches!(error, Error::ModuleDamaged { .. }), "{error}");
    error
}

#[test]
fn the_runtime_works_on_after_a_failed_job() {
    let runtime = full().runtime;
    let fs = memory_with(&[CLIP]);
    runtime.run(fs.clone(), ["-i", "missing.mp4", "out.mp4"]).unwrap_err();
    runtime.run(fs.clone(), ["-i", CLIP, "-c", "copy", "out.mkv"]).unwrap();
    assert!(fs.exists("/out.mkv"));
}

#[test]
fn output_that_is_there_already_is_an_error_and_stays() {
    let fs = memory_with(&[CLIP]);
    fs.write("/out.mkv", "precious").unwrap();
    let error = full().runtime.run(fs.clone(), ["-i", CLIP, "-c", "copy", "out.mkv"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("'out.mkv'"), "{error}");
    assert!(error.hint().unwrap().contains("`-y`"));
    assert_eq!(fs.read("/out.mkv").unwrap(), "precious");
}
