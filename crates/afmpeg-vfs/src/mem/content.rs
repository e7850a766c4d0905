//! What a file in memory holds: pages, so that a write in the middle costs a page and not the file.

use std::{collections::BTreeMap, io, time::SystemTime};

use bytes::Bytes;

/// The length of a page, in bytes. FFmpeg writes 32 KiB at a time: large enough that a page's place is looked up
/// once in two writes, small enough that the first write to a page of a shared buffer copies little.
const PAGE: usize = 64 << 10;

/// The longest a file may be, in bytes: what a signed offset can say.
const MAX_LEN: u64 = i64::MAX as u64;

/// A page's bytes; what it lacks to the length of a page are zeros.
#[derive(Debug)]
enum Page {
    /// Part of a buffer that came from outside, not yet written to.
    Shared(Bytes),
    Owned(Vec<u8>),
}

impl Page {
    fn bytes(&self) -> &[u8] {
        match self {
            Page::Shared(bytes) => bytes,
            Page::Owned(bytes) => bytes,
        }
    }

    fn make_owned(&mut self) -> &mut Vec<u8> {
        if let Page::Shared(bytes) = self {
            *self = Page::Owned(bytes.to_vec());
        }
        match self {
            Page::Owned(bytes) => bytes,
            Page::Shared(_) => unreachable!("it was made owned above"),
        }
    }
}

#[derive(Debug)]
pub(super) struct Content {
    data: Data,
    len: u64,
    /// How many bytes are really kept: holes and what a page lacks cost nothing.
    stored: u64,
    pub(super) modified: SystemTime,
}

#[derive(Debug)]
enum Data {
    /// One buffer, of exactly the file's length.
    Whole(Bytes),
    /// By number; a page that is not here is zeros.
    Pages(BTreeMap<u64, Page>),
}

impl Content {
    pub(super) fn new() -> Self {
        Self::from_bytes(Bytes::new())
    }

