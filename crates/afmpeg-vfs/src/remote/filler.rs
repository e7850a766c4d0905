//! The receiving end of a request.

use std::{io, ops::Range, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    blocks::{BLOCK, Blocks, Request},
    bridge::stopped,
};

/// Receives the bytes of a request and cuts them into blocks. Dropping it fails the blocks that have not arrived.
pub(super) struct Filler {
    blocks: Arc<Mutex<Blocks>>,
    request: Arc<Request>,
    /// The name of the source, for errors.
    name: String,
    /// The offset of the next byte.
    offset: u64,
    end: u64,
    /// The received part of the block at `offset`.
    partial: Vec<u8>,
    failed: Option<io::Error>,
}

impl Filler {
    /// Creates the receiver of `request`, which covers the bytes in `range` of the file `name`.
    pub(super) fn new(
        blocks: Arc<Mutex<Blocks>>,
        request: Arc<Request>,
        name: String,
        range: Range<u64>,
    ) -> Self {
        Self { blocks, request, name, offset: range.start, end: range.end, partial: Vec::new(), failed: None }
    }

    /// Returns the range of bytes of the file that have not been received.
    pub(super) fn remaining(&self) -> Range<u64> {
        self.offset..self.end
    }

    /// Describes the request, for errors.
    pub(super) fn description(&self) -> String {
        format!("reading bytes {} to {} of {}", self.offset, self.end, self.name)
    }

    /// Receives the next bytes of the file.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let left = self.end - self.offset;
        if bytes.len() as u64 > left {
            let (received, name) = (bytes.len(), &self.name);
            let message = format!("{name}: expected {left} more bytes, received {received} or more");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        while !bytes.is_empty() {
            let start = self.offset / BLOCK * BLOCK;
            let len =
                usize::try_from(self.end.min(start.saturating_add(BLOCK)) - start).unwrap_or(usize::MAX);
            if self.partial.is_empty() {
                self.partial.reserve_exact(len);
            }
            let (now, later) = bytes.split_at(bytes.len().min(len - self.partial.len()));
            self.partial.extend_from_slice(now);
            self.offset += now.len() as u64;
            bytes = later;
            // The last block waits for the end of the response, which may be too long.
            if self.partial.len() == len && self.offset < self.end {
                self.publish(start / BLOCK);
            }
        }
        Ok(())
    }

    /// Returns the error of a response that ended early.
    pub(super) fn truncated(&self) -> io::Error {
        let missing = self.end - self.offset;
        let message = format!("{}: the response ended {missing} bytes early", self.description());
        io::Error::new(io::ErrorKind::UnexpectedEof, message)
    }

    /// Publishes the last block; fails if bytes are missing.
    pub(super) fn finish(&mut self) {
        if self.offset == self.end {
            self.publish(self.request.run.end - 1);
        } else {
            let error = self.truncated();
            self.fail(error);
        }
    }

    /// Sets the error of the blocks that have not arrived when this is dropped.
    pub(super) fn fail(&mut self, error: io::Error) {
        self.failed = Some(error);
    }

    fn publish(&mut self, number: u64) {
        let block = Bytes::from(std::mem::take(&mut self.partial));
        self.blocks.lock().arrive(self.request.source, number, block.clone());
        self.request.push(block);
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let Range { start, end } = self.request.run;
        let lost = start + self.request.arrived()..end;
        if lost.is_empty() {
            return;
        }
        self.blocks.lock().abandon(self.request.source, lost);
        let error = self.failed.take().unwrap_or_else(|| stopped(self.description()));
        self.request.fail(error);
    }
}
