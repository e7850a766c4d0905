//! The calls of a guest that take a path.

use std::sync::Arc;

use crate::{
    FaultLog, MemFs, Prefix, VPath, VfsExt as _,
    adapter::wasi::{Descriptors, Fd, FstFlags, Lookup, OFlags, OpenFlags, Rights},
};

const CANARY: &str = "the canary sings";

/// The most calls per input; more would only be slower.
const MAX_CALLS: usize = 200;

/// Runs calls, one per line: the first byte selects the call, the second its flags, and the rest is a path, or two
/// separated by `|`. No input may change files outside of the root of the guest.
pub fn paths(data: &[u8]) {
    let host = MemFs::new();
    host.create_dir_all("/jail/a/b").expect("a MemFs takes it");
    host.write("/jail/file", "own").expect("a MemFs takes it");
    host.write("/canary", CANARY).expect("a MemFs takes it");
    let jail = Prefix::new(host.clone(), VPath::new("/jail").expect("a path"));
    let fds = Descriptors::new(Arc::new(jail), FaultLog::new());
    for line in data.split(|byte| *byte == b'\n').take(MAX_CALLS) {
        let [call, options, rest @ ..] = line else { continue };
        let text = String::from_utf8_lossy(rest);
        let (one, two) = text.split_once('|').unwrap_or((&text, "other"));
        // The root, the last opened descriptor, or an invalid one.
        let dir: Fd = [Descriptors::ROOT, 4, 5, 77][usize::from(options & 3)];
        let follow = if options & 4 == 0 { Lookup::empty() } else { Lookup::SYMLINK_FOLLOW };
        match call % 11 {
            0 => drop(fds.set_current_dir(one)),
            1 => drop(fds.create_directory(dir, one)),
            2 => drop(fds.remove_directory(dir, one)),
            3 => drop(fds.unlink(dir, one)),
            4 => drop(fds.rename(dir, one, Descriptors::ROOT, two)),
            5 => drop(fds.link(dir, one, Descriptors::ROOT, two)),
            6 => drop(fds.symlink(one, dir, two)),
            7 => drop(fds.read_link(dir, one)),
            8 => drop(fds.path_filestat(dir, follow, one)),
            9 => drop(fds.path_set_times(
                dir,
                follow,
                one,
                1,
                2,
                FstFlags::from_bits_retain(u16::from(*options)),
            )),
            _ => {
                let flags =
                    [OFlags::empty(), OFlags::CREAT, OFlags::CREAT | OFlags::TRUNC, OFlags::DIRECTORY]
                        [usize::from(options >> 3 & 3)];
                let wanted = if flags == OFlags::DIRECTORY {
                    Rights::empty()
                } else {
                    Rights::FD_READ | Rights::FD_WRITE
                };
                if let Ok(fd) = fds.open(dir, one, OpenFlags::new(wanted).lookup(follow).oflags(flags)) {
                    let mut bytes = [0; CANARY.len()];
                    let read = fds.at_cursor(fd, |cursor| cursor.read(&mut bytes)).unwrap_or(0);
                    assert_ne!(&bytes[..read], CANARY.as_bytes(), "{one} leads out");
                    let _ = fds.at_cursor(fd, |cursor| cursor.write(b"own"));
                }
            }
        }
    }
    fds.close_all();
    assert_eq!(host.read("/canary").expect("it is still there"), CANARY);
    let mut names: Vec<String> = crate::Vfs::read_dir(&host, &VPath::root())
        .expect("the root is there")
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    names.sort();
    assert_eq!(names, ["canary", "jail"]);
    normal(&String::from_utf8_lossy(data));
}

/// Normalisation is idempotent, and no path leads above the root.
fn normal(text: &str) {
    let Ok(path) = VPath::new(text) else { return };
    assert_eq!(VPath::new(path.as_str()).as_ref(), Ok(&path));
    assert!(path.as_str().starts_with('/'));
    assert!(path.components().all(|name| !matches!(name, "" | "." | "..")));
    assert!(path.starts_with(&VPath::root()));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn no_sequence_of_calls_leads_out_of_the_root(
            calls in prop::collection::vec(
                (any::<u8>(), any::<u8>(), prop::collection::vec(prop::sample::select(vec![
                    "/", "/", "..", "../", ".", "a", "b", "file", "canary", "jail", "|", "link", "link", "//", "\u{e9}", "\0",
                ]), 0..8)),
                0..30,
            ),
        ) {
            let line = |(call, options, names): &(u8, u8, Vec<&str>)| [&[*call, *options], names.concat().as_bytes(), b"\n"].concat();
            paths(&calls.iter().flat_map(line).collect::<Vec<u8>>());
        }

        #[test]
        fn no_bytes_are_a_path_that_leads_out(data in prop::collection::vec(any::<u8>(), 0..300)) {
            paths(&data);
        }
    }
}
