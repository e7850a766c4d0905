//! The contents of a file, in pages: a write costs the pages that it touches, not the whole file.

use std::{io, time::SystemTime};

use bytes::Bytes;

use super::pages::{PAGE, Pages, charge};

/// The largest length of a file, in bytes: the largest signed offset.
const MAX_LEN: u64 = i64::MAX as u64;

/// The most zeros that are filled into holes to return a sparse file as one buffer, in bytes. Setting a length must
/// not cost that much memory.
const MAX_FILLED_HOLES: u64 = 1 << 30;

/// The contents and times of a file. A clone shares the pages until one of the two writes to them.
#[derive(Debug, Clone)]
pub(super) struct Content {
    data: Data,
    len: u64,
    stored: u64,
    pub(super) modified: SystemTime,
    /// Set only explicitly: reading does not change it.
    pub(super) accessed: Option<SystemTime>,
}

#[derive(Debug, Clone)]
enum Data {
    /// One buffer of the length of the file.
    Whole(Bytes),
    Pages(Pages),
}

impl Content {
    pub(super) fn new() -> Self {
        Self::from_bytes(Bytes::new())
    }

    pub(super) fn from_bytes(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        let now = SystemTime::now();
        Self { data: Data::Whole(bytes), len, stored: len, modified: now, accessed: None }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Returns the number of stored bytes. Holes and the missing ends of pages cost nothing.
    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    /// Returns the value of [`Content::stored`] after a write: each page that it touches grows to the end of the
    /// write.
    pub(super) fn stored_after_write(&self, len: usize, offset: u64) -> io::Result<u64> {
        if len > 0 {
            end_of(len, offset)?;
        }
        // A single buffer becomes pages, the last of which may be charged more than its bytes.
        let mut stored = match &self.data {
            Data::Whole(bytes) if len > 0 => charge_of_whole(bytes.len()),
            _ => self.stored,
        };
        let mut offset = offset;
        let mut left = len;
        while let Some((number, within, part)) = first_part(left, offset) {
            let kept = self.kept(number);
            stored += charge(number, kept.max(within + part)) - charge(number, kept);
            left -= part;
            offset += part as u64;
        }
        Ok(stored)
    }

    /// Returns the number of bytes stored in a page.
    fn kept(&self, number: u64) -> usize {
        match &self.data {
            Data::Whole(bytes) => {
                let start = usize::try_from(number).ok().and_then(|number| number.checked_mul(PAGE));
                start.and_then(|start| bytes.len().checked_sub(start)).map_or(0, |rest| rest.min(PAGE))
            }
            Data::Pages(pages) => pages.bytes(number).len(),
        }
    }

    /// Returns the contents, if they are one buffer.
    pub(super) fn whole(&self) -> Option<Bytes> {
        match &self.data {
            Data::Whole(bytes) => Some(bytes.clone()),
            Data::Pages(_) => None,
        }
    }

    /// Returns the contents as one buffer, without a copy if they are one. A file without holes stays one buffer; a
    /// file with holes does not, because reading must not make it larger.
    pub(super) fn gather(&mut self) -> io::Result<Bytes> {
        let pages = match &mut self.data {
            Data::Whole(bytes) => return Ok(bytes.clone()),
            Data::Pages(pages) => pages,
        };
        if self.len.saturating_sub(self.stored) > MAX_FILLED_HOLES {
            return Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                "cannot read a sparse file whole that is mostly holes; read it in pieces",
            ));
        }
        let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
        let len = usize::try_from(self.len).map_err(|_| out_of_memory())?;
        let mut whole = Vec::new();
        whole.try_reserve_exact(len).map_err(|_| out_of_memory())?;
        let mut put = |number: u64, page: &[u8]| {
            // Every page starts within `len`.
            let start = usize::try_from(number).ok().and_then(|number| number.checked_mul(PAGE));
            whole.resize(start.unwrap_or(len).min(len), 0);
            whole.extend_from_slice(page);
        };
        let has_holes = self.stored < self.len;
        if has_holes {
            pages.iter().for_each(|(number, page)| put(number, page));
        } else {
            // Pages are freed one by one, so that the contents are not stored twice.
            while pages.take_first(&mut put) {}
        }
        whole.resize(len, 0);
        let bytes = Bytes::from(whole);
        if !has_holes {
            self.data = Data::Whole(bytes.clone());
            self.stored = self.len;
        }
        Ok(bytes)
    }

    pub(super) fn read_at(&self, buf: &mut [u8], offset: u64) -> usize {
        let available = self.len.saturating_sub(offset);
        let wanted = usize::try_from(available).map_or(buf.len(), |available| available.min(buf.len()));
        let buf = &mut buf[..wanted];
        match &self.data {
            Data::Whole(bytes) => {
                // `offset` is within the buffer, unless the read is empty.
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                buf.copy_from_slice(&bytes[start..start + wanted]);
            }
            Data::Pages(pages) => {
                for (number, within, part) in split_mut(buf, offset) {
                    let kept = pages.bytes(number).get(within..).unwrap_or_default();
                    let copied = kept.len().min(part.len());
                    part[..copied].copy_from_slice(&kept[..copied]);
                    part[copied..].fill(0);
                }
            }
        }
        wanted
    }

    pub(super) fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let end = end_of(bytes.len(), offset)?;
        let stored = self.stored_after_write(bytes.len(), offset)?;
        let len = self.len;
        let dense = self.stored >= len && offset <= len;
        let pages = self.pages();
        for (number, within, part) in split(bytes, offset) {
            pages.write(number, within, part, dense && number.saturating_mul(PAGE as u64) >= len);
        }
        self.stored = stored;
        self.len = self.len.max(end);
        self.modified = SystemTime::now();
        Ok(())
    }

    pub(super) fn set_len(&mut self, len: u64) -> io::Result<()> {
        if len > MAX_LEN {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if len == 0 {
            self.data = Data::Whole(Bytes::new());
            self.stored = 0;
        } else if len < self.len {
            match &mut self.data {
                Data::Whole(bytes) => {
                    bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
                    self.stored = len;
                }
                Data::Pages(pages) => {
                    let (last, within) = locate(len - 1);
                    pages.truncate(last, within + 1);
                    self.stored = pages.stored();
                }
            }
        } else if len > self.len {
            self.pages();
        }
        self.len = len;
        self.modified = SystemTime::now();
        Ok(())
    }

    /// Converts the contents to pages. Pages of a shared buffer share its memory until they are written.
    fn pages(&mut self) -> &mut Pages {
        if let Data::Whole(bytes) = &self.data {
            self.stored = charge_of_whole(bytes.len());
            self.data = Data::Pages(Pages::of(bytes));
        }
        match &mut self.data {
            Data::Pages(pages) => pages,
            Data::Whole(_) => unreachable!("converted to pages above"),
        }
    }
}

