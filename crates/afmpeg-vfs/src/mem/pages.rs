//! Storage of the contents of a file: numbered pages, and blocks of many pages for long sequential writes.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use memmap2::MmapMut;

/// The size of a page, in bytes. Programs write tens of KiB at a time: pages are large enough that about every second
/// write looks up a page, and small enough that the first write to a page of a shared buffer copies little.
pub(super) const PAGE: usize = 64 << 10;

/// The number of pages in a block of 2 MiB, the size of a huge page. The first write to new memory costs a page fault
/// per processor page, which with pages of 4 KiB takes longer than the copy itself.
const BLOCK_PAGES: u64 = (BLOCK / PAGE) as u64;
const BLOCK: usize = 2 << 20;

/// The first page that may be in a block: at 16 MiB, so that the unused end of the last block is small compared to the
/// file.
const FIRST_BLOCK_PAGE: u64 = 8 * BLOCK_PAGES;

/// The least charge of a page after the first, in bytes: the cost of storing it. Otherwise scattered bytes in a sparse
/// file would cost memory without being charged.
pub(super) const MIN_CHARGE: u64 = 256;

/// The length in bytes from which the first write to a page counts as part of a sequential write: memory for the whole
/// page is reserved at once.
const RUN: usize = 4 << 10;

/// The bytes of a page; the rest of the page is zeros.
#[derive(Debug, Clone)]
enum Page {
    /// Part of a buffer of the caller, which has not been written to.
    Shared(Bytes),
    /// A buffer of the file; a write copies it if a snapshot shares it.
    Owned(Arc<Vec<u8>>),
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
            *self = Page::Owned(Arc::new(bytes.to_vec()));
        }
        match self {
            Page::Owned(bytes) => Arc::make_mut(bytes),
            Page::Shared(_) => unreachable!("converted to an owned page above"),
        }
    }
}

/// The bytes of a block, in memory mapped for it and filled from the front without gaps. The rest is zeros.
#[derive(Debug)]
struct Block {
    memory: MmapMut,
    len: usize,
}

impl Block {
    /// Returns `None` if the memory is not available; the caller uses pages instead.
    fn new() -> Option<Self> {
        let memory = MmapMut::map_anon(BLOCK).ok()?;
        // Only advice: without it, the block is slower.
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage);
        Some(Self { memory, len: 0 })
    }

    fn bytes(&self) -> &[u8] {
        &self.memory[..self.len]
    }

    fn write(&mut self, offset: usize, part: &[u8]) {
        let end = offset + part.len();
        self.memory[offset..end].copy_from_slice(part);
        self.len = self.len.max(end);
    }

    /// Truncates the block. The memory is overwritten before it becomes visible again, so that a longer file has
    /// zeros.
    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Returns the part of the block that is one page.
    fn page(&self, number: u64) -> &[u8] {
        self.bytes().get(offset_in_block(number)..).map_or(&[], |rest| &rest[..rest.len().min(PAGE)])
    }
}

/// Returns the offset of a page within its block.
#[allow(clippy::cast_possible_truncation, reason = "a block has few pages")]
fn offset_in_block(number: u64) -> usize {
    (number % BLOCK_PAGES) as usize * PAGE
}

/// The stored contents of a file, without zeros. A clone shares them until one of the two writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    /// By number; disjoint from the blocks.
    pages: BTreeMap<u64, Page>,
    /// By the number of the first page.
    blocks: BTreeMap<u64, Arc<Block>>,
}

impl Pages {
    /// Splits a buffer into pages, which share its memory until they are written.
    pub(super) fn of(bytes: &Bytes) -> Self {
        let slices =
            (0..bytes.len()).step_by(PAGE).map(|offset| bytes.slice(offset..bytes.len().min(offset + PAGE)));
        Self { pages: (0..).zip(slices.map(Page::Shared)).collect(), blocks: BTreeMap::new() }
    }

    fn block(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(&first_of_block(number))
    }

    /// Returns the stored bytes of a page; the rest of the page is zeros.
    pub(super) fn bytes(&self, number: u64) -> &[u8] {
        match self.block(number) {
            Some(block) => block.page(number),
            None => self.pages.get(&number).map(Page::bytes).unwrap_or_default(),
        }
    }

