//! A path is always the name of a file.

use std::{ffi::OsStr, path::Path, process::Command};

use afmpeg_engine::{ErrorKind, Runtime};
use afmpeg_vfs::{HostDir, MemFs, Vfs as _, VfsExt as _};

use crate::{
    command_line::{afmpeg, binary, error_and_hint},
    harness::{CLIP, FULL_GPL, fixture, full, judge_host_file, module_path},
};

/// Names that FFmpeg's command line does not read as file names.
const MOVIES: &[&str] = &[
    "2024-01-01T12:00:00.mkv",
    "concat:a",
    "data:,x",
    "pipe:0",
    "fd:0",
    "-",
    "-x.mkv",
    "[x].mkv",
    "a,b;c'd.mkv",
    "subfile,,start,0,end,9,,:a.mkv",
    "100%.mkv",
    "file:a.mkv",
    "sub folder/a:b.mkv",
];

/// Names of images that FFmpeg reads as patterns.
const IMAGES: &[&str] = &["img%03d.png", "%d.png", "a?b.png", "{a,b}*.png", "a%%d.png", "%03d/still.png"];

/// Returns a filesystem with files of these names, and with files of another frame size that match the patterns.
fn filesystem(runtime: &Runtime) -> MemFs {
    let fs = MemFs::new();
    let make = |size: &str, output: &str| {
        let source = format!("testsrc2=s={size}:d=0.2,format=yuv420p");
        let args = ["-f", "lavfi", "-i", &source, "-frames:v", "1", output];
        runtime.run(fs.clone(), args).unwrap();
    };
    make("64x48", "movie.mkv");
    make("64x48", "still.png");
    make("32x32", "other.png");
    let (movie, still, other) =
        (fs.read("/movie.mkv").unwrap(), fs.read("/still.png").unwrap(), fs.read("/other.png").unwrap());
    for (names, contents) in [(MOVIES, &movie), (IMAGES, &still)] {
        for name in names {
            let path = format!("/in/{name}");
            fs.create_dir_all(path.rsplit_once('/').unwrap().0).unwrap();
            fs.write(&path, contents.clone()).unwrap();
        }
    }
    for decoy in ["img000.png", "img001.png", "0.png", "1.png", "a%0d.png", "a%1d.png"] {
        fs.write(format!("/in/{decoy}"), other.clone()).unwrap();
    }
    fs
}

#[test]
fn path_opens_the_file_of_that_name() {
    let runtime = full().runtime;
    let fs = filesystem(&runtime);
    for name in MOVIES.iter().chain(IMAGES) {
        for (folder, path) in [("/", format!("/in/{name}")), ("/in", (*name).to_owned())] {
            let request =
                runtime.probe_request(fs.clone(), &path).configure_job(move |job| job.current_dir(folder));
            let probe = request.run().unwrap_or_else(|error| panic!("{path} in {folder}: {error}"));
            assert_eq!(probe.video().unwrap().size(), Some((64, 48)), "{path} in {folder}");
            assert_eq!(probe.format.unwrap().filename, Some(path));
        }
    }
    for name in ["concat:a", "img%03d.png", "-", "2024-01-01T12:00:00.mkv"] {
        let request = runtime.frames(fs.clone(), name).configure_job(|job| job.current_dir("/in"));
        let pictures: Vec<_> = request.run().unwrap().map(Result::unwrap).collect();
        assert!(pictures.iter().all(|picture| (picture.width(), picture.height()) == (64, 48)), "{name}");
        assert_eq!(pictures.len(), 1, "{name}");
    }
}

#[test]
fn samples_are_read_from_the_file_of_that_name() {
    let module = full();
    let fs = MemFs::new();
    module.ffmpeg(&fs, "-f lavfi -i sine=d=0.1:r=8000 tone.wav");
    fs.write("/pipe:0", fs.read("/tone.wav").unwrap()).unwrap();
    let samples: usize =
        module.runtime.samples(fs, "pipe:0").run().unwrap().map(|block| block.unwrap().samples().len()).sum();
    assert_eq!(samples, 800);
}

