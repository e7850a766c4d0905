//! `afmpeg module compile`: an artifact for shipping.

use std::{io, path::Path};

use afmpeg_engine::{Backend, Error, Runtime, Target};

use crate::{
    failure::Failure,
    module::{self, Located},
    options::CompileOptions,
    output::print,
    stderr,
};

pub(crate) fn compile(options: &CompileOptions) -> Result<(), Failure> {
    let target = match (&options.target, &options.cpu) {
        (None, None) => Target::host(),
        (Some(triple), cpu) => Target::new(triple, cpu.as_deref())?,
        (None, Some(cpu)) => Target::new(&Target::host().triple(), Some(cpu))?,
    };
    let backend = options.backend.as_deref().map_or(Ok(Backend::default()), backend)?;
    let module = Located::new(options.module.as_deref())?;
    check_output(&options.output)?;
    let mut builder = Runtime::builder().module(module.path()).backend(backend);
    if options.keep_symbols {
        builder = builder.keep_symbols();
    }
    let info = module::show_compiling(builder).compile(&target, &options.output);
    let info = info.map_err(|error| match error {
        Error::NotAModule { .. } => {
            module.failure(error).with_hint("pass the module that the artifact is compiled from".to_owned())
        }
        error => module.failure(error),
    })?;
    let (output, code, target) = (options.output.display(), info.code_bytes(), info.target());
    stderr::print(format!("{output}: {code} bytes of code for {target}\n"));
    Ok(())
}

/// Prints the known targets, one on each line.
pub(crate) fn targets() -> Result<(), Failure> {
    let targets: String = Target::known().iter().map(|triple| format!("{triple}\n")).collect();
    print(&targets)?;
    Ok(())
}

/// Refuses a path that cannot be written, before the compiler runs for seconds or minutes.
fn check_output(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refusal = |error: io::Error, hint: String| {
        Err(Failure::filesystem(format!("cannot write the artifact {}: {error}", path.display()), hint))
    };
    if path.is_dir() {
        return refusal(io::ErrorKind::IsADirectory.into(), "add the name of a file".to_owned());
    }
    match folder.metadata() {
        Ok(found) if found.is_dir() => {}
        Ok(_) => {
            let hint = format!("choose another folder: {} is a file", folder.display());
            return refusal(io::ErrorKind::NotADirectory.into(), hint);
        }
        Err(error) => {
            return refusal(error, format!("create the folder {}, or choose another", folder.display()));
        }
    }
    match check_writable(folder) {
        Ok(()) => Ok(()),
        Err(error) => refusal(error, "choose a folder that you may write to".to_owned()),
    }
}

#[cfg(unix)]
fn check_writable(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn check_writable(_: &Path) -> io::Result<()> {
    Ok(())
}

fn backend(name: &str) -> Result<Backend, Failure> {
    let compilers: Vec<Backend> =
        Backend::available().iter().copied().filter(|backend| *backend != Backend::Headless).collect();
    let names = || compilers.iter().map(|backend| backend.name()).collect::<Vec<_>>().join(" or ");
    match name.parse() {
        Ok(backend) if compilers.contains(&backend) => Ok(backend),
        Ok(backend) if backend != Backend::Headless => {
            let needs = if backend == Backend::Llvm { ", which needs LLVM 22.1" } else { "" };
            Err(Failure::usage(
                format!("cannot compile with {backend}: this program was built without it"),
                format!(
                    "build the command with it in a checkout of afmpeg, `cargo build --release -p afmpeg-cli \
                     --features {backend}`{needs}"
                ),
            ))
        }
        _ => {
            let expected = [Backend::Cranelift, Backend::Llvm].map(Backend::name).join(" or ");
            let hint = match compilers.as_slice() {
                [] => {
                    "build the command with one of them: this program was built without a compiler".to_owned()
                }
                _ => format!("pass {}: this program was built with it", names()),
            };
            Err(Failure::usage(format!("expected the backend {expected}, found {name}"), hint))
        }
    }
}
