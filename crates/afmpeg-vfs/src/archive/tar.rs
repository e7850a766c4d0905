use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tar::{EntryType, Header};

use super::{
    Archive, ArchiveLimits, Buffered, Measured, invalid,
    sparse::{self, Piece, SparseFile},
};
use crate::{
    Metadata, VFile, VPath, Vfs,
    index::{Index, read_only_vfs},
};

/// A tar archive as a read-only filesystem, without unpacking it. Clones share it.
///
/// The headers are read once, when the archive is opened; files are read in place, without a copy if the archive is in
/// memory. The archive must not be compressed. Long names of GNU tar and pax headers are supported, including pax
/// times with nanoseconds.
///
/// Names become paths of this library: an absolute name starts at the root, `..` does not leave it, and a backslash is
/// an ordinary character. Of two entries with one name, the later one applies, as when unpacking. Symbolic links are
/// resolved within the archive, and hard links are names of one file. Devices, pipes, volume labels and names that are
/// not UTF-8 are skipped. Sparse files are restored with their holes, from GNU and pax headers.
///
/// Opening fails with [`InvalidData`](io::ErrorKind::InvalidData) if the archive is damaged, exceeds the limits, or
/// has a name below a file or link, or a hard link to a later entry; and with
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if it is truncated, even if only the final blocks of zeros are
/// missing.
///
/// ```
/// use afmpeg_vfs::{TarFs, VfsExt as _};
///
/// # fn main() -> std::io::Result<()> {
/// let mut builder = tar::Builder::new(Vec::new());
/// let mut header = tar::Header::new_gnu();
/// header.set_size(5);
/// builder.append_data(&mut header, "clips/a.srt", b"hello".as_slice())?;
///
/// let fs = TarFs::open(builder.into_inner()?)?;
/// assert_eq!(fs.walk("/")?, ["/clips", "/clips/a.srt"]);
/// assert_eq!(fs.read("/clips/a.srt")?, "hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TarFs {
    inner: Arc<Inner>,
}

struct Inner {
    archive: Measured,
    index: Index<Entry>,
}

/// The location of a file in the archive.
#[derive(Debug)]
struct Entry {
    start: u64,
    /// The data of a sparse file.
    pieces: Option<Arc<[Piece]>>,
}

impl TarFs {
    /// Opens the archive at `path` on `fs`, with the default limits.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`] and [`TarFs::with_limits`].
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, TarFs, VPath, VfsExt as _};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// // The shortest tar archive, without entries.
    /// fs.write("/a.tar", vec![0; 1024])?;
    /// assert_eq!(TarFs::new(&fs, &VPath::new("/a.tar")?)?.walk("/")?, [""; 0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(fs: &dyn Vfs, path: &VPath) -> io::Result<Self> {
        Self::with_limits(Archive::at(fs, path)?, ArchiveLimits::new())
    }

    /// Opens an archive in memory or in an open file, with the default limits.
    ///
    /// # Errors
    ///
    /// As [`TarFs::with_limits`].
    pub fn open(archive: impl Into<Archive>) -> io::Result<Self> {
        Self::with_limits(archive, ArchiveLimits::new())
    }

    /// Opens an archive with these limits, of which only those on names apply.
    ///
    /// # Errors
    ///
    /// `InvalidData`, `UnexpectedEof` and `Unsupported`, with the offset of the problem; errors of the archive's file.
    ///
    /// ```
    /// use afmpeg_vfs::{ArchiveLimits, TarFs};
    ///
    /// let cut_off = TarFs::with_limits(vec![0; 100], ArchiveLimits::new());
    /// assert_eq!(cut_off.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    /// ```
    pub fn with_limits(archive: impl Into<Archive>, limits: ArchiveLimits) -> io::Result<Self> {
        let archive = archive.into().measure()?;
        let index = Reading::new(&archive, limits).read()?;
        Ok(Self { inner: Arc::new(Inner { archive, index }) })
    }
}

const BLOCK: u64 = 512;

