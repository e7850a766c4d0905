//! `cargo xtask guide`: renders the guide.

use std::{path::PathBuf, process::Command};

use crate::{command, project};

/// The version of mdBook. It is a tool alone, so it is not among the dependencies.
const MDBOOK: &str = "0.5.4";

pub(crate) fn run() -> anyhow::Result<()> {
    let (book, pages) = (project::root().join("docs/guide"), project::target().join("guide"));
    command::run(Command::new(mdbook()?).arg("build").arg(book).arg("--dest-dir").arg(&pages))?;
    println!("{}", pages.join("index.html").display());
    Ok(())
}

/// Returns mdBook from the cache, where it is compiled the first time.
fn mdbook() -> anyhow::Result<PathBuf> {
    let folder = project::cache()?.join(format!("mdbook-{MDBOOK}"));
    let program = folder.join("bin/mdbook");
    if !program.exists() {
        let install = ["install", "--locked", "--no-default-features", "--features", "search"];
        let mut cargo = command::cargo();
        cargo.args(install).args(["mdbook", "--version", MDBOOK, "--root"]).arg(&folder);
        // A folder of its own, which cargo removes, as outside of a workspace.
        command::run(cargo.env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}
