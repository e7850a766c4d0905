use super::*;

fn path(text: &str) -> VPath {
    VPath::new(text).unwrap()
}

#[test]
fn buffer_is_stored_and_returned_without_a_copy() {
    let fs = MemFs::new();
    let bytes = Bytes::from(vec![7; 300_000]);
    fs.insert("/a/b/c", bytes.clone()).unwrap();
    assert_eq!(fs.take("/a/b/c").unwrap().as_ptr(), bytes.as_ptr());
    assert_eq!(fs.used(), 0);
}

#[test]
fn every_kind_of_write_respects_the_limit() {
    let fs = MemFs::with_capacity_limit(100_000);
    let options = OpenOptions::new().read(true).write(true).create(true);
    let file = fs.open(&path("/a"), options).unwrap();
    file.write_at(&[1; 90_000], 0).unwrap();
    let full = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::StorageFull;
    assert!(full(file.write_at(&[1; 20_000], 90_000).map(drop)));
    assert!(full(file.append(&[1; 20_000]).map(drop)));
    assert!(full(fs.write("/b", vec![0; 20_000])));
    assert_eq!(file.len().unwrap(), 90_000, "a refused write has no effect");
    file.write_at(&[2; 90_000], 0).unwrap();
    fs.remove_file(&path("/a")).unwrap();
    assert!(full(fs.write("/b", vec![0; 20_000])), "an unlinked file counts while it is open");
    drop(file);
    fs.write("/b", vec![0; 20_000]).unwrap();
    assert_eq!(fs.used(), 20_000);
}

#[test]
fn names_are_limited_and_released() {
    let fs = MemFs::with_limits(u64::MAX, 3);
    let full = |result: io::Result<()>| result.unwrap_err().kind() == io::ErrorKind::QuotaExceeded;
    fs.insert("/d/a", "x").unwrap();
    fs.hard_link(&path("/d/a"), &path("/b")).unwrap();
    assert!(
        full(fs.write("/c", "")) && full(fs.create_dir(&path("/e"))) && full(fs.symlink("a", &path("/s")))
    );
    fs.rename(&path("/b"), &path("/c")).unwrap();
    assert_eq!(fs.walk("/").unwrap(), ["/c", "/d", "/d/a"], "a rename needs no room");
    fs.remove_file(&path("/c")).unwrap();
    fs.write("/e", "").unwrap();
    fs.write("/f", "").unwrap_err();
    fs.write("/g", "x").unwrap_err();
    fs.rename(&path("/e"), &path("/d/a")).unwrap();
    fs.write("/f", "").unwrap();
    assert!(full(fs.snapshot().write("/g", "")), "a snapshot has the same limits");
}

#[test]
fn folder_of_a_million_names_is_fast() {
    const NAMES: usize = 1_000_000;
    let fs = MemFs::new();
    for number in 0..NAMES {
        fs.open(&path(&format!("/{number}")), OpenOptions::new().write(true).create_new(true)).unwrap();
    }
    assert_eq!(fs.read_dir(&VPath::root()).unwrap().len(), NAMES);
    for number in (0..NAMES).step_by(7919) {
        fs.rename(&path(&format!("/{number}")), &path(&format!("/renamed {number}"))).unwrap();
        fs.write(format!("/renamed {number}"), "x").unwrap();
    }
    assert_eq!(fs.used(), NAMES.div_ceil(7919) as u64);
}

#[test]
fn snapshot_is_independent_of_the_original() {
    let fs = MemFs::new();
    fs.insert("/d/a", "one").unwrap();
    fs.hard_link(&path("/d/a"), &path("/b")).unwrap();
    fs.symlink("d/a", &path("/s")).unwrap();
    let copy = fs.snapshot();
    fs.write("/d/a", "two").unwrap();
    fs.remove_file(&path("/s")).unwrap();
    assert_eq!(copy.walk("/").unwrap(), ["/b", "/d", "/d/a", "/s"]);
    assert_eq!(copy.read("/s").unwrap(), "one");
    copy.write("/b", "three").unwrap();
    assert_eq!(copy.read("/d/a").unwrap(), "three", "two names are still one file");
    assert_eq!(copy.metadata(&path("/b")).unwrap().nlink, 2);
    assert_eq!(fs.read("/b").unwrap(), "two");
}

#[test]
fn deep_trees_do_not_overflow_the_stack() {
    let fs = MemFs::new();
    fs.create_dir(&path("/t")).unwrap();
    for _ in 0..100_000 {
        fs.create_dir(&path("/n")).unwrap();
        fs.rename(&path("/t"), &path("/n/t")).unwrap();
        fs.rename(&path("/n"), &path("/t")).unwrap();
    }
    assert_eq!(fs.rename(&path("/t"), &path("/t/t/t/x")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    drop(fs);
}

#[test]
fn folder_of_many_names_is_fast() {
    let fs = MemFs::new();
    fs.create_dir(&path("/d")).unwrap();
    for number in 0..100_000 {
        fs.write(format!("/d/{number}"), "").unwrap();
    }
    assert_eq!(fs.read_dir(&path("/d")).unwrap().len(), 100_000);
    assert!(fs.exists("/d/77777"));
}

#[test]
fn lengths_of_names_and_links_are_limited() {
    let fs = MemFs::new();
    let long = "x".repeat(256);
    assert_eq!(fs.write(&long, "").unwrap_err().kind(), io::ErrorKind::InvalidFilename);
    fs.write(&long[1..], "").unwrap();
    let renamed = fs.rename(&path(&long[1..]), &path(&long));
    assert_eq!(renamed.unwrap_err().kind(), io::ErrorKind::InvalidFilename);
    assert!(fs.exists(&long[1..]));
    let link = fs.symlink(&"x/".repeat(3000), &path("/l"));
    assert_eq!(link.unwrap_err().kind(), io::ErrorKind::InvalidFilename);
}

#[test]
fn concurrent_appends_lose_nothing() {
    let fs = MemFs::new();
    fs.write("/log", "").unwrap();
    std::thread::scope(|scope| {
        for byte in 0..4u8 {
            let fs = fs.clone();
            scope.spawn(move || {
                let file = fs.open(&path("/log"), OpenOptions::new().append(true)).unwrap();
                for _ in 0..500 {
                    file.append(&[byte; 100]).unwrap();
                }
            });
        }
    });
    let log = fs.read("/log").unwrap();
    assert_eq!(log.len(), 4 * 500 * 100);
    assert!(log.chunks(100).all(|run| run.iter().all(|byte| *byte == run[0])));
}
