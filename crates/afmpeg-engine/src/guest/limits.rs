//! Limits that the virtual machine enforces: memory and stack.
#![allow(unsafe_code)]

use std::ptr::NonNull;

use wasmer::{
    MemoryError, MemoryStyle, MemoryType, Pages, TableStyle, TableType,
    sys::{
        BaseTunables, Tunables,
        vm::{VMConfig, VMMemory, VMMemoryDefinition, VMTable, VMTableDefinition},
    },
};

use crate::memory_image::MemoryImage;

/// The most entries of a table, one of which every thread has. FFmpeg's has some ten thousand.
const MAX_TABLE: u32 = 1 << 20;

/// Clamps the memory and tables of a guest, puts the module's data in its memory, and leaves the rest to wasmer.
pub(super) struct GuestTunables {
    base: BaseTunables,
    max_memory: Pages,
    vm: VMConfig,
    image: Option<MemoryImage>,
}

impl GuestTunables {
    /// Limits the memory of all threads together and the native stack of each, in bytes. The native stack holds return
    /// addresses and registers; C's automatic variables may be in the guest's memory.
    pub(super) fn new(memory: u64, stack: usize, image: Option<MemoryImage>) -> Self {
        let pages = (memory / wasmer::WASM_PAGE_SIZE as u64).min(u64::from(Pages::max_value().0));
        Self {
            base: BaseTunables::new(),
            max_memory: Pages(u32::try_from(pages).unwrap_or(u32::MAX)),
            vm: VMConfig { wasm_stack_size: Some(stack) },
            image,
        }
    }

    /// Fixes a table at its initial size: the linker builds C's table of functions, and none grows.
    fn fixed(table: &TableType) -> Result<TableType, String> {
        if table.minimum > MAX_TABLE {
            return Err(format!("expected a table of at most {MAX_TABLE} entries, found {}", table.minimum));
        }
        let mut fixed = *table;
        fixed.maximum = Some(table.minimum);
        Ok(fixed)
    }

    fn clamp(&self, memory: &MemoryType) -> MemoryType {
        let mut clamped = *memory;
        clamped.maximum =
            Some(memory.maximum.map_or(self.max_memory, |maximum| maximum.min(self.max_memory)));
        clamped
    }
}

impl Tunables for GuestTunables {
    fn memory_style(&self, memory: &MemoryType) -> MemoryStyle {
        self.base.memory_style(memory)
    }

    fn table_style(&self, table: &TableType) -> TableStyle {
        self.base.table_style(table)
    }

    fn create_host_memory(&self, ty: &MemoryType, style: &MemoryStyle) -> Result<VMMemory, MemoryError> {
        let memory = self.base.create_host_memory(&self.clamp(ty), style)?;
        if let Some(image) = &self.image {
            image.place(&memory)?;
        }
        Ok(memory)
    }

    unsafe fn create_vm_memory(
        &self,
        ty: &MemoryType,
        style: &MemoryStyle,
        location: NonNull<VMMemoryDefinition>,
    ) -> Result<VMMemory, MemoryError> {
        let _ = (ty, style, location);
        Err(MemoryError::Generic("a module has one memory, which it imports".to_owned()))
    }

    fn create_host_table(&self, ty: &TableType, style: &TableStyle) -> Result<VMTable, String> {
        self.base.create_host_table(&Self::fixed(ty)?, style)
    }

    unsafe fn create_vm_table(
        &self,
        ty: &TableType,
        style: &TableStyle,
        location: NonNull<VMTableDefinition>,
    ) -> Result<VMTable, String> {
        let fixed = Self::fixed(ty)?;
        // SAFETY: the caller's guarantees about `location` are passed on unchanged.
        unsafe { self.base.create_vm_table(&fixed, style, location) }
    }

    fn vmconfig(&self) -> &VMConfig {
        &self.vm
    }
}
