//! The steps from sources to a module.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::{
    ModuleName, Profile, Variant, cache, calls, components,
    libraries::Library,
    lock::Lock,
    manifest::{Manifest, Size},
    module_file,
    sources::{self, Places, hex},
    toolchain::{COMPILE_FLAGS, LINK_FLAGS, Toolchain},
    wasm_build,
};
use crate::{command::Log, progress::Progress, project};

pub(super) struct Recipe<'a> {
    name: ModuleName,
    pub(super) lock: &'a Lock,
    pub(super) toolchain: &'a Toolchain,
}

/// The folders of one build, and how each thing in it was configured.
pub(super) struct Build<'a> {
    pub(super) folder: &'a Path,
    logs: &'a Path,
    configured: RefCell<BTreeMap<String, Vec<String>>>,
    /// Where compilers write down what they are told and print; see `calls`.
    records: Option<&'a Path>,
}

impl<'a> Recipe<'a> {
    pub(super) fn new(name: ModuleName, lock: &'a Lock, toolchain: &'a Toolchain) -> Self {
        Self { name, lock, toolchain }
    }

    /// Builds in `folder`, which is emptied first, and returns the module and what is to be said of it.
    pub(super) fn build(&self, folder: &Path, logs: &Path) -> anyhow::Result<(Vec<u8>, Manifest)> {
        let libraries = Library::of(self.name);
        let mut progress = Progress::new(format!("ffmpeg-{}", self.name), 2 * libraries.len() + 5);
        let build = Build::new(folder, logs);
        let enabled = self.configure_all(&build, &mut progress)?;
        progress.step("ffmpeg: compile and link", || self.make_ffmpeg(&build))?;
        progress.step("check", || self.finish(&build, &libraries, enabled))
    }

    /// Builds what FFmpeg's own test suite runs beside `ffmpeg` and `ffprobe`, and returns the folder that it is in.
    pub(super) fn build_test_programs(&self, folder: &Path, logs: &Path) -> anyhow::Result<PathBuf> {
        let libraries = Library::of(self.name);
        let mut progress = Progress::new("fate", 2 * libraries.len() + 4);
        let build = Build::new(folder, logs);
        self.configure_all(&build, &mut progress)?;
        progress.step("ffmpeg: compile and link its test programs", || {
            let mut log = build.log("test-programs")?;
            let makefile = wasm_build().join("fate/programs.mak");
            let mut make = self.command(&build, "make");
            make.current_dir(build.ffmpeg()).args([&jobs(), "-f"]).arg(makefile).arg("fate-programs");
            log.run(&mut make)
        })?;
        Ok(build.ffmpeg())
    }

    /// Unpacks FFmpeg's sources, as they are built, to `folder`.
    pub(super) fn unpack_ffmpeg(&self, folder: &Path, logs: &Path) -> anyhow::Result<()> {
        self.unpack(&Build::new(folder, logs), "ffmpeg")
    }

    /// Everything before FFmpeg itself is compiled; returns the components that it will have.
    fn configure_all(
        &self,
        build: &Build<'_>,
        progress: &mut Progress,
    ) -> anyhow::Result<components::Components> {
        self.install_toolchain(build, progress)?;
        self.build_libraries(build, &Library::of(self.name), progress)?;
        progress.step("ffmpeg: sources", || self.unpack(build, "ffmpeg"))?;
        let required = components::required(self.name)?;
        progress.step("ffmpeg: configure", || self.configure_ffmpeg(build, &required))
    }

    /// Empties the build folder, and puts the compilers into it.
    fn install_toolchain(&self, build: &Build<'_>, progress: &mut Progress) -> anyhow::Result<()> {
        progress.step("toolchain", || {
            if build.folder.exists() {
                fs::remove_dir_all(build.folder)?;
            }
            fs::create_dir_all(build.folder)?;
            self.toolchain.install(build.folder, self.lock, &wasm_build().join("allowed-undefined.txt"))
        })
    }

