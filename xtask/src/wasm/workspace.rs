//! The folder of one build: compilers, sources, installed libraries and logs.

use std::{
    collections::BTreeSet,
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    call_wrappers,
    files::files_below,
    folders::wasm_build,
    lock::{Lock, Source},
    simd,
    sources::{self, Places},
    toolchain::{PREFIX, PREFIX_VARIABLE, Toolchain},
};
use crate::command::Log;

/// Variables of the environment that would affect a build.
const FOREIGN_VARIABLES: &[&str] =
    &["CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "PKG_CONFIG_PATH"];

/// The folders of one build.
#[derive(Clone, Copy)]
pub(super) struct Workspace<'a> {
    pub(super) folder: &'a Path,
    logs: &'a Path,
    pub(super) lock: &'a Lock,
    pub(super) toolchain: &'a Toolchain,
    /// The folder in which libraries are installed, in the build folder.
    prefix: &'a str,
    /// The folder to which compilers write their commands and warnings; see `calls`.
    records: Option<&'a Path>,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(folder: &'a Path, logs: &'a Path, lock: &'a Lock, toolchain: &'a Toolchain) -> Self {
        Self { folder, logs, lock, toolchain, prefix: PREFIX, records: None }
    }

    /// Returns the same workspace with another prefix, so that several libraries can be built at once.
    pub(super) fn with_prefix(self, prefix: &'a str) -> Self {
        Self { prefix, ..self }
    }

    /// Returns the same workspace with compilers that write to `records`.
    pub(super) fn recording(self, records: &'a Path) -> Self {
        Self { records: Some(records), ..self }
    }

    pub(super) fn is_recording(&self) -> bool {
        self.records.is_some()
    }

    /// Empties the folder and installs the compilers in it.
    pub(super) fn install_toolchain(&self) -> anyhow::Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(self.folder)?;
        }
        fs::create_dir_all(self.folder)?;
        self.toolchain.install(self.folder, self.lock, &wasm_build().join("allowed-undefined.txt"))?;
        if let Some(records) = self.records {
            call_wrappers::install(&self.folder.join("bin"), &self.wrappers(), records)?;
        }
        Ok(())
    }

    /// The folder in which the source `name` is unpacked.
    pub(super) fn source(&self, name: &str) -> PathBuf {
        self.folder.join("source").join(name)
    }

    /// The folder in which libraries are installed.
    pub(super) fn prefix(&self) -> PathBuf {
        self.folder.join(self.prefix)
    }

    /// Empties the prefix and unpacks the archives of libraries into it.
    pub(super) fn fill_prefix<'b>(&self, archives: impl IntoIterator<Item = &'b [u8]>) -> anyhow::Result<()> {
        let prefix = self.prefix();
        if prefix.exists() {
            fs::remove_dir_all(&prefix)?;
        }
        for folder in ["include", "lib/pkgconfig"] {
            fs::create_dir_all(prefix.join(folder))?;
        }
        for archive in archives {
            let mut archive = tar::Archive::new(archive);
            archive.set_preserve_mtime(false);
            archive.unpack(&prefix)?;
        }
        Ok(())
    }

    /// The files in the prefix, by their paths in it.
    pub(super) fn installed(&self) -> anyhow::Result<BTreeSet<PathBuf>> {
        let prefix = self.prefix();
        let files = files_below(&prefix)?;
        files.iter().map(|file| Ok(file.strip_prefix(&prefix)?.to_owned())).collect()
    }

    /// Unpacks a source, adds our SIMD kernels to it, and applies Debian's patches and then `patches`, in order.
    pub(super) fn unpack(&self, name: &str, source: &Source, patches: &[PathBuf]) -> anyhow::Result<()> {
        let places = Places::of_this_machine()?;
        let folder = self.source(name);
        sources::unpack(&places.find(source)?, &source.paths, &folder)?;
        simd::add_kernels(&wasm_build(), name, &folder)?;
        let mut all = Vec::new();
        if let Some(debian) = &source.debian {
            let unpacked = self.source(&format!("{name}-debian"));
            sources::unpack(&places.find(debian)?, &debian.paths, &unpacked)?;
            all = sources::debian_patches(&unpacked)?;
        }
        all.extend_from_slice(patches);
        let mut log = self.log(&format!("{name}-patches"))?;
        for patch in &all {
            let input = format!("--input={}", patch.display());
            let mut command = Command::new("patch");
            log.run(command.current_dir(&folder).args(["-p1", "--no-backup-if-mismatch", &input]))?;
        }
        Ok(())
    }

    pub(super) fn log(&self, step: &str) -> anyhow::Result<Log> {
        Log::create(self.logs.join(format!("{step}.log")))
    }

    /// A command that finds our compilers, in an environment that is the same on every machine.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut path = OsString::new();
        if self.is_recording() {
            path.push(self.wrappers());
            path.push(":");
        }
        path.push(self.folder.join("bin"));
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        for variable in FOREIGN_VARIABLES {
            command.env_remove(variable);
        }
        match self.records {
            Some(records) => command.env(call_wrappers::VARIABLE, records),
            None => command.env_remove(call_wrappers::VARIABLE),
        };
        command
            // See `Toolchain::ccache`. It would make the many small programs of configure scripts slower.
            .env("CCACHE_DISABLE", "1")
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("SOURCE_DATE_EPOCH", "0")
            // No source is a checkout; without this, scripts would describe the repository around them.
            .env("GIT_DIR", self.folder.join("no-git"))
            .env(PREFIX_VARIABLE, self.prefix())
            .env("PKG_CONFIG_LIBDIR", self.prefix().join("lib/pkgconfig"))
            .env("CC", "wasm-cc")
            .env("CXX", "wasm-c++")
            .env("AR", &self.toolchain.ar)
            .env("RANLIB", &self.toolchain.ranlib)
            .env("NM", &self.toolchain.nm)
            .env("STRIP", &self.toolchain.strip);
        command
    }

    /// The folder of the compilers that write records.
    fn wrappers(&self) -> PathBuf {
        self.folder.join("wrappers")
    }
}

/// The option that makes `make` use every processor.
pub(super) fn jobs() -> String {
    format!("-j{}", std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}
