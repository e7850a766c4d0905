//! Modules that are compiled ahead of time.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use afmpeg_types::release::ReleaseArtifact;
use anyhow::Context as _;
use serde::Deserialize;

use super::{
    folder::{Folder, Packing},
    program::Program,
};
use crate::{command, progress};

/// The levels of the CPU of a target for which there is code. The default of a target is another one.
const LEVELS: &[(&str, &[&str])] = &[("x86_64-unknown-linux-gnu", &["x86-64-v2", "x86-64-v3"])];

/// The label of an artifact, as the command prints it.
#[derive(Debug, Deserialize)]
struct Label {
    triple: String,
    cpu: Vec<String>,
    wasmer: String,
    settings: u32,
    backend: String,
}

/// Compiles a module for every target of the command.
pub(super) fn add_to(
    folder: &mut Folder,
    program: &Program,
    name: &str,
    module: &Path,
) -> anyhow::Result<Vec<ReleaseArtifact>> {
    let temporary = tempfile::tempdir()?;
    let mut artifacts = Vec::new();
    for triple in program.output(&["module", "targets"])?.lines() {
        let levels = LEVELS.iter().find(|(of, _)| *of == triple).map(|(_, levels)| *levels);
        let levels: Vec<Option<&str>> = match levels {
            Some(levels) => levels.iter().copied().map(Some).collect(),
            None => vec![None],
        };
        for level in levels {
            let label = [Some(name), Some(triple), level].into_iter().flatten().collect::<Vec<_>>().join(".");
            progress::print(&format!("{label}: compiling"));
            let path = temporary.path().join("artifact");
            let mut compile = Command::new(program.path());
            compile.args(["module", "compile", "--target", triple, "--module"]).arg(module);
            compile.args(level.iter().flat_map(|level| ["--cpu", level])).arg("--output").arg(&path);
            command::run(&mut compile)?;
            let text = path.to_str().context("the path of a temporary file is text")?;
            let info: Label = serde_json::from_value(program.json(&["module", "info", "--json", text])?)?;
            artifacts.push(ReleaseArtifact {
                file: folder.pack(&format!("{label}.artifact.zst"), &path, Packing::Quick)?,
                triple: info.triple,
                cpu: info.cpu,
                wasmer: info.wasmer,
                settings: info.settings,
                backend: info.backend,
                tested: runs(program, &path),
            });
        }
    }
    Ok(artifacts)
}

/// Whether the code runs on this machine: it scales and encodes pictures.
fn runs(program: &Program, artifact: &Path) -> bool {
    let job = "-v error -f lavfi -i testsrc2=d=1:s=320x180 -vf scale=160:90 -c:v libopenh264 -f null -";
    let mut run = Command::new(program.path());
    run.args(["run", "--module"]).arg(artifact).args(job.split(' '));
    run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    run.status().is_ok_and(|status| status.success())
}
