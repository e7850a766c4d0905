//! The licences of a module and of its parts, in one text.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    libraries::{Archives, LICENCES},
    manifest::Manifest,
};
use crate::project;

/// A note on patents, before the texts.
const PATENTS: &str = "licences/patents.txt";

/// The texts of FFmpeg's licences, in its source. Only the gpl variant has a part under the GPL.
const OF_FFMPEG: &[&str] = &["LICENSE.md", "COPYING.LGPLv2.1"];
const OF_GPL_PARTS: &str = "COPYING.GPLv2";

/// The texts of ours, in the repository.
const OURS: &[&str] = &["LICENSE-MIT", "LICENSE-APACHE"];

/// The places of the texts.
pub(super) struct Places<'a> {
    pub(super) wasm_build: &'a Path,
    /// The source of FFmpeg.
    pub(super) ffmpeg: PathBuf,
    /// The text of the libc; none if its sysroot was given.
    pub(super) libc: Option<PathBuf>,
    /// The installed files of each library.
    pub(super) archives: &'a Archives<'a>,
}

/// A text, and the files that have it: `x264/COPYING`.
struct Text {
    files: Vec<String>,
    text: Vec<u8>,
}

/// The texts of all licences, each once, after a list of the parts and a note on patents.
pub(super) fn collect(manifest: &Manifest, places: &Places<'_>) -> anyhow::Result<Vec<u8>> {
    let mut collected = format!(
        "Licences of {} {}\n\nThe module as a whole: {}.\nIts parts:\n\n",
        manifest.name, manifest.version, manifest.licence
    );
    for (name, source) in &manifest.sources {
        collected += &format!("- {name} {}: {}\n", source.version, source.licence);
    }
    collected += "- compiler-rt, of the compiler: Apache-2.0 WITH LLVM-exception (the text of libcxx)\n";
    if places.libc.is_none() {
        collected += "- a libc of AFMPEG_SYSROOT in place of wasix-libc: its text is not here\n";
    }
    collected += "- afmpeg, the build and its own code: MIT OR Apache-2.0, or the licence of the part that it changes\n\n";
    collected += &fs::read_to_string(places.wasm_build.join(PATENTS))?;
    let mut collected = collected.into_bytes();
    for Text { files, text } in texts(manifest, places)? {
        let title = files.join(", ");
        collected.extend(format!("\n{line}\n{title}\n{line}\n\n", line = "=".repeat(80)).into_bytes());
        collected.extend(text);
        collected.push(b'\n');
    }
    Ok(collected)
}

fn texts(manifest: &Manifest, places: &Places<'_>) -> anyhow::Result<Vec<Text>> {
    let mut texts: Vec<Text> = Vec::new();
    let mut add = |file: String, text: Vec<u8>| match texts.iter_mut().find(|known| known.text == text) {
        Some(known) => known.files.push(file),
        None => texts.push(Text { files: vec![file], text }),
    };
    let is_gpl = manifest.variant == "gpl";
    let of_ffmpeg = OF_FFMPEG.iter().chain(is_gpl.then_some(&OF_GPL_PARTS));
    let files = of_ffmpeg.map(|name| (format!("ffmpeg/{name}"), places.ffmpeg.join(name)));
    let ours = OURS.iter().map(|name| (format!("afmpeg/{name}"), project::root().join(name)));
    let libc = places.libc.iter().map(|path| ("wasix-libc/copyright".to_owned(), path.clone()));
    for (file, path) in files.chain(ours).chain(libc) {
        add(file, fs::read(&path).with_context(|| format!("cannot read the licence {}", path.display()))?);
    }
    for archive in places.archives.values() {
        for entry in tar::Archive::new(archive.as_slice()).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            if let Ok(file) = path.strip_prefix(LICENCES) {
                let mut text = Vec::new();
                entry.read_to_end(&mut text)?;
                add(file.display().to_string(), text);
            }
        }
    }
    Ok(texts)
}
