//! `cargo xtask try-release`: a release, tried as its users do.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{keys, read};
use crate::{command, debian, failure::Failure, project};

/// The longest time from nothing to a first thumbnail.
const LIMIT: Duration = Duration::from_secs(60);

/// A real clip of the repository.
const CLIP: &str = "fixtures/bigbuckbunny.mp4";

#[derive(Debug, clap::Args)]
pub(crate) struct Choices {
    /// Folder of the release
    #[arg(long, value_name = "FOLDER", default_value = "target/dist")]
    release: PathBuf,
    /// File with the publisher's secret key, beside which the public one is. Default: that of `cargo xtask dist`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Serves the release on this machine. A user with nothing but the command installs a module and takes a thumbnail; a
/// Rust program without a compiler runs the same module.
pub(crate) fn run(choices: &Choices) -> anyhow::Result<()> {
    let release = project::root().join(&choices.release);
    let index = read::index(&release)?;
    let key = keys::public_text(&keys::path(choices.key.as_deref())?)?;
    let server = Server::start(&release)?;

    let program = index.programs.first().context("the release has no program")?;
    let seconds = first_thumbnail(&release.join(&program.file), &server.url, &key)?;
    println!(
        "{:6.1} s from an empty home to the first thumbnail, in a folder with nothing but the command",
        seconds.as_secs_f64()
    );
    if seconds > LIMIT {
        let hint = "profile `afmpeg module install`: reading, unpacking and verifying take seconds";
        return Err(Failure::new(format!("it took more than {} s", LIMIT.as_secs()), hint).into());
    }

    let (build, run) = rust_program(&server.url, &key)?;
    println!(
        "{:6.1} s to build a Rust program with afmpeg, without a compiler of modules",
        build.as_secs_f64()
    );
    println!("{:6.1} s for its first run, with the download of the module's code", run.as_secs_f64());
    Ok(())
}

/// Installs a module in an empty root folder, and takes a thumbnail of a clip there.
fn first_thumbnail(program: &Path, url: &str, key: &str) -> anyhow::Result<Duration> {
    let root = tempfile::tempdir()?;
    fs::copy(program, root.path().join("afmpeg")).context("cannot copy the command")?;
    fs::create_dir(root.path().join("home"))?;
    fs::copy(project::root().join(CLIP), root.path().join("home/clip.mp4"))?;
    let run = |args: &[&str]| {
        let mut chroot = Command::new("chroot");
        chroot.arg(root.path()).arg("/afmpeg").args(args);
        chroot.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", "/home");
        command::run(chroot.stdin(Stdio::null()))
    };
    let started = Instant::now();
    run(&["module", "install", "--from", url, "--key", key])?;
    run(&[
        "run",
        "--dir",
        "/home",
        "-v",
        "error",
        "-i",
        "/home/clip.mp4",
        "-frames:v",
        "1",
        "/home/thumbnail.png",
    ])?;
    let time = started.elapsed();
    let picture = fs::read(root.path().join("home/thumbnail.png"))?;
    anyhow::ensure!(picture.starts_with(b"\x89PNG"), "the thumbnail is not a PNG");
    Ok(time)
}

/// Builds and runs a program that loads the module of a release. Returns the times of both.
fn rust_program(url: &str, key: &str) -> anyhow::Result<(Duration, Duration)> {
    let folder = tempfile::tempdir()?;
    let crates = project::root().join("crates");
    fs::create_dir(folder.path().join("src"))?;
    let toml = toml::toml! {
        [package]
        name = "first-program"
        version = "0.1.0"
        edition = "2024"

        [dependencies]
        afmpeg = { default-features = false, features = ["headless", "host", "http"] }
    };
    let mut toml = toml::Value::Table(toml);
    toml["dependencies"]["afmpeg"]
        .as_table_mut()
        .context("a table")?
        .insert("path".to_owned(), crates.join("afmpeg").display().to_string().into());
    fs::write(folder.path().join("Cargo.toml"), toml::to_string(&toml)?)?;
    // The versions that the tests have run with.
    fs::copy(project::root().join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
    fs::write(folder.path().join("src/main.rs"), PROGRAM)?;
    let target = folder.path().join("target");
    let started = Instant::now();
    command::run(command::cargo().current_dir(folder.path()).arg("build").env("CARGO_TARGET_DIR", &target))?;
    let built = started.elapsed();
    let started = Instant::now();
    let mut program = Command::new(target.join("debug/first-program"));
    program
        .args([url, key])
        .arg(project::root().join(CLIP))
        .env("XDG_CACHE_HOME", folder.path().join("cache"));
    command::run(program.stdin(Stdio::null()))?;
    Ok((built, started.elapsed()))
}

/// A program that prints the duration of a clip.
const PROGRAM: &str = r#"
use afmpeg::{MemFs, Release, Runtime, VfsExt as _};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let release = Release::at_url(&arguments[1], arguments[2].parse()?).variant("lgpl");
    let runtime = Runtime::builder().release(release).build()?;
    let fs = MemFs::new();
    fs.write("/clip.mp4", std::fs::read(&arguments[3])?)?;
    println!("{:?}", runtime.probe(fs, "clip.mp4")?.duration());
    Ok(())
}
"#;

/// A server of files on this machine, until it is dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        debian::ensure_installed(&["python3"])?;
        let mut child = Command::new("python3")
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run python3")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("a piped stream")?).read_line(&mut line)?;
        // Serving HTTP on 127.0.0.1 port 40000 (http://127.0.0.1:40000/) ...
        let port = line.split_whitespace().skip_while(|word| *word != "port").nth(1);
        let port = port.with_context(|| format!("python3 printed no port: {line}"))?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), child })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