    fn build_libraries(
        &self,
        build: &Build<'_>,
        libraries: &[Library],
        progress: &mut Progress,
    ) -> anyhow::Result<()> {
        for library in libraries {
            progress.step(&format!("{}: sources", library.name()), || self.unpack(build, library.name()))?;
        }
        for library in libraries {
            progress.step(library.name(), || self.build_library(build, *library))?;
        }
        Ok(())
    }

    /// Compiles every source of the module, or of the parts of it that are named, with compilers that write to `records`.
    pub(super) fn compile_for_records(
        &self,
        folder: &Path,
        logs: &Path,
        records: &Path,
        parts: &[String],
    ) -> anyhow::Result<()> {
        let is_chosen = |name: &str| parts.is_empty() || parts.iter().any(|part| part == name);
        let needs_all = is_chosen("ffmpeg");
        let mut libraries = Library::of(self.name);
        libraries.retain(|library| needs_all || is_chosen(library.name()));
        let build = Build { records: Some(records), ..Build::new(folder, logs) };
        let mut progress = Progress::new("calls", 2 * libraries.len() + if needs_all { 4 } else { 1 });
        self.install_toolchain(&build, &mut progress)?;
        calls::install(&folder.join("bin"), &build.wrappers(), records)?;
        self.build_libraries(&build, &libraries, &mut progress)?;
        if !needs_all {
            return Ok(());
        }
        progress.step("ffmpeg: sources", || self.unpack(&build, "ffmpeg"))?;
        let required = components::required(self.name)?;
        progress.step("ffmpeg: configure", || self.configure_ffmpeg(&build, &required))?;
        progress.step("ffmpeg: compile", || self.make_in_ffmpeg(&build, "ffmpeg-make", "objects"))
    }

    /// Unpacks a source and applies our patches to it.
    fn unpack(&self, build: &Build<'_>, name: &str) -> anyhow::Result<()> {
        let archive = Places::of_this_machine()?.find(self.lock.source(name)?)?;
        let folder = build.source(name);
        sources::unpack(&archive, &folder)?;
        let mut log = build.log(&format!("{name}-patches"))?;
        for patch in patches(name)? {
            let input = format!("--input={}", patch.display());
            log.run(Command::new("patch").current_dir(&folder).args([
                "-p1",
                "--no-backup-if-mismatch",
                &input,
            ]))?;
        }
        Ok(())
    }

    fn configure_ffmpeg(
        &self,
        build: &Build<'_>,
        required: &components::Components,
    ) -> anyhow::Result<components::Components> {
        // Out of tree, and with no path of this machine in the options: FFmpeg keeps them in the module.
        let folder = build.ffmpeg();
        fs::create_dir_all(&folder)?;
        let tool = |option: &str, tool: &Path| {
            format!("--{option}={}", tool.file_name().unwrap_or_default().display())
        };
        let mut options: Vec<String> = [
            "--enable-cross-compile",
            "--target-os=none",
            "--arch=wasm32",
            "--cpu=generic",
            "--cc=wasm-cc",
            "--host-cc=cc",
            "--pkg-config=pkg-config",
            "--pkg-config-flags=--static",
            "--enable-static",
            "--disable-shared",
            "--enable-pthreads",
            "--disable-network",
            "--disable-doc",
            "--disable-debug",
            "--disable-ffplay",
            "--disable-autodetect",
        ]
        .map(str::to_owned)
        .to_vec();
        options.extend([
            tool("ar", &self.toolchain.ar),
            tool("ranlib", &self.toolchain.ranlib),
            tool("nm", &self.toolchain.nm),
            tool("strip", &self.toolchain.strip),
        ]);
        options.extend(components::configure_options(self.name, required));
        build.configured("ffmpeg", &options);

        let mut log = build.log("ffmpeg-configure")?;
        log.run(self.command(build, "../source/ffmpeg/configure").current_dir(&folder).args(&options))?;
        let enabled = components::enabled(&folder.join("config_components.h"))?;
        components::check(required, &enabled)?;
        Ok(enabled)
    }

