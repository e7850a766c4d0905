//! Files as a guest has them: the conformance suite of `afmpeg-vfs` again, through libc and WASI.

use std::{
    io::ErrorKind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use afmpeg_engine::Error;
use afmpeg_vfs::{
    HostDir, MemFs, Mount, Overlay, ReadOnly, VPath, Vfs, VfsExt as _,
    conformance::{ReadOnlySuite, Suite},
};

use crate::{guest_fs::GuestFs, harness::guest};

#[test]
fn memory_behaves_the_same_inside_a_guest() {
    Suite::new(|| GuestFs::new(MemFs::new())).run();
}

#[test]
fn host_folder_behaves_the_same_inside_a_guest() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().to_owned();
    let made = AtomicUsize::new(0);
    Suite::new(move || {
        let fresh = folder.join(made.fetch_add(1, Ordering::Relaxed).to_string());
        std::fs::create_dir(&fresh).unwrap();
        GuestFs::new(HostDir::open(&fresh).unwrap())
    })
    .run();
}

#[test]
fn overlay_behaves_the_same_inside_a_guest() {
    Suite::new(|| GuestFs::new(Overlay::new(Arc::new(MemFs::new()), Arc::new(MemFs::new())))).run();
}

#[test]
fn read_only_filesystem_behaves_the_same_inside_a_guest() {
    ReadOnlySuite::new(|tree| {
        let fs = MemFs::new();
        for (path, contents) in tree.files() {
            fs.create_dir_all(VPath::new(path).unwrap().parent().unwrap()).unwrap();
            fs.write(path, contents.clone()).unwrap();
        }
        GuestFs::new(ReadOnly::new(fs))
    })
    .run();
}

/// Runs `wasm-build/guests/posix.c` in a folder of `work`. The same program says "ok" on Linux itself.
#[track_caller]
fn assert_posix(work: impl Vfs) {
    work.create_dir_all("/folder").unwrap();
    let mount = |fs: Mount, point: &str, mounted: Arc<dyn Vfs>| fs.mount(VPath::new(point).unwrap(), mounted);
    let read_only = MemFs::new();
    read_only.write("/file", "kept").unwrap();
    let fs = Mount::new(Arc::new(MemFs::new()));
    let fs = mount(fs, "/work", Arc::new(work));
    let fs = mount(fs, "/ro", Arc::new(ReadOnly::new(read_only)));
    let fs = mount(fs, "/full", Arc::new(MemFs::with_capacity_limit(10)));
    let said = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&said);
    let job = guest("posix").job(fs).args(["/work/folder", "with /ro and /full"]).stdin(&b"input"[..]);
    let ended = job
        .stdout(move |bytes| {
            listener.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        })
        .run();
    // The program sees ENOSPC and goes on; whoever runs it is told all the same.
    match ended {
        Err(Error::Filesystem { path, source, log, .. }) => {
            assert_eq!(
                (path.as_str(), source.kind(), &log[..]),
                ("/full/file", ErrorKind::StorageFull, &[][..])
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(String::from_utf8_lossy(&said.lock().unwrap()), "ok\n");
}

#[test]
fn memory_is_posix_to_c_programs() {
    assert_posix(MemFs::new());
}

#[test]
fn host_folder_is_posix_to_c_programs() {
    let folder = tempfile::tempdir().unwrap();
    assert_posix(HostDir::open(folder.path()).unwrap());
}

#[test]
fn overlay_is_posix_to_c_programs() {
    assert_posix(Overlay::new(Arc::new(MemFs::new()), Arc::new(MemFs::new())));
}
