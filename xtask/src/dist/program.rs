use std::{
    path::{Path, PathBuf},
    process::Command,
};

use afmpeg_types::release::ReleaseProgram;
use anyhow::Context as _;
use serde_json::Value;

use super::folder::Folder;
use crate::{command, failure::Failure, project};

/// The target of the program. It needs no library of the system.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// The flags for a program that needs no file of the system. In a static program, the crate getrandom does not find the
/// libc's function, and would read /dev/urandom, which an empty root folder lacks.
const STATIC: &str = "-C target-feature=+crt-static --cfg getrandom_backend=\"linux_getrandom\"";

/// The command `afmpeg` of a release.
pub(super) struct Program {
    path: PathBuf,
}

impl Program {
    /// Builds the command, with the publisher's key as its default.
    pub(super) fn build(key: &str) -> anyhow::Result<Self> {
        // In a folder of its own, since its flags would compile the workspace again.
        let target = project::target().join("dist-build");
        let mut cargo = command::cargo();
        cargo
            .args([
                "build",
                "--release",
                "--locked",
                "-p",
                "afmpeg-cli",
                "--features",
                "full",
                "--target",
                TRIPLE,
            ])
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", format!("{STATIC} {}", remapped_paths()))
            .env("AFMPEG_RELEASE_KEY", key);
        command::run(&mut cargo)?;
        Ok(Self { path: target.join(TRIPLE).join("release/afmpeg") })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn add_to(&self, folder: &mut Folder) -> anyhow::Result<ReleaseProgram> {
        let file = folder.copy(&format!("afmpeg-{TRIPLE}"), &self.path)?;
        Ok(ReleaseProgram { file, triple: TRIPLE.to_owned(), is_static: true })
    }

    /// Returns the standard output of the program.
    pub(super) fn output(&self, args: &[&str]) -> anyhow::Result<String> {
        command::output_of(Command::new(&self.path).args(args)).ok_or_else(|| {
            let program = self.path.display();
            Failure::new(format!("{program} {} failed", args.join(" ")), "run it to read its error").into()
        })
    }

    pub(super) fn json(&self, args: &[&str]) -> anyhow::Result<Value> {
        let output = self.output(args)?;
        serde_json::from_str(&output).with_context(|| format!("cannot read the output of {}", args.join(" ")))
    }
}

/// The flags that keep the folders of this machine out of the program.
fn remapped_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folders = home.into_iter().map(|home| (home, "/cargo"));
    let folders = folders.chain([(project::root().to_owned(), "/afmpeg")]);
    let flags = folders.map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join(" ")
}
