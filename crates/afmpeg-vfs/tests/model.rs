//! Compares a filesystem in memory with the host on random sequences of operations.
#![cfg(all(unix, feature = "host"))]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests may panic")]

mod sequences;

use std::io::ErrorKind;

use afmpeg_vfs::{HostDir, MemFs};
use proptest::prelude::*;
use sequences::{Side, config, step};

/// If several errors apply, kernels and confined lookups report different ones of these.
fn comparable(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::NotFound | ErrorKind::AlreadyExists => kind,
        _ => ErrorKind::Other,
    }
}

/// More cases than usual, because this is the most used filesystem.
fn thousands() -> ProptestConfig {
    let config = config();
    ProptestConfig { cases: config.cases.max(2000), ..config }
}

proptest! {
    #![proptest_config(thousands())]
    #[test]
    fn memory_and_host_agree(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let (memory, host) = (MemFs::new(), HostDir::open(folder.path()).unwrap());
        let mut ours = Side { fs: &memory, handles: Vec::new() };
        let mut theirs = Side { fs: &host, handles: Vec::new() };
        for step in &steps {
            let (mine, other) = (ours.apply(step), theirs.apply(step));
            prop_assert_eq!(mine.is_ok(), other.is_ok(), "{:?}: {:?} in memory, {:?} on the host", step, mine, other);
            if let (Err(mine), Err(other)) = (mine.map_err(comparable), other.map_err(comparable)) {
                prop_assert!(
                    mine == other || [mine, other].contains(&ErrorKind::Other),
                    "{:?}: {:?} in memory, {:?} on the host", step, mine, other
                );
            }
        }
        prop_assert!(ours.open_files() == theirs.open_files());
        prop_assert_eq!(ours.state(), theirs.state());
    }
}
