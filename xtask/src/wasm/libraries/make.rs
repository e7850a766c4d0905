//! Libraries with only a makefile.

use serde::Deserialize;

use super::driver::{Driver, Site, install_target};

/// A makefile that takes its options as variables; it also gets `AR` and `PREFIX`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {
    #[serde(default)]
    options: Vec<String>,
    /// The options that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
    /// The runs of `make`, each with its arguments.
    #[serde(default = "install_target")]
    make: Vec<Vec<String>>,
}

impl Driver for Make {
    fn options(&self) -> Vec<String> {
        [self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        let mut variables = site.resolve(&self.options());
        variables.push(format!("AR={}", site.workspace.toolchain.ar.display()));
        variables.push(format!("PREFIX={}", site.prefix().display()));
        let source = site.source();
        site.make(&source, &variables, &self.make)
    }
}
