//! Hostile inputs: `fuzz/` runs these functions on any bytes, and their tests on a few thousand.

#[cfg(all(feature = "tar", feature = "zip"))]
mod archives;
#[cfg(feature = "wasi")]
mod paths;

#[cfg(all(feature = "tar", feature = "zip"))]
pub use self::archives::archives;
#[cfg(feature = "wasi")]
pub use self::paths::paths;