/// The most bytes of pax headers for an entry.
const MAX_PAX: u64 = 1 << 20;

/// The most headers before an entry.
const MAX_AHEAD: usize = 16;

/// The headers before an entry that describe it.
#[derive(Debug, Default)]
struct Ahead {
    headers: usize,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    len: Option<u64>,
    modified: Option<SystemTime>,
    /// Of a pax sparse file: its length with holes; its name, because the entry has another one; and its pieces,
    /// unless they precede its data.
    sparse_len: Option<u64>,
    sparse_name: Option<Vec<u8>>,
    sparse_numbers: Vec<u64>,
    sparse_map_is_in_data: bool,
}

/// An archive whose headers are being read.
struct Reading<'a> {
    archive: Buffered<'a>,
    len: u64,
    limits: ArchiveLimits,
    index: Index<Entry>,
    ahead: Ahead,
    /// The number of entries, not counting headers for a following entry.
    entries: usize,
    /// The number of pieces that all sparse files may still have.
    pieces_left: usize,
}

impl<'a> Reading<'a> {
    fn new(archive: &'a Measured, limits: ArchiveLimits) -> Self {
        let index = Index::new(limits.names());
        Self {
            archive: Buffered::new(archive),
            len: archive.len,
            limits,
            index,
            ahead: Ahead::default(),
            entries: 0,
            pieces_left: limits.entries,
        }
    }

    fn read(mut self) -> io::Result<Index<Entry>> {
        let mut offset = 0;
        loop {
            if self.len - offset < BLOCK {
                return Err(cut_off(self.len, "before the final blocks of zeros"));
            }
            let mut header = Header::new_old();
            self.archive.read_exact_at(header.as_mut_bytes(), offset)?;
            if header.as_bytes().iter().all(|byte| *byte == 0) {
                return Ok(self.index);
            }
            check_sum(&header, offset)?;
            offset = self.entry(&header, offset)?;
        }
    }

    /// Reads the entry with the header at `offset`, and returns the offset of the next one.
    fn entry(&mut self, header: &Header, offset: u64) -> io::Result<u64> {
        let kind = header.entry_type();
        let mut start = offset + BLOCK;
        let is_about_next = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        let mut len = header.entry_size().map_err(|error| damaged(offset, error))?;
        if is_about_next {
            self.ahead.headers += 1;
            if self.ahead.headers > MAX_AHEAD {
                return Err(damaged(offset, format!("more than {MAX_AHEAD} headers describe one entry")));
            }
        } else {
            self.entries += 1;
            if self.entries > self.limits.entries {
                let text =
                    format!("the tar archive has more than {} entries; raise the limit", self.limits.entries);
                return Err(invalid(text));
            }
            len = self.ahead.len.unwrap_or(len);
        }
        if kind.is_hard_link() {
            // A hard link has no data; the length in its header is that of the original.
            len = 0;
        }
        let mut pieces = None;
        if kind.is_gnu_sparse() {
            // The list of pieces continues in blocks that the length of the entry does not include.
            let listed = sparse::listed_by_gnu(header, &self.archive, start, self.pieces_left);
            let (list, end) = listed.map_err(|error| at_entry(offset, error))?;
            (pieces, start) = (Some(list), end);
        }
        let next = len.checked_next_multiple_of(BLOCK).and_then(|len| start.checked_add(len));
        let next = next.filter(|next| *next <= self.len).ok_or_else(|| {
            cut_off(self.len, &format!("in the entry at byte {offset}, which has {len} bytes"))
        })?;
        if is_about_next {
            self.look_ahead(kind, start, len, offset)?;
        } else {
            let ahead = std::mem::take(&mut self.ahead);
            self.add(header, ahead, start, len, pieces).map_err(|error| at_entry(offset, error))?;
        }
        Ok(next)
    }

