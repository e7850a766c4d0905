//! Compares `MemFs` with files of a tmpfs through `std`, with the same operations. `cargo xtask bench vfs` prints the
//! ratios and their targets.
#![allow(missing_docs, clippy::unwrap_used, reason = "benches may panic")]

use std::{
    fs,
    hint::black_box,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use afmpeg_vfs::{MemFs, OpenOptions, VFile, VPath, Vfs, VfsExt as _};
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};

/// The size of a media file of some minutes, in bytes.
const FILE: usize = 256 << 20;

/// The size of FFmpeg's reads and writes, in bytes.
const PIECE: usize = 32 << 10;

/// The size of a muxer's patches in bytes, and their number.
const PATCH: usize = 4 << 10;
const PATCHES: u64 = 20_000;

const SMALL_FILES: usize = 100_000;

/// A folder of a tmpfs, removed on drop.
struct Tmpfs(tempfile::TempDir);

impl Tmpfs {
    fn new() -> Self {
        let folder =
            std::env::var_os("AFMPEG_TMPFS").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from);
        let folder = tempfile::tempdir_in(&folder);
        Self(folder.expect("set AFMPEG_TMPFS to a folder of a tmpfs"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Times `work` alone: neither `prepare` nor drops are measured.
fn measure<T, R>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    mut prepare: impl FnMut() -> T,
    mut work: impl FnMut(&mut T) -> R,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| {
            let mut total = Duration::ZERO;
            for _ in 0..rounds {
                let mut state = prepare();
                let started = Instant::now();
                let result = black_box(work(&mut state));
                total += started.elapsed();
                drop(result);
            }
            total
        });
    });
}

fn vpath(path: &str) -> VPath {
    VPath::new(path).unwrap()
}

fn create(fs: &MemFs) -> Box<dyn VFile> {
    fs.open(&vpath("/file"), OpenOptions::new().read(true).write(true).create(true).truncate(true)).unwrap()
}

fn create_on(tmpfs: &Tmpfs) -> fs::File {
    let path = tmpfs.path().join("file");
    let _ = fs::remove_file(&path);
    fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path).unwrap()
}

fn offsets() -> impl Iterator<Item = u64> {
    (0..(FILE / PIECE) as u64).map(|piece| piece * PIECE as u64)
}

/// Returns offsets in the file that are far apart and always the same.
fn scattered() -> impl Iterator<Item = u64> {
    (0..PATCHES).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (FILE - PATCH) as u64)
}

fn sequential(criterion: &mut Criterion) {
    let piece = vec![7; PIECE];
    let mut group = criterion.benchmark_group("write");
    measure(&mut group, "ours", MemFs::new, |fs| {
        let file = create(fs);
        for offset in offsets() {
            assert_eq!(file.write_at(&piece, offset).unwrap(), PIECE);
        }
        file
    });
    measure(&mut group, "theirs", Tmpfs::new, |tmpfs| {
        let file = create_on(tmpfs);
        for offset in offsets() {
            file.write_all_at(&piece, offset).unwrap();
        }
        file
    });
    group.finish();

    let written = || {
        let fs = MemFs::new();
        let file = create(&fs);
        for offset in offsets() {
            file.write_at(&piece, offset).unwrap();
        }
        file
    };
    let written_on = |tmpfs: &Tmpfs| {
        let file = create_on(tmpfs);
        for offset in offsets() {
            file.write_all_at(&piece, offset).unwrap();
        }
        file
    };
    let mut buf = vec![0; PIECE];
    let mut group = criterion.benchmark_group("read");
    measure(&mut group, "ours", written, |file| {
        for offset in offsets() {
            assert_eq!(file.read_at(&mut buf, offset).unwrap(), PIECE);
        }
    });
    let tmpfs = Tmpfs::new();
    measure(
        &mut group,
        "theirs",
        || written_on(&tmpfs),
        |file| {
            for offset in offsets() {
                file.read_exact_at(&mut buf, offset).unwrap();
            }
        },
    );
    group.finish();

    let mut group = criterion.benchmark_group("overwrite");
    measure(&mut group, "ours", written, |file| {
        for offset in scattered() {
            assert_eq!(file.write_at(&piece[..PATCH], offset).unwrap(), PATCH);
        }
    });
    measure(
        &mut group,
        "theirs",
        || written_on(&tmpfs),
        |file| {
            for offset in scattered() {
                file.write_all_at(&piece[..PATCH], offset).unwrap();
            }
        },
    );
    group.finish();
}

