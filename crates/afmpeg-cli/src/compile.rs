//! `afmpeg module compile`: an artifact for shipping.

use afmpeg_engine::{Backend, Runtime, Target};

use crate::{failure::Failure, module, options::CompileOptions};

pub(crate) fn compile(options: &CompileOptions) -> Result<(), Failure> {
    let target = match (&options.target, &options.cpu) {
        (None, None) => Target::host(),
        (Some(triple), cpu) => Target::new(triple, cpu.as_deref())?,
        (None, Some(cpu)) => Target::new(&Target::host().triple(), Some(cpu))?,
    };
    let backend = options.backend.as_deref().map_or(Ok(Backend::default()), backend)?;
    let path = module::path(options.module.as_deref())?;
    let info = module::show_compiling(Runtime::builder().module(path).backend(backend))
        .compile(&target, &options.output)?;
    eprintln!("{}: {} bytes of code for {}", options.output.display(), info.code_bytes(), info.target());
    Ok(())
}

fn backend(name: &str) -> Result<Backend, Failure> {
    let compilers = || Backend::available().iter().filter(|backend| **backend != Backend::Headless);
    compilers().find(|backend| backend.name() == name).copied().ok_or_else(|| {
        let names: Vec<&str> = compilers().map(|backend| backend.name()).collect();
        Failure::usage(
            format!("this program cannot compile with {name}"),
            match names.as_slice() {
                [] => "it was built without a compiler; build it with the feature `cranelift` or `llvm`"
                    .to_owned(),
                names => format!("it was built with {}", names.join(" and ")),
            },
        )
    })
}
