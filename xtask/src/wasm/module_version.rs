//! The version of modules: that of FFmpeg, and a number that grows with each change of their bytes.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use toml_edit::{Array, DocumentMut, value};

use super::{lock::Lock, toolchain::Origin};

/// The sha256 of each module.
pub(super) type Hashes = BTreeMap<String, String>;

/// The version of the modules that versions.lock describes, such as `9.0.2-1`.
pub(super) fn of(lock: &Lock) -> anyhow::Result<String> {
    Ok(format!("{}-{}", lock.source("ffmpeg")?.version, lock.module.number))
}

/// The versions that the tools here and those of versions.lock do not share: `clang-22 1:22.1.8-1, not 1:22.1.7-2`.
pub(super) fn other_tools(lock: &Lock, origin: &Origin) -> Vec<String> {
    let here = origin.versions();
    let pinned = &lock.module.toolchain;
    let missing = here.iter().filter(|version| !pinned.contains(version));
    missing
        .map(|version| {
            let name = version.split(' ').next().unwrap_or_default();
            let of_same_name = pinned.iter().find_map(|pinned| pinned.strip_prefix(name)?.strip_prefix(' '));
            match of_same_name {
                Some(pinned) => format!("{version}, not {pinned}"),
                None => format!("{version}, not pinned"),
            }
        })
        .collect()
}

/// The names of the modules whose hashes are not those that versions.lock has.
pub(super) fn changed<'h>(lock: &Lock, built: &'h Hashes) -> Vec<&'h str> {
    let pinned = &lock.module.sha256;
    built
        .iter()
        .filter(|(name, sha256)| pinned.get(*name) != Some(sha256))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Writes the hashes and the tools of these modules into the versions.lock at `path`, with the next number if a hash has
/// changed.
pub(super) fn record(path: &Path, lock: &Lock, origin: &Origin, built: &Hashes) -> anyhow::Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut document: DocumentMut = text.parse()?;
    let module = document["module"].as_table_mut().context("versions.lock has no [module]")?;
    let is_new = !changed(lock, built).is_empty();
    module["number"] = value(i64::from(lock.module.number + u32::from(is_new)));
    let mut tools: Array = origin.versions().into_iter().collect();
    for tool in tools.iter_mut() {
        tool.decor_mut().set_prefix("\n    ");
    }
    tools.set_trailing_comma(true);
    tools.set_trailing("\n");
    module["toolchain"] = value(tools);
    let hashes = module["sha256"].as_table_mut().context("versions.lock has no [module.sha256]")?;
    hashes.clear();
    hashes.extend(built.iter().map(|(name, sha256)| (name, value(sha256))));
    fs::write(path, document.to_string()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::folders::wasm_build;

    fn origin(tools: &[&str]) -> Origin {
        Origin {
            compiler: "debian packages".to_owned(),
            compiler_version: "22".to_owned(),
            compiler_sha256: None,
            packages: Vec::new(),
            tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
            sysroot: "pinned".to_owned(),
        }
    }

    fn hashes(lean: &str) -> Hashes {
        Hashes::from(
            [("full-gpl", "1"), ("lean-gpl", lean)].map(|(name, hash)| (name.to_owned(), hash.to_owned())),
        )
    }

    #[test]
    fn number_grows_with_a_change_of_a_hash_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("versions.lock");
        fs::copy(wasm_build().join("versions.lock"), &path).unwrap();
        let record = |tools: &[&str], hashes: &Hashes| {
            let lock = Lock::read(&path).unwrap();
            super::record(&path, &lock, &origin(tools), hashes).unwrap();
            Lock::read(&path).unwrap()
        };
        let first = record(&["cmake 3.25.1"], &hashes("2"));
        assert_eq!(changed(&first, &hashes("2")), [""; 0]);
        assert_eq!(changed(&first, &hashes("3")), ["lean-gpl"]);
        let other_tool = record(&["cmake 4.0.0"], &hashes("2"));
        assert_eq!(other_tool.module.number, first.module.number);
        assert_eq!(other_tool.module.toolchain, ["cmake 4.0.0"]);
        let other_hash = record(&["cmake 4.0.0"], &hashes("3"));
        assert_eq!(other_hash.module.number, first.module.number + 1);
        assert_eq!(of(&other_hash).unwrap(), format!("9.0.2-{}", first.module.number + 1));
        // Comments and pins stay as they are.
        let pins = |text: &str| text[text.find("[toolchain]").unwrap()..].to_owned();
        let before = fs::read_to_string(wasm_build().join("versions.lock")).unwrap();
        assert_eq!(pins(&fs::read_to_string(&path).unwrap()), pins(&before));
    }

    #[test]
    fn tools_of_other_versions_are_named_with_both() {
        let mut lock = Lock::read(&wasm_build().join("versions.lock")).unwrap();
        lock.module.toolchain = ["cmake 3.25.1", "meson 1.0.1"].map(str::to_owned).to_vec();
        assert!(other_tools(&lock, &origin(&["cmake 3.25.1", "meson 1.0.1"])).is_empty());
        let other = other_tools(&lock, &origin(&["cmake 4.0.0", "meson 1.0.1", "ninja 1.11.1"]));
        assert_eq!(other, ["cmake 4.0.0, not 3.25.1", "ninja 1.11.1, not pinned"]);
    }
}
