//! Sources of modules: files, packed files, URLs, and artifacts compiled ahead of time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use afmpeg_engine::{ArtifactInfo, Backend, CodeOrigin, Error, ErrorKind, ModuleInfo, Runtime, Target};
use afmpeg_vfs::MemFs;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind, read::elf::ElfFile64};
use serde_json::Value;

use crate::{
    command_line::{binary, error_and_hint},
    filesystem::backends::support,
    harness::{FULL_GPL, LEAN_LGPL, guest_path, module_path, relabelled, runtime},
};

#[track_caller]
pub(crate) fn assert_works(runtime: &Runtime) {
    let output = runtime.job(MemFs::new()).run().unwrap();
    assert_eq!(String::from_utf8_lossy(output.stdout()).matches(": ok").count(), 5);
}

/// Compresses with the system's `gzip` or `zstd`.
fn pack(program: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut child =
        Command::new(program).arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let bytes = bytes.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().ok()?;
    feeder.join().ok()?.ok()?;
    Some(output.stdout)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    fs::write(&file, bytes).unwrap();
    let output = Command::new("sha256sum").arg(&file).output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn a_packed_module_loads_like_the_plain_one() {
    let folder = tempfile::tempdir().unwrap();
    let plain = fs::read(guest_path("sjlj")).unwrap();
    let gz = folder.path().join("guest.wasm.gz");
    fs::write(&gz, pack("gzip", &plain).expect("gzip")).unwrap();
    fs::write(
        folder.path().join("guest.wasm.json"),
        format!(r#"{{"sha256":"{}","name":"guest"}}"#, sha256(&plain)),
    )
    .unwrap();
    let runtime = Runtime::builder().module(&gz).cache_dir(folder.path().join("cache")).build().unwrap();
    assert_eq!(runtime.module_sha256(), sha256(&plain));
    assert_eq!(runtime.manifest().unwrap().name(), Some("guest"));
    assert_works(&runtime);
    let info = ModuleInfo::read(&gz).unwrap();
    assert_eq!(info.size_bytes(), plain.len() as u64);
    assert!(info.imports().unwrap().contains(&"env.memory".to_owned()));

    if let Some(packed) = pack("zstd", &plain) {
        let runtime = Runtime::builder().module_bytes(packed).without_cache().build().unwrap();
        assert_works(&runtime);
    }
}

#[test]
fn a_module_longer_than_the_limit_is_refused_packed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = [b"\0asm\x01\0\0\0".to_vec(), vec![0; 3 << 20]].concat();
    for (name, bytes) in [("plain.wasm", bomb.clone()), ("packed.wasm.gz", pack("gzip", &bomb).unwrap())] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = Runtime::builder().module(&path).max_module_bytes(1 << 20).build().unwrap_err();
        assert!(matches!(error, Error::ModuleTooLarge { limit: 1_048_576, .. }), "{error}");
        assert!(error.to_string().contains(name) && error.kind() == ErrorKind::Module, "{error}");
    }
}

#[test]
fn a_module_with_unsupported_webassembly_is_not_reported_as_damaged() {
    // (module (memory i64 1)): valid, with 64-bit memories.
    let module = b"\0asm\x01\0\0\0\x05\x03\x01\x04\x01".to_vec();
    let error = Runtime::builder().module_bytes(module).without_cache().build().unwrap_err();
    assert!(matches!(error, Error::ModuleFeature { .. }), "{error}");
}

#[test]
fn manifest_beyond_its_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("guest.wasm");
    fs::copy(guest_path("sjlj"), &module).unwrap();
    // Valid JSON, so that only its length can be refused.
    let hash = sha256(&fs::read(&module).unwrap());
    let manifest = format!("{{\"sha256\":\"{hash}\"}}{}", " ".repeat(4 << 20));
    fs::write(folder.path().join("guest.wasm.json"), manifest).unwrap();
    let error = Runtime::builder().module(&module).without_cache().build().unwrap_err();
    assert!(matches!(error, Error::ModuleUnreadable { .. }), "{error}");
    assert!(format!("{error:?}").contains("longer than 4194304 bytes"), "{error:?}");
}