    /// Reads an entry that describes the next one.
    fn look_ahead(&mut self, kind: EntryType, start: u64, len: u64, offset: u64) -> io::Result<()> {
        if kind.is_pax_global_extensions() {
            // None of the global records concerns this filesystem.
            return Ok(());
        }
        let is_pax = kind.is_pax_local_extensions();
        let limit = if is_pax { MAX_PAX } else { self.limits.path_len as u64 + 1 };
        if len > limit {
            return Err(damaged(
                offset,
                format!("expected a long name or pax header of at most {limit} bytes, found {len}"),
            ));
        }
        let mut text = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.archive.read_exact_at(&mut text, start)?;
        if is_pax {
            return self.ahead.take_pax(&text, self.pieces_left).map_err(|error| damaged(offset, error));
        }
        text.truncate(text.iter().position(|byte| *byte == 0).unwrap_or(text.len()));
        if kind.is_gnu_longname() {
            self.ahead.name = Some(text);
        } else {
            self.ahead.link = Some(text);
        }
        Ok(())
    }

    fn add(
        &mut self,
        header: &Header,
        mut ahead: Ahead,
        mut start: u64,
        len: u64,
        mut pieces: Option<Vec<Piece>>,
    ) -> io::Result<()> {
        let kind = header.entry_type();
        let name = ahead.sparse_name.take().or_else(|| ahead.name.take());
        let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
        let link = ahead.link.take().or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
        let seconds = header.mtime().unwrap_or(0);
        let modified =
            ahead.modified.or_else(|| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        let Ok(name) = std::str::from_utf8(&name) else {
            return Ok(());
        };
        match kind.as_byte() {
            // Devices, pipes and volume labels.
            b'3' | b'4' | b'6' | b'V' => return Ok(()),
            b'M' => {
                let text = "the tar archive is a part of a multi-volume archive; join the volumes first";
                return Err(io::Error::new(io::ErrorKind::Unsupported, text));
            }
            b'1' | b'2' => {
                let Some(Ok(target)) = link.as_deref().map(std::str::from_utf8) else {
                    return Ok(());
                };
                let added = if kind.is_hard_link() {
                    self.index.add_hard_link(name, target)
                } else {
                    self.index.add_symlink(name, target, modified)
                };
                return added.map_err(invalid);
            }
            _ => {}
        }
        // Before there was a type for folders, a trailing slash marked them.
        if matches!(kind.as_byte(), b'5' | b'D') || (name.ends_with('/') && !kind.is_gnu_sparse()) {
            return self.index.add_dir(name, modified).map_err(invalid);
        }
        let mut real_len = len;
        if let Some(sparse_len) = ahead.sparse_len {
            real_len = sparse_len;
            let mut numbers = ahead.sparse_numbers;
            let mut taken = 0;
            if ahead.sparse_map_is_in_data {
                (numbers, taken) = sparse::listed_in_data(&self.archive, start, len, self.pieces_left)?;
                start += taken;
            }
            pieces = Some(sparse::pieces(&numbers, start, len - taken)?);
        } else if let (Some(gnu), true) = (header.as_gnu(), pieces.is_some()) {
            real_len = gnu.real_size()?;
        }
        let pieces = pieces.map(|pieces| sparse::checked(pieces, start, len, real_len)).transpose()?;
        if let Some(pieces) = &pieces {
            let left = self.pieces_left.checked_sub(pieces.len());
            self.pieces_left = left.ok_or_else(sparse::too_many)?;
        }
        // POSIX treats unknown types as files.
        self.index.add_file(name, real_len, modified, Entry { start, pieces }).map_err(invalid)
    }
}

impl Ahead {
    fn take_pax(&mut self, mut text: &[u8], pieces: usize) -> io::Result<()> {
        while !text.is_empty() {
            let record = pax_record(text).ok_or_else(|| invalid("its pax header is damaged"))?;
            let (key, value);
            (key, value, text) = record;
            let number = || std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            match key {
                b"path" => self.name = Some(value.to_owned()),
                b"linkpath" => self.link = Some(value.to_owned()),
                b"size" => self.len = Some(number().ok_or_else(|| invalid("its pax size is not a number"))?),
                b"mtime" => self.modified = std::str::from_utf8(value).ok().and_then(pax_time),
                b"GNU.sparse.name" => self.sparse_name = Some(value.to_owned()),
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                    self.sparse_len =
                        Some(number().ok_or_else(|| invalid("its sparse size is not a number"))?);
                }
                b"GNU.sparse.major" => self.sparse_map_is_in_data = value == b"1",
                // The oldest of the three formats repeats these in pairs.
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                    self.sparse_numbers
                        .push(number().ok_or_else(|| invalid("expected a number in its sparse map"))?);
                }
                b"GNU.sparse.map" => self.sparse_numbers = sparse::numbers(value, b',')?,
                _ => {}
            }
            if self.sparse_numbers.len() / 2 > pieces {
                return Err(sparse::too_many());
            }
        }
        Ok(())
    }
}

