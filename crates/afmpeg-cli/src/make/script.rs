//! The commands of a plan as lines for a shell.

use afmpeg_vfs::VPath;

use super::{plan::Plan, target::Target};

/// Returns the start of the names of files that are not outputs. They are in the current folder, where the paths of the
/// inputs start.
pub(crate) fn scratch(output: &str) -> String {
    format!("{}.", output.rsplit('/').next().unwrap_or_default())
}

/// Returns the commands, in the bytes of the file names.
pub(crate) fn of(plan: &Plan, target: &Target) -> Vec<u8> {
    let mut lines = String::new();
    if target.is_folder() {
        lines.push_str(&format!("mkdir -p -- {}\n", shell_words::quote(&target.typed())));
    }
    for (path, text) in &plan.texts {
        lines.push_str(&format!("printf %s {} > {}\n", shell_words::quote(text), shell_words::quote(path)));
    }
    lines.push_str(&plan.command.to_line());
    lines.push('\n');
    VPath::bytes_of(&lines).into_owned()
}
