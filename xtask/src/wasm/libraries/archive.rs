//! Libraries that are files, compiled into archives without a build system of their own.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

use super::driver::{Driver, Site};

/// The endings of C++ files.
const CXX: &[&str] = &["cc", "cpp"];

/// The makefile that compiles the files, since `make` runs as many compilers as the machine has processors.
const MAKEFILE: &str = "afmpeg.mk";

/// Files to compile, and the archive that gets their objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archive {
    /// The name of the archive, which is installed in `lib`.
    archive: String,
    /// The files, as paths in the source.
    files: Vec<String>,
    /// The flags of the compiler. It runs in the folder of the source.
    #[serde(default)]
    options: Vec<String>,
    /// The flags that choose SIMD kernels.
    #[serde(default)]
    simd: Vec<String>,
}

/// Several archives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archives {
    archives: Vec<Archive>,
    /// The flags of the compiler for all of them, which come before their own.
    #[serde(default)]
    options: Vec<String>,
}

impl Driver for Archive {
    fn options(&self) -> Vec<String> {
        [self.options.as_slice(), &self.simd].concat()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        build(site, &[(self, self.options())])
    }
}

impl Archives {
    /// Each archive with all its options.
    fn parts(&self) -> Vec<(&Archive, Vec<String>)> {
        let with_options = |part| (part, [self.options.as_slice(), &Driver::options(part)].concat());
        self.archives.iter().map(with_options).collect()
    }
}

impl Driver for Archives {
    fn options(&self) -> Vec<String> {
        self.options.clone()
    }

    fn configured(&self, _: &str) -> BTreeMap<String, Vec<String>> {
        self.parts().into_iter().map(|(part, options)| (part.archive.clone(), options)).collect()
    }

    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        build(site, &self.parts())
    }
}

/// Compiles all files of all archives in one run of `make`, then packs the objects.
fn build(site: &mut Site<'_>, parts: &[(&Archive, Vec<String>)]) -> anyhow::Result<()> {
    let source = site.source();
    let mut makefile = "all:\n".to_owned();
    let mut archives = Vec::new();
    for (part, options) in parts {
        // Two archives can have objects of one name.
        let folder = format!("{}.objects", part.archive);
        fs::create_dir_all(source.join(&folder))?;
        let options = site.resolve(options);
        let mut objects = Vec::new();
        for (index, file) in part.files.iter().enumerate() {
            let name = Path::new(file).file_stem().unwrap_or_default().display();
            // Two files in different folders may have one name.
            let object = format!("{folder}/{index}-{name}.o");
            makefile += &rule(&object, file, &options)?;
            objects.push(object);
        }
        archives.push((&part.archive, objects));
    }
    fs::write(source.join(MAKEFILE), makefile)?;
    site.make(&source, &["-f".to_owned(), MAKEFILE.to_owned()], &[vec!["all".to_owned()]])?;
    for (archive, objects) in archives {
        let archive = site.prefix().join("lib").join(archive).display().to_string();
        let ar = site.workspace.toolchain.ar.clone();
        site.run(&source, ar, &[vec!["crD".to_owned(), archive], objects].concat())?;
    }
    Ok(())
}

/// The lines of a makefile that compile a file.
fn rule(object: &str, file: &str, options: &[String]) -> anyhow::Result<String> {
    let end = Path::new(file).extension().and_then(|end| end.to_str()).context("a source has an ending")?;
    let compiler = if CXX.contains(&end) { "wasm-c++" } else { "wasm-cc" };
    let quoted = |option: &String| format!(" '{}'", option.replace('\'', r"'\''").replace('$', "$$"));
    let options: String = options.iter().map(quoted).collect();
    Ok(format!("all: {object}\n{object}:\n\t{compiler}{options} -c '{file}' -o '{object}'\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_a_rule_are_quoted_for_make_and_the_shell() {
        let options = ["-DA=\"b\"", "-DC=$(d)", "-De='f'"].map(str::to_owned);
        assert_eq!(
            rule("a.objects/0-a.o", "src/a.cc", &options).unwrap(),
            "all: a.objects/0-a.o\na.objects/0-a.o:\n\twasm-c++ '-DA=\"b\"' '-DC=$$(d)' '-De='\\''f'\\''' \
             -c 'src/a.cc' -o 'a.objects/0-a.o'\n"
        );
        assert!(rule("a.o", "a.c", &[]).unwrap().contains("\twasm-cc -c"));
        rule("a.o", "a", &[]).unwrap_err();
    }

    #[test]
    fn each_archive_has_the_common_options_and_its_own() {
        let archives: Archives = toml::from_str(
            "options = ['-a']\n[[archives]]\narchive = 'libb.a'\nfiles = ['b.c']\noptions = ['-b']\nsimd = ['-s']\n\
             [[archives]]\narchive = 'libc.a'\nfiles = ['c.c']\n",
        )
        .unwrap();
        let configured = archives.configured("library");
        assert_eq!(configured["libb.a"], ["-a", "-b", "-s"]);
        assert_eq!(configured["libc.a"], ["-a"]);
    }
}
