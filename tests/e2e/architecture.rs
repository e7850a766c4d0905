//! The invariants of ARCHITECTURE.md that can be checked by machine.

use std::{fs, path::PathBuf};

use crate::{harness::repository, imports::Imports};

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Returns the code of a file, without comment lines.
fn code(path: &PathBuf) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.to_owned() + "\n")
        .collect()
}

fn files_with(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = rust_files(folder)
        .iter()
        .filter(|path| words.iter().any(|word| code(path).contains(word)))
        .map(|path| path.strip_prefix(repository()).unwrap().display().to_string())
        .collect();
    found.sort();
    found
}

#[test]
fn filesystem_crate_uses_wasmer_in_one_folder_and_never_names_ffmpeg() {
    let wasmer = files_with("crates/afmpeg-vfs/src", &["virtual_fs", "wasmer"]);
    assert_eq!(
        wasmer,
        [
            "crates/afmpeg-vfs/src/adapter/mod.rs",
            "crates/afmpeg-vfs/src/adapter/wasmer/from_wasmer.rs",
            "crates/afmpeg-vfs/src/adapter/wasmer/guest.rs",
            "crates/afmpeg-vfs/src/adapter/wasmer/mod.rs",
        ]
    );
    assert_eq!(files_with("crates/afmpeg-vfs/src", &["ffmpeg", "FFmpeg"]), [""; 0]);
}

#[test]
fn engine_names_codecs_and_filters_in_one_file() {
    let words =
        ["libx264", "\"scale", "\"overlay", "xfade", "setpts", "select=", "pcm_f32le", "\"rawvideo\""];
    // Decoding frames needs a few, all in one file.
    let named = files_with("crates/afmpeg-engine/src", &words);
    assert_eq!(named, ["crates/afmpeg-engine/src/frames/arguments.rs"]);
}

#[test]
fn crates_of_commands_and_of_shared_data_do_no_io_and_use_no_runtime() {
    let words =
        ["std::fs", "std::net", "std::process", "std::env", "afmpeg_engine", "afmpeg_vfs", "unsafe {"];
    for folder in ["crates/afmpeg-cmd/src", "crates/afmpeg-types/src"] {
        assert_eq!(files_with(folder, &words), [""; 0]);
    }
    assert_eq!(files_with("crates/afmpeg-types/src", &["afmpeg_cmd"]), [""; 0]);
    assert_eq!(files_with("crates/afmpeg-engine/src", &["afmpeg_cmd"]), [""; 0]);
}

#[test]
fn unsafe_code_is_in_three_files() {
    let files = files_with("crates", &["unsafe {", "unsafe fn", "unsafe impl"]);
    let expected = ["artifact.rs", "guest/limits.rs", "memory_image.rs"];
    assert_eq!(files, expected.map(|file| format!("crates/afmpeg-engine/src/{file}")));
}

#[test]
fn engine_takes_no_reference_to_guest_memory() {
    let views =
        files_with("crates/afmpeg-engine/src", &["WasmSlice", ".access()", "data_unchecked", "data_ptr"]);
    assert_eq!(views, [""; 0], "its threads write to it, so use GuestMemory, which copies");
}

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let crates = [
        "crates/afmpeg",
        "crates/afmpeg-types",
        "crates/afmpeg-vfs",
        "crates/afmpeg-cmd",
        "crates/afmpeg-engine",
        "crates/afmpeg-cli",
        "examples/captions",
        "examples/plugin-fs",
        "examples/s3",
        "xtask",
    ];
    let mut found = Vec::new();
    for folder in crates {
        let imports = Imports::of_crate(&repository().join(folder).join("src"));
        let circles = imports.circles();
        found.extend(circles.iter().map(|circle| format!("{folder}: {:#?}", imports.describe(circle))));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn libraries_do_not_print() {
    for folder in ["crates/afmpeg-vfs/src", "crates/afmpeg-engine/src"] {
        assert_eq!(files_with(folder, &["println!", "print!", "dbg!"]), [""; 0]);
    }
}

/// Runs cargo offline and returns its output.
fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo)
        .current_dir(repository())
        .args(args)
        .args(["--locked", "--offline"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn headless_engine_depends_on_no_compiler() {
    let tree = |more: &[&str]| {
        let tree = ["tree", "--package", "afmpeg-engine", "--edges", "normal", "--prefix", "none"];
        let tree = cargo(&[&tree[..], more].concat());
        tree.lines().filter(|line| line.contains("cranelift") || line.contains("llvm")).count()
    };
    assert_eq!(tree(&["--no-default-features", "--features", "headless"]), 0);
    assert_ne!(tree(&[]), 0);
}

#[test]
fn feature_full_has_every_feature_that_needs_no_installed_library() {
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let mut checked = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let Some(full) = package["features"].get("full").and_then(|full| full.as_array()) else { continue };
        for feature in package["features"].as_object().unwrap().keys() {
            let is_extra = ["default", "full", "headless", "llvm"].contains(&feature.as_str())
                || feature.starts_with('_');
            assert!(is_extra || full.contains(&feature.as_str().into()), "{}: {feature}", package["name"]);
        }
        checked += 1;
    }
    assert_eq!(checked, 7);
}

#[test]
fn repository_contains_no_built_modules_and_no_archives() {
    let listed =
        std::process::Command::new("git").current_dir(repository()).arg("ls-files").output().unwrap();
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let built: Vec<&str> = names
        .lines()
        .filter(|name| [".wasm", ".a", ".o", ".deb", ".xz", ".gz"].iter().any(|end| name.ends_with(end)))
        .collect();
    assert_eq!(built, [""; 0]);
}
