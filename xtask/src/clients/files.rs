//! Files that the tests of clients need.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::client::Client;
use crate::{command::Log, project};

/// The folder with a folder for each client.
const FILES: &str = "xtask/src/clients/files";

/// The word in command lines that stands for the path of the real clip.
const CLIP: &str = "CLIP";

/// Adds a client's files to a folder, and the commands that make them to a log.
pub(super) fn make(client: &Client, ffmpeg: &Path, folder: &Path, log: &mut Log) -> anyhow::Result<()> {
    let ours = project::root().join(FILES).join(&client.name);
    if ours.exists() {
        log.run(Command::new("cp").arg("-R").arg(ours.join(".")).arg(folder))?;
    }
    let path_of = |name: &str| -> anyhow::Result<PathBuf> {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
        Ok(path)
    };
    let fixtures = project::root().join("fixtures");
    for (name, fixture) in &client.fixtures {
        let from = fixtures.join(fixture);
        fs::copy(&from, path_of(name)?).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    for (name, line) in &client.media {
        let mut encode = Command::new(ffmpeg);
        encode.current_dir(folder).args(["-nostdin", "-v", "error", "-y"]);
        for word in shell_words::split(line).with_context(|| name.clone())? {
            match word.as_str() {
                CLIP => encode.arg(fixtures.join("bigbuckbunny.mp4")),
                _ => encode.arg(word),
            };
        }
        log.run(encode.arg(path_of(name)?))?;
    }
    Ok(())
}
