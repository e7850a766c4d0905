use proptest::prelude::*;

use super::*;
use crate::VfsExt as _;

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

fn spool(file_bytes: u64, memory_bytes: u64) -> SpoolFs {
    SpoolFs::new(SpoolLimits { file_bytes, memory_bytes, ..SpoolLimits::default() })
}

fn pages(spool: &SpoolFs) -> u64 {
    spool.shared.disk.pages_in_use()
}

#[test]
fn short_files_stay_in_memory_and_are_not_copied() {
    let spool = spool(1000, 10_000);
    let bytes = bytes::Bytes::from(vec![7; 1000]);
    spool.write("/a", bytes.clone()).unwrap();
    assert_eq!(spool.read("/a").unwrap().as_ptr(), bytes.as_ptr());
    assert_eq!((pages(&spool), spool.names().used()), (0, 1000));
}

#[test]
fn long_file_moves_to_disk_under_its_open_handles() {
    let spool = spool(100_000, 1 << 20);
    let options = OpenOptions::new().read(true).write(true).create(true);
    let (first, second) =
        (spool.open(&path("/a"), options).unwrap(), spool.open(&path("/a"), options).unwrap());
    first.write_at(&[1; 90_000], 0).unwrap();
    assert_eq!(pages(&spool), 0);
    first.write_at(&[2; 90_000], 90_000).unwrap();
    assert_eq!((pages(&spool), spool.names().used()), (3, 0));
    assert_eq!(second.append(&[3]).unwrap(), 180_000);
    assert_eq!(spool.metadata(&path("/a")).unwrap().len, 180_001);
    let expected = [vec![1; 90_000], vec![2; 90_000], vec![3]].concat();
    assert!(second.contents().unwrap() == expected);
    second.set_len(0).unwrap();
    assert_eq!(pages(&spool), 0, "an empty file is in memory again");
    assert_eq!(first.len().unwrap(), 0);
}

#[test]
fn short_files_move_to_disk_when_memory_is_full() {
    let spool = spool(1 << 20, 100_000);
    for number in 0..10u8 {
        spool.write(format!("/{number}"), vec![number; 30_000]).unwrap();
    }
    assert_eq!((pages(&spool), spool.names().used()), (7, 90_000));
    for number in 0..10u8 {
        assert_eq!(spool.read(format!("/{number}")).unwrap(), vec![number; 30_000]);
    }
}

#[test]
fn pages_are_released_with_the_last_name_and_handle() {
    let spool = spool(0, 0);
    let options = OpenOptions::new().read(true).write(true).create(true);
    spool.write("/a", vec![1; 200_000]).unwrap();
    spool.write("/b", vec![2; 200_000]).unwrap();
    spool.hard_link(&path("/b"), &path("/c")).unwrap();
    assert_eq!(pages(&spool), 8);
    let file = spool.open(&path("/a"), options).unwrap();
    spool.rename(&path("/b"), &path("/a")).unwrap();
    assert_eq!(pages(&spool), 8, "still open");
    assert_eq!(file.read_at(&mut [0; 10], 199_999).unwrap(), 1);
    drop(file);
    assert_eq!(pages(&spool), 4);
    spool.remove_file(&path("/a")).unwrap();
    assert_eq!(spool.read("/c").unwrap(), vec![2; 200_000]);
    spool.remove_file(&path("/c")).unwrap();
    assert_eq!((pages(&spool), spool.files.lock().len()), (0, 0));
    spool.write("/d", vec![3; 10]).unwrap();
    let file = spool.open(&path("/d"), options).unwrap();
    file.set_len(20).unwrap();
    assert_eq!(spool.read("/d").unwrap(), [[3; 10], [0; 10]].concat(), "a reused page has no old bytes");
}

#[test]
fn holes_stay_holes_on_disk() {
    let spool = spool(1 << 24, 100);
    let options = OpenOptions::new().read(true).write(true).create(true);
    let file = spool.open(&path("/a"), options).unwrap();
    file.write_at(&[1; 10], 1 << 23).unwrap();
    file.set_len(1 << 24).unwrap();
    file.write_at(&[2; 1000], 0).unwrap();
    assert_eq!(pages(&spool), 2);
    assert_eq!(file.len().unwrap(), 1 << 24);
    let mut bytes = [9; 12];
    file.read_at(&mut bytes, (1 << 23) - 1).unwrap();
    assert_eq!(bytes, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
}

#[test]
fn disk_space_is_limited() {
    let spool = SpoolFs::new(SpoolLimits { file_bytes: 0, memory_bytes: 0, disk_bytes: 128 << 10 });
    spool.write("/a", vec![1; 128 << 10]).unwrap();
    let error = spool.write("/b", vec![1; 1]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    spool.remove_file(&path("/a")).unwrap();
    spool.write("/b", vec![1; 1]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A filesystem in memory is the reference.
    #[test]
    fn file_is_the_same_in_memory_and_on_disk(
        limit in prop_oneof![Just(0u64), 1..300_000u64],
        changes in prop::collection::vec((0..5u8, 0..300_000u64, 0..100_000usize, any::<u8>()), 1..20),
    ) {
        let (spool, memory) = (spool(limit, 1 << 30), MemFs::new());
        let options = OpenOptions::new().read(true).write(true).create(true);
        let files = [spool.open(&path("/a"), options).unwrap(), memory.open(&path("/a"), options).unwrap()];
        for (change, offset, len, byte) in changes {
            let bytes = vec![byte; len];
            let results = files.each_ref().map(|file| match change {
                0 | 1 => file.write_at(&bytes, offset).unwrap() as u64,
                2 => file.append(&bytes).unwrap(),
                3 => { file.set_len(offset).unwrap(); 0 }
                _ => { file.replace(bytes.clone().into()).unwrap(); 0 }
            });
            prop_assert_eq!(results[0], results[1]);
            prop_assert_eq!(files[0].len().unwrap(), files[1].len().unwrap());
            let lens = [&spool as &dyn Vfs, &memory].map(|fs| fs.metadata(&path("/a")).unwrap().len);
            prop_assert_eq!(lens[0], lens[1]);
            let parts = files.each_ref().map(|file| {
                let mut part = vec![9; 1000];
                let count = file.read_at(&mut part, offset).unwrap();
                part.truncate(count);
                part
            });
            prop_assert!(parts[0] == parts[1]);
        }
        prop_assert!(files[0].contents().unwrap() == files[1].contents().unwrap());
    }
}
