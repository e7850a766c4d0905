//! What the module has, from the cache or else from the module.

use afmpeg_vfs::MemFs;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{CAPABILITIES_FORMAT, Capabilities};
use crate::{Error, Limits, Result, Runtime, Tool, cache::Cache};

/// What `runtime`'s module has: from the cache, or else from a run of the module within `limits`.
pub(crate) fn read(runtime: &Runtime, cache: Option<&Cache>, limits: &Limits) -> Result<Capabilities> {
    read_or_run(cache, runtime.module_sha256(), || {
        let job = runtime.job(MemFs::new()).tool(Tool::Capabilities).limits(limits.clone());
        Ok(job.run()?.into_stdout())
    })
}

/// What the cache has of the module with this hash: nothing is run.
pub(crate) fn kept(cache: &Cache, module_sha256: &str) -> Option<Capabilities> {
    let name = file_name(module_sha256);
    let kept = cache.read(&name)?;
    let capabilities = sealed_json(&kept).and_then(|json| Capabilities::from_json(json).ok());
    if capabilities.is_none() {
        tracing::warn!(name, "what the cache has of the module is damaged");
    }
    capabilities
}

/// Whether the cache has a file of the module with this hash, sound or not.
pub(crate) fn is_kept(cache: &Cache, module_sha256: &str) -> bool {
    cache.has(&file_name(module_sha256))
}

fn file_name(module_sha256: &str) -> String {
    format!("{module_sha256}-{CAPABILITIES_FORMAT}.capabilities")
}

fn read_or_run(
    cache: Option<&Cache>,
    module_sha256: &str,
    run: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<Capabilities> {
    if let Some(capabilities) = cache.and_then(|cache| kept(cache, module_sha256)) {
        return Ok(capabilities);
    }
    let json = run()?;
    let capabilities =
        Capabilities::from_json(&json).map_err(|source| Error::CapabilitiesOutput { source })?;
    // Without the cache it works as well, a little later.
    let name = file_name(module_sha256);
    if let Some(Err(error)) = cache.map(|cache| cache.keep(&name, &seal(&json))) {
        tracing::warn!(name, %error, "cannot keep what the module has");
    }
    Ok(capabilities)
}

/// A value that [`keep_sealed`] wrote, if it is here and whole.
pub(crate) fn read_sealed<T: DeserializeOwned>(cache: &Cache, name: &str) -> Option<T> {
    serde_json::from_slice(sealed_json(&cache.read(name)?)?).ok()
}

/// Keeps a value with its hash.
pub(crate) fn keep_sealed<T: Serialize>(cache: &Cache, name: &str, value: &T) -> std::io::Result<()> {
    cache.keep(name, &seal(&serde_json::to_vec(value)?))
}

/// The length of a sha256 in hexadecimal.
const SEAL: usize = 64;

fn hash(json: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(json).iter().fold(String::with_capacity(SEAL), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The JSON after its hash: one wrong bit may be another number, and still JSON.
fn seal(json: &[u8]) -> Vec<u8> {
    [hash(json).as_bytes(), json].concat()
}

fn sealed_json(kept: &[u8]) -> Option<&[u8]> {
    let (seal, json) = kept.split_at_checked(SEAL)?;
    (hash(json).as_bytes() == seal).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a module without anything would print.
    fn nothing() -> String {
        serde_json::to_string(&Capabilities { format: CAPABILITIES_FORMAT, ..Capabilities::default() })
            .unwrap()
    }

    #[test]
    fn module_is_run_once_and_again_when_what_is_kept_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path().join("private"), true).unwrap();
        let mut runs = 0;
        let mut read = |answer: &str| {
            read_or_run(Some(&cache), "abc", || {
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
        let cache = Cache::open(folder.path().join("private"), true).unwrap();
        for answer in ["", "[]", r#"{"format": 2}"#, r#"{"format": 1}"#] {
            let error = read_or_run(Some(&cache), "abc", || Ok(answer.as_bytes().to_vec())).unwrap_err();
            assert!(matches!(error, Error::CapabilitiesOutput { .. }) && error.hint().is_some(), "{error}");
        }
        assert!(cache.read("abc-1.capabilities").is_none());
    }

    #[test]
    fn one_wrong_bit_breaks_the_seal() {
        let kept = seal(br#"{"format": 1}"#);
        assert_eq!(sealed_json(&kept), Some(br#"{"format": 1}"#.as_slice()));
        for byte in 0..kept.len() {
            let mut damaged = kept.clone();
            damaged[byte] ^= 1;
            assert_eq!(sealed_json(&damaged), None, "byte {byte}");
        }
        for len in 0..kept.len() {
            assert_eq!(sealed_json(&kept[..len]), None, "cut to {len}");
        }
    }
}
