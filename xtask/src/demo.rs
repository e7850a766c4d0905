//! `cargo xtask demo`: the README's first command.

use std::{env, process::Command};

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

pub(crate) fn run() -> anyhow::Result<()> {
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    command::run(
        Command::new(cargo)
            .current_dir(project::root())
            .args(["run", "--package", "afmpeg-demo", "--", "--module"])
            .arg(module)
            .args(["--fixtures", "fixtures", "--out", "target/demo"]),
    )
}
