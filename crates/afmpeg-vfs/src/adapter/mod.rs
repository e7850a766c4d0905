//! Bridges between [`Vfs`](crate::Vfs) and the filesystem traits of others.

#[cfg(any(feature = "wasi", feature = "wasmer"))]
mod calls;
#[cfg(feature = "wasmer")]
mod open_paths;
#[cfg(any(feature = "wasi", feature = "wasmer"))]
mod times;
#[cfg(feature = "vfs-crate")]
pub mod vfs;
#[cfg(feature = "wasi")]
pub mod wasi;
#[cfg(feature = "wasmer")]
pub mod wasmer;

/// A backend that claims to have read or written more than it was given is broken.
#[cfg(any(feature = "vfs-crate", feature = "wasi", feature = "wasmer"))]
fn believable(done: usize, given: usize) -> std::io::Result<usize> {
    if done > given {
        return Err(std::io::Error::other(format!("the filesystem claims {done} bytes of {given}")));
    }
    Ok(done)
}

/// Moves a path along with a rename of `from`, if it is that or below it.
#[cfg(any(feature = "wasi", feature = "wasmer"))]
fn follow(path: &mut crate::VPath, from: &crate::VPath, to: &crate::VPath) {
    if let Some(moved) = crate::by_path::moved(path, from, to) {
        *path = moved;
    }
}