#[test]
fn the_manifest_has_versions_variant_and_licence() {
    let runtime = runtime(FULL_GPL);
    let manifest = runtime.manifest().unwrap();
    assert_eq!(manifest.sha256(), runtime.module_sha256());
    assert_eq!(
        (manifest.variant(), manifest.profile(), manifest.ffmpeg_version()),
        (Some("gpl"), Some("full"), Some("9.0.2"))
    );
    assert!(manifest.version().unwrap().starts_with("9.0.2-"));
    assert!(manifest.licence().unwrap().contains("GPL"));
    assert_eq!(manifest.versions()["ffmpeg"], "9.0.2");
    assert!(manifest.versions().contains_key("x264"));
}

#[test]
fn a_module_has_a_bill_of_materials_and_the_texts_of_its_licences_beside_it() {
    for name in [FULL_GPL, LEAN_LGPL] {
        let module = module_path(name);
        let json = |end: &str| -> Value {
            serde_json::from_slice(&fs::read(module.with_extension(end)).unwrap()).unwrap()
        };
        let (manifest, bom) = (json("wasm.json"), json("cdx.json"));
        let whole = &bom["metadata"]["component"];
        assert_eq!(whole["hashes"][0]["content"], manifest["sha256"]);
        assert_eq!(whole["version"], manifest["version"]);
        let licence = if name == FULL_GPL { "GPL-2.0-or-later" } else { "LGPL-2.1-or-later" };
        assert_eq!(whole["licenses"][0]["expression"], licence);
        let parts: BTreeMap<&str, &Value> = bom["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| (part["name"].as_str().unwrap(), part))
            .collect();
        // One for each part that the linker's map has, apart from code of ours; SIMDe has only headers.
        let linked = manifest["parts"].as_object().unwrap().keys().map(String::as_str);
        let linked: BTreeSet<&str> = linked.filter(|part| *part != "afmpeg").collect();
        let named: BTreeSet<&str> = parts.keys().copied().filter(|part| *part != "simde").collect();
        assert_eq!(named, linked);

        let texts = fs::read_to_string(module.with_extension("licences.txt")).unwrap();
        for (part, source) in manifest["sources"].as_object().unwrap() {
            assert_eq!(parts[part.as_str()]["licenses"][0]["expression"], source["licence"]);
            assert_eq!(parts[part.as_str()]["hashes"][0]["content"], source["sha256"]);
            assert!(texts.contains(&format!("\n- {part} {}: ", source["version"].as_str().unwrap())));
            assert!(texts.contains(&format!("{part}/")), "{name} has no text of {part}");
        }
        assert_eq!(
            texts.contains("GNU GENERAL PUBLIC LICENSE\n                       Version 2"),
            name == FULL_GPL
        );
        assert!(texts.contains("H.264") && texts.contains("openh264 is built from source"));
    }
}

#[test]
fn a_changed_module_is_detected_despite_its_cached_hash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.wasm");
    let build = || Runtime::builder().module(&path).cache_dir(folder.path().join("cache")).build().unwrap();
    fs::copy(guest_path("files"), &path).unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    let first = build();
    assert_eq!(build().module_sha256(), first.module_sha256());
    fs::copy(guest_path("sjlj"), &path).unwrap();
    let second = build();
    assert_eq!(second.module_sha256(), sha256(&fs::read(&path).unwrap()));
    assert_works(&second);
}

fn from_url(url: &str, sha256: &str, cache: &Path) -> afmpeg_engine::Result<Runtime> {
    Runtime::builder().module_url(url, sha256).cache_dir(cache).build()
}

#[test]
fn a_module_at_a_url_is_downloaded_once() {
    let folder = tempfile::tempdir().unwrap();
    let packed = pack("gzip", &fs::read(guest_path("sjlj")).unwrap()).unwrap();
    fs::write(folder.path().join("guest.gz"), &packed).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let server = support::serve_folder(folder.path());
    let url = format!("http://{}/guest.gz?signature=x", server.address);
    let runtime = from_url(&url, &sha256(&packed), cache.path()).unwrap();
    assert_eq!(runtime.code_origin(), CodeOrigin::Compiled);
    assert_works(&runtime);
    let sent = server.sent();
    let runtime = from_url(&url, &sha256(&packed), cache.path()).unwrap();
    assert_eq!((runtime.code_origin(), server.sent()), (CodeOrigin::Cache, sent));
    assert_works(&runtime);

    // Without a cache.
    let uncached = Runtime::builder().module_url(&url, sha256(&packed)).without_cache().build().unwrap();
    assert_works(&uncached);
}

