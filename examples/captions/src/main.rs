//! `afmpeg-captions --fonts /usr/share/fonts bot`: burns captions into the videos in `bot/inbox`.

#![allow(clippy::print_stdout, reason = "a program prints its results")]

use std::path::PathBuf;

use afmpeg::{HostDir, Runtime};
use afmpeg_captions::{Bot, Until};
use anyhow::anyhow;
use clap::Parser;

/// Burn captions into the videos of an inbox
#[derive(Debug, Parser)]
struct Options {
    /// The FFmpeg module, of the full profile. Default: the one that is found
    #[arg(long)]
    module: Option<PathBuf>,
    /// The folder of fonts
    #[arg(long)]
    fonts: PathBuf,
    /// End when the inbox is empty
    #[arg(long)]
    once: bool,
    /// The folder with the inbox and the outbox
    folder: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let builder = Runtime::builder();
    let builder = match options.module {
        Some(module) => builder.module(module),
        None => builder.find_module(),
    };
    let fonts = HostDir::open(&options.fonts).map_err(|error| {
        let folder = options.fonts.display();
        anyhow!("cannot open {folder}: {error}\nhint: pass a folder of TTF or OTF files as --fonts")
    })?;
    // The debug form of an error has its cause and a hint.
    let runtime = builder.build().map_err(|error| anyhow!("{error:?}"))?;
    let bot = Bot::open(runtime, &options.folder, fonts)?;
    println!("waiting for requests in {}", options.folder.join("inbox").display());
    let until = if options.once { Until::Empty } else { Until::Stopped };
    bot.run(until, |name, failure| match failure {
        None => println!("{}: done", name.display()),
        Some(failure) => println!("{}: {}", name.display(), failure.message),
    })
}
