//! The warnings of the compiler about the types of functions, for every source of a module.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::{
    cache::LibraryCache, call_wrappers::FLAGS, ffmpeg::ModuleBuild, files::files_below, folders::folder,
    inputs::Inputs, module_name::ModuleName,
};

/// A compiled source.
#[derive(Debug)]
pub(crate) struct Record {
    /// The working directory of the compiler.
    folder: PathBuf,
    /// The compiler and its arguments.
    command: Vec<String>,
    /// The output of the compiler.
    pub(crate) text: String,
}

/// The sources of the fullest module.
#[derive(Debug)]
pub(crate) struct Records {
    /// The build folder, in which all sources are.
    pub(crate) build: PathBuf,
    pub(crate) records: Vec<Record>,
}

/// Compiles the sources of the fullest module, or those of the named parts: `x264`, `ffmpeg`...
///
/// FFmpeg needs all libraries, since its configure script looks for them.
pub(crate) fn record(parts: &[String]) -> anyhow::Result<Records> {
    let inputs = Inputs::read()?;
    let keys = inputs.keys();
    let build = folder().join("build").join("calls");
    let logs = folder().join("logs").join("calls");
    let records = build.join("records");
    ModuleBuild::new(ModuleName::FULL_GPL, &inputs, &keys, &build, &logs)?.compile_for_records(
        &records,
        parts,
        &LibraryCache::open()?,
    )?;
    Ok(Records { records: read(&records)?, build })
}

fn read(folder: &Path) -> anyhow::Result<Vec<Record>> {
    let mut records = Vec::new();
    for path in files_below(folder)? {
        if path.extension().is_none_or(|end| end != "command") {
            continue;
        }
        let command = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let mut words = command.split_terminator('\0').map(str::to_owned);
        let folder = PathBuf::from(words.next().context("a record has a folder")?);
        let text = String::from_utf8_lossy(&fs::read(path.with_extension("text"))?).into_owned();
        records.push(Record { folder, command: words.collect(), text });
    }
    Ok(records)
}

impl Record {
    /// The source, by the path in the command.
    fn source(&self) -> Option<&str> {
        let is_source = |word: &&String| {
            let end = Path::new(word.as_str()).extension().and_then(|end| end.to_str());
            matches!(end, Some("c" | "cc" | "cpp")) && self.folder.join(word.as_str()).exists()
        };
        self.command.iter().skip(1).find(is_source).map(String::as_str)
    }

    /// The output of the compiler for this source with a few lines added. Only a file in `scratch` is written.
    pub(crate) fn compile_with(&self, lines: &str, scratch: &Path) -> anyhow::Result<String> {
        let source = self.source().context("a compiled source exists")?;
        let end = Path::new(source).extension().unwrap_or_default();
        let path = scratch.join("lines").with_extension(end);
        let mut file = fs::File::create(&path)?;
        writeln!(file, "#include \"{}\"\n{lines}", self.folder.join(source).display())?;
        let arguments = self.command.iter().skip(1).map(|word| match word.as_str() {
            word if word == source => path.as_os_str().as_bytes(),
            word => word.as_bytes(),
        });
        let mut compiler = Command::new(self.command.first().context("a command has a program")?);
        compiler.current_dir(&self.folder).args(arguments.map(std::ffi::OsStr::from_bytes));
        compiler.args(FLAGS.split_whitespace()).arg("-fsyntax-only");
        let output = compiler.output().with_context(|| format!("cannot run {compiler:?}"))?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The path of a source of the module in the build folder. `None` for other files, such as those of configure scripts.
pub(crate) fn in_build(build: &Path, path: &Path) -> io::Result<Option<String>> {
    let Ok(path) = path.canonicalize() else { return Ok(None) };
    let build = build.canonicalize()?;
    let Ok(inside) = path.strip_prefix(&build) else { return Ok(None) };
    let inside = inside.strip_prefix("source").unwrap_or(inside);
    Ok(Some(inside.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::{
        call_wrappers::{NO_OBJECTS, VARIABLE, install},
        toolchain,
    };

    #[test]
    fn compiler_records_its_commands_and_output() {
        let folder = tempfile::tempdir().unwrap();
        let (bin, wrappers, records) =
            (folder.path().join("bin"), folder.path().join("wrappers"), folder.path().join("records"));
        fs::create_dir_all(&bin).unwrap();
        for name in ["wasm-cc", "wasm-c++"] {
            fs::write(bin.join(name), "#!/bin/sh\necho \"$@\"\necho warning >&2\nexit 3\n").unwrap();
            toolchain::make_executable(&bin.join(name)).unwrap();
        }
        install(&bin, &wrappers, &records).unwrap();
        let run = |args: &[&str]| {
            Command::new(wrappers.join("wasm-cc"))
                .args(args)
                .current_dir(folder.path())
                .env(VARIABLE, &records)
                .output()
                .unwrap()
        };
        fs::write(folder.path().join("a.c"), "").unwrap();

        assert_eq!(run(&["a.o", "-o", "a b"]).stdout, b"a.o -o a b\n");
        assert!(read(&records).unwrap().is_empty(), "nothing was compiled");
        let output = run(&["-DA=a b", "-c", "a.c"]);
        assert_eq!(output.status.code(), Some(3));
        assert!(output.stdout.starts_with(b"-DA=a b -c a.c -O0 "));
        assert_eq!(output.stderr, b"warning\n");
        let [record] = &read(&records).unwrap()[..] else { panic!("one record") };
        assert_eq!(record.command[1..], ["-DA=a b", "-c", "a.c"]);
        assert_eq!(record.source(), Some("a.c"));
        assert_eq!(record.text, "warning\n");
    }

    #[test]
    fn objects_are_empty_when_none_is_linked() {
        let folder = tempfile::tempdir().unwrap();
        let compiler = folder.path().join("wasm-cc");
        fs::write(&compiler, "#!/bin/sh\necho \"$@\"\n").unwrap();
        toolchain::make_executable(&compiler).unwrap();
        let (wrappers, records) = (folder.path().join("wrappers"), folder.path().join("records"));
        install(folder.path(), &wrappers, &records).unwrap();
        let mut command = Command::new(wrappers.join("wasm-cc"));
        command.args(["-c", "a.c", "-o", "a.o"]).current_dir(folder.path());
        let output = command.env(VARIABLE, &records).env(NO_OBJECTS, "1").output().unwrap();
        assert!(output.stdout.ends_with(b" -fsyntax-only\n"), "{output:?}");
        assert_eq!(fs::read(folder.path().join("a.o")).unwrap(), b"");
    }
}