    fn make_ffmpeg(&self, build: &Build<'_>) -> anyhow::Result<()> {
        self.make_in_ffmpeg(build, "ffmpeg-make", "ffmpeg.wasm")?;
        let mut log = build.log("strip")?;
        // Function names stay: they are 2 % of the size, and all that a backtrace has to say.
        log.run(self.command(build, &self.toolchain.strip).current_dir(build.ffmpeg()).args([
            "--strip-debug",
            "ffmpeg.wasm",
            "-o",
            "stripped.wasm",
        ]))
    }

    /// Makes a target of `multicall.mak`.
    fn make_in_ffmpeg(&self, build: &Build<'_>, log: &str, target: &str) -> anyhow::Result<()> {
        let compat = build.folder.join("compat");
        fs::create_dir_all(&compat)?;
        for file in cache::files_below(&wasm_build().join("compat"))? {
            fs::copy(&file, compat.join(file.file_name().unwrap_or_default()))?;
        }
        let mut make = self.command(build, "make");
        make.current_dir(build.ffmpeg());
        if build.records.is_some() {
            make.env(calls::NO_OBJECTS, "1");
        }
        make.args([&jobs(), "-f", "../compat/multicall.mak", "COMPAT=../compat", target]);
        build.log(log)?.run(&mut make)
    }

    /// Checks the module, and describes it.
    fn finish(
        &self,
        build: &Build<'_>,
        libraries: &[Library],
        components: components::Components,
    ) -> anyhow::Result<(Vec<u8>, Manifest)> {
        let wasm = fs::read(build.ffmpeg().join("stripped.wasm"))?;
        let imports = module_file::imports(&wasm)?;
        let allowed_undefined = fs::read_to_string(wasm_build().join("allowed-undefined.txt"))?;
        module_file::check_imports(&imports, &allowed_undefined)?;

        let licence = self.licence(build)?;
        let names = libraries.iter().map(|library| library.name()).chain(["ffmpeg"]);
        let mut used = BTreeMap::from([("wasix-libc".to_owned(), self.lock.wasix_libc.clone())]);
        let mut ours = BTreeMap::new();
        for name in names {
            used.insert(name.to_owned(), self.lock.source(name)?.clone());
            for patch in patches(name)? {
                ours.insert(in_repository(&patch), sources::sha256_of_file(&patch)?);
            }
        }
        for file in cache::files_below(&wasm_build().join("compat"))? {
            ours.insert(in_repository(&file), sources::sha256_of_file(&file)?);
        }

        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&wasm)?;
        let size = Size { raw: wasm.len() as u64, gzip: gzip.finish()?.len() as u64 };
        let owned = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
        let manifest = Manifest {
            name: format!("ffmpeg-{}", self.name),
            variant: if self.name.variant == Variant::Gpl { "gpl" } else { "lgpl" }.to_owned(),
            profile: if self.name.profile == Profile::Full { "full" } else { "lean" }.to_owned(),
            ffmpeg: self.lock.source("ffmpeg")?.version.clone(),
            licence,
            sha256: hex(&Sha256::digest(&wasm)),
            size,
            toolchain: self.toolchain.origin.clone(),
            compile_flags: owned(COMPILE_FLAGS),
            link_flags: owned(LINK_FLAGS),
            configure: build.configured.borrow().clone(),
            sources: used,
            ours,
            components,
            imports,
        };
        Ok((wasm, manifest))
    }

    /// The licence that FFmpeg's configure worked out, which must be the variant's.
    fn licence(&self, build: &Build<'_>) -> anyhow::Result<String> {
        let config = fs::read_to_string(build.ffmpeg().join("config.h"))?;
        let licence = config
            .lines()
            .find_map(|line| line.strip_prefix("#define FFMPEG_LICENSE "))
            .map(|text| text.trim_matches('"').to_owned())
            .context("FFmpeg's config.h says nothing of a licence")?;
        let is_gpl = licence.starts_with("GPL");
        anyhow::ensure!(
            is_gpl == (self.name.variant == Variant::Gpl),
            "the licence of ffmpeg-{} came out as {licence}",
            self.name
        );
        Ok(licence)
    }

    /// Runs a library's own configure script in its folder.
    pub(super) fn configure(
        &self,
        build: &Build<'_>,
        log: &mut Log,
        name: &str,
        options: &[&str],
    ) -> anyhow::Result<()> {
        let options_of_all_machines: Vec<&str> =
            options.iter().copied().filter(|option| !option.starts_with("--prefix=")).collect();
        build.configured(name, &options_of_all_machines);
        log.run(self.command(build, "./configure").current_dir(build.source(name)).args(options))
    }

    pub(super) fn make(
        &self,
        build: &Build<'_>,
        log: &mut Log,
        name: &str,
        arguments: &[&str],
    ) -> anyhow::Result<()> {
        log.run(self.command(build, "make").current_dir(build.source(name)).arg(jobs()).args(arguments))
    }

    /// A command that finds our compiler, and the same surroundings on every machine.
    pub(super) fn command(&self, build: &Build<'_>, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut path = OsString::new();
        if build.records.is_some() {
            path.push(build.wrappers());
            path.push(":");
        }
        path.push(build.folder.join("bin"));
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        for variable in ["CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "MAKEFLAGS", "PKG_CONFIG_PATH"] {
            command.env_remove(variable);
        }
        match build.records {
            Some(records) => command.env(calls::VARIABLE, records),
            None => command.env_remove(calls::VARIABLE),
        };
        command
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("SOURCE_DATE_EPOCH", "0")
            // No source is a checkout; without this, scripts would describe the repository around them.
            .env("GIT_DIR", build.folder.join("no-git"))
            .env("PKG_CONFIG_LIBDIR", build.prefix().join("lib/pkgconfig"))
            .env("CC", "wasm-cc")
            .env("CXX", "wasm-c++")
            .env("AR", &self.toolchain.ar)
            .env("RANLIB", &self.toolchain.ranlib)
            .env("NM", &self.toolchain.nm)
            .env("STRIP", &self.toolchain.strip);
        command
    }
}

