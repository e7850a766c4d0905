#![doc = include_str!("../../README.md")]
//!
//! This crate compiles the README's example as its documentation, and holds code shared by the end-to-end tests and the
//! programs in `bin/`. The tests are in `e2e/`, grouped by use case.

pub mod escaping;
pub mod fleet;
pub mod hostile;
pub mod soak;
pub mod threads;
