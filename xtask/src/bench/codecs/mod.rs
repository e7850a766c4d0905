//! The same work in native FFmpeg and in the module, as whole processes.

mod chart;
mod measure;
mod media;
mod report;
mod rows;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::Context as _;

use self::{
    measure::Program,
    report::{HEADINGS, Report, ReportRow},
    rows::Row,
};
use crate::{
    command,
    failure::Failure,
    native, project,
    wasm::{self, ModuleName},
};

/// The choices of `cargo xtask bench codecs`.
#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Words in the titles of the rows to run: x264, "all cores"... Default: all
    words: Vec<String>,
    /// Print the command line of each row, and run nothing
    #[arg(long)]
    list: bool,
    /// Number of measured runs of each program and row
    #[arg(long, value_name = "COUNT", default_value_t = 7, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    rounds: usize,
    /// Module to measure. Default: the full module of the gpl variant, built if needed
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    /// Module to compare with, instead of native FFmpeg
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Folder to write codecs.md, codecs.json and codecs.svg to. Default: target/bench
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run(choices: &Choices) -> anyhow::Result<()> {
    let selected = |row: &Row| {
        let title = row.to_string();
        choices.words.is_empty() || choices.words.iter().any(|word| title.contains(word.as_str()))
    };
    let rows: Vec<Row> = rows::all().into_iter().filter(selected).collect();
    if rows.is_empty() {
        let failure = Failure::new(
            format!("no row contains {}", choices.words.join(" or ")),
            "list all rows with `cargo xtask bench codecs --list`",
        );
        return Err(failure.into());
    }
    if choices.list {
        for row in rows {
            println!("{row}\n    ffmpeg {}", row.arguments.join(" "));
        }
        return Ok(());
    }

    let native = native::ffmpeg()?;
    let folder = project::target().join("bench");
    let media = folder.join("media");
    media::prepare(&media, &native)?;
    let module = match &choices.module {
        Some(module) => {
            fs::canonicalize(module).with_context(|| format!("cannot read {}", module.display()))?
        }
        None => wasm::build(ModuleName::FULL_GPL, true)?,
    };
    // Optimized like a user's program: the dev profile does not optimize the file calls.
    command::run(command::cargo().args(["build", "--release", "--package", "afmpeg-cli"]))?;
    let afmpeg = project::target().join("release/afmpeg");
    let compilation = compilation(&afmpeg, &module, &folder)?;

    let ours = ours(&afmpeg, &module)?;
    let theirs = match &choices.against {
        Some(module) => self::ours(
            &afmpeg,
            &fs::canonicalize(module).with_context(|| format!("cannot read {}", module.display()))?,
        )?,
        None => theirs(&native)?,
    };
    println!(
        "{:<32} {:>9} {:>9}  {:<30}  {}",
        HEADINGS[0], HEADINGS[1], HEADINGS[2], HEADINGS[3], HEADINGS[4]
    );
    let mut finished = Vec::new();
    for row in &rows {
        let row = ReportRow::new(&measure::measure(row, &media, &theirs, &ours, choices.rounds)?);
        let [title, theirs, ours, processor, elapsed] = row.cells();
        println!("{title:<32} {theirs:>9} {ours:>9}  {processor:<30}  {elapsed}");
        finished.push(row);
    }
    let report = Report::new(theirs.name, ours.name, compilation, choices.rounds, finished);
    let out = choices.out.as_ref().unwrap_or(&folder);
    fs::create_dir_all(out)?;
    let files = [
        ("codecs.md", report.markdown()),
        ("codecs.json", serde_json::to_string_pretty(&report)? + "\n"),
        ("codecs.svg", chart::svg(&report)?),
    ];
    for (name, text) in files {
        let path = out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!("The report is in {}.", out.display());
    Ok(())
}

/// Returns native FFmpeg, named by its first line.
fn theirs(native: &Path) -> anyhow::Result<Program> {
    let version = command::output_of(Command::new(native).arg("-version"));
    let version = version.with_context(|| format!("cannot run {}", native.display()))?;
    let name = version.lines().next().and_then(|line| line.split(" Copyright").next()).unwrap_or_default();
    Ok(Program { name: format!("native {name}"), words: vec![native.into()] })
}

/// Returns our program with a module, named by the module's file and hash.
fn ours(afmpeg: &Path, module: &Path) -> anyhow::Result<Program> {
    use sha2::{Digest as _, Sha256};

    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    let hash: String = Sha256::digest(&bytes)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let file = module.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("afmpeg {}, {file} (sha256 {hash}...), Cranelift", env!("CARGO_PKG_VERSION"));
    let words = [afmpeg.as_os_str(), "run".as_ref(), "--module".as_ref(), module.as_os_str(), "--".as_ref()];
    Ok(Program { name, words: words.map(ToOwned::to_owned).to_vec() })
}

/// Returns the time to compile a module, in seconds.
fn compilation(afmpeg: &Path, module: &Path, folder: &Path) -> anyhow::Result<f64> {
    let artifact = folder.join("compiled");
    let mut compile = Command::new(afmpeg);
    compile.args(["module", "compile", "--module"]).arg(module).arg("-o").arg(&artifact);
    let started = Instant::now();
    let status = compile.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "cannot compile {} ({status})", module.display());
    let elapsed = started.elapsed().as_secs_f64();
    fs::remove_file(&artifact)?;
    Ok(elapsed)
}
