//! The components that FFmpeg has only with a library: those of its recipe, and those of FFmpeg's configure script.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    components::{self, Components},
    libraries::Library,
    module_name::{ModuleName, Profile},
};
use crate::failure::Failure;

/// Fails unless the recipe of each library lists the components that need it by FFmpeg's `configure`, and the module has them.
/// In the lean profile, those count that it requires.
pub(super) fn check(
    libraries: &[&Library],
    module: ModuleName,
    configure: &str,
    required: &Components,
    enabled: &Components,
) -> anyhow::Result<()> {
    let needs = Needs::read(configure);
    for library in libraries {
        let mut provided = library.recipe.provides.clone();
        let with_library = match &library.recipe.ffmpeg {
            Some(option) => needs.components_with(&feature(option)),
            None => Components::new(),
        };
        if sorted(&provided) != sorted(&with_library) {
            return Err(Failure::new(
                format!(
                    "FFmpeg has these components only with {}: {}",
                    library.label(),
                    describe(&with_library)
                ),
                "list them as `provides` in its recipe",
            )
            .into());
        }
        if module.profile == Profile::Lean {
            for (kind, names) in &mut provided {
                names.retain(|name| components::contains(required, kind, name));
            }
        }
        let missing = components::missing(&provided, enabled);
        if !missing.is_empty() {
            return Err(Failure::new(
                format!("{} is linked, but the module lacks {}", library.label(), missing.join(", ")),
                "find in ffbuild/config.log why FFmpeg left it out",
            )
            .into());
        }
    }
    Ok(())
}

/// The name in `configure` of what an option enables: `libx264` for `--enable-libx264`.
fn feature(option: &str) -> String {
    option.trim_start_matches("--enable-").replace('-', "_")
}

fn sorted(components: &Components) -> BTreeSet<(&str, &str)> {
    components
        .iter()
        .flat_map(|(kind, names)| names.iter().map(move |name| (kind.as_str(), name.as_str())))
        .collect()
}

fn describe(components: &Components) -> String {
    let names = sorted(components).into_iter().map(|(kind, name)| format!("{kind} {name}"));
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The names that each name in `configure` cannot do without, by the assignments of `NAME_deps` and `NAME_select`.
struct Needs<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Needs<'a> {
    fn read(configure: &'a str) -> Self {
        let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let assignments = configure.lines().filter_map(|line| line.strip_suffix('"')?.split_once("=\""));
        for (variable, values) in assignments {
            let name = variable.strip_suffix("_deps").or_else(|| variable.strip_suffix("_select"));
            if let Some(name) = name {
                needs.entry(name).or_default().extend(values.split_whitespace());
            }
        }
        Self(needs)
    }

    /// The components that need `feature`, directly or through others.
    fn components_with(&self, feature: &str) -> Components {
        let mut with = BTreeSet::from([feature]);
        loop {
            let before = with.len();
            for (name, needs) in &self.0 {
                if needs.iter().any(|need| with.contains(need)) {
                    with.insert(name);
                }
            }
            if with.len() == before {
                break;
            }
        }
        let mut components = Components::new();
        for name in with {
            if let Some((name, kind)) = components::split(name) {
                components.entry(kind.to_owned()).or_default().push(name.to_owned());
            }
        }
        components
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const CONFIGURE: &str = "inflate_wrapper_deps=\"zlib\"\n\
                             apng_decoder_select=\"inflate_wrapper png_decoder\"\n\
                             png_decoder_select=\"inflate_wrapper\"\n\
                             h264_decoder_suggest=\"zlib\"\n\
                             libx264_encoder_deps=\"libx264\"\n";

    fn library(ffmpeg: &str, decoders: &[&str]) -> Library {
        let recipe = format!(
            "description = 'it'\nffmpeg = '{ffmpeg}'\n[build]\nkind = 'autoconf'\n[provides]\ndecoder = {decoders:?}\n"
        );
        Library {
            name: "it".to_owned(),
            folder: PathBuf::new(),
            recipe: toml::from_str(&recipe).unwrap(),
            source: None,
        }
    }

    fn decoders(names: &[&str]) -> Components {
        Components::from([("decoder".to_owned(), names.iter().map(|name| (*name).to_owned()).collect())])
    }

    #[test]
    fn recipe_must_list_the_components_that_need_its_library() {
        let check = |provides: &[&str]| {
            let library = library("--enable-zlib", provides);
            let enabled = decoders(&["png", "apng", "h264"]);
            check(&[&library], ModuleName::FULL_GPL, CONFIGURE, &decoders(&[]), &enabled)
                .map_err(|error| error.to_string())
        };
        check(&["png", "apng"]).unwrap();
        let expected = "FFmpeg has these components only with it: decoder apng, decoder png";
        for wrong in [&["png"][..], &["png", "apng", "h264"]] {
            assert_eq!(check(wrong).unwrap_err(), expected);
        }
    }

    #[test]
    fn missing_component_of_a_library_is_named() {
        let zlib = library("--enable-zlib", &["png", "apng"]);
        let check = |module, enabled: &[&str]| {
            check(&[&zlib], module, CONFIGURE, &decoders(&["png"]), &decoders(enabled))
                .map_err(|error| error.to_string())
        };
        check(ModuleName::LEAN_LGPL, &["png", "h264"]).unwrap();
        assert!(check(ModuleName::LEAN_LGPL, &["h264"]).unwrap_err().ends_with("lacks decoder png"));
        assert!(check(ModuleName::FULL_GPL, &["png"]).unwrap_err().contains("decoder apng"));
    }
}
