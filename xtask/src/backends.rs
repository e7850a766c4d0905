//! `cargo xtask backends`: the same jobs on code from Cranelift and from LLVM, which must write the same bytes; and
//! `longjmp` over the frames of both.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    command, debian, project,
    wasm::{self, ModuleName},
};

/// The packages needed to build wasmer's LLVM backend.
const LLVM_PACKAGES: &[&str] = &["llvm-22-dev", "libpolly-22-dev", "zlib1g-dev", "libzstd-dev"];

/// The environment variable for LLVM's location, and Debian's location.
const LLVM_VARIABLE: &str = "LLVM_SYS_221_PREFIX";
const LLVM_PREFIX: &str = "/usr/lib/llvm-22";

/// A program that calls `longjmp`, in the target folder.
const JUMPS: &str = "wasm/guests/sjlj.wasm";

const CLIP: &str = "bigbuckbunny.mp4";

/// Options that make FFmpeg's output depend only on its input.
const EXACT: &[&str] = &["-threads", "1", "-fflags", "+bitexact", "-flags", "+bitexact"];

struct Case {
    name: &'static str,
    output: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "x264 medium and AAC in mp4",
        output: &["-c:v", "libx264", "-preset", "medium", "-c:a", "aac", "out.mp4"],
    },
    Case {
        name: "x264 veryfast and FLAC in Matroska",
        output: &["-c:v", "libx264", "-preset", "veryfast", "-c:a", "flac", "out.mkv"],
    },
    Case {
        name: "scaled stills in PNG",
        output: &["-an", "-frames:v", "25", "-vf", "scale=640:-2:flags=lanczos", "%03d.png"],
    },
    Case { name: "AAC, 5.1, in mp4", output: &["-vn", "-c:a", "aac", "out.m4a"] },
];

pub(crate) fn run() -> anyhow::Result<()> {
    debian::ensure_installed(LLVM_PACKAGES)?;
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::guests::build()?;
    command::build_workspace()?;
    let afmpeg = project::target().join("debug/afmpeg");
    let artifact = llvm_artifact(&afmpeg, &module)?;
    let jumps = project::target().join(JUMPS);
    for code in [&jumps, &llvm_artifact(&afmpeg, &jumps)?] {
        check_jumps(&afmpeg, code)?;
    }

    println!("{:<36} {:>11} {:>9} {:>7}  bytes", "work on one core", "Cranelift", "LLVM", "ratio");
    let mut differ = Vec::new();
    for case in CASES {
        // A first run reads the code from the disk.
        outputs(&afmpeg, &artifact, case)?;
        let (cranelift, cranelift_time) = outputs(&afmpeg, &module, case)?;
        let (llvm, llvm_time) = outputs(&afmpeg, &artifact, case)?;
        let (theirs, ours) = (cranelift_time.as_secs_f64(), llvm_time.as_secs_f64());
        let verdict = if cranelift == llvm { "equal" } else { "DIFFERENT" };
        println!("{:<36} {theirs:>9.2} s {ours:>7.2} s {:>6.2}x  {verdict}", case.name, ours / theirs);
        if cranelift != llvm {
            differ.push(case.name);
        }
    }
    anyhow::ensure!(differ.is_empty(), "the backends differ in {}", differ.join(", "));
    Ok(())
}

/// Runs all jumps of the guest.
fn check_jumps(afmpeg: &Path, code: &Path) -> anyhow::Result<()> {
    let output = Command::new(afmpeg)
        .args(["run", "--module"])
        .arg(code)
        .args(["--", "jump"])
        .stdin(Stdio::null())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let is_good = output.status.success()
        && printed.lines().count() > 1
        && printed.lines().all(|line| line.ends_with(": ok"));
    anyhow::ensure!(is_good, "setjmp and longjmp fail in {}: {printed}", code.display());
    println!("setjmp and longjmp in {}: ok in {} threads", code.display(), printed.lines().count());
    Ok(())
}

/// Returns the module compiled by LLVM. Compiling takes minutes, so an existing artifact is reused if it still loads.
fn llvm_artifact(afmpeg: &Path, module: &Path) -> anyhow::Result<PathBuf> {
    let artifact = module.with_extension("llvm.artifact");
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let is_newer =
        modified(&artifact).zip(modified(module)).is_some_and(|(artifact, module)| artifact > module);
    let loads = || {
        let mut version = Command::new(afmpeg);
        version.args(["run", "--module"]).arg(&artifact).args(["-version"]);
        command::output_of(&mut version).is_some()
    };
    if is_newer && loads() {
        return Ok(artifact);
    }
    // A separate target folder: in the common one, everything would be compiled again.
    let folder = project::target().join("llvm");
    let mut cargo = command::cargo();
    cargo.args(["build", "--package", "afmpeg-cli", "--features", "llvm", "--target-dir"]).arg(&folder);
    if env::var_os(LLVM_VARIABLE).is_none() {
        cargo.env(LLVM_VARIABLE, LLVM_PREFIX);
    }
    command::run(&mut cargo)?;
    let mut compile = Command::new(folder.join("debug/afmpeg"));
    compile.args(["module", "compile", "--backend", "llvm", "--module"]).arg(module).arg("-o").arg(&artifact);
    command::run(&mut compile)?;
    Ok(artifact)
}

/// Runs a job, and returns its files and its time.
fn outputs(
    afmpeg: &Path,
    module: &Path,
    case: &Case,
) -> anyhow::Result<(BTreeMap<String, Vec<u8>>, Duration)> {
    let folder = tempfile::tempdir()?;
    fs::copy(project::root().join("fixtures").join(CLIP), folder.path().join(CLIP))?;
    let mut command = Command::new(afmpeg);
    command.current_dir(folder.path()).args(["run", "--module"]).arg(module).arg("--");
    command.args(["-threads", "1", "-i", CLIP]).args(EXACT).args(case.output);
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let time = started.elapsed();
    let log = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{} failed ({}): {log}", case.name, output.status);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder.path())? {
        let path = entry?.path();
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        if name != CLIP {
            files.insert(name, fs::read(&path)?);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{} wrote no file", case.name);
    Ok((files, time))
}
