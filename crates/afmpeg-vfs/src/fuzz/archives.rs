//! Hostile archives.

use std::io;

use crate::{ArchiveLimits, OpenOptions, TarFs, VPath, Vfs, VfsExt as _, ZipFs};

const LIMITS: ArchiveLimits =
    ArchiveLimits::new().entries(1000).path_len(200).file_len(64 << 10).inflated_bytes(256 << 10);

/// The limit on reads per file, because a sparse file in a tar may have any length.
const MAX_READ: usize = 128 << 10;

/// Opens the bytes as a zip and as a tar. Each must fail, or be a filesystem whose files are found and read within the
/// limits.
pub fn archives(data: &[u8]) {
    if let Ok(zip) = ZipFs::with_limits(data.to_vec(), LIMITS) {
        read_all(&zip);
        assert!(zip.inflated_bytes() <= LIMITS.inflated_bytes, "{} inflated bytes", zip.inflated_bytes());
    }
    if let Ok(tar) = TarFs::with_limits(data.to_vec(), LIMITS) {
        read_all(&tar);
    }
}

fn read_all(archive: &dyn Vfs) {
    let Ok(paths) = archive.walk("/") else { return };
    assert!(paths.len() <= LIMITS.entries, "{} paths", paths.len());
    for path in paths {
        let path = VPath::new(&path).expect("listed paths are valid");
        assert!(path.as_str().len() <= LIMITS.path_len + "/".len(), "{path}");
        archive.symlink_metadata(&path).expect("listed paths exist");
        let _ = read(archive, &path);
    }
}

fn read(archive: &dyn Vfs, path: &VPath) -> io::Result<()> {
    let file = archive.open(path, OpenOptions::new().read(true))?;
    let len = file.metadata()?.len;
    let mut bytes = vec![0; MAX_READ];
    let read = file.read_at(&mut bytes, 0)?;
    assert!(read as u64 <= len, "{path}: read {read} of {len} bytes");
    assert_eq!(file.read_at(&mut bytes, len)?, 0, "{path} continues beyond its end");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    const FILES: &[(&str, &[u8])] = &[("a/long", &[7; 3000]), ("a/b/short", b"words"), ("c", b"")];

    fn zipped() -> Vec<u8> {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, content) in FILES {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.add_symlink("link", "a/long", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    }

    fn tarred() -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (name, content) in FILES {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            tar.append_data(&mut header, name, *content).unwrap();
        }
        tar.into_inner().unwrap()
    }

    /// Offsets, and the bytes that are written there.
    fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn damaged_archive_is_an_error_or_keeps_its_limits(damage in damage(), at_the_end in any::<bool>()) {
            for mut archive in [zipped(), tarred()] {
                let from = if at_the_end { archive.len().saturating_sub(400) } else { 0 };
                for (place, byte) in &damage {
                    let part = &mut archive[from..];
                    let place = place.index(part.len());
                    part[place] = *byte;
                }
                archives(&archive);
            }
        }
    }
}
