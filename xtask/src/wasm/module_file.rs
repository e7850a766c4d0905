//! The imports of a linked module, which are all that it can reach.

use anyhow::Context as _;
use wasmparser::{Parser, Payload};

use crate::failure::Failure;

/// The namespaces of WASI and WASIX.
const WASI: &[&str] = &["wasi_snapshot_preview1", "wasix_32v1", "wasi"];

/// The imports of a module, as `namespace.name`, sorted.
pub(super) fn imports(wasm: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload.context("the linked module cannot be read")? {
            for import in section.into_imports() {
                let import = import?;
                imports.push(format!("{}.{}", import.module, import.name));
            }
        }
    }
    imports.sort();
    Ok(imports)
}

/// Fails unless a module imports only WASI, its memory, and the symbols that the engine supplies.
pub(super) fn check_imports(imports: &[String], allowed_undefined: &str) -> anyhow::Result<()> {
    let supplied: Vec<&str> = allowed_undefined.lines().collect();
    let stray: Vec<&str> = imports
        .iter()
        .map(String::as_str)
        .filter(|import| {
            let (namespace, name) = import.split_once('.').unwrap_or((import, ""));
            !WASI.contains(&namespace)
                && !(namespace == "env" && (name == "memory" || supplied.contains(&name)))
        })
        .collect();
    if stray.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        format!("the module imports symbols that the engine does not supply: {}", stray.join(", ")),
        "add the library that defines them, or configure it for this system",
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wasi_memory_and_symbols_of_the_engine_may_be_imported() {
        let allowed = "__wasm_longjmp\n";
        let imports = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        check_imports(&imports(&["env.memory", "env.__wasm_longjmp", "wasix_32v1.thread_spawn_v2"]), allowed)
            .unwrap();
        let error =
            check_imports(&imports(&["env.memory", "env.getaddrinfo"]), allowed).unwrap_err().to_string();
        assert!(error.contains("env.getaddrinfo"), "{error}");
    }
}
