//! Adapters between [`Vfs`](crate::Vfs) and other filesystem interfaces.

#[cfg(any(feature = "wasi", feature = "wasmer"))]
mod calls;
#[cfg(feature = "wasmer")]
mod open_paths;
#[cfg(any(feature = "wasi", feature = "wasmer"))]
mod times;
#[cfg(feature = "wasi")]
pub mod wasi;
#[cfg(feature = "wasmer")]
pub mod wasmer;

/// Moves a path along with a rename of `from`, if it is at or below `from`.
#[cfg(feature = "wasi")]
fn rename_prefix(path: &mut crate::VPath, from: &crate::VPath, to: &crate::VPath) {
    if let Some(moved) = crate::by_path::moved(path, from, to) {
        *path = moved;
    }
}
