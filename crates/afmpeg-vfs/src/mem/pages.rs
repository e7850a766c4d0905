//! Where a file's bytes are: pages by number, and blocks of many pages for what is written in one long run.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use memmap2::MmapMut;

/// The length of a page, in bytes. Programs write tens of KiB at a time: large enough that a page's place is looked
/// up about once in two writes, small enough that the first write to a page of a shared buffer copies little.
pub(super) const PAGE: usize = 64 << 10;

/// How many pages a block has, and how long it is: 2 MiB, which is what processors call a huge page. A first write to
/// new memory costs a fault for each of the processor's pages; in 4 KiB ones that takes longer than the copying itself.
const BLOCK_PAGES: u64 = (BLOCK / PAGE) as u64;
const BLOCK: usize = 2 << 20;

/// From which page on there are blocks: at 16 MiB of contents, so that the unused end of the last one is little beside
/// the file.
const FIRST_BLOCK_PAGE: u64 = 8 * BLOCK_PAGES;

/// What a page behind the first counts for at least, in bytes: what it costs to keep one at all. Otherwise a
/// byte here and there in an endless file would cost memory, and nothing of a quota.
pub(super) const MIN_CHARGE: u64 = 256;

/// A first write to a page that is at least this long, in bytes, is taken for part of a longer run, which will
/// fill the page: memory for all of it is taken at once.
const RUN: usize = 4 << 10;

/// A page's bytes; what it lacks to the length of a page are zeros.
#[derive(Debug, Clone)]
enum Page {
    /// Part of a buffer that came from outside, not yet written to.
    Shared(Bytes),
    /// Written here; copied by a write if a snapshot has it too.
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
            Page::Shared(_) => unreachable!("it was made owned above"),
        }
    }
}

/// A block's bytes: memory of its own, filled from the front without gaps. What it lacks are zeros.
#[derive(Debug)]
struct Block {
    memory: MmapMut,
    len: usize,
}

impl Block {
    /// None if there is no such memory to be had; pages will do.
    fn new() -> Option<Self> {
        let memory = MmapMut::map_anon(BLOCK).ok()?;
        // Advice: without it the block is slower, and as good.
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

    /// What is cut off must be zeros if the file grows again: the memory is written anew before it is shown.
    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The part of it that is a page's.
    fn page(&self, number: u64) -> &[u8] {
        self.bytes().get(offset_in_block(number)..).map_or(&[], |rest| &rest[..rest.len().min(PAGE)])
    }
}

/// Where in its block a page begins.
#[allow(clippy::cast_possible_truncation, reason = "a block has few pages")]
fn offset_in_block(number: u64) -> usize {
    (number % BLOCK_PAGES) as usize * PAGE
}

/// Everything that a file holds which is not zeros. A clone shares it, until one of the two writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    /// By number; none is in a block.
    pages: BTreeMap<u64, Page>,
    /// By the number of their first page.
    blocks: BTreeMap<u64, Arc<Block>>,
}

impl Pages {
    /// The pages of a buffer, which go on sharing its memory until they are written.
    pub(super) fn of(bytes: &Bytes) -> Self {
        let slices =
            (0..bytes.len()).step_by(PAGE).map(|offset| bytes.slice(offset..bytes.len().min(offset + PAGE)));
        Self { pages: (0..).zip(slices.map(Page::Shared)).collect(), blocks: BTreeMap::new() }
    }

    fn block(&self, number: u64) -> Option<&Arc<Block>> {
        self.blocks.get(&first_of_block(number))
    }

    /// What the page of this number has; what it lacks to a page's length are zeros.
    pub(super) fn bytes(&self, number: u64) -> &[u8] {
        match self.block(number) {
            Some(block) => block.page(number),
            None => self.pages.get(&number).map(Page::bytes).unwrap_or_default(),
        }
    }

    /// Writes into one page, from `offset` in it on. `in_run` says that the file ended before it, without a hole up to
    /// there: a block is taken whole, and what is written far apart must not take many.
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

    /// False if there is no block for it.
    fn write_into_block(&mut self, number: u64, offset: usize, part: &[u8]) -> bool {
        let first = first_of_block(number);
        let Some(block) = self.blocks.get_mut(&first) else { return false };
        let offset = offset_in_block(number) + offset;
        if offset > block.len {
            // A gap: from here on these are pages, of which some can be missing.
            self.dissolve(first);
            return false;
        }
        match Arc::get_mut(block) {
            Some(block) => block.write(offset, part),
            None => {
                // A snapshot has it too.
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

    /// Drops what is behind the first `kept` bytes of the page `last`.
    pub(super) fn truncate(&mut self, last: u64, kept: usize) {
        self.pages.split_off(&(last + 1));
        self.blocks.split_off(&(last + 1));
        // What is cut off must be zeros if the file grows again.
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

    /// Takes out the first page or block, and lets `with` have the number of its first page and its bytes.
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

    /// Every page that there is, by number and in order.
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

    /// How many bytes are really kept.
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

/// What a page of this number with so many bytes counts for.
pub(super) fn charge(number: u64, bytes: usize) -> u64 {
    match bytes {
        0 => 0,
        _ if number == 0 => bytes as u64,
        _ => (bytes as u64).max(MIN_CHARGE),
    }
}
