//! The cache of compiled modules when it is cold, warm, damaged, of another version, shared or unwritable.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use afmpeg_engine::{CodeOrigin, Error, ErrorKind, Runtime};
use afmpeg_vfs::MemFs;

use crate::{
    command_line::binary,
    harness::{guest_path, relabelled},
};

/// A program of 56 KB, which compiles quickly.
fn module() -> PathBuf {
    guest_path("sjlj")
}

fn build(cache: &Path) -> Runtime {
    Runtime::builder().module(module()).cache_dir(cache).build().unwrap()
}

/// Runs the program, which checks itself in every thread.
#[track_caller]
fn assert_works(runtime: &Runtime) {
    let output = runtime.job(MemFs::new()).run().unwrap();
    assert_eq!(String::from_utf8_lossy(output.stdout()).matches(": ok").count(), 5);
}

#[track_caller]
fn assert_origin(cache: &Path, origin: CodeOrigin) {
    let runtime = build(cache);
    assert_eq!(runtime.code_origin(), origin);
    assert_works(&runtime);
}

/// Returns the only file with this extension.
#[track_caller]
fn the_only(cache: &Path, extension: &str) -> PathBuf {
    let paths = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == extension)).collect();
    let [path] = found.as_slice() else { panic!("{found:?}") };
    path.clone()
}

/// Waits until a file is old enough to be recognised by its stamp after a check.
fn wait_until_settled() {
    std::thread::sleep(Duration::from_millis(2100));
}

#[test]
fn a_cold_start_compiles_and_a_warm_one_loads() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("made/on/demand");
    assert_origin(&cache, CodeOrigin::Compiled);
    assert_origin(&cache, CodeOrigin::Cache);
}

#[test]
fn compilation_reports_progress_from_start_to_end_and_loading_reports_none() {
    let cache = tempfile::tempdir().unwrap();
    let reports = || {
        let reports = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&reports);
        let builder = Runtime::builder().module(module()).cache_dir(cache.path());
        builder.compile_progress(move |part| sink.lock().unwrap().push(part)).build().unwrap();
        let reports = reports.lock().unwrap();
        reports.clone()
    };
    let parts = reports();
    assert_eq!((parts.first(), parts.last()), (Some(&0.0), Some(&1.0)), "{parts:?}");
    assert!(parts.len() > 2 && parts.is_sorted(), "{parts:?}");
    assert!(reports().is_empty());
}

#[test]
fn a_damaged_artifact_is_compiled_again_wherever_it_is_damaged() {
    let cache = tempfile::tempdir().unwrap();
    let cache = cache.path();
    assert_origin(cache, CodeOrigin::Compiled);
    let path = the_only(cache, "artifact");
    let good = fs::read(&path).unwrap();
    let flipped = |offset: usize| {
        let mut bytes = good.clone();
        bytes[offset] ^= 0x10;
        bytes
    };
    let damages = [
        Vec::new(),
        good[..good.len() / 3].to_vec(),
        good[..good.len() - 1].to_vec(),
        flipped(0),
        flipped(good.len() / 2),
        flipped(good.len() - 200),
        [&good[..], b"more"].concat(),
    ];
    for (number, damaged) in damages.into_iter().enumerate() {
        fs::write(&path, damaged).unwrap();
        let runtime = build(cache);
        assert_eq!(runtime.code_origin(), CodeOrigin::Compiled, "damage {number}");
        assert_works(&runtime);
        assert_origin(cache, CodeOrigin::Cache);
    }
}

#[test]
fn damage_is_detected_in_an_artifact_that_was_valid_before() {
    let cache = tempfile::tempdir().unwrap();
    let cache = cache.path();
    assert_origin(cache, CodeOrigin::Compiled);
    wait_until_settled();
    assert_origin(cache, CodeOrigin::Cache);
    let path = the_only(cache, "artifact");
    assert!(path.with_extension("note").exists(), "a note of the successful check");
    assert_origin(cache, CodeOrigin::Cache);

    let mut bytes = fs::read(&path).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    assert_origin(cache, CodeOrigin::Compiled);
}