/// Reads a file stored as one buffer into another buffer, compared with `memcpy`.
fn whole(criterion: &mut Criterion) {
    const WHOLE: usize = 1 << 30;
    let contents = bytes::Bytes::from(vec![7; WHOLE]);
    let fs = MemFs::new();
    fs.write("/file", contents.clone()).unwrap();
    let file = fs.open(&vpath("/file"), OpenOptions::new().read(true)).unwrap();
    let mut buf = vec![1; WHOLE];
    let mut group = criterion.benchmark_group("whole");
    measure(&mut group, "ours", || (), |()| assert_eq!(file.read_at(&mut buf, 0).unwrap(), WHOLE));
    measure(&mut group, "theirs", || (), |()| buf.copy_from_slice(black_box(&contents)));
    group.finish();
}

fn small_files(criterion: &mut Criterion) {
    let paths: Vec<VPath> = (0..SMALL_FILES).map(|number| vpath(&format!("/{number}"))).collect();
    let created = || {
        let fs = MemFs::new();
        for path in &paths {
            let file = fs.open(path, OpenOptions::new().write(true).create_new(true)).unwrap();
            file.write_at(b"small", 0).unwrap();
        }
        fs
    };
    let path_on = |tmpfs: &Tmpfs, path: &VPath| tmpfs.path().join(&path.as_str()[1..]);
    let created_on = || {
        let tmpfs = Tmpfs::new();
        for path in &paths {
            let file = fs::File::create_new(path_on(&tmpfs, path)).unwrap();
            file.write_all_at(b"small", 0).unwrap();
        }
        tmpfs
    };
    let mut group = criterion.benchmark_group("create");
    measure(&mut group, "ours", || (), |()| created());
    measure(&mut group, "theirs", || (), |()| created_on());
    group.finish();

    let mut group = criterion.benchmark_group("list");
    let ours = created();
    measure(
        &mut group,
        "ours",
        || (),
        |()| assert_eq!(ours.read_dir(&VPath::root()).unwrap().len(), SMALL_FILES),
    );
    let theirs = created_on();
    measure(
        &mut group,
        "theirs",
        || (),
        |()| assert_eq!(fs::read_dir(theirs.path()).unwrap().map(Result::unwrap).count(), SMALL_FILES),
    );
    group.finish();

    let mut group = criterion.benchmark_group("stat");
    measure(
        &mut group,
        "ours",
        || (),
        |()| {
            for path in &paths {
                assert_eq!(ours.metadata(path).unwrap().len, 5);
            }
        },
    );
    measure(
        &mut group,
        "theirs",
        || (),
        |()| {
            for path in &paths {
                assert_eq!(fs::metadata(path_on(&theirs, path)).unwrap().len(), 5);
            }
        },
    );
    group.finish();

    let mut group = criterion.benchmark_group("remove");
    measure(&mut group, "ours", created, |fs| {
        for path in &paths {
            fs.remove_file(path).unwrap();
        }
    });
    measure(&mut group, "theirs", created_on, |tmpfs| {
        for path in &paths {
            fs::remove_file(path_on(tmpfs, path)).unwrap();
        }
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    sequential(&mut criterion);
    whole(&mut criterion);
    small_files(&mut criterion);
    criterion.final_summary();
}
