//! `cargo xtask demo`: builds the module and runs the demonstration.

use std::process::Command;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

pub(crate) fn run() -> anyhow::Result<()> {
    let module = wasm::build(ModuleName::FULL_GPL, true)?;
    command::build_workspace()?;
    command::run(
        Command::new(project::target().join("debug/afmpeg-demo"))
            .current_dir(project::root())
            .arg("--module")
            .arg(module)
            .args(["--fixtures", "fixtures", "--out", "target/demo"]),
    )
}
