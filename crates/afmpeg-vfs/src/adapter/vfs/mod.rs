//! Bridges to and from the crate [`vfs`] 0.13: [`FromVfs`] is a filesystem of that crate as a
//! [`Vfs`](crate::Vfs), [`ToVfs`] the other way round.

mod from;
mod spool;
mod to;

pub use from::FromVfs;
pub use to::ToVfs;
