//! clang for WebAssembly, with its flags.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use serde::Serialize;

use super::{
    folders::wasm_build,
    lock::Lock,
    sources::{self, Places},
};
use crate::{command::output_of, debian, failure::Failure};

/// The flags with which every file is compiled. The name of the target is that of WASI; the libc makes it WASIX.
pub(super) const COMPILE_FLAGS: &[&str] = &[
    "--target=wasm32-wasip1",
    "-O3",
    "-msimd128",
    "-matomics",
    "-mbulk-memory",
    "-mmutable-globals",
    "-msign-ext",
    "-mnontrapping-fptoint",
    "-mextended-const",
    "-pthread",
    "-mthread-model",
    "posix",
    "-ftls-model=local-exec",
    "-mllvm",
    "-wasm-enable-sjlj",
    // wasmer supports only the final encoding of exceptions.
    "-mllvm",
    "-wasm-use-legacy-eh=false",
    "-D_WASI_EMULATED_MMAN",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
    "-D_WASI_EMULATED_GETPID",
    "-Wno-unused-command-line-argument",
];

/// The flags with which a program is linked: with a shared memory of at most 4 GiB that the host creates, and the exports
/// with which wasmer-wasix starts threads.
pub(super) const LINK_FLAGS: &[&str] = &[
    "-nostdlib",
    // clang runs any wasm-opt that it finds; the module must not depend on one.
    "--no-wasm-opt",
    "-Wl,--shared-memory,--max-memory=4294967296,--import-memory,--export-memory",
    "-Wl,--export=__wasm_call_ctors,--export=__wasm_init_tls,--export=__tls_size,--export=__tls_align",
    "-Wl,--export=__tls_base,--export=__stack_pointer,--export=__data_end,--export=__heap_base",
    "-Wl,--export-if-defined=wasi_thread_start",
    // Variables of a program that the engine accesses: see wasm-build/compat/host.c.
    "-Wl,--export=afmpeg_stop_flag,--export=afmpeg_memory_refused,--wrap=sbrk",
    // See wasm-build/compat/futex.c.
    "-Wl,--wrap=__wasilibc_futex_wait_wasix,--wrap=__wasilibc_futex_wake_wasix",
    "-Wl,--wrap=__timedwait,--wrap=__timedwait_cp",
    // See wasm-build/compat/thread_start.c.
    "-Wl,--wrap=__wasi_thread_spawn,--wrap=__wasi_thread_start_C",
    // See wasm-build/compat/iconv.c.
    "-Wl,--wrap=iconv_open,--wrap=iconv,--wrap=iconv_close",
    "-Wl,-z,stack-size=2097152",
];

/// The files of `wasm-build/compat` that are linked into every program.
const EVERYWHERE: &[&str] = &["host", "futex", "iconv", "setjmp", "thread_start"];

/// The files of ours that take part in the link of every program.
pub(super) fn linked_files(wasm_build: &Path) -> Vec<PathBuf> {
    let compat = wasm_build.join("compat");
    let sources = EVERYWHERE.iter().map(|name| compat.join(name).with_extension("c"));
    sources.chain([compat.join("iconv_tables.h"), wasm_build.join("allowed-undefined.txt")]).collect()
}

/// Libraries that every program is linked with, after its own objects.
const LINK_LIBRARIES: &[&str] = &[
    "-lwasi-emulated-mman",
    "-lwasi-emulated-process-clocks",
    "-lwasi-emulated-getpid",
    "-lm",
    "-lpthread",
    "-lc",
];

/// The folder of the build in which libraries are installed.
pub(super) const PREFIX: &str = "prefix";

/// The variable with the path of another such folder, which the compilers then use.
pub(super) const PREFIX_VARIABLE: &str = "AFMPEG_PREFIX";

/// Stands for the path of that folder in the flags of `compiler_script`.
const PREFIX_MARK: &str = "{prefix}";

/// The size at which ccache removes the objects that were not used for the longest time: those of some five modules.
const OBJECT_CACHE_SIZE: &str = "1G";

