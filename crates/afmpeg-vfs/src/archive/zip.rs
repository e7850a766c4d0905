use std::{
    fmt, io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rawzip::{
    CompressionMethod, ErrorKind, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ReaderAt, ZipFileHeaderRecord,
    ZipLocator, time::ZipDateTimeKind,
};

use super::{
    Archive, ArchiveLimits, Buffered, Measured,
    inflate::{Deflated, Inflater, small},
    invalid,
};
use crate::{
    Metadata, VFile, VPath, Vfs,
    index::{BytesFile, Index, read_only_vfs, shown},
    path_limits::MAX_LINK_TEXT,
};

/// A zip archive as a read-only filesystem, without unpacking it. Clones share it.
///
/// The central directory is read once, when the archive is opened. A stored file is read in place, without a copy if
/// the archive is in memory; its checksum is not verified. A deflated file is inflated into memory and verified when
/// it is opened, and cached until other files need the memory ([`ArchiveLimits::inflated_bytes`]).
///
/// Names become paths of this library: an absolute name starts at the root, `..` does not leave it, and a backslash is
/// an ordinary character. Names that are not UTF-8 are decoded as code page 437. Of two entries with one name, the
/// later one applies. Symbolic links are resolved within the archive; devices, pipes and sockets are skipped. Opening
/// fails with [`InvalidData`](io::ErrorKind::InvalidData) if a path is both a file and a folder with contents, and if
/// the archive exceeds the limits.
///
/// Encrypted entries, and compression methods other than deflate, are listed; opening them fails with
/// [`Unsupported`](io::ErrorKind::Unsupported).
///
/// ```
/// use afmpeg_vfs::{VfsExt as _, ZipFs};
/// # use std::io::Write as _;
/// # let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// # writer.start_file("clips/a.srt", zip::write::SimpleFileOptions::default())?;
/// # writer.write_all(b"1\n00:00:00")?;
/// # let bytes = writer.finish()?.into_inner();
///
/// let fs = ZipFs::open(bytes)?;
/// assert_eq!(fs.walk("/")?, ["/clips", "/clips/a.srt"]);
/// assert_eq!(fs.read("/clips/a.srt")?, "1\n00:00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ZipFs {
    inner: Arc<Inner>,
}

struct Inner {
    archive: Measured,
    index: Index<Entry>,
    inflater: Inflater,
}

/// The location of a file.
#[derive(Debug)]
struct Entry {
    /// The offset of its local header, which its contents follow.
    header: u64,
    compressed: u64,
    len: u64,
    crc: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stored,
    Deflated,
    /// It cannot be read, for this reason.
    Closed(io::ErrorKind, Box<str>),
}

impl Kind {
    fn unsupported(reason: String) -> Self {
        Self::Closed(io::ErrorKind::Unsupported, reason.into())
    }

    fn damaged(reason: String) -> Self {
        Self::Closed(io::ErrorKind::InvalidData, reason.into())
    }
}

impl ZipFs {
    /// Opens the archive at `path` on `fs`, with the default limits.
    ///
    /// # Errors
    ///
    /// As [`Vfs::open`] and [`ZipFs::with_limits`].
    ///
    /// ```
    /// use afmpeg_vfs::{MemFs, VPath, VfsExt as _, ZipFs};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let fs = MemFs::new();
    /// // The shortest zip archive, without entries.
    /// fs.write("/a.zip", [b"PK\x05\x06".as_slice(), &[0; 18]].concat())?;
    /// assert_eq!(ZipFs::new(&fs, &VPath::new("/a.zip")?)?.walk("/")?, [""; 0]);
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
    /// As [`ZipFs::with_limits`].
    pub fn open(archive: impl Into<Archive>) -> io::Result<Self> {
        Self::with_limits(archive, ArchiveLimits::new())
    }

    /// Opens an archive with these limits.
    ///
    /// # Errors
    ///
    /// `InvalidData` if it is not a zip archive, is damaged, has conflicting names, or exceeds the limits on names;
    /// errors of the archive's file.
    ///
    /// ```
    /// use afmpeg_vfs::{ArchiveLimits, ZipFs};
    ///
    /// let refused = ZipFs::with_limits(vec![0; 100], ArchiveLimits::new());
    /// assert_eq!(refused.unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    /// ```
    pub fn with_limits(archive: impl Into<Archive>, limits: ArchiveLimits) -> io::Result<Self> {
        let archive = archive.into().measure()?;
        let index = read_index(&archive, limits)?;
        Ok(Self { inner: Arc::new(Inner { archive, index, inflater: Inflater::new(limits) }) })
    }

