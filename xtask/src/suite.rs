//! `cargo xtask test`: the README's second command.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{
    codegen, command, debian,
    fate::{self, Selection},
    native,
    wasm::{self, ModuleName, fate::Suite},
};

/// Where proptest looks for its seed.
const SEED: &str = "PROPTEST_RNG_SEED";

/// What judges the tests' outputs: never part of the product.
const TEST_PACKAGES: &[&str] = &["ffmpeg"];

/// How many of FATE's tests are run, which take about a minute; all of them take a quarter of an hour.
const FATE_SAMPLE: usize = 150;

/// Chooses those tests: the same ones every time.
const FATE_SEED: u64 = 1;

pub(crate) fn run() -> anyhow::Result<()> {
    debian::ensure_installed(TEST_PACKAGES)?;
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    wasm::build(ModuleName::LEAN_LGPL, true)?;
    wasm::guests::build()?;
    let fate = Suite::prepare()?;

    command::build_workspace()?;
    codegen::check_with(&module)?;
    // The same random sequences every time: what fails here fails again. A search for more sets its own seed.
    let mut test = command::cargo();
    if env::var_os(SEED).is_none() {
        test.env(SEED, "1");
    }
    // Some tests compare with it.
    test.env(native::VARIABLE, native::ffmpeg()?);
    let has_nextest = Command::new("cargo-nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let runner: &[&str] =
        if has_nextest { &["nextest", "run", "--no-fail-fast"] } else { &["test", "--all-targets"] };
    command::run(test.args(runner).args(command::SELECTION))?;
    command::run(command::cargo().arg("test").args(command::SELECTION).arg("--doc"))?;
    fate::run_in(&fate, &Selection { sample: Some(FATE_SAMPLE), seed: FATE_SEED, ..Selection::default() })
}
