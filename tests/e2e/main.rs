//! End-to-end tests on the modules that `cargo xtask test` builds, grouped by use case.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

mod architecture;
mod async_streams;
mod audio;
#[path = "../../crates/afmpeg-cmd/tests/lines/built/mod.rs"]
mod built;
mod cache;
mod capabilities;
mod charsets;
mod codecs;
mod command_line;
mod command_output;
mod commands;
mod compression;
mod concat;
mod containers;
mod damage;
mod descriptors;
mod determinism;
mod errors;
mod escapes;
mod escaping;
mod fate_exec;
mod faults;
mod filesystem;
mod fonts;
mod forged_log;
mod frames;
mod guest;
mod guest_fs;
mod harness;
mod heif;
mod hostile;
mod imports;
mod interrupts;
mod jobs;
mod language;
mod limits;
#[path = "../../crates/afmpeg-cmd/tests/lines/mod.rs"]
mod lines;
mod long_mp4;
mod lowered_limits;
mod measurements;
mod modules;
mod paths;
mod probe;
mod probe_model;
mod programs;
mod quantization;
mod real_lines;
mod reasons;
mod recipes;
mod reel;
mod releases;
mod remote;
mod sandbox;
mod scaling;
mod shim;
mod soak;
mod storyboard;
mod streams;
mod threads;
mod transcode;
mod transitions;
mod upload_service;
