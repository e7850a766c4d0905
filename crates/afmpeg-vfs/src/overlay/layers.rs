use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use parking_lot::{Mutex, RwLock};

use super::{names::Names, readers::Readers};
use crate::{VPath, Vfs};

/// The two filesystems of an overlay, and the state that joins them.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) lower: Arc<dyn Vfs>,
    pub(super) upper: Arc<dyn Vfs>,
    /// Locked for reading while a path is resolved and opened, and for writing while names change.
    pub(super) names: RwLock<Names>,
    /// The readers of files that exist only in lower, which switch to the copy of a file that is copied up.
    pub(super) readers: Readers,
    /// How many names each file of lower has lost, by inode number.
    pub(super) gone: Mutex<HashMap<u64, u64>>,
    /// The names of files in lower that have several, by inode number of lower; initialised on first use.
    pub(super) linked: OnceLock<HashMap<u64, Vec<VPath>>>,
}