/// Returns the end of a write of `len` bytes, if a file can be that long.
fn end_of(len: usize, offset: u64) -> io::Result<u64> {
    let end = offset.checked_add(len as u64).filter(|end| *end <= MAX_LEN);
    end.ok_or_else(|| io::ErrorKind::FileTooLarge.into())
}

/// Returns the charge of a single buffer once it is converted to pages, the last of which may be short.
fn charge_of_whole(len: usize) -> u64 {
    let last = len.saturating_sub(1) / PAGE;
    let before = last * PAGE;
    before as u64 + charge(last as u64, len - before)
}

/// Splits `bytes`, to be written at `offset`, at page boundaries: the number of the page, the offset within it, and
/// the part.
fn split(mut bytes: &[u8], mut offset: u64) -> impl Iterator<Item = (u64, usize, &[u8])> {
    std::iter::from_fn(move || {
        let (number, within, len) = first_part(bytes.len(), offset)?;
        let (part, rest) = bytes.split_at(len);
        bytes = rest;
        offset += len as u64;
        Some((number, within, part))
    })
}

/// As [`split`], for a buffer to be filled.
fn split_mut(mut bytes: &mut [u8], mut offset: u64) -> impl Iterator<Item = (u64, usize, &mut [u8])> {
    std::iter::from_fn(move || {
        let (number, within, len) = first_part(bytes.len(), offset)?;
        let (part, rest) = std::mem::take(&mut bytes).split_at_mut(len);
        bytes = rest;
        offset += len as u64;
        Some((number, within, part))
    })
}

