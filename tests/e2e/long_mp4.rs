//! A file too long to be fetched whole for a probe.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

use afmpeg_engine::Runtime;
use afmpeg_vfs::{MemFs, VfsExt as _};

/// Writes an MP4 of 1 GiB with its index at the end: `clip`, with a gap of zeros after its media.
pub(crate) fn write(runtime: &Runtime, clip: Vec<u8>, path: &Path) {
    let fs = MemFs::new();
    fs.write("/clip.mp4", clip).unwrap();
    runtime.run(fs.clone(), ["-i", "clip.mp4", "-c", "copy", "long.mp4"]).unwrap();
    let mp4 = fs.read("/long.mp4").unwrap();
    let offset = |name: &[u8]| mp4.windows(4).rposition(|window| window == name).unwrap() - 4;
    let (media, index) = (offset(b"mdat"), offset(b"moov"));
    assert!(media < index);
    let gap = (1 << 30) - mp4.len();
    let mut file = File::create(path).unwrap();
    file.write_all(&mp4[..media]).unwrap();
    file.write_all(&u32::try_from(index - media + gap).unwrap().to_be_bytes()).unwrap();
    file.write_all(&mp4[media + 4..index]).unwrap();
    file.seek(SeekFrom::Current(gap.try_into().unwrap())).unwrap();
    file.write_all(&mp4[index..]).unwrap();
    assert_eq!(file.metadata().unwrap().len(), 1 << 30);
}
