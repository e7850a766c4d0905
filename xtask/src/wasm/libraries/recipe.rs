//! `wasm-build/libraries/<name>/recipe.toml`: the build of a library, and its use to FFmpeg.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

use super::{
    archive::Archive, archive::Archives, autoconf::Autoconf, autoconf::Configure, cmake::Cmake,
    driver::Driver, headers::Headers, hooks::Hook, make::Make, meson::Meson,
};
use crate::wasm::{
    components::Components, module_name::ModuleName, module_name::Profile, module_name::Variant,
};

/// A library, as its folder describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::wasm) struct LibraryRecipe {
    /// Its use, in a few words.
    pub(in crate::wasm) description: String,
    #[serde(default)]
    pub(super) source: Origin,
    pub(super) build: BuildSystem,
    /// The libraries that must be installed before this one is built.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// The profiles that contain it. The default is all.
    #[serde(default = "Profile::all")]
    profiles: Vec<Profile>,
    /// The variants that contain it. The default is all.
    #[serde(default = "Variant::all")]
    pub(super) variants: Vec<Variant>,
    /// The option of FFmpeg's configure script that enables it.
    pub(in crate::wasm) ffmpeg: Option<String>,
    /// The components that FFmpeg has only with it, by kind.
    #[serde(default)]
    pub(in crate::wasm) provides: Components,
    /// The texts of its licence, as paths in its source.
    #[serde(default)]
    pub(in crate::wasm) licence_files: Vec<String>,
    /// Files and folders that are copied after the build: from a pattern in the source to a folder in the prefix.
    #[serde(default)]
    pub(super) install: BTreeMap<String, String>,
    /// A description for pkg-config beside the recipe, in which `@VERSION@` stands for the version.
    pub(super) pkg_config: Option<String>,
}

/// Where the source of a library is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Origin {
    /// The archive that versions.lock pins under the library's name.
    #[default]
    Lock,
    /// The folder of the recipe.
    Folder,
}

/// The kind of a library's build system, with its settings.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(super) enum BuildSystem {
    Autoconf(Autoconf),
    Configure(Configure),
    Make(Make),
    Cmake(Cmake),
    Meson(Meson),
    Archive(Archive),
    Archives(Archives),
    Headers(Headers),
    Hook(Hook),
}

impl BuildSystem {
    pub(super) fn driver(&self) -> &dyn Driver {
        match self {
            BuildSystem::Autoconf(driver) => driver,
            BuildSystem::Configure(driver) => driver,
            BuildSystem::Make(driver) => driver,
            BuildSystem::Cmake(driver) => driver,
            BuildSystem::Meson(driver) => driver,
            BuildSystem::Archive(driver) => driver,
            BuildSystem::Archives(driver) => driver,
            BuildSystem::Headers(driver) => driver,
            BuildSystem::Hook(driver) => driver,
        }
    }
}

impl LibraryRecipe {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Whether its `install` copies files to a folder of the prefix, or below it.
    pub(in crate::wasm) fn installs_in(&self, folder: &str) -> bool {
        self.install.values().any(|place| Path::new(place).starts_with(folder))
    }

    /// Whether a module contains the library.
    pub(super) fn is_in(&self, module: ModuleName) -> bool {
        self.profiles.contains(&module.profile) && self.variants.contains(&module.variant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LibraryRecipe, String> {
        toml::from_str(&format!("description = 'it'\n{text}")).map_err(|error| error.to_string())
    }

    #[test]
    fn plain_autoconf_library_needs_only_its_kind() {
        let recipe = parse("[build]\nkind = 'autoconf'\n").unwrap();
        assert!(recipe.is_in(ModuleName::FULL_GPL) && recipe.is_in(ModuleName::LEAN_LGPL));
        assert_eq!(recipe.source, Origin::Lock);
        assert!(recipe.build.driver().options().iter().any(|option| option == "--enable-static"));
    }

    #[test]
    fn profiles_and_variants_limit_the_modules_that_contain_a_library() {
        let recipe = parse("variants = ['gpl']\n[build]\nkind = 'make'\nmake = [['all']]\n").unwrap();
        assert!(recipe.is_in(ModuleName::FULL_GPL) && !recipe.is_in(ModuleName::LEAN_LGPL));
    }

    #[test]
    fn unknown_fields_and_kinds_are_refused() {
        for (text, expected) in [
            ("need = ['zlib']\n[build]\nkind = 'autoconf'\n", "need"),
            ("[build]\nkind = 'autoconf'\noption = []\n", "option"),
            ("[build]\nkind = 'scons'\n", "scons"),
            ("profiles = ['huge']\n[build]\nkind = 'autoconf'\n", "huge"),
            ("[build]\nkind = 'hook'\nhook = 'nosuch'\n", "nosuch"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
