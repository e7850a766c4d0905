//! The steps from sources to a module.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{
    cache::LibraryCache,
    call_wrappers, components,
    components::Components,
    files::files_below,
    folders::wasm_build,
    identical_functions,
    inputs::Inputs,
    keys::Keys,
    libraries::{self, Archives, Installer, Library},
    licences, link_map,
    manifest::{LibraryFacts, Manifest, Size},
    module_file,
    module_name::ModuleName,
    module_name::Variant,
    module_version,
    package::Package,
    provided, sbom, simd, size_limit,
    sources::hex,
    stack_arguments,
    toolchain::{COMPILE_FLAGS, LINK_FLAGS},
    workspace::{Workspace, jobs},
};
use crate::progress::Progress;

/// The name of FFmpeg's source in versions.lock, and of its folder in `wasm-build/`.
const FFMPEG: &str = "ffmpeg";

/// The linked module, and the same without debug information.
const LINKED: &str = "ffmpeg.wasm";
const STRIPPED: &str = "stripped.wasm";

/// The build of one module.
pub(super) struct ModuleBuild<'a> {
    name: ModuleName,
    inputs: &'a Inputs,
    keys: &'a Keys<'a>,
    libraries: Vec<&'a Library>,
    workspace: Workspace<'a>,
    objects: Option<&'a Path>,
}

impl<'a> ModuleBuild<'a> {
    /// A build in `folder`, which it empties first.
    pub(super) fn new(
        name: ModuleName,
        inputs: &'a Inputs,
        keys: &'a Keys<'a>,
        folder: &'a Path,
        logs: &'a Path,
    ) -> anyhow::Result<Self> {
        let libraries = inputs.libraries.of(name)?;
        let workspace = Workspace::new(folder, logs, &inputs.lock, &inputs.toolchain);
        Ok(Self { name, inputs, keys, libraries, workspace, objects: None })
    }

    /// The same build, with FFmpeg's objects kept in the folder `objects`.
    pub(super) fn with_object_cache(self, objects: &'a Path) -> Self {
        Self { objects: Some(objects), ..self }
    }

    /// Builds the module and describes it. Without a cache, it builds every library.
    pub(super) fn build(&self, cache: Option<&LibraryCache>) -> anyhow::Result<(Package, Manifest)> {
        let progress = Progress::new(format!("ffmpeg-{}", self.name), self.libraries.len() + 5);
        let (archives, enabled) = self.prepare(cache, &progress)?;
        progress.step("ffmpeg: compile and link", || self.make_ffmpeg())?;
        progress.step("check", || self.finish(&archives, enabled))
    }

    /// Builds the programs that FFmpeg's test suite runs beside `ffmpeg` and `ffprobe`, from the objects of the built
    /// module, and returns their folder.
    pub(super) fn build_test_programs(&self) -> anyhow::Result<PathBuf> {
        let progress = Progress::new("fate", 1);
        progress.step("ffmpeg: compile and link its test programs", || {
            let mut log = self.workspace.log("test-programs")?;
            let makefile = wasm_build().join("fate/programs.mak");
            let mut make = self.workspace.command("make");
            make.current_dir(self.folder()).args([&jobs(), "-f"]).arg(makefile).arg("fate-programs");
            log.run(&mut make)
        })?;
        for module in [LINKED, STRIPPED, link_map::FILE] {
            fs::remove_file(self.folder().join(module))?;
        }
        Ok(self.folder())
    }

    /// Unpacks FFmpeg's sources and applies our patches.
    pub(super) fn unpack(&self) -> anyhow::Result<()> {
        let patches = libraries::patches(&wasm_build().join(FFMPEG).join("patches"))?;
        self.workspace.unpack(FFMPEG, self.inputs.lock.source(FFMPEG)?, &patches)
    }

    /// Compiles every source of the module, or of those of its parts that are named, with compilers that write to
    /// `records`. Libraries that only those parts need come from the cache.
    pub(super) fn compile_for_records(
        &self,
        records: &'a Path,
        parts: &[String],
        cache: &LibraryCache,
    ) -> anyhow::Result<()> {
        let is_chosen = |name: &str| parts.is_empty() || parts.iter().any(|part| part == name);
        let with_ffmpeg = is_chosen(FFMPEG);
        let is_needed = |library: &Library| with_ffmpeg || is_chosen(&library.name);
        let libraries = self.inputs.libraries.chosen_of(self.name, is_needed)?;
        let recording = self.workspace.recording(records);
        let progress = Progress::new("calls", libraries.len() + if with_ffmpeg { 4 } else { 1 });
        progress.step("toolchain", || recording.install_toolchain())?;
        let installer = Installer { keys: self.keys, cache: Some(cache), progress: &progress };
        installer.install(libraries, self.workspace, |library| {
            if is_chosen(&library.name) { recording } else { self.workspace }
        })?;
        if !with_ffmpeg {
            return Ok(());
        }
        let recording = Self { workspace: recording, libraries: self.libraries.clone(), ..*self };
        progress.step("ffmpeg: sources", || recording.unpack())?;
        let required = components::required(self.name)?;
        progress.step("ffmpeg: configure", || recording.configure(&required))?;
        progress.step("ffmpeg: compile", || recording.make("ffmpeg-make", "objects"))
    }

