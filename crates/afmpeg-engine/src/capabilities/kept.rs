//! The capabilities of a module, kept in the store so that the module is run once for them.

use afmpeg_types::Capabilities;

use crate::{
    error::{Error, Result},
    store::Store,
};

/// Returns the capabilities of the module with this hash: from the store, or else from the JSON that `run` returns.
pub(crate) fn read_or_run(
    store: Option<&Store>,
    module_sha256: &str,
    run: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<Capabilities> {
    if let Some(capabilities) = store.and_then(|store| kept(store, module_sha256)) {
        return Ok(capabilities);
    }
    let json = run()?;
    let capabilities =
        Capabilities::from_json(&json).map_err(|source| Error::CapabilitiesOutput { source })?;
    let name = file_name(module_sha256);
    // Without the store, the next runtime runs the module again.
    if let Some(Err(error)) = store.map(|store| store.keep_sealed(&name, &capabilities)) {
        tracing::warn!(name, %error, "cannot keep the capabilities of the module");
    }
    Ok(capabilities)
}

/// Returns the capabilities that the store has for the module with this hash. The module is not run.
pub(crate) fn kept(store: &Store, module_sha256: &str) -> Option<Capabilities> {
    store.read_sealed(&file_name(module_sha256))
}

/// Whether the store has a file for the module with this hash, sound or damaged.
pub(crate) fn is_kept(store: &Store, module_sha256: &str) -> bool {
    store.has(&file_name(module_sha256))
}

fn file_name(module_sha256: &str) -> String {
    format!("{module_sha256}-{}.capabilities", Capabilities::FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output of a module without components.
    fn nothing() -> String {
        serde_json::to_string(&Capabilities::default()).unwrap()
    }

    #[test]
    fn module_is_run_once_and_again_when_what_is_kept_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("private"), true).unwrap();
        let mut runs = 0;
        let mut read = |answer: &str| {
            read_or_run(Some(&store), "abc", || {
                runs += 1;
                Ok(answer.as_bytes().to_vec())
            })
        };
        let first = read(&nothing()).unwrap();
        assert_eq!(read("it is not run").unwrap(), first);

        let file = folder.path().join("private/abc-1.capabilities");
        let whole = std::fs::read(&file).unwrap();
        for damage in [&whole[..whole.len() / 2], b"", b"{}"] {
            std::fs::write(&file, damage).unwrap();
            assert_eq!(read(&nothing()).unwrap(), first);
            assert_eq!(std::fs::read(&file).unwrap(), whole, "it is written again");
        }
        assert_eq!(runs, 4);
    }

    #[test]
    fn answer_of_another_form_is_refused_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("private"), true).unwrap();
        for answer in ["", "[]", r#"{"format": 2}"#, r#"{"format": 1}"#] {
            let error = read_or_run(Some(&store), "abc", || Ok(answer.as_bytes().to_vec())).unwrap_err();
            assert!(matches!(error, Error::CapabilitiesOutput { .. }) && error.hint().is_some(), "{error}");
        }
        assert!(store.read("abc-1.capabilities").is_none());
    }
}