/// The programs that configure libraries, on the `PATH`.
const CONFIGURE_TOOLS: &[&str] = &["cmake", "meson", "ninja"];

/// The sysroot of versions.lock, in an `Origin`.
const PINNED: &str = "pinned";

/// The tools and their origin.
#[derive(Debug)]
pub(super) struct Toolchain {
    pub(super) clang: PathBuf,
    clangxx: PathBuf,
    pub(super) ar: PathBuf,
    pub(super) ranlib: PathBuf,
    pub(super) nm: PathBuf,
    pub(super) strip: PathBuf,
    pub(super) builtins: PathBuf,
    /// Keeps compiled objects, if it is installed.
    ccache: Option<PathBuf>,
    /// A WASI SDK that replaces Debian's packages.
    sdk: Option<PathBuf>,
    /// A WASIX sysroot that replaces the pinned libc.
    sysroot: Option<PathBuf>,
    pub(super) origin: Origin,
}

/// The description of the tools in the manifest.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Origin {
    /// `debian packages`, or `WASI_SDK_PATH`.
    pub(super) compiler: String,
    /// The first line of the compiler's `--version`.
    pub(super) compiler_version: String,
    /// Of the compiler's program, if `WASI_SDK_PATH` names one: two SDKs can have the same version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compiler_sha256: Option<String>,
    /// The versions of the packages, if packages are used.
    pub(super) packages: Vec<String>,
    /// The versions of the programs that configure libraries.
    pub(super) tools: Vec<String>,
    /// `pinned`, or `AFMPEG_SYSROOT` with the hash of its libc.
    pub(super) sysroot: String,
}

impl Origin {
    /// The exact versions of everything that can change the bytes of a module.
    pub(super) fn versions(&self) -> Vec<String> {
        let sdk = self.compiler_sha256.iter().map(|sha256| format!("clang with the sha256 {sha256}"));
        let sysroot = (self.sysroot != PINNED).then(|| self.sysroot.clone());
        sdk.chain(sysroot).chain(self.packages.iter().chain(&self.tools).cloned()).collect()
    }
}

impl Toolchain {
    /// Finds the tools, and installs missing packages.
    pub(super) fn find(lock: &Lock) -> anyhow::Result<Self> {
        let sdk = env::var_os("WASI_SDK_PATH").map(PathBuf::from);
        let sysroot = env::var_os("AFMPEG_SYSROOT").map(PathBuf::from);
        if sdk.is_none() {
            debian::ensure_installed(&lock.toolchain.packages)?;
        }
        let major = lock.toolchain.clang_major;
        let tool = |name: &str| match &sdk {
            Some(sdk) => sdk.join("bin").join(name),
            None => PathBuf::from(format!("/usr/bin/{name}-{major}")),
        };
        let clang = tool("clang");
        let compiler_version = output_of(Command::new(&clang).arg("--version"))
            .and_then(|text| text.lines().next().map(str::to_owned))
            .ok_or_else(|| {
                Failure::new(
                    format!("cannot run {}", clang.display()),
                    "set WASI_SDK_PATH to the folder of a WASI SDK",
                )
            })?;
        if !compiler_version.contains(&format!("version {major}.")) {
            return Err(Failure::new(
                format!("expected clang {major}, which versions.lock pins, found {compiler_version}"),
                "choose another SDK with WASI_SDK_PATH, or change clang-major",
            )
            .into());
        }
        Ok(Self {
            clangxx: tool("clang++"),
            ar: tool("llvm-ar"),
            ranlib: tool("llvm-ranlib"),
            nm: tool("llvm-nm"),
            strip: tool("llvm-strip"),
            builtins: find_builtins(&clang)?,
            ccache: Some(PathBuf::from("/usr/bin/ccache")).filter(|path| path.exists()),
            origin: Origin {
                compiler: sdk.as_ref().map_or("debian packages", |_| "WASI_SDK_PATH").to_owned(),
                compiler_version,
                compiler_sha256: sdk.as_ref().map(|_| sources::sha256_of_file(&clang)).transpose()?,
                packages: if sdk.is_some() { Vec::new() } else { package_versions(&lock.toolchain.packages) },
                tools: tool_versions(),
                sysroot: sysroot.as_deref().map_or_else(|| Ok(PINNED.to_owned()), describe_sysroot)?,
            },
            clang,
            sdk,
            sysroot,
        })
    }

