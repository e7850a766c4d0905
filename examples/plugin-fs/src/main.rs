//! `afmpeg-plugin-fs --folder vault --key key run -- -i clip.mp4 small.mp4`: runs FFmpeg on an encrypted folder.

#![allow(clippy::print_stderr, reason = "a program prints its results")]

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use afmpeg::{HostDir, Runtime, VfsExt as _};
use afmpeg_plugin_fs::Encrypted;
use anyhow::anyhow;
use clap::{Parser, Subcommand};

const CREATE_KEY: &str = "create one with `head -c 32 /dev/urandom > key`";

/// Run FFmpeg on an encrypted folder
#[derive(Debug, Parser)]
struct Options {
    /// The folder with the encrypted files
    #[arg(long)]
    folder: PathBuf,
    /// The file of the key: 32 random bytes
    #[arg(long)]
    key: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Encrypt a file into the folder
    Put {
        /// The file
        file: PathBuf,
    },
    /// Decrypt a file of the folder into the current folder
    Get {
        /// The name of the file
        name: String,
    },
    /// Run FFmpeg
    Run {
        /// The FFmpeg module. Default: the one that is found
        #[arg(long)]
        module: Option<PathBuf>,
        /// FFmpeg's arguments; paths are in the folder
        #[arg(last = true)]
        args: Vec<String>,
    },
}

fn main() -> anyhow::Result<()> {
    let Options { folder, key, action } = Options::parse();
    let bytes = fs::read(&key).map_err(failed("read the key", &key, CREATE_KEY))?;
    let key = bytes.as_slice().try_into().map_err(|_| {
        let (key, found) = (key.display(), bytes.len());
        anyhow!("expected a key of 32 bytes in {key}, found {found}\nhint: {CREATE_KEY}")
    })?;
    fs::create_dir_all(&folder).map_err(failed("create", &folder, "choose another folder"))?;
    let vault = HostDir::open(&folder).map_err(failed("open", &folder, "choose another folder"))?;
    let vault = Encrypted::new(vault, key);
    match action {
        Action::Put { file } => {
            let contents = fs::read(&file).map_err(failed("read", &file, "check the path"))?;
            let name = file.file_name().and_then(|name| name.to_str());
            let name =
                name.ok_or_else(|| anyhow!("{} has no name in UTF-8\nhint: rename it", file.display()))?;
            vault.write(name, contents).map_err(failed("encrypt", name, "check the free space of the folder"))
        }
        Action::Get { name } => {
            let contents =
                vault.read(&name).map_err(failed("decrypt", &name, "check the name and the key"))?;
            let target = Path::new(&name).file_name().unwrap_or(name.as_ref());
            fs::write(target, contents).map_err(failed("write", target, "check the current folder"))
        }
        Action::Run { module, args } => {
            let builder = Runtime::builder();
            let builder = match module {
                Some(module) => builder.module(module),
                None => builder.find_module(),
            };
            // The debug form of an error has its cause and a hint.
            let output = builder.build().and_then(|runtime| runtime.run(vault, args));
            eprint!("{}", output.map_err(|error| anyhow!("{error:?}"))?.log());
            Ok(())
        }
    }
}

/// Returns a function that adds the failed action and a hint to an error.
fn failed(action: &str, path: impl AsRef<Path>, hint: &str) -> impl FnOnce(io::Error) -> anyhow::Error {
    move |error| anyhow!("cannot {action} {}: {error}\nhint: {hint}", path.as_ref().display())
}
