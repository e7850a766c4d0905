//! Files in a guest: the conformance suite of `afmpeg-vfs` again, through libc and WASI.

#[path = "../../crates/afmpeg-vfs/tests/backends/mod.rs"]
pub(crate) mod backends;

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
};

use afmpeg_engine::Error;
use afmpeg_vfs::{
    HostDir, MemFs, Mount, Overlay, ReadOnly, VPath, Vfs, VfsExt as _,
    conformance::{ReadOnlySuite, Suite},
};

use backends::{ReadOnlyOne, Writable};

use crate::{
    guest_fs::GuestFs,
    harness::{CLIP, CLIP_FRAMES, fixture, full, guest, judge, memory_with},
};

#[test]
fn every_writable_filesystem_behaves_the_same_inside_a_guest() {
    backends::each(
        backends::writable(),
        |one| one.name,
        |Writable { fresh, lacks, .. }| {
            let suite = Suite::new(move || GuestFs::new(fresh()));
            lacks.iter().fold(suite, |suite, lacking| suite.without(*lacking)).run();
        },
    );
}

#[test]
fn every_read_only_filesystem_behaves_the_same_inside_a_guest() {
    backends::each(
        backends::read_only(),
        |one| one.name,
        |ReadOnlyOne { holding, .. }| ReadOnlySuite::new(move |tree| GuestFs::new(holding(tree))).run(),
    );
}

/// Runs `wasm-build/guests/posix.c` in a folder of `work`. The program prints "ok" as it does on Linux.
#[track_caller]
fn assert_posix(work: impl Vfs) {
    work.create_dir_all("/folder").unwrap();
    let mount = |fs: Mount, point: &str, mounted: Arc<dyn Vfs>| fs.mount(VPath::new(point).unwrap(), mounted);
    let read_only = MemFs::new();
    read_only.write("/file", "kept").unwrap();
    let fs = Mount::new(Arc::new(MemFs::new()));
    let fs = mount(fs, "/here", Arc::new(work));
    let fs = mount(fs, "/ro", Arc::new(ReadOnly::new(read_only)));
    let fs = mount(fs, "/full", Arc::new(MemFs::with_capacity_limit(10)));
    let printed = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&printed);
    let job = guest("posix").job(fs).args(["/here/folder", "with /ro and /full"]).stdin(&b"input"[..]);
    let result = job
        .stdout(move |bytes| {
            sink.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        })
        .run();
    // The program handles ENOSPC, but the job reports it.
    match result {
        Err(Error::Filesystem { path, source, log, .. }) => {
            assert_eq!(
                (path.as_str(), source.kind(), &log[..]),
                ("/full/file", ErrorKind::StorageFull, &[][..])
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(String::from_utf8_lossy(&printed.lock().unwrap()), "ok\n");
}

#[test]
fn memory_behaves_as_posix_for_c_programs() {
    assert_posix(MemFs::new());
}

#[test]
fn host_folder_behaves_as_posix_for_c_programs() {
    let folder = tempfile::tempdir().unwrap();
    assert_posix(HostDir::open(folder.path()).unwrap());
}

#[test]
fn overlay_behaves_as_posix_for_c_programs() {
    assert_posix(Overlay::new(Arc::new(MemFs::new()), Arc::new(MemFs::new())));
}

/// Covers FFmpeg's uses of many files: numbered and globbed pictures, segments with a playlist, the log of a first pass.
#[test]
fn numbered_globbed_and_listed_files_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for fs in [Arc::new(memory_with(&[CLIP])) as Arc<dyn Vfs>, host_with_clip(&folder)] {
        let run =
            |command: &str| full().ffmpeg_args_on(Arc::clone(&fs), &command.split(' ').collect::<Vec<_>>());
        fs.create_dir_all("/pictures with space").unwrap();
        let pictures =
            ["-nostdin", "-i", CLIP, "-frames:v", "12", "-s", "64x36", "pictures with space/%03d.png"];
        full().ffmpeg_args_on(Arc::clone(&fs), &pictures);
        let names: Vec<String> =
            (1..=12).map(|number| format!("/pictures with space/{number:03}.png")).collect();
        assert_eq!(fs.walk("/pictures with space").unwrap(), names);

        let glob =
            ["-nostdin", "-pattern_type", "glob", "-i", "pictures with space/*[02468].png", "glob.nut"];
        full().ffmpeg_args_on(Arc::clone(&fs), &glob);
        judge(&*fs, "/glob.nut").assert_frames(6);

        let hls = "-f hls -hls_time 1 -hls_flags temp_file -hls_list_size 0 list.m3u8";
        run(&format!("-nostdin -i {CLIP} -an -c:v libx264 -preset ultrafast -g 25 {hls}"));
        let playlist = String::from_utf8(fs.read("/list.m3u8").unwrap().to_vec()).unwrap();
        let segments: Vec<&str> = playlist.lines().filter(|line| line.ends_with(".ts")).collect();
        assert!(segments.len() > 1 && segments.iter().all(|segment| fs.exists(segment)), "{playlist}");
        run("-nostdin -i list.m3u8 -c copy again.mkv");
        judge(&*fs, "/again.mkv").assert_frames(CLIP_FRAMES);

        let encode = format!(
            "-nostdin -y -i {CLIP} -an -c:v libx264 -t 2 -preset veryfast -s 320x180 -b:v 200k -passlogfile pl"
        );
        run(&format!("{encode} -pass 1 -f null -"));
        assert!(fs.exists("/pl-0.log") && fs.exists("/pl-0.log.mbtree"));
        run(&format!("{encode} -pass 2 two.mkv"));
        judge(&*fs, "/two.mkv").assert_frames(50);
    }
}

fn host_with_clip(folder: &tempfile::TempDir) -> Arc<dyn Vfs> {
    std::fs::write(folder.path().join(CLIP), fixture(CLIP)).unwrap();
    Arc::new(HostDir::open(folder.path()).unwrap())
}
