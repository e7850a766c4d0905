//! The folders with the fonts of this system.

use std::path::{Path, PathBuf};

use crate::folders::Folder;

/// Returns the folders of fonts that the guest may read: those that it cannot access otherwise, to add, and the paths
/// of all in the guest.
pub(crate) fn beside(folders: &[Folder]) -> (Vec<Folder>, Vec<String>) {
    let (mut added, mut guests) = (Vec::new(), Vec::new());
    for path in paths() {
        // A folder that does not exist, or that the user cannot read, has no fonts.
        let (Ok(folder), Ok(_)) = (Folder::at_own_path(&path, true), path.read_dir()) else { continue };
        let visible = folders.iter().chain(&added).find_map(|other| folder.guest_path_in(other));
        guests.push(visible.clone().unwrap_or_else(|| folder.guest().to_owned()));
        added.extend(visible.is_none().then_some(folder));
    }
    (added, guests)
}

/// Returns the folders of fontconfig's configuration, or, without one, its defaults.
#[cfg(all(unix, not(target_os = "macos")))]
fn paths() -> Vec<PathBuf> {
    const DEFAULTS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts"];
    let mut config = fontconfig_parser::FontConfig::default();
    let folders: Vec<PathBuf> = match config.merge_config("/etc/fonts/fonts.conf") {
        Ok(()) => config.dirs.into_iter().map(|folder| folder.path).collect(),
        Err(_) => DEFAULTS.map(PathBuf::from).to_vec(),
    };
    folders.iter().filter_map(|folder| at_home(folder)).collect()
}

#[cfg(target_os = "macos")]
fn paths() -> Vec<PathBuf> {
    let folders = ["/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"];
    folders.iter().filter_map(|folder| at_home(Path::new(folder))).collect()
}

#[cfg(windows)]
fn paths() -> Vec<PathBuf> {
    let folder = |variable: &str, below: &str| Some(PathBuf::from(std::env::var_os(variable)?).join(below));
    [folder("SystemRoot", "Fonts"), folder("LOCALAPPDATA", "Microsoft/Windows/Fonts")]
        .into_iter()
        .flatten()
        .collect()
}

/// Replaces `~` at the start of a path by the user's home folder, if there is one.
#[cfg(unix)]
fn at_home(path: &Path) -> Option<PathBuf> {
    match path.strip_prefix("~") {
        Ok(below) => Some(std::env::home_dir()?.join(below)),
        Err(_) => Some(path.to_owned()),
    }
}