/// Returns the key and value of the first record of a pax header, and the rest. The value may contain newlines.
fn pax_record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let len = std::str::from_utf8(&text[..space]).ok()?.parse().ok()?;
    let (record, rest) = text.split_at_checked(len)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], rest))
}

/// Parses seconds since 1970 with decimals.
fn pax_time(text: &str) -> Option<SystemTime> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let (past, whole) = whole.strip_prefix('-').map_or((false, whole), |whole| (true, whole));
    let nanoseconds: String = part.chars().chain("000000000".chars()).take(9).collect();
    let since = Duration::new(whole.parse().ok()?, nanoseconds.parse().ok()?);
    if past { SystemTime::UNIX_EPOCH.checked_sub(since) } else { SystemTime::UNIX_EPOCH.checked_add(since) }
}

fn check_sum(header: &Header, offset: u64) -> io::Result<()> {
    // The checksum itself counts as eight spaces.
    let bytes = header.as_bytes();
    let sum = bytes[..148].iter().chain(&bytes[156..]).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    if header.cksum().is_ok_and(|claimed| claimed == sum) {
        return Ok(());
    }
    let compressed: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", "zip"),
    ];
    if offset == 0
        && let Some((_, name)) = compressed.iter().find(|(magic, _)| bytes.starts_with(magic))
    {
        let text = format!("expected a tar archive, found {name}; decompress it first");
        return Err(io::Error::new(io::ErrorKind::Unsupported, text));
    }
    Err(damaged(offset, "its header's checksum does not match"))
}

fn damaged(offset: u64, error: impl fmt::Display) -> io::Error {
    invalid(format!("the entry at byte {offset} of the tar archive is invalid: {error}"))
}

/// Adds the offset of the entry to an error of the archive; errors of the file are unchanged.
fn at_entry(offset: u64, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidData { damaged(offset, error) } else { error }
}

fn cut_off(offset: u64, place: &str) -> io::Error {
    let text = format!("the tar archive is truncated at byte {offset}, {place}");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

impl Inner {
    #[expect(clippy::unnecessary_wraps, reason = "the macro also serves filesystems that can fail here")]
    fn open_file(&self, _: &VPath, metadata: Metadata, entry: &Entry) -> io::Result<Box<dyn VFile>> {
        Ok(match &entry.pieces {
            None => self.archive.open_range(entry.start, metadata.len, metadata),
            Some(pieces) => Box::new(SparseFile::new(self.archive.clone(), Arc::clone(pieces), metadata)),
        })
    }
}

impl fmt::Debug for TarFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TarFs").field("archive", &self.inner.archive).finish()
    }
}

read_only_vfs!(TarFs);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_pax_are_exact() {
        let time =
            |seconds, nanoseconds| SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds));
        assert_eq!(pax_time("1700000000.25"), time(1_700_000_000, 250_000_000));
        assert_eq!(pax_time("5"), time(5, 0));
        assert_eq!(pax_time("1.1234567891"), time(1, 123_456_789));
        assert_eq!(pax_time("-1.5"), SystemTime::UNIX_EPOCH.checked_sub(Duration::from_millis(1500)));
        assert_eq!(pax_time("now"), None);
    }
}