    /// Returns the number of inflated bytes in memory: of open files, of contents still in use, and of cached files.
    ///
    /// ```
    /// # use afmpeg_vfs::ZipFs;
    /// # let bytes = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    /// assert_eq!(ZipFs::open(bytes)?.inflated_bytes(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn inflated_bytes(&self) -> u64 {
        self.inner.inflater.inflated_bytes()
    }
}

impl ReaderAt for Buffered<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            // The parser treats an interrupted read as a failure.
            match Buffered::read_at(self, buf, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

fn damaged(error: rawzip::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::IO(error) if error.kind() != io::ErrorKind::UnexpectedEof => error,
        ErrorKind::MissingEndOfCentralDirectory => {
            invalid("not a zip archive, or a truncated one: the central directory is missing")
        }
        kind => invalid(format!("the zip archive is damaged: {kind}")),
    }
}

fn read_index(archive: &Measured, limits: ArchiveLimits) -> io::Result<Index<Entry>> {
    let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
    let located = ZipLocator::new().locate_in_reader(Buffered::new(archive), &mut buffer, archive.len);
    let located = located.map_err(|(_, error)| damaged(error))?;
    let mut index = Index::new(limits.names());
    let mut entries = located.entries(&mut buffer);
    let mut listed = 0;
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        // Entries that are replaced count, too.
        listed += 1;
        if listed > limits.entries {
            return Err(invalid(format!(
                "the zip archive has more than {} entries; raise the limit",
                limits.entries
            )));
        }
        add(archive, &mut index, &entry)?;
    }
    if listed as u64 != located.entries_hint() && listed % (1 << 16) != usize_of(located.entries_hint()) {
        return Err(invalid(format!(
            "the zip archive is damaged: expected {} entries, found {listed}",
            located.entries_hint()
        )));
    }
    Ok(index)
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The type bits of a Unix mode, and the types that are not a file, a folder or a link.
const TYPE: u32 = 0o170_000;
const DIR: u32 = 0o040_000;
const SPECIAL: [u32; 4] = [0o010_000, 0o020_000, 0o060_000, 0o140_000];

fn add(archive: &Measured, index: &mut Index<Entry>, entry: &ZipFileHeaderRecord<'_>) -> io::Result<()> {
    let raw = entry.file_path();
    let name = match std::str::from_utf8(raw.as_bytes()) {
        Ok(name) => name.to_owned(),
        Err(_) => raw.as_bytes().iter().map(|byte| cp437(*byte)).collect(),
    };
    let modified = system_time(&entry.last_modified());
    let mode = entry.mode();
    let unix_type = mode.value() & TYPE;
    if entry.is_dir() || unix_type == DIR {
        return index.add_dir(&name, modified).map_err(invalid);
    }
    if SPECIAL.contains(&unix_type) {
        return Ok(());
    }
    let (compressed, len) = (entry.compressed_size_hint(), entry.uncompressed_size_hint());
    let method = entry.compression_method();
    let kind = if entry.flags().is_encrypted() {
        Kind::unsupported(format!("it is encrypted (compression method {method})"))
    } else if method == CompressionMethod::DEFLATE {
        Kind::Deflated
    } else if method != CompressionMethod::STORE {
        Kind::unsupported(format!("expected compression method deflate, found {method}"))
    } else if compressed == len {
        Kind::Stored
    } else {
        Kind::damaged(format!("it is stored, but has {compressed} stored bytes and a length of {len}"))
    };
    let mut file = Entry { header: entry.local_header_offset(), compressed, len, crc: entry.crc32(), kind };
    if mode.is_symlink() && !matches!(file.kind, Kind::Closed(..)) {
        match link_text(archive, &file) {
            Ok(text) => return index.add_symlink(&name, &text, modified).map_err(invalid),
            Err(error)
                if matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                file.kind = Kind::damaged(format!("its symbolic link cannot be read: {error}"));
            }
            // The file of the archive may have other bytes the next time.
            Err(error) => return Err(error),
        }
    }
    index.add_file(&name, len, modified, file).map_err(invalid)
}

