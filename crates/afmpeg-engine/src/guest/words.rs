//! The words of its memory in which a guest and its host speak: `wasm-build/compat/host.c` and `multicall.c`.

use wasmer::{AsStoreMut, Instance};

use crate::statistics::Statistics;

/// Not zero: the guest ends.
pub(crate) const STOP_FLAG: &str = "afmpeg_stop_flag";

/// The most bytes that the guest was refused at once.
pub(super) const MEMORY_REFUSED: &str = "afmpeg_memory_refused";

/// ffmpeg's own record of the last signal, and of how many came: at the first, it ends its outputs in good order. The host
/// writes them, the signal first.
const SIGNAL: [&str; 2] = ["afmpeg_signal", "afmpeg_signal_count"];

/// The whole value that `main` returned: WASI's `proc_exit` keeps only eight bits of it on its way to the host.
const EXIT_STATUS: &str = "afmpeg_exit_status";

/// How many outputs were not written because a file of their name exists.
const OUTPUTS_REFUSED: &str = "afmpeg_outputs_refused";

/// Where the top of the C stack is.
const STACK_POINTER: &str = "__stack_pointer";

/// Whether the module is FFmpeg's tools, and not another program.
pub(crate) fn is_ffmpeg(module: &wasmer::Module) -> bool {
    module.exports().any(|export| export.name() == EXIT_STATUS)
}

/// The address of a word that the guest exports.
pub(super) fn address_of(store: &mut impl AsStoreMut, instance: &Instance, name: &str) -> Option<u32> {
    Some(instance.exports.get_global(name).ok()?.get(store).i32()?.cast_unsigned())
}

/// Where ffmpeg has the last signal and the number of signals; none in a module that is not FFmpeg's tools.
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

/// What `main` returned; none if the guest left by `exit` in the middle.
pub(super) fn exit_status(store: &mut impl AsStoreMut, instance: &Instance) -> Option<i32> {
    read(store, instance, EXIT_STATUS).map(u32::cast_signed).filter(|code| *code != 0)
}

/// The most memory, in bytes, that the guest asked for at once and did not get, if that ever happened.
pub(super) fn memory_refused(store: &mut impl AsStoreMut, instance: &Instance) -> Option<u64> {
    read(store, instance, MEMORY_REFUSED).map(u64::from).filter(|bytes| *bytes > 0)
}

/// How many outputs ffmpeg refused to write over, without being asked to.
pub(super) fn outputs_refused(store: &mut impl AsStoreMut, instance: &Instance) -> u32 {
    read(store, instance, OUTPUTS_REFUSED).unwrap_or(0)
}

/// What ffmpeg counted; zero in a program that is not ffmpeg.
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

/// Whether the C stack has grown beyond its end: it lies at the start of memory, so its pointer went below zero.
pub(super) fn is_c_stack_exhausted(store: &mut impl AsStoreMut, instance: &Instance) -> bool {
    address_of(store, instance, STACK_POINTER).is_some_and(|pointer| pointer.cast_signed() < 0)
}