    /// Does everything up to the compilation of FFmpeg, and returns the components that it will have.
    fn prepare(
        &self,
        cache: Option<&LibraryCache>,
        progress: &Progress,
    ) -> anyhow::Result<(Archives<'a>, Components)> {
        progress.step("toolchain", || self.workspace.install_toolchain())?;
        let installer = Installer { keys: self.keys, cache, progress };
        let archives = installer.install(self.libraries.clone(), self.workspace, |_| self.workspace)?;
        progress.step("ffmpeg: sources", || self.unpack())?;
        let required = components::required(self.name)?;
        let enabled = progress.step("ffmpeg: configure", || self.configure(&required))?;
        Ok((archives, enabled))
    }

    /// Configures FFmpeg, and returns the components that it will have.
    fn configure(&self, required: &Components) -> anyhow::Result<Components> {
        let folder = self.folder();
        fs::create_dir_all(&folder)?;
        let options = self.options(required);
        let mut log = self.workspace.log("ffmpeg-configure")?;
        let mut configure = self.workspace.command("../source/ffmpeg/configure");
        log.run(configure.current_dir(&folder).args(&options))?;
        simd::check_enabled(&fs::read_to_string(folder.join("config.h"))?)?;
        let enabled = components::enabled(&folder.join("config_components.h"))?;
        components::check(required, &enabled)?;
        let script = fs::read_to_string(self.workspace.source(FFMPEG).join("configure"))?;
        provided::check(&self.libraries, self.name, &script, required, &enabled)?;
        Ok(enabled)
    }

