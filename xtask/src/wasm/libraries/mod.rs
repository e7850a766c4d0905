//! The libraries that FFmpeg is linked with: their recipes, their order, and their builds.

mod archive;
mod autoconf;
mod cmake;
mod driver;
mod headers;
mod hooks;
mod installer;
mod make;
mod meson;
mod recipe;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    components,
    files::files_below,
    lock::{Lock, Source},
    module_name::ModuleName,
    module_name::Variant,
};
use crate::failure::Failure;
use {driver::Site, recipe::Origin};

pub(super) use {
    installer::{Archives, CHECKS, Installer, LICENCES},
    recipe::LibraryRecipe,
};

/// The only source of versions.lock that is not a library.
const FFMPEG: &str = "ffmpeg";

/// A library: its recipe, and the source that it is built from.
#[derive(Debug)]
pub(super) struct Library {
    pub(super) name: String,
    /// The folder of its recipe and patches.
    pub(super) folder: PathBuf,
    pub(super) recipe: LibraryRecipe,
    /// Its pinned source; none where the source is in `folder`.
    pub(super) source: Option<Source>,
}

/// Every library, each after those that it needs.
#[derive(Debug)]
pub(super) struct Libraries {
    ordered: Vec<Library>,
}

impl Library {
    /// The patches of its source, in order.
    pub(super) fn patches(&self) -> anyhow::Result<Vec<PathBuf>> {
        patches(&self.folder)
    }

    /// The options of each of its parts that do not depend on the machine.
    pub(super) fn configured(&self) -> BTreeMap<String, Vec<String>> {
        self.recipe.build.driver().configured(&self.name)
    }

    /// Its name and version.
    pub(super) fn label(&self) -> String {
        match &self.source {
            Some(source) => format!("{} {}", self.name, source.version),
            None => self.name.clone(),
        }
    }

    /// Whether every licence that it offers contains a GPL.
    fn is_gpl(&self) -> bool {
        let is_gpl = |part: &str| ["GPL-", "AGPL-"].iter().any(|name| part.starts_with(name));
        let offers_only_gpl =
            |licence: &str| licence.split(" OR ").all(|offer| offer.split(" AND ").any(is_gpl));
        self.source.as_ref().is_some_and(|source| offers_only_gpl(&source.licence))
    }

    /// Builds the library in the prefix of `site`, which has the libraries that it needs.
    fn build(&self, site: &mut Site<'_>) -> anyhow::Result<()> {
        let source = site.source();
        if source.exists() {
            fs::remove_dir_all(&source)?;
        }
        match &self.source {
            Some(pinned) => site.workspace.unpack(&self.name, pinned, &self.patches()?)?,
            None => {
                fs::create_dir_all(&source)?;
                for file in files_below(&self.folder)? {
                    fs::copy(&file, source.join(file.file_name().context("a file has a name")?))?;
                }
            }
        }
        self.recipe.build.driver().build(site)?;
        for (pattern, folder) in &self.recipe.install {
            site.install(pattern, folder)?;
        }
        if let Some(name) = &self.recipe.pkg_config {
            let text = fs::read_to_string(self.folder.join(name))?;
            let version = self.source.as_ref().map_or("0", |source| &source.version);
            fs::write(site.prefix().join("lib/pkgconfig").join(name), text.replace("@VERSION@", version))?;
        }
        Ok(())
    }
}