    /// Creates `bin/` in the build folder with `wasm-cc` and `wasm-c++`, which call clang with its flags. Their names are
    /// the same in every folder, so that no path of the build is in a configure line, and thereby in the module.
    pub(super) fn install(&self, build: &Path, lock: &Lock, allowed_undefined: &Path) -> anyhow::Result<()> {
        let (include, lib) = self.libc(build, lock)?;
        let empty = build.join("empty");
        let bin = build.join("bin");
        let prefix = build.join(PREFIX);
        for folder in [&empty, &bin, &prefix.join("include"), &prefix.join("lib/pkgconfig")] {
            fs::create_dir_all(folder)?;
        }
        let mut compile: Vec<String> = COMPILE_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        compile.extend([
            // Without a sysroot, clang would search the folders of the host.
            format!("--sysroot={}", empty.display()),
            format!("-ffile-prefix-map={}=.", build.display()),
            // Before the libc's, since <math.h> of simd-headers replaces that of the libc.
            "-isystem".to_owned(),
            format!("{PREFIX_MARK}/include"),
            "-isystem".to_owned(),
            include.display().to_string(),
        ]);
        let mut link: Vec<String> = LINK_FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        for name in EVERYWHERE {
            let object = bin.join(name).with_extension("o");
            let source = wasm_build().join("compat").join(name).with_extension("c");
            let mut compiler = Command::new(&self.clang);
            let flags = compile.iter().map(|flag| flag.replace(PREFIX_MARK, &prefix.display().to_string()));
            let done = compiler.args(flags).arg("-c").arg(&source).arg("-o").arg(&object).status();
            anyhow::ensure!(done.is_ok_and(|status| status.success()), "cannot compile {}", source.display());
            link.push(object.display().to_string());
        }
        link.extend([
            format!("-Wl,--allow-undefined-file={}", allowed_undefined.display()),
            lib.join("crt1.o").display().to_string(),
            format!("-L{PREFIX_MARK}/lib"),
            format!("-L{}", lib.display()),
        ]);
        link.extend(LINK_LIBRARIES.iter().map(|library| (*library).to_owned()));
        link.push(self.builtins.display().to_string());
        // The headers of libc++ include those of the libc, and so must be found first. The library libcxx installs them.
        let cxx_include = format!("{PREFIX_MARK}/include/c++/v1");
        let cxx_headers = ["-nostdinc++".to_owned(), "-isystem".to_owned(), cxx_include];
        let compile_cxx = [&cxx_headers[..], &compile].concat();
        for (name, compiler, compile) in
            [("wasm-cc", &self.clang, &compile), ("wasm-c++", &self.clangxx, &compile_cxx)]
        {
            let path = bin.join(name);
            fs::write(&path, compiler_script(self.ccache.as_deref(), compiler, compile, &link, &prefix))?;
            make_executable(&path)?;
        }
        Ok(())
    }

    /// Makes the compilers that `command` runs take objects from `folder`, and add them to it.
    pub(super) fn cache_objects(&self, command: &mut Command, folder: &Path) {
        // Clang is a small program; most of the compiler is in libraries, which a hash of the program does not include.
        let compiler = match &self.sdk {
            Some(_) => "content".to_owned(),
            None => format!("string:{}", self.origin.packages.join(",")),
        };
        command
            .env_remove("CCACHE_DISABLE")
            .env("CCACHE_DIR", folder)
            .env("CCACHE_MAXSIZE", OBJECT_CACHE_SIZE)
            .env("CCACHE_COMPILERCHECK", compiler);
    }

