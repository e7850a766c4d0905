//! Published modules: verified, installed, and loaded without a compiler.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use afmpeg_engine::{
    ArtifactInfo, CodeOrigin, Error, InstalledModules, Release, ReleaseError, ReleaseKey, Runtime, Target,
};
use afmpeg_types::release::{FORMAT, ReleaseArtifact, ReleaseFile, ReleaseIndex, ReleaseModule};
use minisign::KeyPair;

use crate::{
    command_line::{binary, error_and_hint},
    filesystem::backends::support,
    harness::guest_path,
    modules::{assert_works, sha256},
};

/// A release in a temporary folder, with a small program in place of FFmpeg.
struct Published {
    folder: tempfile::TempDir,
    keys: KeyPair,
    index: ReleaseIndex,
}

impl Published {
    /// A release of two variants: the first has artifacts, one of them for this machine.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut published = Self {
            folder,
            keys: KeyPair::generate_unencrypted_keypair().unwrap(),
            index: ReleaseIndex {
                format: FORMAT,
                serial: 7,
                afmpeg: format!("={}", env!("CARGO_PKG_VERSION")),
                files: Vec::new(),
                modules: Vec::new(),
                programs: Vec::new(),
            },
        };
        let artifacts = published.add_artifacts();
        published.add_module("gpl", artifacts);
        published.add_module("lgpl", Vec::new());
        published.sign();
        published
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path().join(name), bytes).unwrap();
        let file = ReleaseFile { name: name.to_owned(), size: bytes.len() as u64, sha256: sha256(bytes) };
        self.index.files.push(file);
        name.to_owned()
    }

    fn add_module(&mut self, variant: &str, artifacts: Vec<ReleaseArtifact>) {
        let module = fs::read(guest_path("sjlj")).unwrap();
        let name = format!("ffmpeg-full-{variant}");
        let manifest = format!(r#"{{"sha256": "{}", "name": "{name}"}}"#, sha256(&module));
        let released = ReleaseModule {
            variant: variant.to_owned(),
            profile: "full".to_owned(),
            version: "9.0.2-6".to_owned(),
            file: self.add(&format!("{name}.wasm.zst"), &packed(&module)),
            manifest: self.add(&format!("{name}.wasm.json"), manifest.as_bytes()),
            licences: self.add(&format!("{name}.licences.txt"), b"The licence."),
            sbom: self.add(&format!("{name}.cdx.json"), b"{}"),
            sources: self.add(&format!("{name}.sources.tar"), b"The sources."),
            name,
            artifacts,
        };
        self.index.modules.push(released);
    }

    /// Adds code for this machine, and entries for machines and programs that it does not fit.
    fn add_artifacts(&mut self) -> Vec<ReleaseArtifact> {
        let path = self.path().join("unpacked");
        let host = Target::host().triple();
        let mut artifacts = Vec::new();
        for cpu in ["x86-64-v2", "native"] {
            let target = Target::new(&host, Some(cpu)).or_else(|_| Target::new(&host, None)).unwrap();
            let info = Runtime::builder().module(guest_path("sjlj")).compile(&target, &path).unwrap();
            let file = self.add(&format!("{cpu}.artifact.zst"), &packed(&fs::read(&path).unwrap()));
            artifacts.push(entry(&info, file));
        }
        let fitting = artifacts[1].clone();
        let unusable = |change: &dyn Fn(&mut ReleaseArtifact)| {
            let mut artifact = ReleaseArtifact { file: "missing.artifact.zst".to_owned(), ..fitting.clone() };
            // The one with the most features would be chosen.
            artifact.cpu.extend(fitting.cpu.clone());
            change(&mut artifact);
            artifact
        };
        artifacts.push(unusable(&|artifact| artifact.settings += 1));
        artifacts.push(unusable(&|artifact| artifact.wasmer = "0.0.0".to_owned()));
        artifacts.push(unusable(&|artifact| artifact.triple = "aarch64-apple-darwin".to_owned()));
        artifacts.push(unusable(&|artifact| artifact.cpu = vec!["of the future".to_owned()]));
        fs::remove_file(path).unwrap();
        artifacts
    }

    /// Writes the index and its signature.
    fn sign(&self) {
        self.write_index(&serde_json::to_string_pretty(&self.index).unwrap());
    }

    fn write_index(&self, json: &str) {
        fs::write(self.path().join("index.json"), json).unwrap();
        let signature =
            minisign::sign(Some(&self.keys.pk), &self.keys.sk, json.as_bytes(), None, None).unwrap();
        fs::write(self.path().join("index.json.minisig"), signature.into_string()).unwrap();
    }

    fn key_text(&self) -> String {
        self.keys.pk.to_base64()
    }

    fn key(&self) -> ReleaseKey {
        self.key_text().parse().unwrap()
    }

    fn release(&self) -> Release {
        Release::in_folder(self.path(), self.key())
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn entry(info: &ArtifactInfo, file: String) -> ReleaseArtifact {
    ReleaseArtifact {
        file,
        triple: info.triple().to_owned(),
        cpu: info.cpu_features().to_vec(),
        wasmer: info.wasmer_version().to_owned(),
        settings: info.settings_version(),
        backend: info.backend().to_owned(),
        tested: true,
    }
}

fn installation() -> (tempfile::TempDir, InstalledModules) {
    let folder = tempfile::tempdir().unwrap();
    let modules = InstalledModules::in_folder(folder.path().join("modules")).unwrap();
    (folder, modules)
}

#[track_caller]
fn release_error(error: &Error) -> &ReleaseError {
    match error {
        Error::Release(error) => error,
        other => panic!("{other:?}"),
    }
}

/// Runs the command with a home of its own.
fn afmpeg(home: &Path, args: &[&str]) -> Output {
    command(home).args(args).output().unwrap()
}

fn command(home: &Path) -> Command {
    let mut command = Command::new(binary());
    for (variable, folder) in [("HOME", ""), ("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache")] {
        command.env(variable, home.join(folder));
    }
    for variable in ["AFMPEG_MODULE", "AFMPEG_RELEASES", "AFMPEG_RELEASE_KEY"] {
        command.env_remove(variable);
    }
    command.current_dir(home).stdin(Stdio::null());
    command
}

#[test]
fn installed_module_is_found_and_runs_without_being_compiled() {
    let (published, home) = (Published::new(), tempfile::tempdir().unwrap());
    let from = published.path().to_str().unwrap();
    let key = published.key_text();
    let output = afmpeg(home.path(), &["module", "install", "--from", from, "--key", &key]);
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("compiled for this machine"), "{output:?}");

    let output = afmpeg(home.path(), &["run", "--", "x"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches(": ok").count(), 5, "{output:?}");
    let artifacts = fs::read_dir(home.path().join("cache/afmpeg/artifacts")).unwrap();
    let compiled: Vec<PathBuf> = artifacts
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "artifact"))
        .collect();
    assert_eq!(compiled, [""; 0].map(PathBuf::from));

    let list = afmpeg(home.path(), &["module", "list", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((&list[0]["name"], &list[0]["compiled"]), (&"ffmpeg-full-gpl".into(), &true.into()));
    // It has the texts that its licence requires.
    let folder = Path::new(list[0]["path"].as_str().unwrap()).parent().unwrap().to_owned();
    assert_eq!(fs::read(folder.join("ffmpeg-full-gpl.licences.txt")).unwrap(), b"The licence.");

    let output = afmpeg(home.path(), &["module", "verify"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "ffmpeg-full-gpl: unchanged\n");
    let output = afmpeg(home.path(), &["module", "remove", "ffmpeg-full-gpl"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!folder.exists());
    let output = afmpeg(home.path(), &["module", "remove", "ffmpeg-full-gpl"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[test]
fn place_and_key_come_from_the_environment_or_a_file() {
    let (published, home) = (Published::new(), tempfile::tempdir().unwrap());
    let output = afmpeg(home.path(), &["module", "install"]);
    assert!(error_and_hint(&output).1.contains("AFMPEG_RELEASES"), "{output:?}");
    let output = command(home.path())
        .env("AFMPEG_RELEASES", published.path())
        .args(["module", "install", "--variant", "lgpl"])
        .output()
        .unwrap();
    assert!(error_and_hint(&output).1.contains("AFMPEG_RELEASE_KEY"), "{output:?}");

    let file = home.path().join("publisher.pub");
    fs::write(&file, published.keys.pk.to_box().unwrap().into_string()).unwrap();
    let output = command(home.path())
        .env("AFMPEG_RELEASES", published.path())
        .env("AFMPEG_RELEASE_KEY", &file)
        .args(["module", "install", "--variant", "lgpl"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("to be compiled"), "{output:?}");
    let output = afmpeg(home.path(), &["module", "install", "--from", ".", "--key", "nonsense"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn release_at_a_url_is_downloaded_once_and_used_again_without_a_connection() {
    let published = Published::new();
    let server = support::serve_folder(published.path());
    let release = Release::at_url(format!("http://{}/", server.address), published.key());
    let cache = tempfile::tempdir().unwrap();
    let build = || Runtime::builder().release(release.clone()).cache_dir(cache.path()).build();
    let runtime = build().unwrap();
    assert_eq!(runtime.code_origin(), CodeOrigin::Artifact);
    assert_works(&runtime);
    let (sent, index) = (server.sent(), fs::metadata(published.path().join("index.json")).unwrap().len());
    build().unwrap();
    // The index and its signature, with their headers.
    assert!(server.sent() - sent < index + 4096, "{} bytes", server.sent() - sent);

    let (_folder, modules) = installation();
    let seen = std::cell::Cell::new((0, 0));
    let installed = modules.install(&release, |done, total| seen.set((done, total))).unwrap();
    let files = ["ffmpeg-full-gpl.wasm.zst", "ffmpeg-full-gpl.wasm.json", "ffmpeg-full-gpl.licences.txt"];
    let files = files.into_iter().chain(["ffmpeg-full-gpl.cdx.json", "native.artifact.zst"]);
    let total = files.map(|name| published.index.file(name).unwrap().size).sum();
    assert_eq!(seen.get(), (total, total));
    assert!(installed.artifact().is_some());

    drop(server);
    assert_works(&build().unwrap());
    let unused = tempfile::tempdir().unwrap();
    let error = Runtime::builder().release(release).cache_dir(unused.path()).build().unwrap_err();
    assert!(matches!(error, Error::Download { .. }), "{error:?}");
}

#[test]
fn release_without_code_for_this_machine_is_compiled() {
    let published = Published::new();
    let cache = tempfile::tempdir().unwrap();
    let release = published.release().variant("lgpl");
    let runtime = Runtime::builder().release(release.clone()).cache_dir(cache.path()).build().unwrap();
    assert_eq!(runtime.code_origin(), CodeOrigin::Compiled);
    assert_eq!(runtime.manifest().unwrap().name(), Some("ffmpeg-full-lgpl"));
    assert_works(&runtime);
    let headless = Runtime::builder().backend(afmpeg_engine::Backend::Headless);
    let error = headless.release(release.clone()).cache_dir(cache.path()).build().unwrap_err();
    assert!(matches!(release_error(&error), ReleaseError::NoArtifact { .. }), "{error:?}");
    let error = Runtime::builder().release(release).without_cache().build().unwrap_err();
    assert!(matches!(release_error(&error), ReleaseError::NoCache), "{error:?}");
}

#[test]
fn release_that_was_tampered_with_is_refused_and_nothing_is_installed() {
    type Tamper = fn(&mut Published);
    type Expected = fn(&ReleaseError) -> bool;
    let cases: [(&str, Tamper, Expected); 9] = [
        (
            "a changed index",
            |published| {
                let path = published.path().join("index.json");
                let index = fs::read_to_string(&path).unwrap();
                fs::write(&path, index.replace("\"serial\": 7", "\"serial\": 8")).unwrap();
            },
            |error| matches!(error, ReleaseError::Signature { .. }),
        ),
        (
            "another signer",
            |published| {
                let key = published.keys.pk.clone();
                published.keys = KeyPair::generate_unencrypted_keypair().unwrap();
                published.sign();
                published.keys.pk = key;
            },
            |error| matches!(error, ReleaseError::Signature { .. }),
        ),
        (
            "no signature",
            |published| fs::remove_file(published.path().join("index.json.minisig")).unwrap(),
            |error| matches!(error, ReleaseError::Unreadable { .. }),
        ),
        (
            "a changed module",
            |published| {
                let path = published.path().join("ffmpeg-full-gpl.wasm.zst");
                let mut module = fs::read(&path).unwrap();
                let middle = module.len() / 2;
                module[middle] ^= 1;
                fs::write(&path, module).unwrap();
            },
            |error| matches!(error, ReleaseError::Damaged { .. }),
        ),
        (
            "a module that is cut off",
            |published| {
                let path = published.path().join("ffmpeg-full-gpl.wasm.zst");
                let module = fs::read(&path).unwrap();
                fs::write(&path, &module[..module.len() / 2]).unwrap();
            },
            |error| matches!(error, ReleaseError::Damaged { .. }),
        ),
        (
            "a file outside of the folder",
            |published| {
                published.index.files[0].name = "../secret".to_owned();
                published.sign();
            },
            |error| matches!(error, ReleaseError::Index { .. }),
        ),
        (
            "a file that is not listed",
            |published| {
                published.index.modules[0].sbom = "unlisted".to_owned();
                published.sign();
            },
            |error| matches!(error, ReleaseError::Index { .. }),
        ),
        (
            "another version of afmpeg",
            |published| {
                published.index.afmpeg = "=0.0.1".to_owned();
                published.sign();
            },
            |error| matches!(error, ReleaseError::Version { .. }),
        ),
        (
            "a later format",
            |published| published.write_index(r#"{"format": 2, "serial": "seven"}"#),
            |error| matches!(error, ReleaseError::Index { .. }) && error.to_string().contains("format 1"),
        ),
    ];
    let mut published = Published::new();
    for (name, tamper, is_expected) in cases {
        let (files, index) = (backup(published.path()), published.index.clone());
        tamper(&mut published);
        let (_folder, modules) = installation();
        let error = modules.install(&published.release(), |_, _| ()).expect_err(name);
        assert!(is_expected(release_error(&error)), "{name}: {error:?}");
        assert!(error.hint().is_some(), "{name}");
        assert!(modules.list().unwrap().is_empty(), "{name}");
        published.index = index;
        for (path, bytes) in files {
            fs::write(path, bytes).unwrap();
        }
        if name == "another signer" {
            published = Published::new();
        }
    }
}

fn backup(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn older_release_is_refused_and_a_newer_one_replaces_what_is_installed() {
    let mut published = Published::new();
    let (_folder, modules) = installation();
    let first = modules.install(&published.release(), |_, _| ()).unwrap();
    published.index.serial = 8;
    published.index.modules[0].version = "9.0.2-7".to_owned();
    published.sign();
    let second = modules.install(&published.release(), |_, _| ()).unwrap();
    assert_eq!((second.version(), second.serial()), ("9.0.2-7", 8));
    assert!(!first.folder().exists());

    published.index.serial = 7;
    published.sign();
    let error = modules.install(&published.release(), |_, _| ()).unwrap_err();
    let is_older =
        |error: &ReleaseError| matches!(error, ReleaseError::OlderSerial { found: 7, used: 8, .. });
    assert!(is_older(release_error(&error)), "{error:?}");
    assert_eq!(modules.list().unwrap().len(), 1);
    assert_eq!(modules.get("ffmpeg-full-gpl").unwrap().serial(), 8);

    // The cache of a runtime also refuses it, once it has used the newer one.
    let cache = tempfile::tempdir().unwrap();
    let build = |release| Runtime::builder().release(release).cache_dir(cache.path()).build();
    build(published.release()).unwrap();
    published.index.serial = 6;
    published.sign();
    let error = build(published.release()).unwrap_err();
    assert!(
        matches!(release_error(&error), ReleaseError::OlderSerial { found: 6, used: 7, .. }),
        "{error:?}"
    );

    // Another variant is a module of its own.
    published.index.serial = 9;
    published.sign();
    modules.install(&published.release().variant("lgpl"), |_, _| ()).unwrap();
    let names: Vec<String> = modules.list().unwrap().iter().map(|module| module.name().to_owned()).collect();
    assert_eq!(names, ["ffmpeg-full-gpl", "ffmpeg-full-lgpl"]);
    let error = modules.install(&published.release().profile("lean"), |_, _| ()).unwrap_err();
    assert!(error.hint().unwrap().contains("ffmpeg-full-lgpl"), "{error:?}");
}

#[test]
fn interrupted_download_is_resumed() {
    let mut published = Published::new();
    // Longer than one request.
    let long = vec![1; 8 << 20];
    published.index.files.retain(|file| file.name != "ffmpeg-full-gpl.licences.txt");
    published.add("ffmpeg-full-gpl.licences.txt", &long);
    published.sign();
    let server = support::serve_folder(published.path());
    let release = Release::at_url(format!("http://{}", server.address), published.key());
    let (folder, modules) = installation();
    let partial = folder.path().join("modules").join(format!("{}.partial", sha256(&long)));
    fs::write(partial, &long[..7 << 20]).unwrap();
    modules.install(&release, |_, _| ()).unwrap();
    assert!(server.sent() < 3 << 20, "{} bytes", server.sent());
    // Nothing but the installation and its lock files stays.
    let left = fs::read_dir(folder.path().join("modules")).unwrap().map(|entry| entry.unwrap().path());
    let left: u64 = left.filter(|path| path.is_file()).map(|path| path.metadata().unwrap().len()).sum();
    assert!(left < 64 << 10, "{left} bytes");
}

#[test]
fn two_processes_install_one_module() {
    let (published, home) = (Published::new(), tempfile::tempdir().unwrap());
    let start = || {
        let args = ["module", "install", "--from", published.path().to_str().unwrap(), "--key"];
        let mut command = command(home.path());
        command.args(args).arg(published.key_text()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let started = [start(), start(), start()];
    for child in started {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let modules = InstalledModules::in_folder(home.path().join("data/afmpeg/modules")).unwrap();
    assert_eq!(modules.list().unwrap().len(), 1);
    modules.list().unwrap()[0].verify().unwrap();
}

#[test]
fn full_disk_is_an_error_and_leaves_what_was_installed() {
    let (published, home) = (Published::new(), tempfile::tempdir().unwrap());
    let install = |limit: &str| {
        let program = command(home.path());
        let script = format!("trap '' XFSZ; {limit}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).arg(program.get_program());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let from = published.path().to_str().unwrap();
        shell.args([
            "module",
            "install",
            "--variant",
            "lgpl",
            "--from",
            from,
            "--key",
            &published.key_text(),
        ]);
        shell.stdin(Stdio::null()).output().unwrap()
    };
    // A limit on the length of files, in KiB, stands for the end of a disk.
    let output = install("ulimit -f 8");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(error_and_hint(&output).1.contains("room"), "{output:?}");
    let modules = InstalledModules::in_folder(home.path().join("data/afmpeg/modules")).unwrap();
    assert!(modules.list().unwrap().is_empty());
    assert!(install("true").status.success());
    assert_eq!(modules.list().unwrap().len(), 1);
}

#[test]
fn changed_or_missing_file_of_an_installed_module_is_detected_and_replaced() {
    let published = Published::new();
    let (_folder, modules) = installation();
    for damage in [|path: &Path| fs::write(path, "other"), |path: &Path| fs::remove_file(path)] {
        let installed = modules.install(&published.release(), |_, _| ()).unwrap();
        installed.verify().unwrap();
        damage(&installed.folder().join("ffmpeg-full-gpl.licences.txt")).unwrap();
        let error = modules.get("ffmpeg-full-gpl").unwrap().verify().unwrap_err();
        assert!(matches!(release_error(&error), ReleaseError::InstallationDamaged { .. }), "{error:?}");
        let mended = modules.install(&published.release(), |_, _| ()).unwrap();
        mended.verify().unwrap();
        assert_eq!(modules.list().unwrap().len(), 1);
    }
    let error = modules.get("ffmpeg-lean-gpl").unwrap_err();
    assert!(error.hint().unwrap().contains("ffmpeg-full-gpl"), "{error:?}");
}

#[test]
fn remains_of_a_killed_installation_are_not_listed_and_are_removed_later() {
    let published = Published::new();
    let (folder, modules) = installation();
    let remains = folder.path().join("modules/.tmpkilled");
    fs::create_dir(&remains).unwrap();
    fs::write(remains.join("installed.json"), "{}").unwrap();
    assert!(modules.list().unwrap().is_empty());
    modules.install(&published.release(), |_, _| ()).unwrap();
    assert!(!remains.exists());
}

#[test]
fn folder_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let modules = folder.path().join("modules");
    fs::create_dir(&modules).unwrap();
    fs::set_permissions(&modules, fs::Permissions::from_mode(0o777)).unwrap();
    let error = InstalledModules::in_folder(&modules).unwrap_err();
    let ReleaseError::Folder { source, .. } = release_error(&error) else { panic!("{error:?}") };
    assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
}
