//! A guest's memory, at addresses that are not to be trusted.

use afmpeg_vfs::adapter::wasi::Errno;
use wasmer::{MemoryView, WasmSlice};

/// The longest text that is taken from a guest, in bytes: longer than any path that a filesystem has.
const MAX_TEXT: u32 = 64 << 10;

/// Every access is checked against the memory's end, and is `EFAULT` beyond it.
pub(super) struct GuestMemory<'a>(MemoryView<'a>);

impl<'a> GuestMemory<'a> {
    pub(super) fn new(view: MemoryView<'a>) -> Self {
        Self(view)
    }

    /// Lets `run` read or fill the guest's own bytes, without a copy: file bytes go straight from and to the guest.
    /// Its other threads may change them meanwhile, so `run` must only move them. What looks at them takes a copy.
    pub(super) fn with_bytes<T>(
        &self,
        address: u32,
        len: u32,
        run: impl FnOnce(&mut [u8]) -> T,
    ) -> Result<T, Errno> {
        let slice = WasmSlice::<u8>::new(&self.0, address.into(), len.into()).map_err(|_| Errno::Fault)?;
        let mut access = slice.access().map_err(|_| Errno::Fault)?;
        Ok(run(access.as_mut()))
    }

    pub(super) fn read_u32(&self, address: u32) -> Result<u32, Errno> {
        let mut word = [0; 4];
        self.0.read(address.into(), &mut word).map_err(|_| Errno::Fault)?;
        Ok(u32::from_le_bytes(word))
    }

    /// A copy: the guest's other threads may change what is there while it is looked at.
    pub(super) fn read_string(&self, address: u32, len: u32) -> Result<String, Errno> {
        if len > MAX_TEXT {
            return Err(Errno::Nametoolong);
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(|_| Errno::Nametoolong)?];
        self.0.read(address.into(), &mut bytes).map_err(|_| Errno::Fault)?;
        String::from_utf8(bytes).map_err(|_| Errno::Ilseq)
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