    pub(super) fn from_bytes(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        Self { data: Data::Whole(bytes), len, stored: len, modified: SystemTime::now() }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    /// What [`Content::stored`] will be after a write: the pages that it touches grow to its end in each.
    pub(super) fn stored_after_write(&self, len: usize, at: u64) -> u64 {
        let mut stored = self.stored;
        let mut at = at;
        let mut left = len;
        while let Some((number, offset, part)) = first_part(left, at) {
            let kept = match &self.data {
                Data::Whole(bytes) => {
                    let start = usize::try_from(at).unwrap_or(usize::MAX).saturating_sub(offset);
                    bytes.len().saturating_sub(start).min(PAGE)
                }
                Data::Pages(pages) => pages.get(&number).map_or(0, |page| page.bytes().len()),
            };
            stored += (offset + part).saturating_sub(kept) as u64;
            left -= part;
            at = at.saturating_add(part as u64);
        }
        stored
    }

    /// The contents, if they are in one piece.
    pub(super) fn whole(&self) -> Option<Bytes> {
        match &self.data {
            Data::Whole(bytes) => Some(bytes.clone()),
            Data::Pages(_) => None,
        }
    }

    /// The whole contents in one piece: without a copy if they are in one piece already, else they are from now
    /// on.
    pub(super) fn gather(&mut self) -> io::Result<Bytes> {
        if let Data::Whole(bytes) = &self.data {
            return Ok(bytes.clone());
        }
        let len = usize::try_from(self.len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let mut whole = Vec::new();
        whole.try_reserve_exact(len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        whole.resize(len, 0);
        self.read_at(&mut whole, 0);
        let bytes = Bytes::from(whole);
        self.data = Data::Whole(bytes.clone());
        self.stored = self.len;
        Ok(bytes)
    }

    pub(super) fn read_at(&self, into: &mut [u8], at: u64) -> usize {
        let available = self.len.saturating_sub(at);
        let wanted = usize::try_from(available).map_or(into.len(), |available| available.min(into.len()));
        let into = &mut into[..wanted];
        match &self.data {
            Data::Whole(bytes) => {
                // `at` is within the buffer, unless nothing is wanted.
                let start = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                into.copy_from_slice(&bytes[start..start + wanted]);
            }
            Data::Pages(pages) => {
                for (number, offset, part) in split_mut(into, at) {
                    let kept = pages.get(&number).map(Page::bytes).unwrap_or_default();
                    let kept = kept.get(offset..).unwrap_or_default();
                    let copied = kept.len().min(part.len());
                    part[..copied].copy_from_slice(&kept[..copied]);
                    part[copied..].fill(0);
                }
            }
        }
        wanted
    }

    pub(super) fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let end = at.checked_add(bytes.len() as u64).filter(|end| *end <= MAX_LEN);
        let end = end.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let mut grown = 0;
        let pages = self.pages();
        for (number, offset, part) in split(bytes, at) {
            let page = pages.entry(number).or_insert_with(|| Page::Owned(Vec::new())).make_owned();
            // The first page of a small file grows as needed; a later one will most likely be filled.
            if number > 0 && page.capacity() == 0 {
                page.reserve_exact(PAGE);
            }
            let before = page.len();
            if page.len() < offset {
                page.resize(offset, 0);
            }
            let overwritten = part.len().min(page.len() - offset);
            page[offset..offset + overwritten].copy_from_slice(&part[..overwritten]);
            page.extend_from_slice(&part[overwritten..]);
            grown += page.len() - before;
        }
        self.stored += grown as u64;
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
        } else if len < self.len {
            let (last, kept) = locate(len - 1);
            let kept = kept + 1;
            let pages = self.pages();
            pages.split_off(&(last + 1));
            // What is cut off must be zeros if the file grows again.
            if let Some(page) = pages.get_mut(&last)
                && page.bytes().len() > kept
            {
                page.make_owned().truncate(kept);
            }
        } else if len > self.len {
            self.pages();
        }
        self.len = len;
        self.stored = match &self.data {
            Data::Whole(bytes) => bytes.len() as u64,
            Data::Pages(pages) => pages.values().map(|page| page.bytes().len() as u64).sum(),
        };
        self.modified = SystemTime::now();
        Ok(())
    }

    /// The contents as pages. Those of a buffer from outside go on sharing its memory until they are written.
    fn pages(&mut self) -> &mut BTreeMap<u64, Page> {
        if let Data::Whole(bytes) = &self.data {
            let slices = (0..bytes.len()).step_by(PAGE).map(|at| bytes.slice(at..bytes.len().min(at + PAGE)));
            self.data = Data::Pages((0..).zip(slices.map(Page::Shared)).collect());
        }
        match &mut self.data {
            Data::Pages(pages) => pages,
            Data::Whole(_) => unreachable!("it was made pages above"),
        }
    }
}

/// Cuts `bytes`, which belong at the offset `at`, where pages begin: the page's number, the offset in it, the part.
fn split(mut bytes: &[u8], mut at: u64) -> impl Iterator<Item = (u64, usize, &[u8])> {
    std::iter::from_fn(move || {
        let (number, offset, len) = first_part(bytes.len(), at)?;
        let (part, rest) = bytes.split_at(len);
        bytes = rest;
        at += len as u64;
        Some((number, offset, part))
    })
}

/// As [`split`], for a buffer to fill.
fn split_mut(mut bytes: &mut [u8], mut at: u64) -> impl Iterator<Item = (u64, usize, &mut [u8])> {
    std::iter::from_fn(move || {
        let (number, offset, len) = first_part(bytes.len(), at)?;
        let (part, rest) = std::mem::take(&mut bytes).split_at_mut(len);
        bytes = rest;
        at += len as u64;
        Some((number, offset, part))
    })
}

fn first_part(len: usize, at: u64) -> Option<(u64, usize, usize)> {
    let (number, offset) = locate(at);
    (len > 0).then(|| (number, offset, len.min(PAGE - offset)))
}

/// The number of the page that the offset `at` is in, and the offset in it.
#[allow(
    clippy::cast_possible_truncation,
    reason = "what is left of a division by a page fits where a page does"
)]
fn locate(at: u64) -> (u64, usize) {
    (at / PAGE as u64, (at % PAGE as u64) as usize)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "the files here are small")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(content: &Content) -> Vec<u8> {
        let mut bytes = vec![0xAA; content.len() as usize + 7];
        let read = content.read_at(&mut bytes, 0);
        bytes.truncate(read);
        bytes
    }

    #[test]
    fn inserting_and_taking_a_buffer_copies_nothing() {
        let bytes = Bytes::from(vec![7; 200_000]);
        let mut content = Content::from_bytes(bytes.clone());
        assert_eq!(content.gather().unwrap().as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn write_in_the_middle_leaves_the_callers_buffer_and_keeps_one_page() {
        let bytes = Bytes::from(vec![7; 200_000]);
        let mut content = Content::from_bytes(bytes.clone());
        content.write_at(b"x", 100_000).unwrap();
        assert_eq!(bytes[100_000], 7);
        assert_eq!((all(&content)[100_000], all(&content)[100_001]), (b'x', 7));
        let Data::Pages(pages) = &content.data else { panic!() };
        let owned = pages.values().filter(|page| matches!(page, Page::Owned(_))).count();
        assert_eq!(owned, 1);
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
    fn offsets_at_the_end_of_the_number_line_are_refused() {
        let mut content = Content::new();
        assert_eq!(content.write_at(b"xy", u64::MAX).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(content.read_at(&mut [0; 4], u64::MAX), 0);
        assert_eq!(content.set_len(u64::MAX).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[derive(Debug, Clone)]
    enum Change {
        Write(Vec<u8>, u64),
        SetLen(u64),
        Gather,
    }

    fn change() -> impl Strategy<Value = Change> {
        // Around the borders of the first pages, where things go wrong.
        let place =
            (0..4u64, -3..4i64).prop_map(|(page, beside)| (page * PAGE as u64).saturating_add_signed(beside));
        let run = (prop_oneof![0..8usize, 65_000..66_000usize], any::<u8>())
            .prop_map(|(len, byte)| vec![byte; len]);
        prop_oneof![
            4 => (run, place.clone()).prop_map(|(bytes, at)| Change::Write(bytes, at)),
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
                    Change::Write(bytes, at) => {
                        let at_model = at as usize;
                        // Writing nothing does not move the end, wherever it is written.
                        if bytes.is_empty() {
                            content.write_at(&bytes, at).unwrap();
                            continue;
                        }
                        if model.len() < at_model + bytes.len() {
                            model.resize(at_model + bytes.len(), 0);
                        }
                        model[at_model..at_model + bytes.len()].copy_from_slice(&bytes);
                        content.write_at(&bytes, at).unwrap();
                    }
                    Change::SetLen(len) => {
                        model.resize(len as usize, 0);
                        content.set_len(len).unwrap();
                    }
                    Change::Gather => prop_assert_eq!(&content.gather().unwrap()[..], &model[..]),
                }
                prop_assert_eq!(content.len(), model.len() as u64);
                prop_assert!(all(&content) == model);
            }
        }
    }
}
