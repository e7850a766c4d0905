//! Blocks: a nonce, the encrypted bytes, and a tag that authenticates them.

use std::{fmt, io};

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};

/// The length of a block, in bytes. The last block of a file may be shorter, and is never empty.
pub(crate) const BLOCK: usize = 16 << 10;

/// The bytes that a stored block has in addition: the nonce and the tag.
const ADDED: usize = NONCE_LEN + 16;

/// The length of a stored block, in bytes.
pub(crate) const STORED_BLOCK: usize = BLOCK + ADDED;

pub(crate) struct Cipher {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        // The key has the length of the algorithm.
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).unwrap_or_else(|_| unreachable!("32 bytes"));
        Self { key: LessSafeKey::new(key), random: SystemRandom::new() }
    }

    /// Encrypts the block with this number.
    pub(crate) fn seal(&self, number: u64, block: &[u8]) -> io::Result<Vec<u8>> {
        let failed = |_| io::Error::other("cannot encrypt a block");
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(failed)?;
        let mut encrypted = block.to_vec();
        let (nonce_used, place) = (Nonce::assume_unique_for_key(nonce), Aad::from(number.to_le_bytes()));
        self.key.seal_in_place_append_tag(nonce_used, place, &mut encrypted).map_err(failed)?;
        Ok([&nonce[..], &encrypted].concat())
    }

    /// Decrypts the block with this number.
    ///
    /// # Errors
    ///
    /// `InvalidData` unless `stored` was encrypted with this key at this place.
    pub(crate) fn open(&self, number: u64, mut stored: Vec<u8>) -> io::Result<Vec<u8>> {
        let changed = || {
            let message = format!("block {number} was changed, or encrypted with another key");
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        let (nonce, encrypted) = stored.split_at_mut_checked(NONCE_LEN).ok_or_else(changed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| changed())?;
        let place = Aad::from(number.to_le_bytes());
        self.key.open_in_place(nonce, place, encrypted).map(|block| block.to_vec()).map_err(|_| changed())
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cipher").finish_non_exhaustive()
    }
}

/// Returns the length of a file whose blocks take `stored` bytes.
pub(crate) fn len_of(stored: u64) -> io::Result<u64> {
    let (blocks, rest) = (stored / STORED_BLOCK as u64, stored % STORED_BLOCK as u64);
    match rest {
        0 => Ok(blocks * BLOCK as u64),
        rest if rest > ADDED as u64 => Ok(blocks * BLOCK as u64 + rest - ADDED as u64),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the file is cut off, or was not encrypted")),
    }
}

/// Returns the bytes that the blocks of a file take.
pub(crate) fn stored_len(len: u64) -> u64 {
    let (blocks, rest) = (len / BLOCK as u64, len % BLOCK as u64);
    blocks * STORED_BLOCK as u64 + if rest == 0 { 0 } else { rest + ADDED as u64 }
}
