//! Wrappers of the compilers that record each command and the warnings of the compiler about the types of functions.

use std::{fs, path::Path};

use super::toolchain;

/// The variable with the folder to which wrapped compilers write their records.
pub(super) const VARIABLE: &str = "AFMPEG_CALLS";

/// Set where no object is linked: compilers then only check the source.
pub(super) const NO_OBJECTS: &str = "AFMPEG_CALLS_NO_OBJECTS";

/// Flags that enable the warnings about types, in a format for programs, and disable optimisation, which changes none of
/// them. They come last, so that no flag of a source overrides them.
pub(super) const FLAGS: &str = "-O0 -Wno-error -Wcast-function-type-strict -Wincompatible-function-pointer-types-strict \
                     -Wpedantic -fdiagnostics-print-source-range-info -fno-caret-diagnostics \
                     -fdiagnostics-absolute-paths -fno-color-diagnostics -ferror-limit=0";

/// Installs wrappers of the compilers in `bin` that also record each command and its output.
pub(super) fn install(bin: &Path, wrappers: &Path, records: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(wrappers)?;
    fs::create_dir_all(records)?;
    for name in ["wasm-cc", "wasm-c++"] {
        let path = wrappers.join(name);
        fs::write(&path, wrapper(&bin.join(name)))?;
        toolchain::make_executable(&path)?;
    }
    Ok(())
}

fn wrapper(compiler: &Path) -> String {
    format!(
        "#!/bin/sh\n\
         case \" $* \" in *' -c '*) ;; *) exec '{compiler}' \"$@\";; esac\n\
         record=$(mktemp \"${VARIABLE}/XXXXXXXXXX\") || exit 1\n\
         printf '%s\\0' \"$PWD\" '{compiler}' \"$@\" > \"$record.command\"\n\
         [ -z \"${NO_OBJECTS}\" ] || only=-fsyntax-only\n\
         '{compiler}' \"$@\" {FLAGS} $only 2> \"$record.text\"\n\
         status=$?\n\
         cat \"$record.text\" >&2\n\
         for argument do\n\
         \x20 [ -z \"$only\" ] || [ \"$before\" != -o ] || : > \"$argument\"\n\
         \x20 before=$argument\n\
         done\n\
         exit $status\n",
        compiler = compiler.display(),
    )
}