#[test]
fn an_artifact_of_another_module_or_version_is_not_loaded() {
    let cache = tempfile::tempdir().unwrap();
    let cache = cache.path();
    assert_origin(cache, CodeOrigin::Compiled);
    let own = the_only(cache, "artifact");
    let good = fs::read(&own).unwrap();

    let other_cache = tempfile::tempdir().unwrap();
    Runtime::builder().module(guest_path("files")).cache_dir(other_cache.path()).build().unwrap();
    fs::copy(the_only(other_cache.path(), "artifact"), &own).unwrap();
    assert_origin(cache, CodeOrigin::Compiled);

    // Artifacts that another version could have written under this name.
    for (from, to) in [("\"wasmer\":\"7.", "\"wasmer\":\"6."), ("\"settings\":", "\"settings\":1")] {
        fs::write(&own, relabelled(&good, from, to)).unwrap();
        assert_origin(cache, CodeOrigin::Compiled);
    }
}

#[test]
fn artifacts_of_other_versions_are_kept_while_in_use_and_removed_later() {
    let cache = tempfile::tempdir().unwrap();
    let entry = |name: &str, age: u64| {
        let path = cache.path().join(format!("{name}-6.0.0-cranelift-1-7f.artifact"));
        fs::write(&path, "code of old").unwrap();
        let time = SystemTime::now() - Duration::from_secs(age * 24 * 3600);
        fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
        path
    };
    let (recent, old) = (entry("aa", 2), entry("bb", 60));
    assert_origin(cache.path(), CodeOrigin::Compiled);
    assert!(recent.exists() && !old.exists());
}

fn start_process(cache: &Path) -> Child {
    Command::new(binary())
        .args(["run", "--module"])
        .arg(module())
        .args(["--", "x"])
        .env("XDG_CACHE_HOME", cache)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[track_caller]
fn assert_process_works(process: Child) {
    let output = process.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches(": ok").count(), 5, "{error}");
}

#[test]
fn processes_that_start_at_once_share_one_compilation() {
    let home = tempfile::tempdir().unwrap();
    let processes: Vec<Child> = (0..4).map(|_| start_process(home.path())).collect();
    processes.into_iter().for_each(assert_process_works);
    let folder = home.path().join("afmpeg/artifacts");
    let artifact = the_only(&folder, "artifact");
    let written = fs::metadata(&artifact).unwrap().modified().unwrap();
    // Damage the artifact while other processes start.
    let damaged = fs::read(&artifact).unwrap();
    let processes: Vec<Child> = (0..4)
        .map(|number| {
            if number % 2 == 1 {
                let temporary = folder.join("damaged");
                fs::write(&temporary, &damaged[..damaged.len() / 2]).unwrap();
                fs::rename(&temporary, &artifact).unwrap();
            }
            start_process(home.path())
        })
        .collect();
    processes.into_iter().for_each(assert_process_works);
    assert!(fs::metadata(&artifact).unwrap().modified().unwrap() > written);
}

#[test]
fn an_unusable_cache_is_an_error_if_it_was_configured_and_is_skipped_if_it_is_the_default() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let error = Runtime::builder().module(module()).cache_dir(file.join("cache")).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cache);
    assert!(error.to_string().contains(file.to_str().unwrap()) && error.hint().is_some(), "{error}");

    assert_process_works(start_process(&file));
    let works_without = Runtime::builder().module(module()).without_cache().build().unwrap();
    assert_works(&works_without);
}

#[cfg(unix)]
#[test]
fn no_code_is_loaded_from_a_folder_or_a_file_that_others_can_write() {
    use std::os::unix::fs::PermissionsExt as _;

    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("afmpeg/artifacts");
    assert_origin(&cache, CodeOrigin::Compiled);
    set_mode(&the_only(&cache, "artifact"), 0o666);
    assert_origin(&cache, CodeOrigin::Compiled);

    set_mode(&cache, 0o777);
    let error = Runtime::builder().module(module()).cache_dir(&cache).build().unwrap_err();
    assert!(matches!(error, Error::Cache { .. }), "{error}");
    assert!(format!("{error:?}").contains("others can write"), "{error:?}");
    assert_process_works(start_process(home.path()));
}
