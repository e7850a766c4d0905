//! The symbols and the debug information of compiled code, a fifth of an artifact.
//!
//! No job needs them: the engine has the names of functions itself, and does not report places in them. wasmer reads the
//! table of symbols twice whenever it loads an artifact, and the debug information after a trap.

use std::borrow::Cow;

use object::{
    build::elf::{Builder, SectionData},
    elf::ELFMAG,
};

/// Whether an artifact has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbols {
    /// All, for a profiler.
    Kept,
    Removed,
}

/// Returns the code without them. Code in wasmer's own format has none.
pub(crate) fn strip(code: &[u8]) -> object::build::Result<Cow<'_, [u8]>> {
    if !code.starts_with(&ELFMAG) {
        return Ok(code.into());
    }
    let mut elf = Builder::read(code)?;
    for section in elf.sections.iter_mut() {
        let is_symbols = matches!(section.data, SectionData::Symbol | SectionData::String);
        section.delete = is_symbols || section.name.starts_with(b".debug_");
    }
    elf.symbols.iter_mut().for_each(|symbol| symbol.delete = true);
    let mut stripped = Vec::with_capacity(code.len());
    elf.write(&mut stripped)?;
    Ok(stripped.into())
}
