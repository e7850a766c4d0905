//! `afmpeg module info`: describes a module or an artifact.

use std::fmt::Write as _;

use afmpeg_engine::{ArtifactInfo, Error, Manifest, ModuleInfo};
use serde_json::{Value, json};

use crate::{failure::Failure, module::Located, options::InfoOptions, output::print};

pub(crate) fn info(options: &InfoOptions) -> Result<(), Failure> {
    let located = Located::new(options.file.as_deref().or(options.module.module.as_deref()))?;
    let file = located.path();
    if options.json {
        print(&format!("{:#}\n", json(&located)?))?;
        return Ok(());
    }
    let mut text = format!("{}\n", file.display());
    match ArtifactInfo::read(file) {
        Ok(artifact) => {
            push(&mut text, "kind", "artifact");
            push(&mut text, "target", &artifact.target());
            push(
                &mut text,
                "compiled by",
                &format!("{}, wasmer {}", artifact.backend(), artifact.wasmer_version()),
            );
            push(&mut text, "code", &format!("{} bytes", artifact.code_bytes()));
            push(&mut text, "module sha256", artifact.module_sha256());
            push_manifest(&mut text, artifact.manifest());
        }
        Err(Error::Artifact { .. }) => {
            let module = ModuleInfo::read(file).map_err(|error| located.failure(error))?;
            push(&mut text, "kind", "module");
            push(&mut text, "size", &format!("{} bytes", module.size_bytes()));
            push(&mut text, "sha256", module.sha256());
            push_manifest(&mut text, module.manifest());
            if let Some(imports) = module.imports() {
                push(&mut text, "imports", &imports.join(" "));
            }
        }
        Err(error) => return Err(located.failure(error)),
    }
    print(&text)?;
    Ok(())
}

fn json(located: &Located) -> Result<Value, Failure> {
    Ok(match ArtifactInfo::read(located.path()) {
        Ok(artifact) => json!({
            "kind": "artifact",
            "triple": artifact.triple(),
            "cpu": artifact.cpu_features(),
            "backend": artifact.backend(),
            "wasmer": artifact.wasmer_version(),
            "settings": artifact.settings_version(),
            "code_bytes": artifact.code_bytes(),
            "module_sha256": artifact.module_sha256(),
            "manifest": artifact.manifest(),
        }),
        Err(Error::Artifact { .. }) => {
            let module = ModuleInfo::read(located.path()).map_err(|error| located.failure(error))?;
            json!({
                "kind": "module",
                "bytes": module.size_bytes(),
                "sha256": module.sha256(),
                "manifest": module.manifest(),
                "imports": module.imports(),
            })
        }
        Err(error) => return Err(located.failure(error)),
    })
}

fn push_manifest(text: &mut String, manifest: Option<&Manifest>) {
    let Some(manifest) = manifest else {
        push(text, "manifest", "none");
        return;
    };
    for (key, value) in [
        ("name", manifest.name()),
        ("version", manifest.version()),
        ("ffmpeg", manifest.ffmpeg_version()),
        ("licence", manifest.licence()),
    ] {
        if let Some(value) = value {
            push(text, key, value);
        }
    }
    let versions: Vec<String> =
        manifest.versions().iter().map(|(name, version)| format!("{name} {version}")).collect();
    push(text, "sources", &versions.join(", "));
}

fn push(text: &mut String, key: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  {key:<14} {value}");
}