impl Libraries {
    /// Reads the recipe in each folder of `folder`.
    pub(super) fn read(folder: &Path, lock: &Lock) -> anyhow::Result<Self> {
        let mut libraries = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let folder = entry?.path();
            if !folder.is_dir() {
                continue;
            }
            let name = folder.file_name().context("a folder has a name")?.to_string_lossy().into_owned();
            let recipe = LibraryRecipe::read(&folder.join("recipe.toml"))?;
            let source = match recipe.source {
                Origin::Lock => Some(lock.source(&name)?.clone()),
                Origin::Folder => None,
            };
            libraries.push(Library { name, folder, recipe, source });
        }
        let has_recipe = |name: &str| name == FFMPEG || libraries.iter().any(|library| library.name == name);
        if let Some(name) = lock.sources.keys().find(|name| !has_recipe(name)) {
            return Err(Failure::new(
                format!("versions.lock pins {name}, but no library of that name exists"),
                format!("write {}, or remove the pin", folder.join(name).join("recipe.toml").display()),
            )
            .into());
        }
        for library in &libraries {
            library.check()?;
        }
        // Libraries of ours come first, then the order is that of versions.lock.
        libraries.sort_by_key(|library| (lock.position(&library.name), library.name.clone()));
        Ok(Self { ordered: sort_by_needs(libraries)? })
    }

    /// The libraries of a module, in the order in which they are built.
    pub(super) fn of(&self, module: ModuleName) -> anyhow::Result<Vec<&Library>> {
        let chosen: Vec<&Library> =
            self.ordered.iter().filter(|library| library.recipe.is_in(module)).collect();
        for library in &chosen {
            for need in &library.recipe.needs {
                if !chosen.iter().any(|other| other.name == *need) {
                    return Err(Failure::new(
                        format!("ffmpeg-{module} has {}, but not {need}, which that needs", library.name),
                        "compare the profiles and variants of the two recipes",
                    )
                    .into());
                }
            }
        }
        Ok(chosen)
    }

    /// The libraries of a module that `is_chosen`, and those that they need, in the order in which they are built.
    pub(super) fn chosen_of(
        &self,
        module: ModuleName,
        is_chosen: impl Fn(&Library) -> bool,
    ) -> anyhow::Result<Vec<&Library>> {
        let mut libraries = self.of(module)?;
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        for library in libraries.iter().filter(|library| is_chosen(library)) {
            needed.insert(&library.name);
            needed.extend(self.needs_of(library).into_iter().map(|need| need.name.as_str()));
        }
        libraries.retain(|library| needed.contains(library.name.as_str()));
        Ok(libraries)
    }

    /// The names of the components that need a library of the gpl variant.
    pub(super) fn provided_by_gpl(&self) -> BTreeSet<String> {
        let gpl = self.ordered.iter().filter(|library| !library.recipe.variants.contains(&Variant::Lgpl));
        gpl.flat_map(|library| library.recipe.provides.values().flatten().cloned()).collect()
    }

    /// The libraries that `library` needs, directly or through others, in the order in which they are built.
    pub(super) fn needs_of(&self, library: &Library) -> Vec<&Library> {
        let mut needed: BTreeSet<&str> = library.recipe.needs.iter().map(String::as_str).collect();
        for other in self.ordered.iter().rev() {
            if needed.contains(other.name.as_str()) {
                needed.extend(other.recipe.needs.iter().map(String::as_str));
            }
        }
        self.ordered.iter().filter(|other| needed.contains(other.name.as_str())).collect()
    }
}

impl Library {
    /// Checks the facts of a recipe that its types leave open.
    fn check(&self) -> anyhow::Result<()> {
        let Self { name, recipe, .. } = self;
        if let Some(kind) = recipe.provides.keys().find(|kind| !components::KINDS.contains(&kind.as_str())) {
            return Err(Failure::new(
                format!("{name} provides components of an unknown kind: {kind}"),
                format!("use one of {}", components::KINDS.join(", ")),
            )
            .into());
        }
        if self.is_gpl() && recipe.variants.contains(&Variant::Lgpl) {
            return Err(Failure::new(
                format!("the recipe of {name} puts GPL code into the lgpl variant"),
                "set variants = [\"gpl\"]",
            )
            .into());
        }
        anyhow::ensure!(
            self.source.is_none() || !recipe.licence_files.is_empty(),
            "the recipe of {name} names no licence-files"
        );
        Ok(())
    }
}

