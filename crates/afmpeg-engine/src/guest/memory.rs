//! A guest's memory at untrusted addresses.

use afmpeg_vfs::{VPath, adapter::wasi::Errno};
use wasmer::MemoryView;

/// The longest text from a guest, in bytes: longer than any path on a filesystem.
const MAX_TEXT: u32 = 64 << 10;

/// A guest's memory. Every access is checked, and fails with `EFAULT` beyond the end.
///
/// Each access copies without a reference to the guest's bytes: other threads of the guest may write to them at any time,
/// so no `&[u8]` or `&mut [u8]` of them may exist.
pub(super) struct GuestMemory<'a>(MemoryView<'a>);

impl<'a> GuestMemory<'a> {
    pub(super) fn new(view: MemoryView<'a>) -> Self {
        Self(view)
    }

    /// Checks that `len` bytes at `address` are in the memory, which never shrinks.
    pub(super) fn check(&self, address: u32, len: u32) -> Result<(), Errno> {
        let end = u64::from(address) + u64::from(len);
        if end <= self.0.data_size() { Ok(()) } else { Err(Errno::Fault) }
    }

    pub(super) fn read(&self, address: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.0.read(address.into(), buf).map_err(|_| Errno::Fault)
    }

    pub(super) fn read_u32(&self, address: u32) -> Result<u32, Errno> {
        let mut word = [0; 4];
        self.read(address, &mut word)?;
        Ok(u32::from_le_bytes(word))
    }

    pub(super) fn read_string(&self, address: u32, len: u32) -> Result<String, Errno> {
        if len > MAX_TEXT {
            return Err(Errno::Nametoolong);
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(|_| Errno::Nametoolong)?];
        self.read(address, &mut bytes)?;
        Ok(VPath::text_of(&bytes).into_owned())
    }

    pub(super) fn write(&self, address: u32, bytes: &[u8]) -> Result<(), Errno> {
        self.0.write(address.into(), bytes).map_err(|_| Errno::Fault)
    }

    pub(super) fn write_u32(&self, address: u32, value: u32) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }

    pub(super) fn write_u64(&self, address: u32, value: u64) -> Result<(), Errno> {
        self.write(address, &value.to_le_bytes())
    }
}
