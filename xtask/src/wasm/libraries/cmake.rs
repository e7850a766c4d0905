//! Libraries with CMake.

use std::fs;

use serde::Deserialize;

use super::driver::{Driver, Site, install_target, owned};

/// The options of every library. The host's libraries and headers are of no use to a module.
const COMMON: &[&str] = &[
    "-DCMAKE_SYSTEM_NAME=Generic",
    "-DCMAKE_SYSTEM_PROCESSOR=wasm32",
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER",
    "-DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY",
    "-DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY",
    "-DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY",
];

/// A library with one CMake build.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cmake {
    /// The folder of the source that has CMakeLists.txt.
    #[serde(default)]
    folder: String,
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
    /// The runs of `make`, each with its arguments.
    #[serde(default = "install_target")]
    make: Vec<Vec<String>>,
}

impl Driver for Cmake {
    fn options(&self) -> Vec<String> {
        options(&[&self.options, &self.simd])
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        build(site, &self.folder, "cmake", &self.options(), &self.make)
    }
}

/// The options of a build: the common ones, then those of the recipe.
pub(super) fn options(lists: &[&[String]]) -> Vec<String> {
    [owned(COMMON), lists.concat()].concat()
}

/// Configures `folder` of the source in the build folder `build`, and runs `make` there.
pub(super) fn build(
    site: &mut Site<'_>,
    folder: &str,
    build: &str,
    options: &[String],
    make: &[Vec<String>],
) -> anyhow::Result<()> {
    let source = site.source().join(folder).display().to_string();
    let build = build_folder(site, build);
    fs::create_dir_all(&build)?;
    let mut arguments = vec![source];
    arguments.extend(site.resolve(options));
    let (prefix, toolchain) = (site.prefix(), site.workspace.toolchain);
    arguments.extend([
        format!("-DCMAKE_AR={}", toolchain.ar.display()),
        format!("-DCMAKE_RANLIB={}", toolchain.ranlib.display()),
        format!("-DCMAKE_FIND_ROOT_PATH={}", prefix.display()),
        format!("-DCMAKE_INSTALL_PREFIX={}", prefix.display()),
    ]);
    site.run(&build, "cmake", &arguments)?;
    site.make(&build, &[], make)
}

/// The folder of a library's build named `build`.
pub(super) fn build_folder(site: &Site<'_>, build: &str) -> std::path::PathBuf {
    site.workspace.folder.join(site.name).join(build)
}