impl<'a> Build<'a> {
    fn new(folder: &'a Path, logs: &'a Path) -> Self {
        Self { folder, logs, configured: RefCell::default(), records: None }
    }

    pub(super) fn source(&self, name: &str) -> PathBuf {
        self.folder.join("source").join(name)
    }

    pub(super) fn prefix(&self) -> PathBuf {
        self.folder.join("prefix")
    }

    /// Where the compilers are that write records.
    fn wrappers(&self) -> PathBuf {
        self.folder.join("wrappers")
    }

    fn ffmpeg(&self) -> PathBuf {
        self.folder.join("ffmpeg")
    }

    pub(super) fn log(&self, step: &str) -> anyhow::Result<Log> {
        Log::create(self.logs.join(format!("{step}.log")))
    }

    pub(super) fn configured(&self, name: &str, options: &[impl AsRef<str>]) {
        let options = options.iter().map(|option| option.as_ref().to_owned()).collect();
        self.configured.borrow_mut().insert(name.to_owned(), options);
    }
}

/// Our patches to a source, in order.
fn patches(name: &str) -> anyhow::Result<Vec<PathBuf>> {
    let folder = wasm_build().join("patches").join(name);
    Ok(if folder.exists() { cache::files_below(&folder)? } else { Vec::new() })
}

fn in_repository(path: &Path) -> String {
    path.strip_prefix(project::root()).unwrap_or(path).display().to_string()
}

pub(super) fn jobs() -> String {
    format!("-j{}", std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}