#[test]
fn an_interrupted_download_is_resumed_or_restarted_if_the_file_changed() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than the range of one request, so that needless requests are visible.
    let module = fs::read(module_path(FULL_GPL)).unwrap();
    fs::write(folder.path().join("ffmpeg.wasm"), &module).unwrap();
    let server = support::serve_folder(folder.path());
    let url = format!("http://{}/ffmpeg.wasm", server.address);
    // With a wrong hash the module is refused before it is compiled.
    let wrong = "0".repeat(64);
    let (partial, whole) = (module.len() / 4 * 3, module.len() as u64);
    // The rest; or the rest, which does not fit the other file's start, and then the whole file. Plus a MiB for headers.
    for (partial, expected) in
        [(module[..partial].to_vec(), whole / 4), (vec![7; partial], whole / 4 + whole)]
    {
        let expected = expected + (1 << 20);
        let cache = tempfile::tempdir().unwrap();
        let right = sha256(&module);
        fs::write(cache.path().join(format!("{right}.partial")), &partial).unwrap();
        let before = server.sent();
        // A missing artifact ends the build after the download, before the compiler runs.
        let loaded = Runtime::builder()
            .module_url(&url, &right)
            .cache_dir(cache.path())
            .artifact(folder.path().join("missing.artifact"))
            .build();
        assert!(matches!(loaded, Err(Error::ModuleNotFound { .. })), "{loaded:?}");
        assert_eq!(fs::read(cache.path().join(format!("{right}.module"))).unwrap(), module);
        assert!(server.sent() - before < expected, "{} bytes", server.sent() - before);
    }
    let cache = tempfile::tempdir().unwrap();
    let error = from_url(&url, &wrong, cache.path()).unwrap_err();
    assert!(matches!(error, Error::ModuleHash { .. }), "{error}");
    assert!(error.to_string().contains(&wrong) && error.to_string().contains(&sha256(&module)), "{error}");
    let left: Vec<_> = fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.extension().unwrap() == "lock"), "{left:?}");
}

#[test]
fn error_of_a_missing_too_long_or_too_slow_download_has_its_url() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("long"), vec![0; 2 << 20]).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let server = support::serve_folder(folder.path());
    let hash = "0".repeat(64);
    let url = |name: &str| format!("http://{}/{name}?signature=secret", server.address);

    let error = from_url(&url("missing"), &hash, cache.path()).unwrap_err();
    assert!(matches!(error, Error::Download { .. }), "{error}");
    assert!(error.to_string().contains("missing") && !format!("{error:?}").contains("secret"), "{error:?}");
    let error = Runtime::builder()
        .module_url(url("long"), &hash)
        .cache_dir(cache.path())
        .max_module_bytes(1 << 20)
        .build()
        .unwrap_err();
    assert!(matches!(error, Error::ModuleTooLarge { .. }), "{error}");
    let error = from_url(&url("long"), "no hash", cache.path()).unwrap_err();
    assert!(matches!(error, Error::ModuleHash { found: None, .. }), "{error}");

    // A server that accepts the request and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in silent.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            open.push(stream);
        }
    });
    let error = Runtime::builder()
        .module_url(format!("http://{address}/a"), &hash)
        .download_timeout(Duration::from_millis(200))
        .cache_dir(cache.path())
        .build()
        .unwrap_err();
    let Error::Download { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.kind(), std::io::ErrorKind::TimedOut, "{error}");
}

fn afmpeg(args: &[&str]) -> Output {
    Command::new(binary()).args(args).stdin(Stdio::null()).output().unwrap()
}

