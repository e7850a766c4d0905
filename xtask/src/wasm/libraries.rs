//! The libraries that FFmpeg is linked with: which module has which, and how each is built.

use std::{fs, path::Path};

use super::{
    ModuleName, Profile, Variant,
    recipe::{Build, Recipe, jobs},
    wasm_build,
};
use crate::command::Log;

/// What is built before FFmpeg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    Zlib,
    Openh264,
    Lame,
    Freetype,
    Fribidi,
    Harfbuzz,
    Libass,
    X264,
    X265,
}

/// For scripts of autoconf, which would put `-g -O2` behind our own flags. `wasi` keeps them from running what they
/// compile.
const AUTOCONF: &[&str] = &["--host=wasm32-wasi", "--disable-shared", "--enable-static", "CFLAGS=-O3"];

/// Nothing that is in C++ here needs exceptions or type information, and so nothing of libc++ but its headers.
const CXX_FLAGS: &str = "-fno-exceptions -fno-rtti";

impl Library {
    pub(super) fn name(self) -> &'static str {
        match self {
            Library::Zlib => "zlib",
            Library::Openh264 => "openh264",
            Library::Lame => "lame",
            Library::Freetype => "freetype",
            Library::Fribidi => "fribidi",
            Library::Harfbuzz => "harfbuzz",
            Library::Libass => "libass",
            Library::X264 => "x264",
            Library::X265 => "x265",
        }
    }

    /// A module's libraries, each behind those that it needs.
    pub(super) fn of(name: ModuleName) -> Vec<Self> {
        let mut libraries = vec![Library::Zlib, Library::Openh264];
        let is_full = name.profile == Profile::Full;
        if is_full {
            libraries.extend([
                Library::Lame,
                Library::Freetype,
                Library::Fribidi,
                Library::Harfbuzz,
                Library::Libass,
            ]);
        }
        if name.variant == Variant::Gpl {
            libraries.push(Library::X264);
            libraries.extend(is_full.then_some(Library::X265));
        }
        libraries
    }

    /// The option of FFmpeg's configure that wants it.
    pub(super) fn ffmpeg_option(self) -> &'static str {
        match self {
            Library::Zlib => "--enable-zlib",
            Library::Openh264 => "--enable-libopenh264",
            Library::Lame => "--enable-libmp3lame",
            Library::Freetype => "--enable-libfreetype",
            Library::Fribidi => "--enable-libfribidi",
            Library::Harfbuzz => "--enable-libharfbuzz",
            Library::Libass => "--enable-libass",
            Library::X264 => "--enable-libx264",
            Library::X265 => "--enable-libx265",
        }
    }
}

