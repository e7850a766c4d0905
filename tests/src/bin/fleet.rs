//! Runs a fleet on this machine, for `cargo xtask fleet`.
#![allow(clippy::print_stdout, reason = "prints a report")]

use std::{error::Error, path::Path};

use afmpeg_tests::fleet;

fn main() -> Result<(), Box<dyn Error>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("repository not found")?;
    let task = std::env::args().nth(1).ok_or("missing argument: demo or scale")?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &*task {
        "demo" => threads.block_on(fleet::demo(repository, &repository.join("target/fleet.mp4"))),
        "scale" => threads.block_on(fleet::scale(repository)),
        task => Err(format!("unknown argument: {task}").into()),
    }
}
