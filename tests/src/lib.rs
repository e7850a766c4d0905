#![doc = include_str!("../../README.md")]
//!
//! Beside the README, whose example is compiled as this crate's documentation, there is nothing here: the tests
//! are in `e2e/`, grouped by what a user does.
