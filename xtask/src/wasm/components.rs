//! The components of FFmpeg in a module.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::Deserialize;

use super::{folders::wasm_build, module_name::ModuleName, module_name::Profile, module_name::Variant};
use crate::failure::Failure;

/// Names of components by their kind: `decoder`, `muxer`...
pub(super) type Components = BTreeMap<String, Vec<String>>;

/// The kinds of components, with which names in `config_components.h` end.
pub(super) const KINDS: &[&str] = &[
    "bsf", "decoder", "demuxer", "encoder", "filter", "hwaccel", "indev", "muxer", "outdev", "parser",
    "protocol",
];

/// `wasm-build/components/lean.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeanList {
    enable: Components,
    /// The additional components of the gpl variant.
    gpl: Components,
}

/// The components that a module must have. The full profile also gets all others that can be built.
pub(super) fn required(name: ModuleName) -> anyhow::Result<Components> {
    let path = wasm_build().join("components/lean.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let list: LeanList = toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))?;
    let mut required = list.enable;
    if name.variant == Variant::Gpl {
        for (kind, names) in list.gpl {
            required.entry(kind).or_default().extend(names);
        }
    }
    Ok(required)
}

/// The options of FFmpeg's configure script that choose the components, without those that enable libraries.
pub(super) fn configure_options(name: ModuleName, required: &Components) -> Vec<String> {
    // The full profile has every component that needs neither a missing library nor network nor devices.
    let mut options: Vec<String> = match name.profile {
        Profile::Full => [
            "--disable-indevs",
            "--disable-outdevs",
            "--enable-indev=lavfi",
            // It shares a cache between processes; a job is one process, without flock.
            "--disable-protocol=shared",
            // It only hands pictures to hardware; libdav1d decodes them.
            "--disable-decoder=av1",
        ]
        .map(str::to_owned)
        .to_vec(),
        Profile::Lean => {
            let mut options =
                ["--disable-everything", "--enable-parsers", "--enable-bsfs"].map(str::to_owned).to_vec();
            for (kind, names) in required {
                options.extend(names.iter().map(|name| format!("--enable-{kind}={name}")));
            }
            options
        }
    };
    if name.variant == Variant::Gpl {
        options.push("--enable-gpl".to_owned());
    }
    options
}

/// The components that FFmpeg's configure script enabled, from the header that it writes.
pub(super) fn enabled(config_components: &Path) -> anyhow::Result<Components> {
    let text = fs::read_to_string(config_components)
        .with_context(|| format!("cannot read {}", config_components.display()))?;
    let mut enabled = Components::new();
    for line in text.lines() {
        let Some(name) = line.strip_prefix("#define CONFIG_").and_then(|rest| rest.strip_suffix(" 1")) else {
            continue;
        };
        if let Some((component, kind)) = split(&name.to_lowercase()) {
            enabled.entry(kind.to_owned()).or_default().push(component.to_owned());
        }
    }
    Ok(enabled)
}

/// The component and its kind in a name such as `h264_decoder`. `None` if the name is not of a component.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('_').filter(|(_, kind)| KINDS.contains(kind))
}

/// Fails with the names of all components that are required and not enabled.
pub(super) fn check(required: &Components, enabled: &Components) -> anyhow::Result<()> {
    let missing = missing(required, enabled);
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("FFmpeg's configure script left out required components: {}", missing.join(", ")),
        "correct the name, or find the missing dependency in ffbuild/config.log in the build folder",
    )
    .into())
}

/// The required components that are not enabled, each with its kind.
pub(super) fn missing(required: &Components, enabled: &Components) -> Vec<String> {
    let mut missing = Vec::new();
    for (kind, names) in required {
        let of_kind = enabled.get(kind).map(Vec::as_slice).unwrap_or_default();
        let is_missing = |name: &&String| !of_kind.iter().any(|found| matches(name, found));
        missing.extend(names.iter().filter(is_missing).map(|name| format!("{kind} {name}")));
    }
    missing
}

/// Whether a pattern of `list` matches a component.
pub(super) fn contains(list: &Components, kind: &str, name: &str) -> bool {
    list.get(kind).is_some_and(|patterns| patterns.iter().any(|pattern| matches(pattern, name)))
}

/// Whether `name` matches `pattern`, in which one star stands for any letters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(kind: &str, names: &[&str]) -> Components {
        [(kind.to_owned(), names.iter().map(|name| (*name).to_owned()).collect())].into()
    }

    #[test]
    fn missing_component_is_named_with_its_kind() {
        let enabled = components("decoder", &["h264", "pcm_s16le"]);
        check(&components("decoder", &["h264", "pcm_*"]), &enabled).unwrap();
        let error = check(&components("decoder", &["h264", "hevc"]), &enabled).unwrap_err().to_string();
        assert!(error.contains("decoder hevc") && !error.contains("h264,"), "{error}");
        check(&components("muxer", &["mp4"]), &enabled).unwrap_err();
    }

    #[test]
    fn enabled_components_are_read_by_kind() {
        let folder = tempfile::tempdir().unwrap();
        let header = folder.path().join("config_components.h");
        let text = "#define CONFIG_AAC_ADTSTOASC_BSF 1\n#define CONFIG_H264_DECODER 1\n#define CONFIG_VP9_DECODER 0\n";
        fs::write(&header, text).unwrap();
        let mut expected = components("bsf", &["aac_adtstoasc"]);
        expected.extend(components("decoder", &["h264"]));
        assert_eq!(enabled(&header).unwrap(), expected);
    }

    #[test]
    fn gpl_encoder_is_required_and_configured_in_the_gpl_variant_only() {
        for (variant, has_x264) in [(Variant::Gpl, true), (Variant::Lgpl, false)] {
            let name = ModuleName { variant, profile: Profile::Lean };
            let required = required(name).unwrap();
            assert_eq!(required["encoder"].iter().any(|encoder| encoder == "libx264"), has_x264);
            let options = configure_options(name, &required);
            assert_eq!(options.iter().any(|option| option == "--enable-gpl"), has_x264);
        }
    }
}
