//! The publisher's keys, and the signature of a release.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use afmpeg_types::release::{INDEX, ReleaseIndex, SIGNATURE};
use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use crate::failure::Failure;

pub(super) struct Keys {
    secret: SecretKey,
    public: PublicKey,
}

impl Keys {
    /// Reads the secret key, or creates a pair.
    pub(super) fn read_or_create(path: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            return Self::read(path);
        }
        let KeyPair { pk, sk } = KeyPair::generate_unencrypted_keypair()?;
        let folder = path.parent().context("a file has a folder")?;
        fs::create_dir_all(folder)?;
        // Only the owner can read a temporary file, and so the key.
        let secret = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(secret.path(), sk.to_box(None)?.to_string())?;
        secret.persist_noclobber(path).with_context(|| format!("cannot write {}", path.display()))?;
        let public = public_path(path);
        fs::write(&public, pk.to_box()?.to_string())
            .with_context(|| format!("cannot write {}", public.display()))?;
        println!("{} and {} are a new pair of keys.", path.display(), public.display());
        Ok(Self { secret: sk, public: pk })
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let read = || -> anyhow::Result<Self> {
            let text = fs::read_to_string(path)?;
            let secret = SecretKeyBox::from_string(&text)?.into_unencrypted_secret_key()?;
            Ok(Self { public: PublicKey::from_secret_key(&secret)?, secret })
        };
        read().map_err(|error| {
            Failure::new(
                format!("cannot use the secret key {}: {error}", path.display()),
                "create one without a password: `minisign -G -W`, or let this command create it",
            )
            .into()
        })
    }

    pub(super) fn public_text(&self) -> String {
        self.public.to_base64()
    }

    /// Writes the index of a release, and its signature.
    pub(super) fn sign(&self, folder: &Path, index: &ReleaseIndex) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(index)?;
        let comment = format!("afmpeg release {}", index.serial);
        let signature =
            minisign::sign(Some(&self.public), &self.secret, text.as_bytes(), Some(&comment), None)?;
        fs::write(folder.join(INDEX), text)?;
        Ok(fs::write(folder.join(SIGNATURE), signature.to_string())?)
    }

    /// Returns whether the index of a release has a signature of these keys.
    pub(super) fn have_signed(&self, folder: &Path) -> anyhow::Result<bool> {
        let index = io::Cursor::new(fs::read(folder.join(INDEX))?);
        let signature = SignatureBox::from_string(&fs::read_to_string(folder.join(SIGNATURE))?)?;
        let (is_quiet, prints_index, allows_legacy) = (true, false, false);
        Ok(minisign::verify(&self.public, &signature, index, is_quiet, prints_index, allows_legacy).is_ok())
    }
}

/// Returns the file of the secret key: the given one, or that of the user, which outlives a checkout.
pub(super) fn path(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let base = etcetera::choose_base_strategy()
        .context("cannot find the user's configuration folder; pass --key")?;
    Ok(base.config_dir().join("afmpeg").join("release-key"))
}

/// Returns the public key beside a secret one.
pub(super) fn public_text(secret: &Path) -> anyhow::Result<String> {
    let path = public_path(secret);
    let text = fs::read_to_string(&path).map_err(|error| {
        Failure::new(
            format!("cannot read the public key {}: {error}", path.display()),
            "pass the key of the release with --key, as for `cargo xtask dist`",
        )
    })?;
    Ok(PublicKeyBox::from_string(&text)?.into_public_key()?.to_base64())
}

fn public_path(secret: &Path) -> PathBuf {
    let mut path = secret.as_os_str().to_owned();
    path.push(".pub");
    path.into()
}

#[cfg(test)]
mod tests {
    use afmpeg_types::release::FORMAT;

    use super::*;

    #[test]
    fn signature_is_that_of_the_keys_and_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let keys = |name: &str| Keys::read_or_create(&folder.path().join(name)).unwrap();
        let (own, other) = (keys("own"), keys("other"));
        let index = ReleaseIndex {
            format: FORMAT,
            serial: 7,
            afmpeg: "^0.2".to_owned(),
            files: Vec::new(),
            modules: Vec::new(),
            programs: Vec::new(),
        };
        own.sign(folder.path(), &index).unwrap();
        assert!(own.have_signed(folder.path()).unwrap());
        assert!(!other.have_signed(folder.path()).unwrap());
        fs::write(folder.path().join(INDEX), "{}").unwrap();
        assert!(!own.have_signed(folder.path()).unwrap());
    }
}
