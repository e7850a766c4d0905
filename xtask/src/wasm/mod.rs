//! `cargo xtask build-wasm`: FFmpeg's tools for WebAssembly, from upstream's sources.

mod build;
mod cache;
mod call_wrappers;
pub(crate) mod calls;
pub(crate) mod checks;
mod components;
pub(crate) mod fate;
mod ffmpeg;
mod files;
mod folders;
pub(crate) mod guests;
mod identical_functions;
mod inputs;
mod keys;
mod libraries;
mod licences;
mod link_map;
mod lock;
mod manifest;
mod module_file;
mod module_name;
mod module_version;
mod modules;
mod package;
mod provided;
mod sbom;
mod simd;
mod size_limit;
mod sources;
mod stack_arguments;
mod toolchain;
mod workspace;

pub(crate) use build::{build, gpl_components, verify_reproducible};
pub(crate) use module_name::{ModuleName, Profile, Variant};
pub(crate) use modules::{Choices as ModuleChoices, run as modules};
pub(crate) use sources::{archives_of, sha256_of_file};
