//! `examples/plugin-fs`: a filesystem of one's own conforms, and jobs read and write through it.

use std::{collections::HashSet, fs, io::ErrorKind, process::Command, sync::Arc};

use afmpeg_engine::Error;
use afmpeg_plugin_fs::Encrypted;
use afmpeg_vfs::{
    HostDir, MemFs, VfsExt as _,
    conformance::{Feature, Suite},
};

use crate::{
    guest_fs::GuestFs,
    harness::{CLIP, CLIP_FRAMES, FULL_GPL, fixture, index_is_first, judge, runtime},
};

const KEY: [u8; 32] = [7; 32];

#[test]
fn encrypted_filesystem_conforms_in_memory_on_a_disk_and_inside_a_guest() {
    let fresh = || Encrypted::new(MemFs::new(), &KEY);
    Suite::new(fresh).without(Feature::SparseFiles).run();
    Suite::new(move || GuestFs::new(Arc::new(fresh()))).without(Feature::SparseFiles).run();
    let folders = tempfile::tempdir().unwrap();
    let on_disk = move || {
        let folder = tempfile::tempdir_in(&folders).unwrap().keep();
        Encrypted::new(HostDir::open(folder).unwrap(), &KEY)
    };
    Suite::new(on_disk).without(Feature::SparseFiles).run();
}

#[test]
fn job_reads_and_writes_encrypted_files_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let vault = || Encrypted::new(HostDir::open(&folder).unwrap(), &KEY);
    vault().write(CLIP, fixture(CLIP)).unwrap();
    runtime(FULL_GPL)
        .run(vault(), ["-i", CLIP, "-c", "copy", "-movflags", "+faststart", "/copy.mp4"])
        .unwrap();
    judge(&vault(), "/copy.mp4").assert_codec("video", "h264").assert_frames(CLIP_FRAMES);
    assert!(index_is_first(&vault().read("/copy.mp4").unwrap()));
    for name in [CLIP, "copy.mp4"] {
        let stored = folder.path().join(name);
        let probed = Command::new("ffprobe").args(["-v", "quiet"]).arg(&stored).status().unwrap();
        assert!(!probed.success(), "{name} is readable on the disk");
        let plain = vault().read(name).unwrap();
        let pieces: HashSet<&[u8]> = plain.chunks_exact(32).collect();
        let bytes = fs::read(stored).unwrap();
        assert!(!bytes.windows(32).any(|window| pieces.contains(window)), "{name} is partly decrypted");
    }
}

#[test]
fn changed_block_and_a_wrong_key_fail_the_job_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let vault = |key| Encrypted::new(HostDir::open(&folder).unwrap(), key);
    vault(&KEY).write(CLIP, fixture(CLIP)).unwrap();
    let copy = ["-i", CLIP, "-c", "copy", "-y", "copy.mkv"];
    let fails_in_block = |key, number: u64| match runtime(FULL_GPL).run(vault(key), copy) {
        Err(Error::Filesystem { path, source, .. }) => {
            assert_eq!((path.as_str(), source.kind()), ("/bigbuckbunny.mp4", ErrorKind::InvalidData));
            let expected = format!("block {number} was changed, or encrypted with another key");
            assert_eq!(source.to_string(), expected);
        }
        other => panic!("{other:?}"),
    };
    fails_in_block(&[8; 32], 0);
    runtime(FULL_GPL).run(vault(&KEY), copy).unwrap();

    let stored = folder.path().join(CLIP);
    let mut bytes = fs::read(&stored).unwrap();
    // The blocks have 16 KiB, a nonce of 12 bytes and a tag of 16.
    bytes[20 * (16_384 + 28) + 100] ^= 1;
    fs::write(&stored, &bytes).unwrap();
    fails_in_block(&KEY, 20);
}