    /// The folders of the headers and libraries of the libc.
    fn libc(&self, build: &Path, lock: &Lock) -> anyhow::Result<(PathBuf, PathBuf)> {
        let usr = match &self.sysroot {
            Some(sysroot) => sysroot.clone(),
            None => {
                let package = Places::of_this_machine()?.find(&lock.wasix_libc)?;
                sources::unpack_debian_package(&package, &self.libc_folder(build))?;
                self.libc_folder(build).join("usr")
            }
        };
        libc_folders(&usr)
    }

    /// The text of the licences of the pinned libc, in its package. A given sysroot has none at a known place.
    pub(super) fn libc_licence(&self, build: &Path) -> Option<PathBuf> {
        let pinned = self.sysroot.is_none().then(|| self.libc_folder(build));
        pinned.map(|folder| folder.join("usr/share/doc/wasix-libc/copyright"))
    }

    /// The folder of the libc of a build.
    pub(super) fn libc_folder(&self, build: &Path) -> PathBuf {
        self.sysroot.clone().unwrap_or_else(|| build.join("sysroot"))
    }
}

/// The folders of headers and libraries in a sysroot.
fn libc_folders(sysroot: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    // Sysroots differ in the name of the folder of the target.
    for target in ["wasm32-wasi", "wasm32-wasip1", "."] {
        let (include, lib) = (sysroot.join("include").join(target), sysroot.join("lib").join(target));
        if include.join("stdio.h").exists() && lib.join("crt1.o").exists() {
            return Ok((include, lib));
        }
    }
    Err(Failure::new(
        format!("{} is not a WASIX sysroot: it has no include/wasm32-wasi/stdio.h", sysroot.display()),
        "set AFMPEG_SYSROOT to the folder that has include/ and lib/",
    )
    .into())
}

/// Describes a sysroot that replaces the pinned libc, so that libraries built with another one are not taken for its own.
fn describe_sysroot(sysroot: &Path) -> anyhow::Result<String> {
    let (_, lib) = libc_folders(sysroot)?;
    Ok(format!("AFMPEG_SYSROOT, libc.a {}", sources::sha256_of_file(&lib.join("libc.a"))?))
}

/// A script that compiles, and links unless an option excludes it.
fn compiler_script(
    ccache: Option<&Path>,
    compiler: &Path,
    compile: &[String],
    link: &[String],
    prefix: &Path,
) -> String {
    let expansion = format!("'\"${PREFIX_VARIABLE}\"'");
    let quoted = |flags: &[String]| {
        let quoted = flags.iter().map(|flag| format!("'{}'", flag.replace('\'', r"'\''")));
        quoted.map(|flag| flag.replace(PREFIX_MARK, &expansion)).collect::<Vec<_>>().join(" ")
    };
    format!(
        "#!/bin/sh\n\
         : \"${{{PREFIX_VARIABLE}:={prefix}}}\"\n\
         for argument do\n\
         \x20 case \"$argument\" in -c|-E|-S|-M|-MM|-fsyntax-only) exec {ccache} '{compiler}' {compile} \"$@\";; esac\n\
         done\n\
         exec '{compiler}' {compile} \"$@\" {link}\n",
        ccache = ccache.map(|path| format!("'{}'", path.display())).unwrap_or_default(),
        compiler = compiler.display(),
        compile = quoted(compile),
        link = quoted(link),
        prefix = prefix.display(),
    )
}

