//! Every public type can be shared among threads.

use afmpeg_vfs::{
    Access, Allowance, Change, DevFs, DirEntry, Fault, FaultLog, FaultRule, Faulty, FileStats, MemFs,
    MemoryBudget, Metadata, Mount, Observe, OpenOptions, Operation, Overlay, PathError, Prefix, Quota,
    ReadOnly, SymlinkLoop, Usage, VFile, VPath, Vfs,
};

fn send_sync<T: Send + Sync + ?Sized>() {}

#[test]
fn filesystems_and_wrappers_are_send_and_sync() {
    send_sync::<dyn Vfs>();
    send_sync::<dyn VFile>();
    send_sync::<DevFs>();
    send_sync::<MemFs>();
    send_sync::<Mount>();
    send_sync::<Overlay>();
    send_sync::<Faulty<MemFs>>();
    send_sync::<Observe<MemFs>>();
    send_sync::<Prefix<MemFs>>();
    send_sync::<Quota<MemFs>>();
    send_sync::<ReadOnly<MemFs>>();
    #[cfg(feature = "trace")]
    send_sync::<afmpeg_vfs::Trace<MemFs>>();
    #[cfg(feature = "embed")]
    send_sync::<afmpeg_vfs::EmbedFs>();
    #[cfg(feature = "host")]
    {
        send_sync::<afmpeg_vfs::HostDir>();
        send_sync::<afmpeg_vfs::HostFile>();
    }
    #[cfg(feature = "http")]
    {
        send_sync::<afmpeg_vfs::HttpFs>();
        send_sync::<afmpeg_vfs::HttpFsBuilder>();
    }
    #[cfg(feature = "object-store")]
    {
        send_sync::<afmpeg_vfs::ObjectFs>();
        send_sync::<afmpeg_vfs::ObjectFsBuilder>();
    }
    #[cfg(feature = "tar")]
    send_sync::<afmpeg_vfs::TarFs>();
    #[cfg(feature = "zip")]
    send_sync::<afmpeg_vfs::ZipFs>();
    #[cfg(any(feature = "tar", feature = "zip"))]
    send_sync::<afmpeg_vfs::Archive>();
}

#[test]
fn values_are_send_and_sync() {
    send_sync::<Access>();
    send_sync::<Allowance>();
    send_sync::<Change>();
    send_sync::<DirEntry>();
    send_sync::<Fault>();
    send_sync::<FaultLog>();
    send_sync::<FaultRule>();
    send_sync::<FileStats>();
    send_sync::<MemoryBudget>();
    send_sync::<Metadata>();
    send_sync::<OpenOptions>();
    send_sync::<Operation>();
    send_sync::<PathError>();
    send_sync::<SymlinkLoop>();
    send_sync::<Usage>();
    send_sync::<VPath>();
}

#[cfg(feature = "wasi")]
#[test]
fn descriptors_are_send_and_sync() {
    send_sync::<afmpeg_vfs::adapter::wasi::Descriptors>();
    send_sync::<afmpeg_vfs::adapter::wasi::Errno>();
    send_sync::<afmpeg_vfs::adapter::wasi::OpenFlags>();
}

#[cfg(feature = "wasmer")]
#[test]
fn wasmer_adapters_are_send_and_sync() {
    send_sync::<afmpeg_vfs::adapter::wasmer::WasmerFs>();
    send_sync::<afmpeg_vfs::adapter::wasmer::FromWasmer>();
}