    /// The options of FFmpeg's configure script. FFmpeg keeps them in the module, so none contains a path of the machine.
    fn options(&self, required: &Components) -> Vec<String> {
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
            tool("ar", &self.inputs.toolchain.ar),
            tool("ranlib", &self.inputs.toolchain.ranlib),
            tool("nm", &self.inputs.toolchain.nm),
            tool("strip", &self.inputs.toolchain.strip),
        ]);
        options.extend(components::configure_options(self.name, required));
        options.extend(self.libraries.iter().filter_map(|library| library.recipe.ffmpeg.clone()));
        options
    }

    fn make_ffmpeg(&self) -> anyhow::Result<()> {
        self.make("ffmpeg-make", LINKED)?;
        let mut log = self.workspace.log("strip")?;
        // Function names stay: backtraces need them, and they are 2 % of the size.
        let mut strip = self.workspace.command(&self.inputs.toolchain.strip);
        log.run(strip.current_dir(self.folder()).args(["--strip-debug", LINKED, "-o", STRIPPED]))
    }

    /// Makes a target of `multicall.mak`.
    fn make(&self, log: &str, target: &str) -> anyhow::Result<()> {
        let compat = self.workspace.folder.join("compat");
        fs::create_dir_all(&compat)?;
        for file in files_below(&wasm_build().join("compat"))? {
            fs::copy(&file, compat.join(file.file_name().unwrap_or_default()))?;
        }
        let mut make = self.workspace.command("make");
        make.current_dir(self.folder());
        if self.workspace.is_recording() {
            make.env(call_wrappers::NO_OBJECTS, "1");
        } else if let Some(objects) = self.objects {
            self.inputs.toolchain.cache_objects(&mut make, objects);
        }
        make.args([&jobs(), "-f", "../compat/multicall.mak", "COMPAT=../compat", target]);
        self.workspace.log(log)?.run(&mut make)
    }

    /// Checks the module and describes it.
    fn finish(&self, archives: &Archives<'_>, components: Components) -> anyhow::Result<(Package, Manifest)> {
        let wasm = fs::read(self.folder().join(STRIPPED))?;
        let wasm = identical_functions::merge(&stack_arguments::widen(&wasm)?)?;
        let imports = module_file::imports(&wasm)?;
        let allowed_undefined = fs::read_to_string(wasm_build().join("allowed-undefined.txt"))?;
        module_file::check_imports(&imports, &allowed_undefined)?;
        let manifest = self.manifest(&wasm, imports, archives, components)?;
        size_limit::check(self.name.profile, manifest.size.gzip)?;
        let licences = licences::Places {
            wasm_build: &self.inputs.wasm_build,
            ffmpeg: self.workspace.source(FFMPEG),
            libc: self.inputs.toolchain.libc_licence(self.workspace.folder),
            archives,
        };
        let package = Package {
            wasm,
            manifest: serde_json::to_vec_pretty(&manifest)?,
            sbom: sbom::describe(&manifest)?,
            licences: licences::collect(&manifest, &licences)?,
        };
        Ok((package, manifest))
    }

    fn manifest(
        &self,
        wasm: &[u8],
        imports: Vec<String>,
        archives: &Archives<'_>,
        components: Components,
    ) -> anyhow::Result<Manifest> {
        let lock = &self.inputs.lock;
        let mut sources = BTreeMap::from([
            ("wasix-libc".to_owned(), lock.wasix_libc.clone()),
            (FFMPEG.to_owned(), lock.source(FFMPEG)?.clone()),
        ]);
        let mut configure =
            BTreeMap::from([(FFMPEG.to_owned(), self.options(&components::required(self.name)?))]);
        let mut facts = BTreeMap::new();
        for library in &self.libraries {
            let name = &library.name;
            sources.extend(library.source.iter().map(|source| (name.clone(), source.clone())));
            configure.extend(library.configured());
            let archive = archives.get(name.as_str()).context("every library was installed")?;
            let fact = LibraryFacts {
                description: library.recipe.description.clone(),
                sha256: hex(&Sha256::digest(archive)),
                needs: self.inputs.libraries.needs_of(library).iter().map(|need| need.name.clone()).collect(),
                provides: library.recipe.provides.clone(),
                licence_files: library.recipe.licence_files.clone(),
            };
            facts.insert(name.clone(), fact);
        }

        let owned = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect();
        Ok(Manifest {
            name: format!("ffmpeg-{}", self.name),
            variant: self.name.variant.to_string(),
            profile: self.name.profile.to_string(),
            version: module_version::of(lock)?,
            ffmpeg: lock.source(FFMPEG)?.version.clone(),
            licence: self.licence()?,
            sha256: hex(&Sha256::digest(wasm)),
            size: Size::of(wasm)?,
            toolchain: self.inputs.toolchain.origin.clone(),
            compile_flags: owned(COMPILE_FLAGS),
            link_flags: owned(LINK_FLAGS),
            configure,
            sources,
            libraries: facts,
            parts: self.parts(archives)?,
            ours: self.keys.files(self.name)?,
            components,
            imports,
        })
    }

    /// The size of each part of the linked module. Fails if a part is none of those that the module may have.
    fn parts(&self, archives: &Archives<'_>) -> anyhow::Result<BTreeMap<String, Size>> {
        let folder = self.folder();
        let map = fs::read_to_string(folder.join(link_map::FILE))?;
        let inputs = link_map::Inputs {
            ffmpeg: &folder,
            prefix: &self.workspace.prefix(),
            bin: &self.workspace.folder.join("bin"),
            libc: &self.inputs.toolchain.libc_folder(self.workspace.folder),
            builtins: &self.inputs.toolchain.builtins,
            archives,
        };
        inputs.parts(&map, &fs::read(folder.join(LINKED))?)
    }

    /// The licence that FFmpeg's configure script computed. Fails if it is not that of the variant.
    fn licence(&self) -> anyhow::Result<String> {
        let config = fs::read_to_string(self.folder().join("config.h"))?;
        let licence = config
            .lines()
            .find_map(|line| line.strip_prefix("#define FFMPEG_LICENSE "))
            .map(|text| text.trim_matches('"').to_owned())
            .context("FFmpeg's config.h has no FFMPEG_LICENSE")?;
        let is_gpl = self.name.variant == Variant::Gpl;
        let setting = format!("#define CONFIG_GPL {}", u8::from(is_gpl));
        anyhow::ensure!(
            is_gpl == licence.starts_with("GPL") && config.lines().any(|line| line == setting),
            "ffmpeg-{} has the licence {licence}",
            self.name
        );
        Ok(licence)
    }

    /// The folder in which FFmpeg is built, outside its source.
    fn folder(&self) -> PathBuf {
        self.workspace.folder.join(FFMPEG)
    }
}
