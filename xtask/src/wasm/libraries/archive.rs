//! Libraries that are a few files, compiled into an archive without a build system.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::driver::{Driver, Site};

/// The endings of C++ files.
const CXX: &[&str] = &["cc", "cpp"];

/// Files to compile, and the archive that gets their objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archive {
    /// The name of the archive, which is installed in `lib`.
    archive: String,
    /// The files, as paths in the source.
    files: Vec<String>,
    /// The flags of the compiler.
    #[serde(default)]
    options: Vec<String>,
    /// The flags that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
}

impl Driver for Archive {
    fn options(&self) -> Vec<String> {
        [self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        let source = site.source();
        let options = site.resolve(&self.options());
        let mut members =
            vec!["crD".to_owned(), site.prefix().join("lib").join(&self.archive).display().to_string()];
        for (index, file) in self.files.iter().enumerate() {
            let end =
                Path::new(file).extension().and_then(|end| end.to_str()).context("a source has an ending")?;
            let compiler = if CXX.contains(&end) { "wasm-c++" } else { "wasm-cc" };
            let name = Path::new(file).file_stem().unwrap_or_default().display().to_string();
            // Two files in different folders may have one name.
            let object = source.join(format!("{index}-{name}.o")).display().to_string();
            let input = source.join(file).display().to_string();
            let mut arguments = options.clone();
            arguments.extend(["-c".to_owned(), input, "-o".to_owned(), object.clone()]);
            site.run(&source, compiler, &arguments)?;
            members.push(object);
        }
        let ar = site.workspace.toolchain.ar.clone();
        site.run(&source, ar, &members)
    }
}