fn first_part(len: usize, offset: u64) -> Option<(u64, usize, usize)> {
    let (number, within) = locate(offset);
    (len > 0).then(|| (number, within, len.min(PAGE - within)))
}

/// Returns the number of the page of `offset`, and the offset within it.
#[allow(clippy::cast_possible_truncation, reason = "the remainder of a division by the page size fits")]
fn locate(offset: u64) -> (u64, usize) {
    (offset / PAGE as u64, (offset % PAGE as u64) as usize)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "the files here are small")]
mod tests {
    use proptest::prelude::*;

    use super::{super::pages::MIN_CHARGE, *};

    fn all(content: &Content) -> Vec<u8> {
        let mut bytes = vec![0xAA; content.len() as usize + 7];
        let read = content.read_at(&mut bytes, 0);
        bytes.truncate(read);
        bytes
    }

    #[test]
    fn whole_buffers_are_not_copied() {
        let bytes = Bytes::from(vec![7; 200_000]);
        let mut content = Content::from_bytes(bytes.clone());
        assert_eq!(content.gather().unwrap().as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn write_in_the_middle_copies_one_page_and_leaves_the_callers_buffer() {
        let bytes = Bytes::from(vec![7; 200_000]);
        let mut content = Content::from_bytes(bytes.clone());
        content.write_at(b"x", 100_000).unwrap();
        assert_eq!(bytes[100_000], 7);
        assert_eq!((all(&content)[100_000], all(&content)[100_001]), (b'x', 7));
        let Data::Pages(pages) = &content.data else { panic!() };
        assert_eq!(pages.owned(), 1);
    }

    #[test]
    fn file_above_4_gib_is_sparse() {
        let mut content = Content::new();
        content.write_at(b"end", 5 << 30).unwrap();
        assert_eq!(content.len(), (5 << 30) + 3);
        assert!(content.stored() < 2 * PAGE as u64);
        let mut bytes = [1; 5];
        assert_eq!(content.read_at(&mut bytes, (5 << 30) - 2), 5);
        assert_eq!(&bytes, b"\0\0end");
    }

    #[test]
    fn offsets_beyond_the_signed_range_are_refused() {
        let mut content = Content::new();
        assert_eq!(content.write_at(b"xy", u64::MAX).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(content.read_at(&mut [0; 4], u64::MAX), 0);
        assert_eq!(content.set_len(u64::MAX).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    /// Recounts the charge of the contents.
    fn recounted(content: &Content) -> u64 {
        match &content.data {
            Data::Whole(bytes) => bytes.len() as u64,
            Data::Pages(pages) => pages.stored(),
        }
    }

    #[test]
    fn clone_shares_its_pages_until_one_side_writes_them() {
        let mut content = Content::new();
        content.write_at(&[1; 200_000], 0).unwrap();
        let copy = content.clone();
        content.write_at(b"x", 100_000).unwrap();
        assert!(all(&copy) == [1; 200_000]);
        let (Data::Pages(ours), Data::Pages(theirs)) = (&content.data, &copy.data) else { panic!() };
        let shared = ours.iter().filter(|(number, page)| page.as_ptr() == theirs.bytes(*number).as_ptr());
        assert_eq!(shared.count(), 3, "of four pages");
    }

    #[test]
    fn scattered_bytes_are_charged() {
        let mut content = Content::new();
        for page in 0..100 {
            content.write_at(b"x", page * PAGE as u64).unwrap();
        }
        assert!(content.stored() >= 99 * MIN_CHARGE);
        assert_eq!(content.stored(), recounted(&content));
    }

    #[test]
    fn length_alone_costs_no_memory() {
        let mut content = Content::new();
        content.set_len(1 << 50).unwrap();
        assert_eq!(content.stored(), 0);
        assert_eq!(content.gather().unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }

    #[test]
    fn reading_a_sparse_file_whole_keeps_its_holes() {
        let mut content = Content::new();
        content.write_at(b"end", 300_000).unwrap();
        let stored = content.stored();
        assert_eq!(content.gather().unwrap().len(), 300_003);
        assert_eq!(content.stored(), stored);
        assert_eq!(&all(&content)[299_999..], b"\0end");
    }

    #[test]
    fn scattered_pieces_use_pages_and_no_blocks() {
        let mut content = Content::new();
        for number in 0..8 {
            content.write_at(&[1; 8 << 10], BLOCKS_FROM + number * (2 << 20)).unwrap();
        }
        let Data::Pages(pages) = &content.data else { panic!() };
        assert_eq!((pages.blocks(), content.stored()), (0, 8 * (8 << 10)));
    }

    /// The length from which a file uses blocks.
    const BLOCKS_FROM: u64 = 16 << 20;

    #[test]
    fn long_run_uses_blocks_that_survive_a_gap_and_a_snapshot() {
        let piece: Vec<u8> = (0..PAGE).map(|offset| (offset / 5) as u8).collect();
        let mut content = Content::new();
        for offset in (0..BLOCKS_FROM + (5 << 20)).step_by(PAGE) {
            content.write_at(&piece, offset).unwrap();
        }
        let blocks = |content: &Content| match &content.data {
            Data::Pages(pages) => pages.blocks(),
            Data::Whole(_) => 0,
        };
        assert_eq!(blocks(&content), 3, "of 2 MiB each");
        assert_eq!(content.stored(), content.len());
        let snapshot = content.clone();
        content.write_at(b"changed", BLOCKS_FROM + 9).unwrap();
        content.set_len(BLOCKS_FROM + (4 << 20) + 100).unwrap();
        content.write_at(b"after a gap", BLOCKS_FROM + (5 << 20)).unwrap();
        assert_eq!((blocks(&content), blocks(&snapshot)), (2, 3));
        assert_eq!(content.stored(), recounted(&content));

        let expected: Vec<u8> = piece.iter().copied().cycle().take(snapshot.len() as usize).collect();
        assert!(all(&snapshot) == expected);
        let mut changed = expected;
        let offset = BLOCKS_FROM as usize;
        changed[offset + 9..offset + 16].copy_from_slice(b"changed");
        changed.truncate(offset + (4 << 20) + 100);
        changed.resize(offset + (5 << 20), 0);
        changed.extend_from_slice(b"after a gap");
        assert!(all(&content) == changed);
        assert!(content.gather().unwrap() == changed);
    }

    #[derive(Debug, Clone)]
    enum Change {
        Write(Vec<u8>, u64),
        SetLen(u64),
        Gather,
    }

    fn change() -> impl Strategy<Value = Change> {
        // Near page boundaries.
        let place = (prop_oneof![0..4u64, 255..259u64, 286..290u64], -3..4i64)
            .prop_map(|(page, beside)| (page * PAGE as u64).saturating_add_signed(beside));
        let run = (prop_oneof![0..8usize, 65_000..66_000usize], any::<u8>())
            .prop_map(|(len, byte)| vec![byte; len]);
        prop_oneof![
            4 => (run, place.clone()).prop_map(|(bytes, offset)| Change::Write(bytes, offset)),
            2 => place.prop_map(Change::SetLen),
            1 => Just(Change::Gather),
        ]
    }

    proptest! {
        #[test]
        fn content_is_what_a_plain_vector_would_hold(
            first in proptest::collection::vec(any::<u8>(), 0..100_000),
            changes in proptest::collection::vec(change(), 0..12),
        ) {
            let mut model = first.clone();
            let mut content = Content::from_bytes(first.into());
            for change in changes {
                match change {
                    Change::Write(bytes, offset) => {
                        let at_model = offset as usize;
                        // An empty write does not extend the file, at any offset.
                        if bytes.is_empty() {
                            content.write_at(&bytes, offset).unwrap();
                            continue;
                        }
                        if model.len() < at_model + bytes.len() {
                            model.resize(at_model + bytes.len(), 0);
                        }
                        model[at_model..at_model + bytes.len()].copy_from_slice(&bytes);
                        content.write_at(&bytes, offset).unwrap();
                    }
                    Change::SetLen(len) => {
                        model.resize(len as usize, 0);
                        content.set_len(len).unwrap();
                    }
                    Change::Gather => prop_assert_eq!(&content.gather().unwrap()[..], &model[..]),
                }
                prop_assert_eq!(content.len(), model.len() as u64);
                prop_assert_eq!(content.stored(), recounted(&content));
            }
            prop_assert!(all(&content) == model);
        }
    }
}
