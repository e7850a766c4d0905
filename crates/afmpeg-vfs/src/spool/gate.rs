//! The gate that blocks changes during and after a commit.

use std::io;

use parking_lot::{RwLock, RwLockReadGuard};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "object-store"),
    expect(dead_code, reason = "only the commit of an `ObjectFs` closes the gate")
)]
pub(crate) enum State {
    /// Changes are permitted.
    #[default]
    Open,
    /// An upload is in progress: a change might miss it.
    Committing,
    /// The spool was uploaded and replaced.
    Committed,
}

/// A lock that every change passes, so that none is lost between two commits.
#[derive(Debug, Default)]
pub(crate) struct Gate(RwLock<State>);

impl Gate {
    /// Locks the gate for a change of a file. Changes must not be nested.
    pub(crate) fn pass(&self) -> io::Result<RwLockReadGuard<'_, State>> {
        let state = self.0.read();
        match *state {
            State::Open => Ok(state),
            State::Committing => Err(busy()),
            State::Committed => Err(io::Error::new(
                io::ErrorKind::StaleNetworkFileHandle,
                "cannot write: the file was committed after it was opened; open it again",
            )),
        }
    }

    /// Fails if the gate is closed. For changes of names, during which another lock keeps the state from changing.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.pass().map(drop)
    }

    /// Sets the state, after waiting for changes in progress.
    #[cfg(feature = "object-store")]
    pub(crate) fn set(&self, state: State) {
        *self.0.write() = state;
    }
}

/// Returns the error of a change during a commit.
fn busy() -> io::Error {
    let text = "cannot write during a commit of this filesystem; write after it, or give each job its own filesystem \
                with `ObjectFs::for_job`";
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}
