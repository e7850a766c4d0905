//! References to the accounts of files.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
};

use super::{account::Account, ledger::Ledger};
use crate::{
    Metadata, VPath,
    identity::{ByIdentity, Identity},
};

/// A reference to an account. The last one removes it.
#[derive(Debug)]
pub(super) struct Reservation {
    ledger: Arc<Ledger>,
    account: Arc<Account>,
    /// Whether the file is stored in the memory of this process.
    in_memory: bool,
}

impl Reservation {
    /// Opens the account of a file with this metadata; `len` reads its length.
    pub(super) fn open(
        ledger: &Arc<Ledger>,
        metadata: &Metadata,
        path: &VPath,
        in_memory: bool,
        len: impl FnOnce() -> io::Result<u64>,
    ) -> io::Result<Self> {
        let identity = Identity::of(metadata, path);
        let mut accounts = ledger.accounts.0.lock();
        let account = Arc::clone(accounts.or_default(&identity));
        *account.identity.lock() = Some(identity);
        account.held.fetch_add(1, Ordering::Relaxed);
        drop(accounts);
        let held = Self { ledger: Arc::clone(ledger), account, in_memory };
        let mut state = held.account.state.lock();
        // Read under the lock, so that no change can begin. Concurrent opens of the file wait for it, once.
        if state.len.is_none() {
            state.len = Some(len()?);
        }
        drop(state);
        Ok(held)
    }

    /// Begins a change that may extend the file to `end`, which is a function of the current length. Returns that end.
    pub(super) fn begin(
        &self,
        path: &VPath,
        max_len: u64,
        end: impl FnOnce(u64) -> Option<u64>,
    ) -> io::Result<u64> {
        let mut state = self.account.state.lock();
        let len = state.len.unwrap_or(0);
        let end = end(len);
        let Some(end) = end.filter(|end| *end <= max_len.max(len)) else {
            let text = format!("{path}: the file would exceed the limit of {max_len} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        };
        if end > len {
            self.ledger.charge_bytes(end - len, path, self.in_memory)?;
            state.len = Some(end);
        }
        state.changing += 1;
        state.begun += 1;
        Ok(end)
    }

    /// Ends a change. If the file may not have the charged length, and no other change is in progress, the length is
    /// read by `len`.
    pub(super) fn end(&self, exact: bool, len: impl FnOnce() -> io::Result<u64>) {
        let mut state = self.account.state.lock();
        state.changing -= 1;
        state.unsure |= !exact;
        if !state.unsure || state.changing > 0 {
            return;
        }
        let begun = state.begun;
        drop(state);
        // The length is read without a lock. If this fails, the next change reads it.
        let Ok(len) = len() else { return };
        let mut state = self.account.state.lock();
        if state.begun == begun && state.changing == 0 {
            self.ledger.settle_bytes(state.len.unwrap_or(len), len, self.in_memory);
            state.len = Some(len);
            state.unsure = false;
        }
    }

    /// Marks the file as unlinked.
    pub(super) fn unlinked(&self) {
        self.account.state.lock().unlinked = true;
        // The next file of that path is a new one.
        let mut accounts = self.ledger.accounts.0.lock();
        let is_path = matches!(&*self.account.identity.lock(), Some(Identity::Path(_)));
        if is_path {
            self.take_out(&mut accounts);
        }
    }
}

impl Reservation {
    /// Removes the account from the map, unless another account has replaced it.
    fn take_out(&self, accounts: &mut ByIdentity<Arc<Account>>) {
        if let Some(identity) = &*self.account.identity.lock()
            && accounts.get(identity).is_some_and(|account| Arc::ptr_eq(account, &self.account))
        {
            accounts.remove(identity);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut accounts = self.ledger.accounts.0.lock();
        if self.account.held.fetch_sub(1, Ordering::Relaxed) > 1 {
            return;
        }
        let state = self.account.state.lock();
        if state.unlinked {
            self.ledger.settle_bytes(state.len.unwrap_or(0), 0, self.in_memory);
        }
        self.take_out(&mut accounts);
    }
}
