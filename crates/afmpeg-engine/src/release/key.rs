use std::{fmt, str::FromStr};

use minisign_verify::{PublicKey, Signature};

/// The public key of the publisher of a release.
///
/// It is read from the text that minisign writes: its line of base64, or the whole file.
///
/// ```
/// use afmpeg_engine::ReleaseKey;
///
/// let key: ReleaseKey = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3".parse()?;
/// assert!("not a key".parse::<ReleaseKey>().is_err());
/// # Ok::<(), afmpeg_engine::ParseReleaseKeyError>(())
/// ```
#[derive(Clone)]
pub struct ReleaseKey {
    key: PublicKey,
    id: String,
}

/// The error returned for a text that is not a public key of minisign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a public key of minisign, which starts with RW, found {0:?}")]
pub struct ParseReleaseKeyError(String);

impl ReleaseKey {
    /// A name for files that belong to this key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns whether `signature` is a signature of `bytes` with this key.
    pub(super) fn has_signed(&self, bytes: &[u8], signature: &str) -> bool {
        Signature::decode(signature).is_ok_and(|signature| self.key.verify(bytes, &signature, false).is_ok())
    }
}

impl FromStr for ReleaseKey {
    type Err = ParseReleaseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseReleaseKeyError(text.trim().to_owned());
        // The line before it is a comment.
        let line = text.trim().lines().last().ok_or_else(error)?.trim();
        let key = PublicKey::from_base64(line).map_err(|_| error())?;
        let id = blake3::hash(line.as_bytes()).to_hex()[..16].to_owned();
        Ok(Self { key, id })
    }
}

impl fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReleaseKey").field(&self.id).finish()
    }
}
