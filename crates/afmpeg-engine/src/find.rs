use std::{
    env,
    path::{Path, PathBuf},
    time::SystemTime,
};

use etcetera::BaseStrategy as _;

use crate::release::newest_installed;

/// The name of an installed module, or of an artifact of one.
const INSTALLED_NAME: &str = "ffmpeg.wasm";

/// Finds the module for this program.
///
/// Returns the path in the environment variable `AFMPEG_MODULE`, unchecked, if it is set and not empty. Otherwise
/// returns the first of these files that exists:
///
/// 1. `ffmpeg.wasm` in the folder of this program;
/// 2. `afmpeg/ffmpeg.wasm` in the user's data folder (`~/.local/share` on Linux);
/// 3. the module that was [installed](crate::InstalledModules) last, or its compiled code if this program can load it;
/// 4. for a program that cargo has built, the newest module in `wasm/` of the target folder that the program is in. In
///    a checkout of afmpeg, `cargo xtask build-wasm` writes it there.
///
/// The command `afmpeg` uses the same order. [`RuntimeBuilder::find_module`](crate::RuntimeBuilder::find_module) loads
/// the module.
///
/// ```no_run
/// match afmpeg_engine::find_module() {
///     Some(path) => println!("{}", path.display()),
///     None => println!("no module is installed"),
/// }
/// ```
pub fn find_module() -> Option<PathBuf> {
    if let Some(path) = env::var_os("AFMPEG_MODULE").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let program = env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let beside_program = folder.map(|folder| folder.join(INSTALLED_NAME));
    let data = etcetera::choose_base_strategy().ok();
    let in_data_folder = data.map(|base| base.data_dir().join("afmpeg").join(INSTALLED_NAME));
    let mut installed = beside_program.into_iter().chain(in_data_folder);
    installed.find(|path| path.is_file()).or_else(newest_installed).or_else(|| {
        // Examples and tests are one folder deeper.
        folder?.ancestors().skip(1).take(2).find_map(|target| newest_module(&target.join("wasm")))
    })
}

fn newest_module(folder: &Path) -> Option<PathBuf> {
    let age = |path: &PathBuf| {
        path.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("ffmpeg-") && name.ends_with(".wasm")
        })
        .max_by_key(age)
}