fn link_text(archive: &Measured, entry: &Entry) -> io::Result<String> {
    const MAX: u64 = MAX_LINK_TEXT as u64;

    if entry.len == 0 || entry.len > MAX {
        return Err(invalid(format!("expected a text of 1 to {MAX} bytes, found {}", entry.len)));
    }
    // Many links could share the same empty blocks, each of which would be read.
    if entry.compressed > 2 * MAX {
        return Err(invalid(format!("its {} deflated bytes exceed any text", entry.compressed)));
    }
    let text = small(archive, matches!(entry.kind, Kind::Stored), locate(archive, entry)?)?;
    let text = String::from_utf8(text).map_err(|_| invalid("its text is not UTF-8"))?;
    if text.contains('\0') { Err(invalid("its text has a NUL byte")) } else { Ok(text) }
}

/// Returns the location of the contents, which follow a local header of variable length.
fn locate(archive: &Measured, entry: &Entry) -> io::Result<Deflated> {
    const SIGNATURE: [u8; 4] = *b"PK\x03\x04";
    const LEN: usize = 30;

    let mut header = [0; LEN];
    archive.read_exact_at(&mut header, entry.header)?;
    if header[..4] != SIGNATURE {
        return Err(invalid(format!("expected its header at byte {} of the archive", entry.header)));
    }
    let field = |offset: usize| u64::from(u16::from_le_bytes([header[offset], header[offset + 1]]));
    let start = entry.header.saturating_add(LEN as u64 + field(26) + field(28));
    if start.checked_add(entry.compressed).is_none_or(|end| end > archive.len) {
        let text = format!("its {} bytes from byte {start} on exceed the archive", entry.compressed);
        return Err(invalid(text));
    }
    Ok(Deflated { start, compressed: entry.compressed, len: entry.len, crc: entry.crc })
}

impl Inner {
    fn open_file(&self, path: &VPath, metadata: Metadata, entry: &Entry) -> io::Result<Box<dyn VFile>> {
        self.open_entry(metadata, entry).map_err(|error| {
            let text = format!("cannot open {:?} of the zip archive: {error}", shown(path.as_str()));
            io::Error::new(error.kind(), text)
        })
    }

    fn open_entry(&self, metadata: Metadata, entry: &Entry) -> io::Result<Box<dyn VFile>> {
        if let Kind::Closed(kind, reason) = &entry.kind {
            return Err(io::Error::new(*kind, &**reason));
        }
        let place = locate(&self.archive, entry)?;
        if let Kind::Stored = entry.kind {
            return Ok(self.archive.open_range(place.start, place.len, metadata));
        }
        let bytes = self.inflater.contents(&self.archive, metadata.inode, place)?;
        Ok(Box::new(BytesFile::new(bytes, metadata)))
    }
}

impl fmt::Debug for ZipFs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipFs")
            .field("archive", &self.inner.archive)
            .field("inflated_bytes", &self.inflated_bytes())
            .finish()
    }
}

read_only_vfs!(ZipFs);

/// Returns the time if it is valid. Times of MS-DOS have no time zone and count as UTC.
fn system_time(time: &ZipDateTimeKind) -> Option<SystemTime> {
    let (year, month, day) = (u64::from(time.year()), u64::from(time.month()), u64::from(time.day()));
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years start in March here, so that a leap day is the last day of its year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = (year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1).checked_sub(DAYS_TO_1970)?;
    let (hour, minute, second) = (u64::from(time.hour()), u64::from(time.minute()), u64::from(time.second()));
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, time.nanosecond()))
}

/// Counted from the first of March of the year 0.
const DAYS_TO_1970: u64 = 719_468;

/// Decodes a character of code page 437, the encoding of names that are not UTF-8.
fn cp437(byte: u8) -> char {
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(place) => UPPER.chars().nth(usize::from(place)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_the_code_page_are_distinct() {
        let all: std::collections::BTreeSet<char> = (0..=255).map(cp437).collect();
        assert_eq!(all.len(), 256);
        assert!(!all.contains(&char::REPLACEMENT_CHARACTER));
    }
}
