//! Variables in the guest's memory that the host reads and writes: `wasm-build/compat/host.c` and `multicall.c`.

use wasmer::{AsStoreMut, Instance};

use crate::statistics::Statistics;

/// Ends the guest if it is not zero.
pub(crate) const STOP_FLAG: &str = "afmpeg_stop_flag";

/// The value of the flag that ends the guest: no byte of it is zero, since some checks read only a part.
pub(super) const STOP: u32 = u32::MAX;

/// The size of the largest refused allocation, in bytes.
pub(super) const MEMORY_REFUSED: &str = "afmpeg_memory_refused";

/// ffmpeg's record of the last signal and the number of signals: on the first, it finishes its outputs. The host writes the
/// signal first.
const SIGNAL: [&str; 2] = ["afmpeg_signal", "afmpeg_signal_count"];

/// The whole value that `main` returned: WASI's `proc_exit` keeps only eight bits of it on its way to the host.
const EXIT_STATUS: &str = "afmpeg_exit_status";

/// The number of outputs that were not written because their file exists.
const OUTPUTS_REFUSED: &str = "afmpeg_outputs_refused";

/// The top of the C stack.
const STACK_POINTER: &str = "__stack_pointer";

/// Whether the module is FFmpeg's tools and not another program.
pub(crate) fn is_ffmpeg(module: &wasmer::Module) -> bool {
    module.exports().any(|export| export.name() == EXIT_STATUS)
}

/// Returns the address of an exported variable.
pub(super) fn address_of(store: &mut impl AsStoreMut, instance: &Instance, name: &str) -> Option<u32> {
    Some(instance.exports.get_global(name).ok()?.get(store).i32()?.cast_unsigned())
}

/// Returns the addresses of ffmpeg's last signal and number of signals; none in another program.
pub(super) fn signal(store: &mut impl AsStoreMut, instance: &Instance) -> Option<(u32, u32)> {
    let [signal, count] = SIGNAL.map(|name| address_of(store, instance, name));
    signal.zip(count)
}

fn read(store: &mut impl AsStoreMut, instance: &Instance, name: &str) -> Option<u32> {
    let address = address_of(store, instance, name)?;
    let memory = instance.exports.get_memory("memory").ok()?;
    let mut word = [0; 4];
    memory.view(store).read(u64::from(address), &mut word).ok()?;
    Some(u32::from_le_bytes(word))
}

/// Returns the value of `main`; none if the guest called `exit`.
pub(super) fn exit_status(store: &mut impl AsStoreMut, instance: &Instance) -> Option<i32> {
    read(store, instance, EXIT_STATUS).map(u32::cast_signed).filter(|code| *code != 0)
}

/// Returns the size of the largest refused allocation in bytes, if there was one.
pub(super) fn memory_refused(store: &mut impl AsStoreMut, instance: &Instance) -> Option<u64> {
    read(store, instance, MEMORY_REFUSED).map(u64::from).filter(|bytes| *bytes > 0)
}

/// Returns the number of existing outputs that ffmpeg refused to overwrite.
pub(super) fn outputs_refused(store: &mut impl AsStoreMut, instance: &Instance) -> u32 {
    read(store, instance, OUTPUTS_REFUSED).unwrap_or(0)
}

/// Returns ffmpeg's counters; zeros in another program.
pub(super) fn statistics(store: &mut impl AsStoreMut, instance: &Instance) -> Statistics {
    let mut count = |name| read(store, instance, name).unwrap_or(0);
    Statistics {
        read_errors: count("afmpeg_read_errors"),
        decode_errors: count("afmpeg_decode_errors"),
        corrupt_packets: count("afmpeg_corrupt_packets"),
        corrupt_frames: count("afmpeg_corrupt_frames"),
        dropped_frames: count("afmpeg_dropped_frames"),
        duplicated_frames: count("afmpeg_duplicated_frames"),
        sequence_gaps: 0,
    }
}

/// Whether the C stack has overflowed: it is at the start of memory, so its pointer went below zero.
pub(super) fn is_c_stack_exhausted(store: &mut impl AsStoreMut, instance: &Instance) -> bool {
    address_of(store, instance, STACK_POINTER).is_some_and(|pointer| pointer.cast_signed() < 0)
}
