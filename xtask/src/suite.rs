//! `cargo xtask test`: the README's second command.

use std::process::{Command, Stdio};

use crate::{
    command, debian,
    wasm::{self, ModuleName},
};

/// What judges the tests' outputs: never part of the product.
const TEST_PACKAGES: &[&str] = &["ffmpeg"];

pub(crate) fn run() -> anyhow::Result<()> {
    debian::ensure_installed(TEST_PACKAGES)?;
    wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::build(ModuleName::LEAN_LGPL, true)?;
    wasm::guests::build()?;

    command::build_workspace()?;
    let has_nextest = Command::new("cargo-nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if has_nextest {
        command::run(command::cargo().args([
            "nextest",
            "run",
            "--workspace",
            "--all-features",
            "--no-fail-fast",
        ]))?;
    } else {
        command::run(command::cargo().args(["test", "--workspace", "--all-features", "--all-targets"]))?;
    }
    command::run(command::cargo().args(["test", "--workspace", "--all-features", "--doc"]))
}
