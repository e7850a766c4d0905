//! A native FFmpeg to compare with.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{failure::Failure, pip, project};

/// The environment variable for a native FFmpeg, for xtask, the benches and the tests.
pub(crate) const VARIABLE: &str = "AFMPEG_NATIVE";

/// The Python wheel that carries a native, static FFmpeg of the module's version.
const WHEEL: &str = "imageio-ffmpeg==0.8.1";

/// Returns the FFmpeg of `AFMPEG_NATIVE`, or else the one in the wheel.
pub(crate) fn ffmpeg() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os(VARIABLE) {
        return Ok(path.into());
    }
    let folder = project::cache()?.join("native-ffmpeg");
    if let Some(found) = binary_in(&folder) {
        return Ok(found);
    }
    pip::install(WHEEL, false, &folder)?;
    binary_in(&folder).context("the wheel contains no ffmpeg").map_err(|error| {
        Failure::new(format!("{error}"), "set AFMPEG_NATIVE to a native ffmpeg 9.0.2").into()
    })
}

fn binary_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder.join("imageio_ffmpeg/binaries")).ok()?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ffmpeg")))
}
