//! Libraries with a configure script.

use serde::Deserialize;

use super::driver::{Driver, Site, install_target, owned};

/// The options of every script of autoconf. Without `CFLAGS`, it would add `-g -O2` after our own flags; the host
/// keeps it from running the programs that it compiles.
const AUTOCONF: &[&str] = &["--host=wasm32-wasi", "--disable-shared", "--enable-static", "CFLAGS=-O3"];

/// A script that autoconf generated: it gets the usual options for a static library, then those of the recipe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Autoconf {
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
    /// The runs of `make`, each with its arguments.
    #[serde(default = "install_target")]
    make: Vec<Vec<String>>,
}

/// Any other script: it gets the options of the recipe and `--prefix`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Configure {
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
    /// The runs of `make`, each with its arguments.
    #[serde(default = "install_target")]
    make: Vec<Vec<String>>,
}

impl Driver for Autoconf {
    fn options(&self) -> Vec<String> {
        [&owned(AUTOCONF), self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        configure_and_make(site, &self.options(), &self.make)
    }
}

impl Driver for Configure {
    fn options(&self) -> Vec<String> {
        [self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        configure_and_make(site, &self.options(), &self.make)
    }
}

fn configure_and_make(site: &mut Site<'_>, options: &[String], make: &[Vec<String>]) -> anyhow::Result<()> {
    let mut options = site.resolve(options);
    options.push(format!("--prefix={}", site.prefix().display()));
    let source = site.source();
    site.run(&source, "./configure", &options)?;
    site.make(&source, &[], make)
}
