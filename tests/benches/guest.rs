//! FFmpeg in the sandbox with files in memory against native FFmpeg on a tmpfs: `-c copy`, which does little but read
//! and write. `cargo xtask bench vfs` prints the ratios with their targets.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench may panic")]

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use afmpeg_engine::Runtime;
use afmpeg_vfs::{MemFs, VfsExt as _};
use criterion::Criterion;

const MODULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/ffmpeg-full-gpl.wasm");
const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/bigbuckbunny.mp4");

struct Case {
    name: &'static str,
    /// The options that create the input from the clip.
    input: &'static [&'static str],
    input_name: &'static str,
    output: &'static [&'static str],
    /// The least size of input and output, in MiB.
    size: u64,
}

const CASES: &[Case] = &[
    Case {
        name: "copy",
        input: &["-an", "-frames:v", "195", "-c:v", "rawvideo"],
        input_name: "in.nut",
        output: &["-c", "copy", "out.nut"],
        size: 256,
    },
    Case {
        name: "faststart",
        input: &["-an", "-frames:v", "118", "-c:v", "rawvideo", "-pix_fmt", "uyvy422"],
        input_name: "in.mov",
        output: &["-c", "copy", "-movflags", "+faststart", "out.mov"],
        size: 200,
    },
];

fn native() -> Command {
    let path = std::env::var_os("AFMPEG_NATIVE").expect("AFMPEG_NATIVE names a native ffmpeg 9.0.2");
    let mut command = Command::new(path);
    command.args(["-y", "-hide_banner", "-nostdin", "-loglevel", "error"]).stdin(Stdio::null());
    command
}

fn run_native(folder: &Path, args: &[&str]) {
    let status = native().current_dir(folder).args(args).status().unwrap();
    assert!(status.success(), "ffmpeg {} failed", args.join(" "));
}

fn main() {
    let tmpfs = std::env::var_os("AFMPEG_TMPFS").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
    let folder = tempfile::tempdir_in(tmpfs).expect("AFMPEG_TMPFS names a folder on a tmpfs");
    let runtime = Runtime::builder().module(MODULE).build().unwrap_or_else(|error| panic!("{error}"));
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    for case in CASES {
        let made = [&["-stream_loop", "-1", "-i", CLIP][..], case.input, &[case.input_name]].concat();
        run_native(folder.path(), &made);
        let input = std::fs::read(folder.path().join(case.input_name)).unwrap();
        assert!(input.len() as u64 >= case.size << 20, "{}: {} bytes", case.name, input.len());
        let fs = MemFs::new();
        fs.write(format!("/{}", case.input_name), input).unwrap();

        let args = [&["-i", case.input_name][..], case.output].concat();
        let mut group = criterion.benchmark_group(case.name);
        group.bench_function("ours", |bencher| {
            bencher.iter(|| runtime.run(fs.clone(), [&["-y", "-nostdin"][..], &args].concat()).unwrap());
        });
        group.bench_function("theirs", |bencher| bencher.iter(|| run_native(folder.path(), &args)));
        group.finish();

        let output = case.output.last().unwrap();
        let theirs = std::fs::read(folder.path().join(output)).unwrap();
        assert!(fs.read(format!("/{output}")).unwrap() == theirs, "{}: the outputs differ", case.name);
        std::fs::remove_file(folder.path().join(output)).unwrap();
    }
    criterion.final_summary();
}
