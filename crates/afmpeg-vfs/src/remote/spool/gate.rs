//! Whether what is written may still change.

use std::io;

use parking_lot::{RwLock, RwLockReadGuard};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// It may change.
    #[default]
    Open,
    /// It is being uploaded: a change now might or might not be part of that.
    Committing,
    /// It was uploaded, and nobody will look at it again.
    Committed,
}

/// What every change passes, so that none is lost between two commits without an error.
#[derive(Debug, Default)]
pub(crate) struct Gate(RwLock<State>);

impl Gate {
    /// Held during a change of a file. No change is part of another one.
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

    /// Fails where [`pass`](Self::pass) does: for a change of names, beside which the state does not change.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.pass().map(drop)
    }

    /// Waits for the changes that are under way.
    pub(crate) fn set(&self, state: State) {
        *self.0.write() = state;
    }
}

/// Why there is no change during a commit.
fn busy() -> io::Error {
    let text = "cannot write: a commit of this filesystem is under way; write after it, or give each job a filesystem \
                of its own with `ObjectFs::for_job`";
    io::Error::new(io::ErrorKind::ResourceBusy, text)
}
