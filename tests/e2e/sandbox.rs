//! The sandbox: a job can access its filesystem and nothing else.

use std::sync::{Arc, Mutex};

use afmpeg_engine::{Error, Runtime};
use afmpeg_vfs::{HostDir, MemFs, Mount, ReadOnly, VPath, VfsExt as _};

use crate::harness::{CLIP, fixture, full, log_of, memory_with};

const SECRET: &str = "the canary sings";

#[test]
fn no_path_leads_out_of_a_mounted_folder() {
    let outer = tempfile::tempdir().unwrap();
    let canary = outer.path().join("canary.txt");
    std::fs::write(&canary, SECRET).unwrap();
    let inside = outer.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    std::os::unix::fs::symlink(&canary, inside.join("link.txt")).unwrap();
    std::os::unix::fs::symlink("../canary.txt", inside.join("relative.txt")).unwrap();
    let list = format!("ffconcat version 1.0\nfile '{}'\nfile ../canary.txt\n", canary.display());
    std::fs::write(inside.join("list.txt"), list).unwrap();

    let runtime = full().runtime;
    let attempts = [
        "../canary.txt".to_owned(),
        "/../../canary.txt".to_owned(),
        canary.display().to_string(),
        format!("file:{}", canary.display()),
        format!("concat:{}", canary.display()),
        "link.txt".to_owned(),
        "relative.txt".to_owned(),
    ];
    for attempt in &attempts {
        // As raw samples any readable file would be copied.
        let args = ["-f", "s8", "-ar", "8000", "-ac", "1", "-i", attempt, "-f", "s8", "-y", "stolen"];
        let error = runtime.run(HostDir::open(&inside).unwrap(), args).unwrap_err();
        assert!(matches!(&error, Error::Exit(_)), "{attempt}: {error}");
        assert!(!inside.join("stolen").exists(), "{attempt}");
    }
    // Files named in other files, and files opened by filters.
    std::fs::write(inside.join("list.m3u8"), format!("#EXTM3U\n#EXTINF:1,\n{}\n", canary.display())).unwrap();
    std::os::unix::fs::symlink(&canary, inside.join("picture1.txt")).unwrap();
    let lut = format!("lut3d=file={}", canary.display());
    let samples = ["-ar", "8000", "-ac", "1"];
    let indirect: [&[&str]; 5] = [
        &["-f", "concat", "-safe", "0", "-i", "list.txt", "-c", "copy"],
        &["-allowed_extensions", "ALL", "-extension_picky", "0", "-i", "list.m3u8", "-c", "copy"],
        &["-f", "image2", "-c:v", "rawvideo", "-s", "2x2", "-i", "picture%d.txt", "-c", "copy"],
        &["-f", "lavfi", "-i", "color", "-frames:v", "1", "-vf", &lut],
        &[&["-f", "s8"][..], &samples, &["-i", "crypto:../canary.txt"]].concat(),
    ];
    for args in indirect {
        let error = runtime.run(HostDir::open(&inside).unwrap(), [args, &["-y", "stolen.nut"]].concat());
        assert!(matches!(error, Err(Error::Exit(_))), "{args:?}");
        let stolen = std::fs::read(inside.join("stolen.nut")).unwrap_or_default();
        assert!(!stolen.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{args:?}");
    }

    // Outputs outside the folder are refused, too.
    let out = outer.path().join("out.wav").display().to_string();
    for target in ["../out.wav", out.as_str()] {
        let args = ["-f", "lavfi", "-i", "sine=d=0.1", "-y", target];
        let _ = runtime.run(HostDir::open(&inside).unwrap(), args);
        assert!(!outer.path().join("out.wav").exists(), "{target}");
    }
    assert_eq!(std::fs::read_to_string(canary).unwrap(), SECRET);
}

#[test]
fn files_environment_and_network_of_the_host_are_inaccessible() {
    let runtime = full().runtime;
    for input in ["/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/dev/mem"] {
        let args = ["-f", "s8", "-ar", "8000", "-ac", "1", "-i", input, "-f", "s8", "-y", "stolen"];
        let error = runtime.run(MemFs::new(), args).unwrap_err();
        assert!(error.to_string().contains("No such file"), "{input}: {error}");
    }
    for url in ["http://127.0.0.1/a.mp4", "tcp://127.0.0.1:80", "rtp://127.0.0.1:5004"] {
        let error = runtime.run(MemFs::new(), ["-i", url, "out.mp4"]).unwrap_err();
        let log = log_of(&error);
        assert!(log.contains("Protocol not found"), "{url}: {log}");
    }
}

#[test]
fn job_has_devices_and_a_private_tmp() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-i {CLIP} -frames:v 2 -c:v rawvideo -f rawvideo -y /dev/null"));
    module.ffmpeg(&fs, "-f u8 -ar 8000 -ac 1 -t 0.1 -i /dev/urandom -y noise.wav");
    assert_eq!(fs.read("/noise.wav").unwrap().len(), 44 + 34 + 2 * 800, "header, encoder tag, samples");
    let tone = ["-f", "lavfi", "-i", "sine=d=0.1", "-y", "/tmp/tone.wav"];
    module.runtime.job(fs.clone()).args(tone).discard_tmp(true).run().unwrap();
    assert!(!fs.exists("/tmp"), "/tmp is removed with the job");
}

