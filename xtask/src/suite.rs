//! `cargo xtask test`: builds the modules and runs every test.

use std::{
    env,
    num::NonZero,
    process::{Command, Stdio},
    thread,
};

use crate::{
    checkasm::{self, Seeds},
    codegen, command, debian,
    fate::{self, Selection},
    native, nats,
    wasm::{self, ModuleName, Variant, fate::Suite},
};

/// The environment variable for proptest's seed.
const SEED: &str = "PROPTEST_RNG_SEED";

/// The packages that judge the tests' outputs, never part of the product.
const TEST_PACKAGES: &[&str] = &["ffmpeg"];

/// The environment variable for tests of every case, and the package that judges pages only then, since it is large.
const EVERY_CASE: (&str, &str) = ("AFMPEG_EVERY_CASE", "chromium");

/// The number of FATE's tests to run, in about a minute; all of them take a quarter of an hour.
const FATE_SAMPLE: usize = 150;

/// The seed of the sample: the same tests in every run, without the one that takes longer than all others together
/// (`sws-uops-macros`).
const FATE_SEED: u64 = 2;

/// The seeds of the comparisons of SIMD kernels with C; `.ci/slow` uses more.
const KERNEL_SEEDS: Seeds = Seeds { count: 2, first: 1 };

pub(crate) fn run() -> anyhow::Result<()> {
    debian::ensure_installed(TEST_PACKAGES)?;
    let (variable, browser) = EVERY_CASE;
    if env::var_os(variable).is_some() {
        debian::ensure_installed(&[browser])?;
    }
    let (module, fate) = command::run_beside(&mut command::build_of_workspace(), || {
        // First, since its programs are built with the full module.
        let fate = Suite::prepare(Variant::Gpl)?;
        let module = wasm::build(ModuleName::FULL_GPL, true)?;
        wasm::build(ModuleName::LEAN_LGPL, true)?;
        wasm::guests::build()?;
        Ok((module, fate))
    })?;
    codegen::check_with(&module)?;
    // A fixed seed makes failures repeatable; set another one to search for more.
    let mut test = command::cargo();
    if env::var_os(SEED).is_none() {
        test.env(SEED, "1");
    }
    // Some tests compare with native FFmpeg, or need a server of fleets.
    test.env(native::VARIABLE, native::ffmpeg()?).env(nats::VARIABLE, nats::server()?);
    let has_nextest = Command::new("cargo-nextest")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if has_nextest {
        // One more than the processors, since some tests wait.
        let threads = thread::available_parallelism().map_or(1, NonZero::get) + 1;
        test.args(["nextest", "run", "--no-fail-fast", &format!("--test-threads={threads}")]);
    } else {
        test.args(["test", "--all-targets"]);
    }
    command::run(test.args(command::SELECTION))?;
    command::run(command::cargo().arg("test").args(command::SELECTION).arg("--doc"))?;
    checkasm::run_in(&fate, KERNEL_SEEDS)?;
    fate::run_in(&fate, &Selection { sample: Some(FATE_SAMPLE), seed: FATE_SEED, ..Selection::default() })
}