    /// Writes to one page, at `offset` within it. `in_run` means that the file ended before the page without a hole: a
    /// whole block is reserved, and scattered writes must not reserve many.
    pub(super) fn write(&mut self, number: u64, offset: usize, part: &[u8], in_run: bool) {
        let first = first_of_block(number);
        let begins_block = number == first && number >= FIRST_BLOCK_PAGE && offset == 0 && part.len() >= RUN;
        if in_run
            && begins_block
            && let Some(block) = Block::new()
        {
            self.blocks.insert(first, Arc::new(block));
        }
        if self.write_into_block(number, offset, part) {
            return;
        }
        let page = self.pages.entry(number).or_insert_with(|| Page::Owned(Arc::default())).make_owned();
        // The first page of a small file grows as needed.
        if number > 0 && offset == 0 && part.len() >= RUN && page.is_empty() {
            page.reserve_exact(PAGE);
        }
        if page.len() < offset {
            page.resize(offset, 0);
        }
        let overwritten = part.len().min(page.len() - offset);
        page[offset..offset + overwritten].copy_from_slice(&part[..overwritten]);
        page.extend_from_slice(&part[overwritten..]);
    }

    /// Returns false if the page is not in a block.
    fn write_into_block(&mut self, number: u64, offset: usize, part: &[u8]) -> bool {
        let first = first_of_block(number);
        let Some(block) = self.blocks.get_mut(&first) else { return false };
        let offset = offset_in_block(number) + offset;
        if offset > block.len {
            // After a gap, the contents become pages, which can be missing.
            self.dissolve(first);
            return false;
        }
        match Arc::get_mut(block) {
            Some(block) => block.write(offset, part),
            None => {
                // A snapshot shares the block.
                let Some(mut copy) = Block::new() else {
                    self.dissolve(first);
                    return false;
                };
                copy.write(0, block.bytes());
                copy.write(offset, part);
                *block = Arc::new(copy);
            }
        }
        true
    }

    fn dissolve(&mut self, first: u64) {
        if let Some(block) = self.blocks.remove(&first) {
            let pages = block.bytes().chunks(PAGE).map(|page| Page::Owned(Arc::new(page.to_vec())));
            self.pages.extend((first..).zip(pages));
        }
    }

    /// Removes the contents after the first `kept` bytes of the page `last`.
    pub(super) fn truncate(&mut self, last: u64, kept: usize) {
        self.pages.split_off(&(last + 1));
        self.blocks.split_off(&(last + 1));
        // The removed bytes must be zeros if the file grows again.
        if let Some(page) = self.pages.get_mut(&last)
            && page.bytes().len() > kept
        {
            page.make_owned().truncate(kept);
        }
        let first = first_of_block(last);
        let kept = offset_in_block(last) + kept;
        match self.blocks.get_mut(&first).map(|block| (Arc::get_mut(block).is_some(), block)) {
            Some((true, block)) => {
                if let Some(block) = Arc::get_mut(block) {
                    block.truncate(kept);
                }
            }
            Some((false, block)) if block.len > kept => {
                self.dissolve(first);
                self.truncate(last, kept - offset_in_block(last));
            }
            _ => {}
        }
    }

    /// Removes the first page or block, and passes the number of its first page and its bytes to `with`.
    pub(super) fn take_first(&mut self, with: impl FnOnce(u64, &[u8])) -> bool {
        let block = self.blocks.first_key_value().map(|(number, _)| *number);
        match self.pages.first_entry() {
            Some(page) if block.is_none_or(|block| *page.key() < block) => {
                let (number, page) = page.remove_entry();
                with(number, page.bytes());
            }
            _ => {
                let Some((number, block)) = self.blocks.pop_first() else { return false };
                with(number, block.bytes());
            }
        }
        true
    }

    /// Iterates over the stored pages by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let of_blocks =
            self.blocks.iter().flat_map(|(first, block)| (*first..).zip(block.bytes().chunks(PAGE)));
        let mut of_blocks = of_blocks.peekable();
        let mut pages = self.pages.iter().map(|(number, page)| (*number, page.bytes())).peekable();
        std::iter::from_fn(move || {
            let (page, of_block) = (pages.peek().map(|page| page.0), of_blocks.peek().map(|page| page.0));
            if page.is_some_and(|page| of_block.is_none_or(|of_block| page < of_block)) {
                pages.next()
            } else {
                of_blocks.next()
            }
        })
    }

    /// Returns the number of stored bytes.
    pub(super) fn stored(&self) -> u64 {
        self.iter().map(|(number, bytes)| charge(number, bytes.len())).sum()
    }

    #[cfg(test)]
    pub(super) fn owned(&self) -> usize {
        self.pages.values().filter(|page| matches!(page, Page::Owned(_))).count()
    }

    #[cfg(test)]
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

fn first_of_block(number: u64) -> u64 {
    number - number % BLOCK_PAGES
}

/// Returns the charge of a page of this number with this many bytes.
pub(super) fn charge(number: u64, bytes: usize) -> u64 {
    match bytes {
        0 => 0,
        _ if number == 0 => bytes as u64,
        _ => (bytes as u64).max(MIN_CHARGE),
    }
}
