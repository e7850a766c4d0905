//! Libraries whose build is code: a recipe names one of these hooks.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::{
    cmake,
    driver::{Driver, Site, owned},
};

/// A library that a function of this file builds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hook {
    hook: Name,
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
}

/// The names of the hooks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Name {
    X265,
}

impl Driver for Hook {
    fn options(&self) -> Vec<String> {
        let Name::X265 = self.hook;
        cmake::options(&[&self.options, &self.simd])
    }

    fn configured(&self, library: &str) -> BTreeMap<String, Vec<String>> {
        let Name::X265 = self.hook;
        let with = |depth: &[&str]| [self.options(), owned(depth)].concat();
        BTreeMap::from([
            (library.to_owned(), with(X265_EIGHT_BITS)),
            (X265_TEN_BITS_LIBRARY.to_owned(), with(X265_TEN_BITS)),
        ])
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        let Name::X265 = self.hook;
        build_x265(site, &self.options())
    }
}

const X265_TEN_BITS_LIBRARY: &str = "x265_main10";

const X265_TEN_BITS: &[&str] =
    &["-DHIGH_BIT_DEPTH=ON", "-DEXPORT_C_API=OFF", "-DPLATFORM_LIBS=c++;c++abi;unwind"];

const X265_EIGHT_BITS: &[&str] =
    &["-DEXTRA_LIB=x265_main10", "-DLINKED_10BIT=ON", "-DPLATFORM_LIBS=x265_main10;c++;c++abi;unwind"];

/// The program with which x265 compares its kernels with C.
const X265_TEST_BENCH: &str = "TestBench";

/// Builds x265 for 10 and for 8 bits per sample; the second library calls the first. The recipe installs the test bench
/// of each from the folder of the source.
fn build_x265(site: &mut Site<'_>, common: &[String]) -> anyhow::Result<()> {
    for (folder, depth, target) in [("10", X265_TEN_BITS, "x265-static"), ("8", X265_EIGHT_BITS, "install")] {
        let options = [common.to_vec(), owned(depth)].concat();
        cmake::build(site, "source", folder, &options, &[owned(&[target]), owned(&[X265_TEST_BENCH])])?;
        let build = cmake::build_folder(site, folder);
        fs::copy(build.join("test").join(X265_TEST_BENCH), site.source().join(format!("testbench{folder}")))?;
        if depth == X265_TEN_BITS {
            fs::copy(build.join("libx265.a"), site.prefix().join("lib/libx265_main10.a"))?;
        }
    }
    Ok(())
}
