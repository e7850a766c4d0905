//! Our SIMD kernels: the files below `wasm-build/simd/<source>/` are added to that source at the same paths.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::files::files_below;
use crate::failure::Failure;

/// The name of the folder in `wasm-build/`.
pub(super) const FOLDER: &str = "simd";

/// Lists the kernels for a source. Most sources have none.
pub(super) fn kernels(wasm_build: &Path, source: &str) -> io::Result<Vec<PathBuf>> {
    let folder = wasm_build.join(FOLDER).join(source);
    if folder.exists() { files_below(&folder) } else { Ok(Vec::new()) }
}

/// Copies the kernels for `source` into the folder in which it is unpacked.
pub(super) fn add_kernels(wasm_build: &Path, source: &str, unpacked: &Path) -> anyhow::Result<()> {
    for kernel in kernels(wasm_build, source)? {
        let path = kernel.strip_prefix(wasm_build.join(FOLDER).join(source))?;
        let copy = unpacked.join(path);
        anyhow::ensure!(!copy.exists(), "{source} has a file {} of its own", path.display());
        fs::create_dir_all(copy.parent().unwrap_or(unpacked))?;
        fs::copy(&kernel, &copy)?;
    }
    Ok(())
}

/// The features that FFmpeg's configure script enables for the kernels. It leaves out those that it cannot compile, without
/// an error.
const ENABLED: &[&str] = &["SIMD128", "MSA", "LSX", "FAST_64BIT", "FAST_CLZ", "FAST_UNALIGNED"];

/// Fails unless FFmpeg's `config.h` enables all kernels.
pub(super) fn check_enabled(config: &str) -> anyhow::Result<()> {
    let lines: BTreeSet<&str> = config.lines().collect();
    let missing: Vec<&str> = ENABLED
        .iter()
        .copied()
        .filter(|name| !lines.contains(format!("#define HAVE_{name} 1").as_str()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("FFmpeg's configure script did not enable {}", missing.join(", ")),
        "see ffbuild/config.log in its build folder for the compiler's errors",
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_added_beside_the_files_of_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, unpacked) = (folder.path().join("wasm-build"), folder.path().join("foo"));
        let kernel = ours.join("simd/foo/common/wasm/sad.c");
        fs::create_dir_all(kernel.parent().unwrap()).unwrap();
        fs::write(&kernel, "sad").unwrap();
        fs::create_dir_all(unpacked.join("common")).unwrap();

        assert!(kernels(&ours, "bar").unwrap().is_empty());
        add_kernels(&ours, "foo", &unpacked).unwrap();
        assert_eq!(fs::read_to_string(unpacked.join("common/wasm/sad.c")).unwrap(), "sad");
        let error = add_kernels(&ours, "foo", &unpacked).unwrap_err().to_string();
        assert_eq!(error, "foo has a file common/wasm/sad.c of its own");
    }

    #[test]
    fn kernels_that_configure_left_out_are_named() {
        let config: String = ENABLED.iter().map(|name| format!("#define HAVE_{name} 1\n")).collect();
        check_enabled(&config).unwrap();
        let error = check_enabled(&config.replace("HAVE_MSA 1", "HAVE_MSA 0")).unwrap_err().to_string();
        assert!(error.starts_with("FFmpeg's configure script did not enable MSA"), "{error}");
    }
}
