//! The software bill of materials of a module, in the format of CycloneDX 1.5.

use anyhow::Context as _;
use cyclonedx_bom::{
    external_models::uri::{Purl, Uri},
    models::{
        component::{Classification, Component, Components, Pedigree},
        dependency::{Dependencies, Dependency},
        external_reference::{ExternalReference, ExternalReferenceType, ExternalReferences},
        hash::{Hash, HashAlgorithm, HashValue, Hashes},
        license::{LicenseChoice, Licenses},
        metadata::Metadata,
        tool::{Tool, Tools},
    },
    prelude::{Bom, SpecVersion, Validate as _},
};

use super::{lock::Source, manifest::Manifest};

const VERSION: SpecVersion = SpecVersion::V1_5;

/// The part of a module that comes with the compiler.
const COMPILER_RT: &str = "compiler-rt";

/// Describes a module by its manifest. The result depends on that alone: it has neither a time nor a random number.
pub(super) fn describe(manifest: &Manifest) -> anyhow::Result<Vec<u8>> {
    let parts = manifest.sources.iter().map(|(name, source)| part(name, source, manifest));
    let parts = parts.chain([Ok(runtime_of_compiler(manifest))]).collect::<anyhow::Result<Vec<_>>>()?;
    let of_part = |name: &String| Dependency {
        dependency_ref: name.clone(),
        dependencies: manifest.libraries.get(name).map_or_else(Vec::new, |library| {
            // Headers of ours are not a component.
            library.needs.iter().filter(|need| manifest.sources.contains_key(*need)).cloned().collect()
        }),
    };
    let whole = Dependency {
        dependency_ref: manifest.name.clone(),
        dependencies: manifest.sources.keys().cloned().chain([COMPILER_RT.to_owned()]).collect(),
    };
    let dependencies = [whole].into_iter().chain(manifest.sources.keys().map(of_part)).collect();
    let bom = Bom {
        serial_number: None,
        metadata: Some(Metadata {
            tools: Some(Tools::List(tools(manifest))),
            component: Some(whole_module(manifest)?),
            ..Metadata::default()
        }),
        components: Some(Components(parts)),
        dependencies: Some(Dependencies(dependencies)),
        spec_version: VERSION,
        ..Bom::default()
    };
    let checked = bom.validate_version(VERSION);
    anyhow::ensure!(checked.passed(), "the bill of materials of {} is invalid: {checked:?}", manifest.name);
    let mut json = Vec::new();
    bom.output_as_json(&mut json, VERSION)?;
    Ok(json)
}

fn whole_module(manifest: &Manifest) -> anyhow::Result<Component> {
    let name = Some(manifest.name.clone());
    let mut module = Component::new(Classification::Application, &manifest.name, &manifest.version, name);
    module.hashes = Some(sha256(&manifest.sha256));
    module.licenses = Some(licence(spdx(&manifest.licence)?));
    Ok(module)
}

/// The functions of the compiler's own library that the module calls.
fn runtime_of_compiler(manifest: &Manifest) -> Component {
    let version = &manifest.toolchain.compiler_version;
    let name = Some(COMPILER_RT.to_owned());
    let mut part = Component::new(Classification::Library, COMPILER_RT, version, name);
    part.licenses = Some(licence("Apache-2.0 WITH LLVM-exception"));
    part
}

/// FFmpeg, a library or the libc.
fn part(name: &str, source: &Source, manifest: &Manifest) -> anyhow::Result<Component> {
    let mut part = Component::new(Classification::Library, name, &source.version, Some(name.to_owned()));
    part.purl = Some(Purl::new("generic", name, &source.version).context("cannot name a package")?);
    part.hashes = Some(sha256(&source.sha256));
    part.licenses = Some(licence(&source.licence));
    let urls = source
        .url
        .iter()
        .map(|url| ExternalReference::new(ExternalReferenceType::Distribution, Uri::new(url)));
    part.external_references = Some(ExternalReferences(urls.collect())).filter(|urls| !urls.0.is_empty());
    if let Some(library) = manifest.libraries.get(name) {
        part.description = Some((*library.description).into());
    }
    part.pedigree = changes(name, source, manifest).map(|notes| Pedigree {
        ancestors: None,
        descendants: None,
        variants: None,
        commits: None,
        patches: None,
        notes: Some(notes),
    });
    Ok(part)
}

/// The changes of ours and of Debian to a source.
fn changes(name: &str, source: &Source, manifest: &Manifest) -> Option<String> {
    let folders = [format!("wasm-build/{name}/"), format!("wasm-build/libraries/{name}/")];
    let is_patch =
        |path: &&String| path.ends_with(".patch") && folders.iter().any(|folder| path.starts_with(folder));
    let patches = manifest.ours.keys().filter(is_patch).filter_map(|path| path.rsplit('/').next());
    let debian = source.debian.iter().map(|debian| debian.file.as_str());
    let kernels = format!("wasm-build/simd/{name}/");
    let kernels =
        manifest.ours.keys().any(|path| path.starts_with(&kernels)).then_some("SIMD kernels of afmpeg");
    let changes: Vec<&str> = debian.chain(patches).chain(kernels).collect();
    (!changes.is_empty()).then(|| format!("changed by {}", changes.join(", ")))
}

/// The programs that made the module: `clang-22 1:22.1.8-1`, and others in this form.
fn tools(manifest: &Manifest) -> Vec<Tool> {
    let versions = manifest.toolchain.versions();
    let tool = |(name, version): (&str, &str)| Tool { vendor: None, ..Tool::new("", name, version) };
    versions.iter().filter_map(|tool| tool.split_once(' ')).map(tool).collect()
}

fn sha256(hex: &str) -> Hashes {
    Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content: HashValue(hex.to_owned()) }])
}

fn licence(expression: &str) -> Licenses {
    Licenses(vec![LicenseChoice::expression(expression)])
}

/// The SPDX expression for a licence that FFmpeg's configure script names.
fn spdx(licence: &str) -> anyhow::Result<&'static str> {
    match licence {
        "LGPL version 2.1 or later" => Ok("LGPL-2.1-or-later"),
        "GPL version 2 or later" => Ok("GPL-2.0-or-later"),
        other => anyhow::bail!("no SPDX expression is known for the licence {other}"),
    }
}