/// Compiles a small program with the command.
fn compile(out: &Path, options: &[&str]) -> Output {
    let module = guest_path("sjlj");
    let base = ["module", "compile", "--module", module.to_str().unwrap(), "-o", out.to_str().unwrap()];
    afmpeg(&[&base[..], options].concat())
}

#[test]
fn an_artifact_compiled_ahead_of_time_runs_without_its_module() {
    let folder = tempfile::tempdir().unwrap();
    let artifact = folder.path().join("guest.artifact");
    let output = compile(&artifact, &[]);
    assert!(output.status.success(), "{output:?}");
    let runtime = Runtime::builder().artifact(&artifact).backend(Backend::Headless).build().unwrap();
    assert_eq!(runtime.code_origin(), CodeOrigin::Artifact);
    assert_eq!(runtime.module_sha256(), sha256(&fs::read(guest_path("sjlj")).unwrap()));
    assert_works(&runtime);

    let output = afmpeg(&["run", "--module", artifact.to_str().unwrap(), "--", "x"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches(": ok").count(), 5, "{output:?}");
    let output = afmpeg(&["module", "info", artifact.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("artifact") && text.contains(runtime.module_sha256()), "{text}");
    for options in [&[][..], &["--module"]] {
        let module = guest_path("sjlj");
        let output = afmpeg(&[&["module", "info"], options, &[module.to_str().unwrap()]].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("env.memory") && text.contains(runtime.module_sha256()), "{text}");
    }

    let other = Runtime::builder().artifact(&artifact).module(guest_path("files")).build().unwrap_err();
    assert!(matches!(other, Error::Artifact { .. }), "{other}");
}

#[test]
fn an_artifact_has_symbols_and_debug_information_only_if_a_profiler_needs_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.artifact");
    let compiled = |options: &[&str]| {
        let output = compile(&path, options);
        assert!(output.status.success(), "{output:?}");
        assert_works(&Runtime::builder().artifact(&path).build().unwrap());
        fs::read(&path).unwrap()
    };
    let (usual, profiled) = (compiled(&[]), compiled(&["--keep-symbols"]));
    let counts = |code: &[u8]| {
        let elf: ElfFile64<'_> = ElfFile64::parse(code).unwrap();
        let functions = elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text).count();
        let is_debug = |name: &str| name.starts_with(".debug");
        (functions, elf.sections().filter(|section| section.name().is_ok_and(is_debug)).count())
    };
    assert_eq!(counts(&usual), (0, 0));
    let (functions, debug_sections) = counts(&profiled);
    assert!(functions > 100 && debug_sections > 1, "{functions} {debug_sections}");
}

#[test]
fn an_artifact_can_be_compiled_for_every_target_and_runs_only_on_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for triple in Target::known() {
        let artifact = folder.path().join(triple);
        let output = compile(&artifact, &["--target", triple]);
        assert!(output.status.success(), "{triple}: {output:?}");
        let info = ArtifactInfo::read(&artifact).unwrap();
        assert!(info.target().starts_with(triple), "{}", info.target());
        let loaded = Runtime::builder().artifact(&artifact).build();
        if Target::host().triple() == *triple {
            assert_works(&loaded.unwrap());
        } else {
            let error = loaded.unwrap_err();
            assert!(matches!(error, Error::Artifact { .. }), "{error}");
            assert!(error.to_string().contains("it is for"), "{error}");
        }
    }
    let output = compile(&folder.path().join("x"), &["--target", "pdp11-dec-ultrix"]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("aarch64-unknown-linux-gnu"), "{text}");
    for (backend, hint) in [("tcc", "pass cranelift"), ("llvm", "--features llvm")] {
        let output = compile(&folder.path().join("x"), &["--backend", backend]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let (error, found) = error_and_hint(&output);
        assert!(error.contains(backend) && found.contains(hint), "{error} {found}");
    }
}