#[cfg(unix)]
pub(super) fn make_executable(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

#[cfg(not(unix))]
pub(super) fn make_executable(_: &Path) -> anyhow::Result<()> {
    anyhow::bail!("modules are built on Linux; a finished one runs everywhere")
}

/// The library of the compiler for wasm32, whose folder differs between distributions.
fn find_builtins(clang: &Path) -> anyhow::Result<PathBuf> {
    let resources =
        output_of(Command::new(clang).arg("-print-resource-dir")).context("clang has no resource folder")?;
    let names = [
        "wasi/libclang_rt.builtins-wasm32.a",
        "wasip1/libclang_rt.builtins-wasm32.a",
        "wasm32-unknown-wasi/libclang_rt.builtins.a",
        "wasm32-unknown-wasip1/libclang_rt.builtins.a",
    ];
    let lib = Path::new(&resources).join("lib");
    names.iter().map(|name| lib.join(name)).find(|path| path.exists()).ok_or_else(|| {
        Failure::new(
            format!("the compiler has no builtins for wasm32 in {}", lib.display()),
            "install libclang-rt-22-dev-wasm32, or use a complete WASI SDK",
        )
        .into()
    })
}

/// The name and version of each tool that is installed.
fn tool_versions() -> Vec<String> {
    let version = |tool: &str| {
        let text = output_of(Command::new(tool).arg("--version"))?;
        // The line is `cmake version 3.25.1`, or only the version.
        Some(format!("{tool} {}", text.lines().next()?.split_whitespace().last()?))
    };
    CONFIGURE_TOOLS.iter().filter_map(|tool| version(tool)).collect()
}

fn package_versions(packages: &[String]) -> Vec<String> {
    packages
        .iter()
        .filter(|package| ["clang", "lld", "llvm", "libclang"].iter().any(|name| package.starts_with(name)))
        .filter_map(|package| Some(format!("{package} {}", debian::version(package)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_linked_files_are_listed() {
        let files = linked_files(&wasm_build());
        for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "c")) {
            let text = fs::read_to_string(file).unwrap();
            for header in text.lines().filter_map(|line| line.strip_prefix("#include \"")?.strip_suffix('"'))
            {
                assert!(files.contains(&file.with_file_name(header)), "{header}");
            }
        }
    }

    #[test]
    fn no_optimiser_of_the_machine_runs_at_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let optimiser = folder.path().join("wasm-opt");
        fs::write(&optimiser, "#!/bin/sh\nexit 1\n").unwrap();
        make_executable(&optimiser).unwrap();
        let object = folder.path().join("a.o");
        fs::write(&object, "").unwrap();
        let lock = Lock::read(&wasm_build().join("versions.lock")).unwrap();
        let clang = format!("clang-{}", lock.toolchain.clang_major);
        let path = format!("{}:{}", folder.path().display(), env::var("PATH").unwrap());
        // The commands with which clang would link an object.
        let commands = |flags: &[&str]| {
            let mut command = Command::new(&clang);
            command
                .env("PATH", &path)
                .args(COMPILE_FLAGS)
                .args(["-###", "-nostdlib"])
                .arg(&object)
                .args(flags);
            String::from_utf8(command.output().unwrap().stderr).unwrap()
        };
        assert!(commands(&[]).contains("wasm-opt"), "clang runs the optimiser that it finds");
        assert!(!commands(LINK_FLAGS).contains("wasm-opt"));
    }

    #[test]
    fn compiler_links_only_without_an_option_that_excludes_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("cc");
        let flags = |flag: &str| vec![flag.to_owned()];
        let link = ["-L{prefix}/lib".to_owned(), "-lc".to_owned()];
        let text = compiler_script(None, Path::new("echo"), &flags("-DIT='s"), &link, Path::new("/a b"));
        fs::write(&script, text).unwrap();
        make_executable(&script).unwrap();
        let run = |args: &[&str]| output_of(Command::new(&script).args(args)).unwrap();
        assert_eq!(run(&["-c", "a.c"]), "-DIT='s -c a.c");
        assert_eq!(run(&["a.o", "-o", "a b"]), "-DIT='s a.o -o a b -L/a b/lib -lc");
        let mut other = Command::new(&script);
        assert_eq!(
            output_of(other.arg("a.o").env(PREFIX_VARIABLE, "/c")).unwrap(),
            "-DIT='s a.o -L/c/lib -lc"
        );
    }
}
