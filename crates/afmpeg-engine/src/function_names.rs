//! The names of a module's functions, which a job needs only after a trap.
//!
//! As a part of wasmer's metadata, the names of FFmpeg's 28,000 functions took half of the time to load an artifact.

use std::{borrow::Cow, collections::BTreeMap, fs, io};

#[cfg(any(feature = "cranelift", feature = "llvm"))]
use wasmer::sys::{FunctionMiddleware, ModuleMiddleware};
#[cfg(any(feature = "cranelift", feature = "llvm"))]
use wasmer_types::{LocalFunctionIndex, MiddlewareError, ModuleInfo};

use crate::file_part::{Extent, FilePart};

/// Names by the index of the function.
type Names = BTreeMap<u32, String>;

/// The names, or the part of an artifact that has them in JSON.
#[derive(Debug)]
pub(crate) enum FunctionNames {
    #[cfg_attr(not(any(feature = "cranelift", feature = "llvm")), expect(dead_code))]
    Known(Names),
    InFile(FilePart),
}

/// Removes the names from a module.
#[cfg(any(feature = "cranelift", feature = "llvm"))]
#[derive(Debug)]
pub(crate) struct Unnamed;

#[cfg(any(feature = "cranelift", feature = "llvm"))]
impl ModuleMiddleware for Unnamed {
    fn transform_module_info(&self, module: &mut ModuleInfo) -> Result<(), MiddlewareError> {
        module.function_names.clear();
        Ok(())
    }

    fn generate_function_middleware<'a>(
        &self,
        _: LocalFunctionIndex,
    ) -> Box<dyn FunctionMiddleware<'a> + 'a> {
        Box::new(Unchanged)
    }
}

#[cfg(any(feature = "cranelift", feature = "llvm"))]
#[derive(Debug)]
struct Unchanged;

#[cfg(any(feature = "cranelift", feature = "llvm"))]
impl FunctionMiddleware<'_> for Unchanged {}

impl FunctionNames {
    /// Reads the names that a module has, in its section `name`.
    #[cfg(any(feature = "cranelift", feature = "llvm"))]
    pub(crate) fn of_module(module: &[u8]) -> Self {
        use wasmer::sys::wasmparser::{KnownCustom, Name, Parser, Payload};

        let mut names = Names::new();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            let Payload::CustomSection(section) = payload else { continue };
            let KnownCustom::Name(subsections) = section.as_known() else { continue };
            for subsection in subsections.into_iter().map_while(Result::ok) {
                let Name::Function(functions) = subsection else { continue };
                let functions = functions.into_iter().map_while(Result::ok);
                names.extend(functions.map(|function| (function.index, function.name.to_owned())));
            }
        }
        Self::Known(names)
    }

    /// Opens the names that [`to_json`](Self::to_json) wrote to a part of a file.
    pub(crate) fn open(file: &fs::File, extent: Extent) -> io::Result<Self> {
        FilePart::new(file, extent).map(Self::InFile)
    }

    pub(crate) fn to_json(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(&*self.load()?)?)
    }

    /// Returns the name of each function, or its number where it has none.
    pub(crate) fn of(&self, functions: impl Iterator<Item = u32>) -> Vec<String> {
        let names = self.load().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot read the names of the module's functions");
            Cow::default()
        });
        let name = |function: u32| names.get(&function).cloned();
        functions.map(|function| name(function).unwrap_or_else(|| format!("function {function}"))).collect()
    }

    fn load(&self) -> io::Result<Cow<'_, Names>> {
        match self {
            Self::Known(names) => Ok(Cow::Borrowed(names)),
            Self::InFile(part) => Ok(Cow::Owned(serde_json::from_slice(&part.read()?)?)),
        }
    }
}