#[test]
fn missing_file_is_not_found_even_if_its_name_is_a_url_or_a_pattern() {
    let runtime = full().runtime;
    let fs = filesystem(&runtime);
    let missing = [
        "concat:/in/-|/in/-",
        "data:,x",
        "pipe:0",
        "fd:0",
        "-",
        "img%03d.png",
        "*.png",
        "http://localhost/a",
    ];
    for name in missing {
        let folder = if name == "img%03d.png" { "/in" } else { "/" };
        if folder == "/in" {
            fs.remove_file(&afmpeg_vfs::VPath::new("/in/img%03d.png").unwrap()).unwrap();
        }
        let request =
            runtime.probe_request(fs.clone(), name).configure_job(move |job| job.current_dir(folder));
        let error = request.run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{name}: {error}");
        assert!(error.to_string().contains(name), "{error}");
        let request = runtime.frames(fs.clone(), name).configure_job(move |job| job.current_dir(folder));
        assert_eq!(request.run().unwrap_err().kind(), ErrorKind::NotFound, "{name}");
        let request = runtime.samples(fs.clone(), name).configure_job(move |job| job.current_dir(folder));
        assert_eq!(request.run().unwrap_err().kind(), ErrorKind::NotFound, "{name}");
    }
}

#[test]
fn as_url_uses_ffmpegs_own_interpretation() {
    let runtime = full().runtime;
    let fs = filesystem(&runtime);
    let request =
        || runtime.probe_request(fs.clone(), "img%03d.png").configure_job(|job| job.current_dir("/in"));
    assert_eq!(request().as_url().run().unwrap().video().unwrap().size(), Some((32, 32)));
    let frames = runtime.frames(fs.clone(), "img%03d.png").configure_job(|job| job.current_dir("/in"));
    assert_eq!(frames.as_url().run().unwrap().count(), 2);
}

#[test]
fn names_that_are_not_utf8_are_read_and_written() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (OsStr::from_bytes(b"f\xFCr.mp4"), OsStr::from_bytes(b"\xE4\xF6 \xC3\xA4.mkv"));
    std::fs::write(folder.path().join(input), fixture(CLIP)).unwrap();
    let run = Command::new(binary())
        .current_dir(folder.path())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .args(["run", "-v", "error", "-i"])
        .args([input])
        .args(["-map", "0:v", "-c", "copy", "-frames:v", "5"])
        .args([output])
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    judge_host_file(&folder.path().join(output)).assert_frames(5);

    // A name listed by the library opens the file.
    let fs = HostDir::open(folder.path()).unwrap();
    let listed = fs.walk("/").unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    for path in &listed {
        assert!(full().runtime.probe(fs.clone(), path).unwrap().video().is_some());
    }
    full().runtime.run(fs.clone(), ["-v", "error", "-i", &listed[0], "-f", "null", "-"]).unwrap();

    let probe = Command::new(binary())
        .current_dir(folder.path())
        .env("AFMPEG_MODULE", module_path(FULL_GPL))
        .arg("probe")
        .arg(input)
        .output()
        .unwrap();
    assert!(probe.status.success(), "{}", String::from_utf8_lossy(&probe.stderr));
}

#[test]
fn output_lost_with_the_private_tmp_is_an_error() {
    let runtime = full().runtime;
    let args = ["-f", "lavfi", "-i", "testsrc2=d=0.1", "/tmp/x.mkv"];
    let error = runtime.run(MemFs::new(), args).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("/tmp/x.mkv"), "{error}");
    runtime.job(MemFs::new()).args(args).discard_tmp(true).run().unwrap();
    let with_tmp = MemFs::new();
    with_tmp.create_dir_all("/tmp").unwrap();
    runtime.run(with_tmp.clone(), args).unwrap();
    assert!(with_tmp.exists("/tmp/x.mkv"));

    // Not below /tmp.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let name = format!("/tmp/{}.mkv", folder.path().file_name().unwrap().to_str().unwrap());
    let output = afmpeg(folder.path(), &["run", "-v", "error", "-f", "lavfi", "-i", "testsrc2=d=0.1", &name]);
    let (error, hint) = error_and_hint(&output);
    assert!(!output.status.success() && !Path::new(&name).exists());
    assert!(error.contains(&name) && hint.contains("--dir /tmp"), "{error} {hint}");
}

#[test]
fn hint_for_a_path_outside_the_sandbox_names_dir() {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(outer.path().join("clip.mp4"), fixture(CLIP)).unwrap();
    let source = ["-f", "lavfi", "-i", "testsrc2=d=0.1"];
    let cases = [
        [&source[..], &["../x.mkv"]].concat(),
        [&source[..], &["/elsewhere/x.mkv"]].concat(),
        vec!["-i", "../clip.mp4", "-f", "null", "-"],
    ];
    for case in cases {
        let (error, hint) = error_and_hint(&afmpeg(&inner, &[&["run", "--"], &case[..]].concat()));
        assert!(hint.contains("--dir"), "{case:?}: {error} {hint}");
    }
    assert!(!outer.path().join("x.mkv").exists());
}
