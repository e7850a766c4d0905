//! `afmpeg-reel --module ffmpeg.wasm --files fixtures reel.toml`: renders a storyboard in memory, and writes `reel.mp4`
//! and `sheet.png`.

#![allow(clippy::print_stdout, reason = "a program prints its results")]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use afmpeg_engine::Runtime;
use afmpeg_reel::{Step, Storyboard, render};
use afmpeg_vfs::HostDir;
use anyhow::Context as _;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

/// Render a storyboard
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module, of the gpl variant
    #[arg(long)]
    module: PathBuf,
    /// The folder to write reel.mp4 and sheet.png to, at the end
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// The folder of the storyboard's media. Default: the folder of the storyboard
    #[arg(long)]
    files: Option<PathBuf>,
    /// The storyboard, TOML or JSON
    storyboard: PathBuf,
}

/// The resolution of the progress bar.
const STEPS: u32 = 1_000;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let path = &options.storyboard;
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let storyboard = Storyboard::parse(&path.display().to_string(), &text)?;
    let parent = || path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(".".as_ref());
    let folder = options.files.as_deref().unwrap_or_else(parent);
    let folder = HostDir::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;

    let bar = ProgressBar::new(STEPS.into());
    if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} {bar:32} {percent:>3}% {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar.set_message("loading the module (the first time, compiling it)");
    let runtime = Runtime::builder().module(&options.module).build()?;
    let reel = render(&runtime, Arc::new(folder), &storyboard, |step, progress| {
        bar.set_message(match step {
            Step::Film => "reel.mp4",
            Step::Sheet => "sheet.png",
        });
        if let Some(fraction) = progress.fraction {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a fraction is from 0 to 1"
            )]
            bar.set_position((fraction * f64::from(STEPS)) as u64);
        }
    })?;
    bar.finish_and_clear();

    fs::create_dir_all(&options.out)?;
    for (name, bytes) in [("reel.mp4", &reel.film), ("sheet.png", &reel.sheet)] {
        let path = options.out.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    println!(
        "A film of {} s and its contact sheet are in {}.",
        reel.plan.duration.as_secs_f64(),
        options.out.display()
    );
    Ok(())
}
