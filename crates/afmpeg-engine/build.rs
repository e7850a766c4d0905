//! Tells the crate how it is optimised: a compiler that is not takes many minutes for a module.
#![allow(clippy::print_stdout, reason = "a build script speaks to cargo that way")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=AFMPEG_OPT_LEVEL={level}");
}
