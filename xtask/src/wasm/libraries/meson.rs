//! Libraries with Meson.

use std::{fs, path::Path};

use serde::Deserialize;

use super::driver::{Driver, Site, owned};
use crate::wasm::{toolchain::Toolchain, workspace::jobs};

/// The options of every library. The linker for WebAssembly lacks the flags that the last two would add; objects for
/// a position-independent executable would access variables indirectly.
const COMMON: &[&str] = &[
    "--libdir=lib",
    "--buildtype=release",
    "--default-library=static",
    "--auto-features=disabled",
    "--wrap-mode=nodownload",
    "-Db_staticpic=false",
    "-Db_lundef=false",
    "-Db_asneeded=false",
];

/// A library with one Meson build, and perhaps another for the programs with which it checks itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meson {
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
    checks: Option<Checks>,
}

/// A build in the folder `build-checks` of the source, from which the recipe installs programs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Checks {
    /// The options after those of the library.
    #[serde(default)]
    options: Vec<String>,
    targets: Vec<String>,
}

impl Driver for Meson {
    fn options(&self) -> Vec<String> {
        [&owned(COMMON), self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        build(site, "build", &self.options(), &owned(&["install"]))?;
        match &self.checks {
            Some(checks) => {
                let options = [self.options(), checks.options.clone()].concat();
                build(site, "build-checks", &options, &checks.targets)
            }
            None => Ok(()),
        }
    }
}

/// Configures the source in its folder `folder`, and makes the targets there.
fn build(site: &mut Site<'_>, folder: &str, options: &[String], targets: &[String]) -> anyhow::Result<()> {
    let source = site.source();
    let cross_file = source.join(format!("{folder}.ini"));
    fs::write(&cross_file, cross_file_for(site.workspace.toolchain))?;
    let mut arguments = owned(&["setup"]);
    arguments.extend(site.resolve(options));
    arguments.extend([
        format!("--cross-file={}", cross_file.display()),
        format!("--prefix={}", site.prefix().display()),
        folder.to_owned(),
    ]);
    site.run(&source, "meson", &arguments)?;
    site.run(&source.join(folder), "ninja", &[&[jobs()], targets].concat())
}

/// Describes the compilers and the machine. Meson does not run a program that it compiles for it.
fn cross_file_for(toolchain: &Toolchain) -> String {
    let tool = |name: &str, path: &Path| format!("{name} = '{}'\n", path.display());
    [
        "[binaries]\nc = 'wasm-cc'\ncpp = 'wasm-c++'\npkg-config = 'pkg-config'\n".to_owned(),
        tool("ar", &toolchain.ar),
        tool("ranlib", &toolchain.ranlib),
        tool("nm", &toolchain.nm),
        tool("strip", &toolchain.strip),
        "\n[properties]\nneeds_exe_wrapper = true\n".to_owned(),
        "\n[host_machine]\nsystem = 'wasi'\ncpu_family = 'wasm32'\ncpu = 'wasm32'\nendian = 'little'\n"
            .to_owned(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_recipe_follow_the_common_ones() {
        let meson: Meson = toml::from_str("options = ['-Da=1']\nsimd = ['-Db=2']\n").unwrap();
        let options = meson.options();
        assert_eq!(&options[..COMMON.len()], owned(COMMON));
        assert_eq!(&options[COMMON.len()..], ["-Da=1", "-Db=2"]);
    }
}
