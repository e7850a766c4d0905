//! The accounted length of each open file.

use std::sync::{Arc, atomic::AtomicU64};

use parking_lot::Mutex;

use crate::{
    VPath,
    identity::{ByIdentity, Identity},
};

/// The accounts of files that are open, or about to lose a name.
#[derive(Debug, Default)]
pub(super) struct Accounts(pub(super) Mutex<ByIdentity<Arc<Account>>>);

impl Accounts {
    /// Moves the accounts of files that are identified by path along with a rename.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        self.0.lock().rename(from, to, |path, account| {
            *account.identity.lock() = Some(Identity::Path(path.clone()));
        });
    }
}

#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) state: Mutex<State>,
    /// The number of reservations; changed under the lock of all accounts. It is not part of the state: the holder of
    /// that lock may wait for the file, and must not make all accounts wait.
    pub(super) held: AtomicU64,
    /// The key of this account in the map, while it is there; changed under the lock of all accounts.
    pub(super) identity: Mutex<Option<Identity>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The accounted length; at least the actual length while changes are in progress.
    pub(super) len: Option<u64>,
    /// The number of changes in progress.
    pub(super) changing: u32,
    /// The number of changes that have begun.
    pub(super) begun: u64,
    /// Whether the length must be read again.
    pub(super) unsure: bool,
    /// Whether the bytes are released with the last handle.
    pub(super) unlinked: bool,
}
