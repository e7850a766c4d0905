//! The pages and texts of a release.

use std::{fmt::Write as _, fs};

use afmpeg_types::release::ReleaseModule;

use super::{folder::Folder, program::Program};

/// The shells that the command has completions for, and the names of the files that these shells look for.
const SHELLS: &[(&str, &str)] =
    &[("bash", "afmpeg.bash"), ("zsh", "_afmpeg"), ("fish", "afmpeg.fish"), ("powershell", "_afmpeg.ps1")];

/// The introduction of a release.
const README: &str = "\
This folder is a release of afmpeg: FFmpeg for a sandbox, in four modules, and the command that runs them.

    afmpeg module install --from FOLDER --key KEY

verifies a module, and installs it with its compiled code for this machine. FOLDER is this folder or its URL, KEY the
publisher's public key. index.json names every file with its sha256, and index.json.minisig is its signature, by minisign.
Each module has a licence of its own, whose texts and sources are here, too.
";

/// Adds the manual pages and the completions of the command.
pub(super) fn add_to(folder: &mut Folder, program: &Program) -> anyhow::Result<()> {
    for (shell, name) in SHELLS {
        folder.write(name, program.output(&["completions", shell])?)?;
    }
    let pages = tempfile::tempdir()?;
    program.output(&["man", &pages.path().to_string_lossy()])?;
    for page in fs::read_dir(pages.path())? {
        let page = page?;
        folder.copy(&page.file_name().to_string_lossy(), &page.path())?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        folder.copy(licence, &crate::project::root().join(licence))?;
    }
    Ok(())
}

/// Adds the introduction, with a list of the modules and of the machines that there is code for.
pub(super) fn add_readme(folder: &mut Folder, modules: &[ReleaseModule]) -> anyhow::Result<()> {
    let mut text = README.to_owned();
    for module in modules {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{} {}\n    sources: {}", module.name, module.version, module.sources);
        for artifact in &module.artifacts {
            let tested = if artifact.tested { "" } else { " (not tested: it has not run on such a machine)" };
            let _ = writeln!(text, "    compiled: {}{tested}", artifact.file);
        }
    }
    folder.write("README.txt", text)?;
    Ok(())
}
