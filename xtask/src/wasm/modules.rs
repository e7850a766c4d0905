//! `cargo xtask modules`: every module, with the proofs of what it is.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use anyhow::Context as _;
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Deserialize;

use super::{
    build::build,
    folders::wasm_build,
    inputs::Inputs,
    manifest::{Size, megabytes},
    module_name::ModuleName,
    module_version,
    package::{manifest_path, sbom_path},
    size_limit,
};
use crate::{command, failure::Failure, pip, project};

/// The package of a validator for bills of materials, and the program that calls it.
const VALIDATOR: &str = "cyclonedx-python-lib[json-validation]==11.12.0";
const VALIDATE: &str = "xtask/src/wasm/validate_sbom.py";

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Choices {
    /// Fail if a module is not the one whose hash versions.lock has
    #[arg(long)]
    locked: bool,
    /// Write the hashes into versions.lock, with the next number if one has changed
    #[arg(long, conflicts_with = "locked")]
    record: bool,
}

/// Facts of a module, from its manifest.
#[derive(Debug, Deserialize)]
struct Facts {
    name: String,
    version: String,
    licence: String,
    sha256: String,
    size: Size,
    parts: BTreeMap<String, Size>,
}

/// Builds every module, or takes it from the cache, and prints its size, its licence, and the sizes of its parts.
pub(crate) fn run(choices: Choices) -> anyhow::Result<()> {
    let names: Vec<ModuleName> = ModuleName::all().collect();
    let modules = names.iter().map(|name| build(*name, true)).collect::<anyhow::Result<Vec<_>>>()?;
    let boms: Vec<PathBuf> = modules.iter().map(|module| sbom_path(module)).collect();
    validate(&boms)?;
    let mut facts = Vec::new();
    for module in &modules {
        let manifest = fs::read(manifest_path(module))?;
        facts.push(serde_json::from_slice(&manifest).context("a manifest cannot be read")?);
    }
    println!("\n{}\n\n{}\n", summary(&names, &facts)?, costs(&facts));
    println!("Each bill of materials is valid by {VALIDATOR}.");
    compare(choices, &names, &facts)
}

/// Fails unless an independent validator accepts these bills of materials.
fn validate(boms: &[PathBuf]) -> anyhow::Result<()> {
    let folder = project::cache()?.join("sbom-validator").join(VALIDATOR);
    if !folder.join("cyclonedx").exists() {
        pip::install(VALIDATOR, true, &folder)?;
    }
    let mut python = Command::new("python3");
    command::run(python.env("PYTHONPATH", folder).arg(project::root().join(VALIDATE)).args(boms))
}

/// One line for each module.
fn summary(names: &[ModuleName], facts: &[Facts]) -> anyhow::Result<Table> {
    let mut table = table(["module", "version", "gzip, MB", "at most", "licence", "sha256"]);
    for (name, facts) in names.iter().zip(facts) {
        let limit = size_limit::of(name.profile)?;
        table.add_row([
            Cell::new(&facts.name),
            Cell::new(&facts.version),
            number(megabytes(facts.size.gzip)),
            number(megabytes(limit)),
            Cell::new(&facts.licence),
            Cell::new(&facts.sha256[..16]),
        ]);
    }
    Ok(table)
}

/// The bytes with gzip that each part adds to each module.
fn costs(facts: &[Facts]) -> Table {
    let heads = facts.iter().map(|facts| facts.name.trim_start_matches("ffmpeg-"));
    let mut table = table(["gzip, MB"].into_iter().chain(heads));
    let mut parts: Vec<&String> = facts.iter().flat_map(|facts| facts.parts.keys()).collect();
    parts.sort_unstable();
    parts.dedup();
    for part in parts {
        let cost = |facts: &Facts| {
            number(facts.parts.get(part).map_or_else(String::new, |size| megabytes(size.gzip)))
        };
        table.add_row([Cell::new(part)].into_iter().chain(facts.iter().map(cost)));
    }
    table
}

/// Compares the hashes with those of versions.lock, or writes them there.
fn compare(choices: Choices, names: &[ModuleName], facts: &[Facts]) -> anyhow::Result<()> {
    let inputs = Inputs::read()?;
    let hashes =
        names.iter().zip(facts).map(|(name, facts)| (name.to_string(), facts.sha256.clone())).collect();
    if choices.record {
        let path = wasm_build().join("versions.lock");
        module_version::record(&path, &inputs.lock, &inputs.toolchain.origin, &hashes)?;
        println!("{} has the hashes of these modules.", path.display());
        return Ok(());
    }
    let changed = module_version::changed(&inputs.lock, &hashes);
    let version = module_version::of(&inputs.lock)?;
    if changed.is_empty() {
        println!("The modules are those of {version}.");
        return Ok(());
    }
    let failure = Failure::new(
        format!("the bytes of {} are not those of {version} in versions.lock", changed.join(", ")),
        "record the change with `cargo xtask modules --record` if it is intended",
    );
    if choices.locked {
        return Err(failure.into());
    }
    println!("{failure}.");
    Ok(())
}

fn table<'h>(heads: impl IntoIterator<Item = &'h str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(heads);
    table
}

fn number(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
