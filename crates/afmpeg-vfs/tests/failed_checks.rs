//! Messages of failed conformance checks.
#![cfg(feature = "conformance")]
#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use afmpeg_vfs::{
    MemFs, OpenOptions, ReadOnly, VFile, VPath, Vfs, VfsExt as _,
    conformance::{ReadOnlySuite, Suite},
    forward,
};

/// A filesystem that opens files with any options, even `/`.
#[derive(Debug)]
struct Lenient(MemFs);

#[derive(Debug)]
struct LenientFile(Box<dyn VFile>);

impl Vfs for Lenient {
    forward!(0: stat names set_times commit);

    fn open(&self, path: &VPath, options: OpenOptions) -> io::Result<Box<dyn VFile>> {
        if path.is_root() {
            return self.open(&VPath::new("/large")?, options);
        }
        let options = if options.check().is_ok() { options } else { OpenOptions::new().read(true) };
        Ok(Box::new(LenientFile(self.0.open(path, options)?)))
    }
}

impl VFile for LenientFile {
    forward!(0: write len set_len sync);

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = self.0.read_at(buf, offset)?;
        // A wrong byte far inside the file.
        let wrong = 2_000_000u64.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
        if let Some(byte) = wrong.and_then(|at| buf[..read].get_mut(at)) {
            *byte ^= 1;
        }
        Ok(read)
    }
}

/// Returns the lines with which a suite fails.
fn failures(run: impl Fn()) -> Vec<String> {
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    panic.downcast_ref::<String>().unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn failed_check_names_the_operation_the_path_and_both_results() {
    let lines = failures(|| {
        ReadOnlySuite::new(|tree| {
            let fs = MemFs::new();
            for (path, contents) in tree.files() {
                fs.create_dir_all(VPath::new(path).unwrap().parent().unwrap()).unwrap();
                fs.write(path, contents.clone()).unwrap();
            }
            Lenient(fs)
        })
        .run();
    });
    let line =
        |check: &str| lines.iter().find_map(|line| line.strip_prefix(&format!("read_only::{check}: ")));
    assert_eq!(
        line("every_file_is_read_whole"),
        Some("read /large: expected 3000001 bytes, found 3000001, which differ from byte 2000000")
    );
    let found = line("opening_requires_read_or_write_access").unwrap();
    assert!(
        found.starts_with("open /empty (no options): expected InvalidInput, found Ok(LenientFile("),
        "{found}"
    );
    let found = line("files_and_folders_are_not_interchangeable").unwrap();
    assert!(found.starts_with("open / (read): expected IsADirectory, found Ok(LenientFile("), "{found}");
    let found = line("every_change_is_refused").unwrap();
    assert!(found.starts_with("open /large (read, write): expected an error, found Ok("), "{found}");
    // The failure of a thread is that of its check.
    let found = line("concurrent_reads_are_consistent").unwrap();
    assert!(found.contains("of /large: expected"), "{found}");
    assert_eq!(line("missing_files_are_not_found"), None);
}

#[test]
fn failed_operation_is_shown_with_its_error() {
    let lines = failures(|| Suite::new(|| ReadOnly::new(MemFs::new())).run());
    let expected = "names::rename_refuses_invalid_targets: create_dir_all /dir/inner: expected success, \
                    found ReadOnlyFilesystem (read-only filesystem or storage medium)";
    assert!(lines.iter().any(|line| line == expected), "{lines:?}");
}