/// Sorts libraries so that each comes after those that it needs, and otherwise keeps their order.
fn sort_by_needs(mut waiting: Vec<Library>) -> anyhow::Result<Vec<Library>> {
    for library in &waiting {
        if let Some(need) =
            library.recipe.needs.iter().find(|need| !waiting.iter().any(|other| other.name == **need))
        {
            return Err(Failure::new(
                format!("{} needs {need}, which is not a library", library.name),
                "correct the name in its recipe",
            )
            .into());
        }
    }
    let mut sorted: Vec<Library> = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |library: &Library| {
            library.recipe.needs.iter().all(|need| sorted.iter().any(|other| other.name == *need))
        };
        let Some(next) = waiting.iter().position(is_ready) else {
            let names: Vec<&str> = waiting.iter().map(|library| library.name.as_str()).collect();
            return Err(Failure::new(
                format!("libraries need each other in a circle: {}", names.join(", ")),
                "remove one of their needs",
            )
            .into());
        };
        sorted.push(waiting.remove(next));
    }
    Ok(sorted)
}

/// The patches in a folder, in order.
pub(super) fn patches(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = files_below(folder)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "patch"));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasm::{folders::wasm_build, module_name::Profile};

    fn read() -> Libraries {
        let lock = Lock::read(&wasm_build().join("versions.lock")).unwrap();
        Libraries::read(&wasm_build().join("libraries"), &lock).unwrap()
    }

    fn library(name: &str, needs: &[&str]) -> Library {
        let text = format!("description = 'it'\nneeds = {needs:?}\n[build]\nkind = 'autoconf'\n");
        Library {
            name: name.to_owned(),
            folder: PathBuf::new(),
            recipe: toml::from_str(&text).unwrap(),
            source: None,
        }
    }

    fn names<'a>(libraries: impl IntoIterator<Item = &'a Library>) -> Vec<&'a str> {
        libraries.into_iter().map(|library| library.name.as_str()).collect()
    }

    #[test]
    fn every_module_has_its_libraries_in_order() {
        let libraries = read();
        let lean = libraries.of(ModuleName::LEAN_LGPL).unwrap();
        assert_eq!(names(lean), ["simd-headers", "sse-headers", "zlib", "libcxx", "openh264", "opus"]);
        let full = libraries.of(ModuleName::FULL_GPL).unwrap();
        let position = |name: &str| full.iter().position(|library| library.name == name).unwrap();
        assert!(position("freetype") < position("harfbuzz") && position("harfbuzz") < position("libass"));
        assert!(position("libass") < position("x264"));
    }

    #[test]
    fn gpl_libraries_are_in_the_gpl_variant_only() {
        let libraries = read();
        for profile in [Profile::Lean, Profile::Full] {
            let of = |variant| libraries.of(ModuleName { variant, profile }).unwrap();
            assert!(names(of(Variant::Gpl)).contains(&"x264"));
            assert!(!of(Variant::Lgpl).iter().any(|library| library.is_gpl()));
        }
        let provided = libraries.provided_by_gpl();
        assert!(provided.contains("libx265") && !provided.contains("libopenh264"));
    }

    #[test]
    fn needs_come_first_and_the_order_is_kept_otherwise() {
        let sorted = sort_by_needs(vec![library("b", &["c"]), library("d", &[]), library("c", &[])]).unwrap();
        assert_eq!(names(&sorted), ["d", "c", "b"]);
        let libraries = Libraries {
            ordered: sort_by_needs(vec![
                library("x", &["y"]),
                library("y", &["z"]),
                library("z", &[]),
                library("other", &[]),
            ])
            .unwrap(),
        };
        let needs = libraries.needs_of(libraries.ordered.iter().find(|library| library.name == "x").unwrap());
        assert_eq!(names(needs), ["z", "y"]);
    }

    #[test]
    fn chosen_libraries_come_after_those_that_they_need() {
        let libraries = read();
        let of =
            |name: &str| libraries.chosen_of(ModuleName::FULL_GPL, |library| library.name == name).unwrap();
        assert_eq!(names(of("x264")), ["simd-headers", "x264"]);
        assert_eq!(names(of("libvorbis")), ["libogg", "libvorbis"]);
        assert!(of("nosuch").is_empty());
    }

    #[test]
    fn circles_and_unknown_needs_are_refused_by_name() {
        let circle = sort_by_needs(vec![library("a", &["b"]), library("b", &["a"]), library("c", &[])]);
        assert!(circle.unwrap_err().to_string().ends_with(": a, b"));
        let unknown = sort_by_needs(vec![library("a", &["nosuch"])]).unwrap_err().to_string();
        assert_eq!(unknown, "a needs nosuch, which is not a library");
    }

    #[test]
    fn recipe_without_a_pin_and_pin_without_a_recipe_are_refused() {
        let lock = Lock::read(&wasm_build().join("versions.lock")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            fs::create_dir_all(folder.path().join(name)).unwrap();
            let text =
                "description = 'it'\nlicence-files = ['A']\nvariants = ['gpl']\n[build]\nkind = 'autoconf'\n";
            fs::write(folder.path().join(name).join("recipe.toml"), text).unwrap();
        };
        for name in lock.sources.keys().filter(|name| *name != "zlib" && *name != FFMPEG) {
            write(name);
        }
        let error = Libraries::read(folder.path(), &lock).unwrap_err().to_string();
        assert!(error.contains("pins zlib"), "{error}");
        write("zlib");
        Libraries::read(folder.path(), &lock).unwrap();
        write("nosuch");
        let error = Libraries::read(folder.path(), &lock).unwrap_err().to_string();
        assert!(error.contains("nosuch"), "{error}");
    }

    /// Names of components, in the order of their kinds.
    fn provided(library: &Library) -> String {
        let of_kind = |(kind, names): (&String, &Vec<String>)| {
            let plural = if names.len() == 1 { "" } else { "s" };
            format!("{kind}{plural} {}", names.join(", "))
        };
        library.recipe.provides.iter().map(of_kind).collect::<Vec<_>>().join("; ")
    }

    /// The modules that contain a library.
    fn modules(library: &Library) -> String {
        let names: Vec<String> = ModuleName::all()
            .filter(|module| library.recipe.is_in(*module))
            .map(|module| module.to_string())
            .collect();
        match names.join(", ").as_str() {
            "lean-lgpl, lean-gpl, full-lgpl, full-gpl" => "all".to_owned(),
            "full-lgpl, full-gpl" => "full".to_owned(),
            names => names.to_owned(),
        }
    }

    /// Fails unless a document of the repository has a table with these rows.
    #[track_caller]
    fn assert_has_table(document: &str, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let row = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
        let mut table = row(heads) + &format!("|{}\n", "---|".repeat(heads.len()));
        for cells in rows {
            table += &row(&cells.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let text = fs::read_to_string(wasm_build().join("..").join(document)).unwrap();
        assert!(text.contains(&table), "{document} must contain this table:\n\n{table}");
    }

    #[test]
    fn table_of_libraries_is_that_of_the_recipes() {
        let all = read();
        let rows = all.ordered.iter().filter_map(|library| {
            let source = library.source.as_ref()?;
            let cells =
                [&library.name, &source.version, &source.licence, &modules(library), &provided(library)];
            Some(cells.map(Clone::clone).to_vec())
        });
        let heads = ["library", "version", "licence", "modules", "FFmpeg gains"];
        assert_has_table("wasm-build/README.md", &heads, rows);
    }

    #[test]
    fn table_of_codecs_is_that_of_the_recipes() {
        let all = read();
        let rows = all.ordered.iter().filter_map(|library| {
            let has_codec =
                ["encoder", "decoder"].iter().any(|kind| library.recipe.provides.contains_key(*kind));
            let source = library.source.as_ref().filter(|_| has_codec)?;
            let cells = [&library.recipe.description, &library.name, &source.version, &modules(library)];
            Some(cells.map(Clone::clone).to_vec())
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort();
        assert_has_table("README.md", &["codec", "library", "version", "modules"], rows);
    }
}
