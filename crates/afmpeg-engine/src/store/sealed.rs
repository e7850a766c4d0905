//! JSON with its hash: one wrong bit may be another number, and still JSON.

use std::io;

use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::Store;

/// The length of a sha256 in hexadecimal.
const SEAL: usize = 64;

impl Store {
    /// Reads the value that [`keep_sealed`](Self::keep_sealed) kept under this name, unless it is damaged.
    pub(crate) fn read_sealed<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let kept = self.read(name)?;
        let value = unseal(&kept).and_then(|json| serde_json::from_slice(json).ok());
        if value.is_none() {
            tracing::warn!(name, "a file of the cache is damaged: it is made again");
        }
        value
    }

    /// Keeps a value under this name.
    pub(crate) fn keep_sealed<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        self.keep(name, &seal(&serde_json::to_vec(value)?))
    }
}

fn hash(json: &[u8]) -> String {
    hex::encode(Sha256::digest(json))
}

fn seal(json: &[u8]) -> Vec<u8> {
    [hash(json).as_bytes(), json].concat()
}

fn unseal(kept: &[u8]) -> Option<&[u8]> {
    let (seal, json) = kept.split_at_checked(SEAL)?;
    (hash(json).as_bytes() == seal).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_bit_breaks_the_seal() {
        let kept = seal(br#"{"format": 1}"#);
        assert_eq!(unseal(&kept), Some(br#"{"format": 1}"#.as_slice()));
        for byte in 0..kept.len() {
            let mut damaged = kept.clone();
            damaged[byte] ^= 1;
            assert_eq!(unseal(&damaged), None, "byte {byte}");
        }
        for len in 0..kept.len() {
            assert_eq!(unseal(&kept[..len]), None, "cut to {len}");
        }
    }
}
