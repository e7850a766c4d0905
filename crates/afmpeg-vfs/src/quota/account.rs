//! How long each file is for the quota, while somebody has to do with it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;

use super::Ledger;
use crate::{
    Metadata, VPath,
    identity::{ByIdentity, Identity},
};

/// The accounts of those files that are open, or about to lose a name.
#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<ByIdentity<Arc<Account>>>);

impl Accounts {
    /// Follows a rename where files are told apart by path.
    pub(super) fn rename(&self, from: &VPath, to: &VPath) {
        self.0.lock().rename(from, to, |path, account| {
            *account.identity.lock() = Some(Identity::Path(path.clone()));
        });
    }
}

#[derive(Debug, Default)]
struct Account {
    state: Mutex<State>,
    /// How many holds there are on it; changed under the lock of all accounts. Not in the state: whoever holds that
    /// may wait for the file, and all accounts must not wait with it.
    held: AtomicU64,
    /// What it is among all accounts, while it is one of them; changed under their lock.
    identity: Mutex<Option<Identity>>,
}

#[derive(Debug, Default)]
struct State {
    /// What the totals count for this file; at least its length while changes are under way.
    len: Option<u64>,
    /// How many changes are under way.
    changing: u32,
    /// How many changes have begun.
    begun: u64,
    /// Whether the length has to be asked for.
    unsure: bool,
    /// Whether its bytes go back when nobody has it open any more.
    unlinked: bool,
}

/// A hold on an account. With the last one the account ends.
#[derive(Debug)]
pub(super) struct Reservation {
    ledger: Arc<Ledger>,
    account: Arc<Account>,
    /// Whether the file is kept in this process's memory.
    in_memory: bool,
}

impl Reservation {
    /// The account of the file with this metadata; `len` asks for its length.
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
        // Asked for while nobody else can begin to change it. Those who open the same file wait, once.
        if state.len.is_none() {
            state.len = Some(len()?);
        }
        drop(state);
        Ok(held)
    }

    /// Begins a change after which the file is as long as `end` says for the length that it has, if that is longer.
    /// Returns that end.
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
            let text = format!("{path}: it would become longer than the limit of {max_len} bytes for a file");
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

    /// Ends a change. If not everything came as it was charged, and no other change is under way that would ask, the
    /// file is asked by `len` how long it is now.
    pub(super) fn end(&self, exact: bool, len: impl FnOnce() -> io::Result<u64>) {
        let mut state = self.account.state.lock();
        state.changing -= 1;
        state.unsure |= !exact;
        if !state.unsure || state.changing > 0 {
            return;
        }
        let begun = state.begun;
        drop(state);
        // Nobody waits for the answer. If it does not come, the next change asks.
        let Ok(len) = len() else { return };
        let mut state = self.account.state.lock();
        if state.begun == begun && state.changing == 0 {
            self.ledger.settle_bytes(state.len.unwrap_or(len), len, self.in_memory);
            state.len = Some(len);
            state.unsure = false;
        }
    }

    /// Its last name is gone.
    pub(super) fn unlinked(&self) {
        self.account.state.lock().unlinked = true;
        // The next file of that path is another one.
        let mut accounts = self.ledger.accounts.0.lock();
        let is_path = matches!(&*self.account.identity.lock(), Some(Identity::Path(_)));
        if is_path {
            self.take_out(&mut accounts);
        }
    }
}

impl Reservation {
    /// Takes the account out of `accounts`, unless another one has its place by now.
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
