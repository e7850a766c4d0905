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

/// A tar archive, to read only, without unpacking it. Clones share it.
///
/// The headers are read once, at opening, from one to the next; files are read from their places in the archive, piece
/// by piece, and without a copy if the archive is in memory. The archive is not compressed: what is, is decompressed
/// first. Long names of GNU tar and pax headers are understood, times of pax to the nanosecond.
///
/// Names are made of this library's paths: an absolute one starts at the root, `..` does not leave it, a backslash is
/// a character like another. Of two entries of one name the later one counts, as it does when an archive is unpacked.
/// Symbolic links are followed inside, hard links are names of one file. Devices, pipes, volume labels and names that
/// are not UTF-8 are left out. Sparse files have their holes back, whether GNU tar's own format or pax tells of them.
///
/// An archive is refused with [`InvalidData`](io::ErrorKind::InvalidData) if it is damaged, over the limits, or has a
/// name below a file or a link, or a hard link to what did not come before it; with [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if it was cut off, even if only
/// the blocks of zeros at its end are missing.
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

/// Where a file is in the archive.
#[derive(Debug)]
struct Entry {
    start: u64,
    /// Of a sparse file, what is not a hole.
    pieces: Option<Arc<[Piece]>>,
}

impl TarFs {
    /// The archive that is the file at `path` on `fs`, with the default limits.
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
    /// // The shortest tar archive: nothing in it.
    /// fs.write("/a.tar", vec![0; 1024])?;
    /// assert_eq!(TarFs::new(&fs, &VPath::new("/a.tar")?)?.walk("/")?, [""; 0]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(fs: &dyn Vfs, path: &VPath) -> io::Result<Self> {
        Self::with_limits(Archive::at(fs, path)?, ArchiveLimits::new())
    }

    /// An archive that is in memory or in an open file, with the default limits.
    ///
    /// # Errors
    ///
    /// As [`TarFs::with_limits`].
    pub fn open(archive: impl Into<Archive>) -> io::Result<Self> {
        Self::with_limits(archive, ArchiveLimits::new())
    }

    /// An archive, held to `limits`; only those on names matter here.
    ///
    /// # Errors
    ///
    /// `InvalidData`, `UnexpectedEof` and `Unsupported`, with the offset of what is wrong; what the archive's file
    /// has.
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

/// How long the pax headers of one entry may be, in bytes.
const MAX_PAX: u64 = 1 << 20;

/// How many headers may say something of one entry.
const MAX_AHEAD: usize = 16;

/// What the entries before an entry say of it.
#[derive(Debug, Default)]
struct Ahead {
    headers: usize,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    len: Option<u64>,
    modified: Option<SystemTime>,
    /// Of a sparse file as pax has it: its length with its holes, its name, since the entry has that of its packed
    /// form, and its pieces, unless they are before its data.
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
    /// How many entries there were, without what is only said of them ahead.
    entries: usize,
    /// How many pieces all sparse files may have yet.
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
                return Err(cut_off(self.len, "before the blocks of zeros that end an archive"));
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

    /// Takes in the entry whose header is at `offset`, and returns where the next one is.
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
                return Err(damaged(
                    offset,
                    format!("more than {MAX_AHEAD} headers say something of one entry"),
                ));
            }
        } else {
            self.entries += 1;
            if self.entries > self.limits.entries {
                let text =
                    format!("the tar archive has more entries than the limit of {}", self.limits.entries);
                return Err(invalid(text));
            }
            len = self.ahead.len.unwrap_or(len);
        }
        if kind.is_hard_link() {
            // There is nothing behind it, whatever it says: it tells the length of the original.
            len = 0;
        }
        let mut pieces = None;
        if kind.is_gnu_sparse() {
            // The list of its pieces goes on in blocks that its length does not count.
            let listed = sparse::listed_by_gnu(header, &self.archive, start, self.pieces_left);
            let (list, end) = listed.map_err(|error| told_apart(offset, error))?;
            (pieces, start) = (Some(list), end);
        }
        let next = len.checked_next_multiple_of(BLOCK).and_then(|len| start.checked_add(len));
        let next = next.filter(|next| *next <= self.len).ok_or_else(|| {
            cut_off(self.len, &format!("in the entry at byte {offset}, which is to have {len} bytes"))
        })?;
        if is_about_next {
            self.look_ahead(kind, start, len, offset)?;
        } else {
            let ahead = std::mem::take(&mut self.ahead);
            self.add(header, ahead, start, len, pieces).map_err(|error| told_apart(offset, error))?;
        }
        Ok(next)
    }

    /// What an entry says of the next one.
    fn look_ahead(&mut self, kind: EntryType, start: u64, len: u64, offset: u64) -> io::Result<()> {
        if kind.is_pax_global_extensions() {
            // What it can say of every file at once is nothing that is kept of files.
            return Ok(());
        }
        let is_pax = kind.is_pax_local_extensions();
        let limit = if is_pax { MAX_PAX } else { self.limits.path_len as u64 + 1 };
        if len > limit {
            return Err(damaged(
                offset,
                format!("its long name or pax header has {len} bytes, and the limit is {limit}"),
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
            // Devices, pipes, labels of volumes.
            b'3' | b'4' | b'6' | b'V' => return Ok(()),
            b'M' => {
                let text = "the tar archive is one of several volumes; put them together first";
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
        // Before there was a type for folders, a name's last character told.
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
        // What POSIX does not know is a file to it.
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
                b"size" => self.len = Some(number().ok_or_else(|| invalid("its pax size is no number"))?),
                b"mtime" => self.modified = std::str::from_utf8(value).ok().and_then(pax_time),
                b"GNU.sparse.name" => self.sparse_name = Some(value.to_owned()),
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                    self.sparse_len = Some(number().ok_or_else(|| invalid("its sparse size is no number"))?);
                }
                b"GNU.sparse.major" => self.sparse_map_is_in_data = value == b"1",
                // The oldest of the three ways has these again and again, in pairs.
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                    self.sparse_numbers
                        .push(number().ok_or_else(|| invalid("its sparse map has no number"))?);
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

/// The key and the value of the first record of a pax header, and what is behind it. The value may have newlines.
fn pax_record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let len = std::str::from_utf8(&text[..space]).ok()?.parse().ok()?;
    let (record, rest) = text.split_at_checked(len)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some((&record[..equals], &record[equals + 1..], rest))
}

/// Seconds since 1970, with decimals.
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
        let text = format!("this is no tar archive but {name}; decompress it first");
        return Err(io::Error::new(io::ErrorKind::Unsupported, text));
    }
    Err(damaged(offset, "its header's checksum does not match"))
}

fn damaged(offset: u64, error: impl fmt::Display) -> io::Error {
    invalid(format!("the tar archive's entry at byte {offset} is damaged or not to be had: {error}"))
}

/// An error of an entry, with where that is; what the archive's file has is left as it is.
fn told_apart(offset: u64, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::InvalidData { damaged(offset, error) } else { error }
}

fn cut_off(offset: u64, place: &str) -> io::Error {
    let text = format!("the tar archive was cut off at byte {offset}, {place}");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

impl Inner {
    #[expect(clippy::unnecessary_wraps, reason = "as the filesystems whose files may fail to open")]
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
