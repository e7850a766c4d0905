#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cipher;
mod encrypted;
mod file;

pub use encrypted::Encrypted;
