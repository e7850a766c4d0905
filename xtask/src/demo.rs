//! `cargo xtask demo`: builds the module and runs the demonstration.

use std::process::Command;

use crate::{
    command, project,
    wasm::{self, ModuleName},
};

pub(crate) fn run() -> anyhow::Result<()> {
    // A third of the full module's time to build, and everything that the demo needs.
    let build = || wasm::build(ModuleName::LEAN_LGPL, true);
    let module = command::run_beside(&mut command::build_of_demo(), build)?;
    command::run(
        Command::new(project::target().join("debug/afmpeg-demo"))
            .current_dir(project::root())
            .arg("--module")
            .arg(module)
            .args(["--fixtures", "fixtures", "--out", "target/demo"]),
    )
}
