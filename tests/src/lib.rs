#![doc = include_str!("../../README.md")]
//!
//! Beside the README, whose example is compiled as this crate's documentation, there is what the end-to-end tests
//! share with the programs in `bin/`. The tests are in `e2e/`, grouped by what a user does.

pub mod escaping;
pub mod hostile;
pub mod soak;
pub mod threads;