impl Recipe<'_> {
    /// Builds a library from its unpacked source, and installs it where FFmpeg's configure finds it.
    pub(super) fn build_library(&self, build: &Build<'_>, library: Library) -> anyhow::Result<()> {
        let name = library.name();
        let mut log = build.log(name)?;
        let prefix = format!("--prefix={}", build.prefix().display());
        match library {
            Library::Zlib => {
                self.configure(build, &mut log, name, &["--static", &prefix])?;
                // Its `install` also wants manual pages.
                self.make(build, &mut log, name, &["libz.a"])?;
                fs::copy(build.source(name).join("libz.a"), build.prefix().join("lib/libz.a"))?;
                for header in ["zlib.h", "zconf.h"] {
                    fs::copy(build.source(name).join(header), build.prefix().join("include").join(header))?;
                }
                Ok(())
            }
            Library::Openh264 => {
                self.build_cxx_runtime(build, &mut log)?;
                let cxx_flags = format!("CXXFLAGS=-std=c++11 {CXX_FLAGS}");
                let options = [
                    "OS=wasi",
                    "ARCH=wasm32",
                    "USE_ASM=No",
                    "USE_STACK_PROTECTOR=No",
                    "CC=wasm-cc",
                    "CXX=wasm-c++",
                    "AR_OPTS=crD $@",
                    &cxx_flags,
                    "STATIC_LDFLAGS=-lafmpeg-cxx",
                ];
                build.configured(name, &options);
                let ar = format!("AR={}", self.toolchain.ar.display());
                let prefix = format!("PREFIX={}", build.prefix().display());
                self.make(build, &mut log, name, &[&options[..], &[&ar, &prefix, "install-static"]].concat())
            }
            Library::Lame => {
                // Its config.sub is older than WebAssembly; the host only says that this is no x86.
                let options = [
                    "--host=arm-linux",
                    "--disable-shared",
                    "--disable-frontend",
                    "--disable-decoder",
                    "--disable-dependency-tracking",
                    &prefix,
                ];
                self.configure(build, &mut log, name, &options)?;
                self.make(build, &mut log, name, &["install"])
            }
            Library::Freetype => {
                // HarfBuzz would only help it to hint, and needs it itself.
                let without = ["--with-bzip2=no", "--with-png=no", "--with-brotli=no", "--with-harfbuzz=no"];
                let options = [AUTOCONF, &["--with-zlib=yes"], &without, &[&prefix]].concat();
                self.configure(build, &mut log, name, &options)?;
                self.make(build, &mut log, name, &["install"])
            }
            Library::Fribidi => {
                let options =
                    [AUTOCONF, &["--disable-debug", "--disable-dependency-tracking", &prefix]].concat();
                self.configure(build, &mut log, name, &options)?;
                // The rest is a program, its tests and its manual.
                self.make(build, &mut log, name, &["-C", "lib", "install"])?;
                self.make(build, &mut log, name, &["install-pkgconfigDATA"])
            }
            Library::Harfbuzz => self.build_harfbuzz(build, &mut log),
            Library::Libass => {
                let options = [
                    AUTOCONF,
                    &["--disable-asm", "--disable-fontconfig", "--disable-libunibreak"],
                    // There are no fonts but the job's own.
                    &["--disable-require-system-font-provider", "--disable-dependency-tracking", &prefix],
                ];
                self.configure(build, &mut log, name, &options.concat())?;
                self.make(build, &mut log, name, &["install"])
            }
            Library::X264 => {
                let options =
                    ["--host=wasm32-wasi", "--disable-asm", "--disable-cli", "--enable-static", &prefix];
                self.configure(build, &mut log, name, &options)?;
                self.make(build, &mut log, name, &["install-lib-static"])
            }
            Library::X265 => self.build_x265(build, &mut log),
        }
    }

    /// The library that C++ is linked with instead of libc++.
    fn build_cxx_runtime(&self, build: &Build<'_>, log: &mut Log) -> anyhow::Result<()> {
        let object = build.folder.join("cxx_runtime.o");
        let source = wasm_build().join("compat/cxx_runtime.c");
        log.run(self.command(build, "wasm-cc").arg("-c").arg(source).arg("-o").arg(&object))?;
        self.archive(build, log, "libafmpeg-cxx.a", &object)
    }

    fn archive(&self, build: &Build<'_>, log: &mut Log, library: &str, object: &Path) -> anyhow::Result<()> {
        let library = build.prefix().join("lib").join(library);
        log.run(self.command(build, &self.toolchain.ar).arg("crD").arg(library).arg(object))
    }

    /// From the one file that includes all others: HarfBuzz's own way to be built without meson.
    fn build_harfbuzz(&self, build: &Build<'_>, log: &mut Log) -> anyhow::Result<()> {
        let name = Library::Harfbuzz.name();
        let options =
            ["-std=c++17", "-fno-threadsafe-statics", "-DNDEBUG", "-DHAVE_FREETYPE", "-DHAVE_PTHREAD"];
        let options: Vec<&str> = options.into_iter().chain(CXX_FLAGS.split(' ')).collect();
        build.configured(name, &options);
        let source = build.source(name).join("src");
        let object = build.folder.join("harfbuzz.o");
        let mut compile = self.command(build, "wasm-c++");
        compile.args(options).arg("-I").arg(build.prefix().join("include/freetype2"));
        log.run(compile.arg("-c").arg(source.join("harfbuzz.cc")).arg("-o").arg(&object))?;
        self.archive(build, log, "libharfbuzz.a", &object)?;

        let include = build.prefix().join("include/harfbuzz");
        fs::create_dir_all(&include)?;
        for entry in fs::read_dir(&source)? {
            let header = entry?.path();
            let file = header.file_name().unwrap_or_default();
            if header.extension().is_some_and(|extension| extension == "h") {
                fs::copy(&header, include.join(file))?;
            }
        }
        let description = format!(
            "Name: harfbuzz\nDescription: text shaping\nVersion: {}\n\
             Requires.private: freetype2\nLibs: -lharfbuzz\nCflags: -I{}\n",
            self.lock.source(name)?.version,
            include.display()
        );
        Ok(fs::write(build.prefix().join("lib/pkgconfig/harfbuzz.pc"), description)?)
    }

    /// Twice, for 8 and for 10 bits a sample; the first finds the second.
    fn build_x265(&self, build: &Build<'_>, log: &mut Log) -> anyhow::Result<()> {
        let name = Library::X265.name();
        let flags = format!("-DCMAKE_CXX_FLAGS={CXX_FLAGS}");
        let common = [
            "-DCMAKE_SYSTEM_NAME=Generic",
            "-DCMAKE_SYSTEM_PROCESSOR=wasm32",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DUNIX=1",
            &flags,
            "-DENABLE_ASSEMBLY=OFF",
            "-DENABLE_CLI=OFF",
            "-DENABLE_LIBNUMA=OFF",
            "-DENABLE_PIC=OFF",
            "-DENABLE_SHARED=OFF",
        ];
        let ten_bits = ["-DHIGH_BIT_DEPTH=ON", "-DEXPORT_C_API=OFF"];
        let eight_bits =
            ["-DEXTRA_LIB=x265_main10", "-DLINKED_10BIT=ON", "-DPLATFORM_LIBS=x265_main10;afmpeg-cxx"];
        build.configured("x265_main10", &[&common[..], &ten_bits].concat());
        build.configured(name, &[&common[..], &eight_bits].concat());
        for (folder, options) in [("10", &ten_bits[..]), ("8", &eight_bits)] {
            let folder = build.folder.join("x265").join(folder);
            fs::create_dir_all(&folder)?;
            let mut cmake = self.command(build, "cmake");
            cmake
                .current_dir(&folder)
                .arg(build.source(name).join("source"))
                .args(common)
                .args(options)
                .args([
                    format!("-DCMAKE_AR={}", self.toolchain.ar.display()),
                    format!("-DCMAKE_RANLIB={}", self.toolchain.ranlib.display()),
                    format!("-DCMAKE_INSTALL_PREFIX={}", build.prefix().display()),
                ]);
            log.run(&mut cmake)?;
            let target = if folder.ends_with("8") { "install" } else { "x265-static" };
            log.run(self.command(build, "make").current_dir(&folder).arg(jobs()).arg(target))?;
        }
        let ten_bits = build.folder.join("x265/10/libx265.a");
        fs::copy(ten_bits, build.prefix().join("lib/libx265_main10.a"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpl_libraries_are_in_the_gpl_variant_only() {
        for profile in [Profile::Lean, Profile::Full] {
            let [gpl, lgpl] =
                [Variant::Gpl, Variant::Lgpl].map(|variant| Library::of(ModuleName { variant, profile }));
            assert!(gpl.contains(&Library::X264));
            assert!(!lgpl.contains(&Library::X264) && !lgpl.contains(&Library::X265));
        }
    }
}