#[test]
fn read_only_filesystem_can_be_read_but_not_written() {
    let module = full();
    let inputs = ReadOnly::new(memory_with(&[CLIP]));
    let outputs = MemFs::new();
    let fs = Mount::new(Arc::new(inputs)).mount(VPath::new("/out").unwrap(), Arc::new(outputs.clone()));
    module.runtime.run(fs.clone(), ["-i", CLIP, "-c", "copy", "/out/copy.mkv"]).unwrap();
    assert!(outputs.exists("/copy.mkv"));
    let error = module.runtime.run(fs, ["-i", CLIP, "-c", "copy", "copy.mkv"]).unwrap_err();
    assert!(error.to_string().contains("copy.mkv"), "{error}");
}

#[test]
fn full_filesystem_fails_the_job_with_that_cause() {
    let module = full();
    let clip = fixture(CLIP);
    let fs = MemFs::with_capacity_limit(clip.len() as u64 + 100_000);
    fs.write(format!("/{CLIP}"), clip).unwrap();
    let error = module.runtime.run(fs, ["-i", CLIP, "-c", "copy", "copy.mkv"]).unwrap_err();
    let Error::Filesystem { operation, path, source, .. } = &error else { panic!("{error}") };
    assert_eq!((operation.as_str(), path.as_str()), ("write", "/copy.mkv"));
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn standard_streams_carry_media() {
    let module = full();
    let sound = module
        .runtime
        .job(memory_with(&["complete.oga"]))
        .args(["-nostdin", "-i", "complete.oga", "-f", "wav", "-bitexact", "-"])
        .run()
        .unwrap()
        .into_stdout();
    assert!(sound.starts_with(b"RIFF"));

    let received = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&received);
    module
        .runtime
        .job(MemFs::new())
        .args(["-nostdin", "-i", "-", "-f", "flac", "-"])
        .stdin(std::io::Cursor::new(sound))
        .stdout(move |bytes| {
            sink.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        })
        .run()
        .unwrap();
    assert!(received.lock().unwrap().starts_with(b"fLaC"));
}

#[test]
fn concurrent_jobs_on_one_filesystem_are_independent() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    std::thread::scope(|scope| {
        for name in ["a", "b"] {
            let (module, fs) = (&module, &fs);
            scope.spawn(move || {
                module.ffmpeg(
                    fs,
                    &format!("-i {CLIP} -an -vf scale=64:-2 -c:v rawvideo -pix_fmt yuv420p {name}.yuv"),
                );
            });
        }
    });
    let [a, b] = ["/a.yuv", "/b.yuv"].map(|path| fs.read(path).unwrap());
    assert_eq!(a.len(), 132 * 64 * 36 * 3 / 2);
    assert!(a == b);
}

/// Returns a module with one import and an empty `_start`.
fn module_that_imports(namespace: &str, name: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let section = |id: u8, body: Vec<u8>| [vec![id, u8::try_from(body.len()).unwrap()], body].concat();
    let import = [vec![1], text(namespace), text(name), vec![0, 0]].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, vec![1, 0x60, 0, 0]),
        section(2, import),
        section(3, vec![1, 0]),
        section(7, [vec![1], text("_start"), vec![0, 1]].concat()),
        section(10, vec![1, 2, 0, 0x0b]),
    ]
    .concat()
}

#[test]
fn module_with_a_forbidden_import_is_refused_by_name() {
    for (namespace, name) in [("wasix_32v1", "sock_open"), ("wasix_32v1", "proc_exec3"), ("env", "system")] {
        let module = module_that_imports(namespace, name);
        let error = Runtime::builder().module_bytes(module).build().unwrap_err();
        assert!(matches!(error, Error::ModuleImport { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("{namespace}.{name}")), "{error}");
    }
}