#[test]
fn artifact_is_not_compiled_for_a_path_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let cases =
        [("missing/x", "create the folder"), ("file/x", "choose another folder"), ("", "name of a file")];
    for (name, expected) in cases {
        let path = folder.path().join(name);
        // A module that does not exist would be the error if the path were checked later.
        let output = Command::new(binary())
            .args(["module", "compile", "--module", "missing.wasm", "-o"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        let (error, hint) = error_and_hint(&output);
        assert!(error.starts_with(&format!("cannot write the artifact {}: ", path.display())), "{error}");
        // No other path, such as that of a temporary file.
        assert_eq!(error.matches(folder.path().to_str().unwrap()).count(), 1, "{error}");
        assert!(hint.contains(expected), "{hint}");
    }
}

#[test]
fn artifact_in_place_of_a_module_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let artifact = folder.path().join("guest.artifact");
    assert!(compile(&artifact, &[]).status.success());
    let path = artifact.to_str().unwrap();
    let output = afmpeg(&["module", "compile", "--module", path, "-o", &format!("{path}2")]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let (error, hint) = error_and_hint(&output);
    assert!(error.contains("an artifact") && hint.contains("compiled from"), "{error} {hint}");

    let good = fs::read(&artifact).unwrap();
    fs::write(&artifact, &good[..good.len() - 30]).unwrap();
    let output = afmpeg(&["run", "--module", path, "--", "x"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let (error, hint) = error_and_hint(&output);
    assert!(error.contains("end is missing") && hint.contains("afmpeg module compile"), "{error} {hint}");
}

#[test]
fn an_artifact_that_is_damaged_or_for_another_cpu_or_version_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.artifact");
    Runtime::builder().module(guest_path("sjlj")).compile(&Target::host(), &path).unwrap();
    let good = fs::read(&path).unwrap();
    let refused = |bytes: Vec<u8>, reason: &str| {
        fs::write(&path, bytes).unwrap();
        let error = Runtime::builder().artifact(&path).build().unwrap_err();
        assert!(matches!(error, Error::Artifact { .. }), "{error}");
        assert!(error.to_string().contains(reason) && error.hint().is_some(), "{error}, expected {reason}");
    };
    refused(relabelled(&good, "\"wasmer\":\"7.", "\"wasmer\":\"6."), "wasmer 6");
    refused(relabelled(&good, "\"settings\":", "\"settings\":1"), "settings 1");
    // A feature of another architecture.
    let other = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    refused(relabelled(&good, "\"cpu\":[", &format!("\"cpu\":[\"{other}\",")), other);
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 4;
    refused(flipped, "checksum");
    refused(good[..good.len() - 30].to_vec(), "not an artifact");
    refused(good[1000..].to_vec(), "bytes of code and data");
    fs::write(&path, &good).unwrap();
    assert_works(&Runtime::builder().artifact(&path).build().unwrap());
}

#[test]
fn an_artifact_with_a_flipped_bit_in_its_label_or_its_hash_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.artifact");
    // Its initial data is in a part of the artifact that the label describes.
    Runtime::builder().module(guest_path("data")).compile(&Target::host(), &path).unwrap();
    let good = fs::read(&path).unwrap();
    let length_at = good.len() - 24;
    let length = u64::from_le_bytes(good[length_at..length_at + 8].try_into().unwrap());
    let hash_at = length_at - usize::try_from(length).unwrap() - 32;
    for at in hash_at..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&path, flipped).unwrap();
        let error = Runtime::builder().artifact(&path).build().unwrap_err();
        assert!(matches!(error, Error::Artifact { .. }), "byte {at} of {}: {error}", good.len());
    }
    fs::write(&path, &good).unwrap();
    let runtime = Runtime::builder().artifact(&path).build().unwrap();
    runtime.job(MemFs::new()).run().unwrap();
}

#[cfg(unix)]
#[test]
fn an_artifact_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guest.artifact");
    Runtime::builder().module(guest_path("sjlj")).compile(&Target::host(), &path).unwrap();
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for (open, mode) in [(path.as_path(), 0o666), (folder.path(), 0o777)] {
        let before = fs::metadata(open).unwrap().permissions();
        set_mode(open, mode);
        let error = Runtime::builder().artifact(&path).build().unwrap_err();
        assert!(error.to_string().contains("others can write"), "{error}");
        fs::set_permissions(open, before).unwrap();
    }
    assert_works(&Runtime::builder().artifact(&path).build().unwrap());
}
