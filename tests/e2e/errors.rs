//! Errors of jobs: kind, message and hint.

use std::{
    num::NonZero,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use afmpeg_engine::{
    CodeOrigin, Component, ComponentKind, Error, ErrorKind, Fault, PartialOutputs, Runtime, Target, Tool,
};
use afmpeg_vfs::{MemFs, ReadOnly, VfsExt as _};

use crate::harness::{CLIP, FULL_GPL, LEAN_LGPL, Variant, full, lean, log_of, memory_with, module_path};

/// Checks that the message is one line that names `thing`, and that there is a hint.
#[track_caller]
fn assert_names(error: &Error, thing: &str) {
    let message = error.to_string();
    assert!(message.contains(thing), "no {thing} in: {message}");
    assert!(!message.contains('\n'), "more than one line: {message}");
    assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "no hint for: {message}");
}

#[test]
fn error_of_a_missing_input_names_it_and_has_ffmpegs_full_code() {
    let error = full().runtime.run(MemFs::new(), ["-i", "missing.mp4", "out.mp4"]).unwrap_err();
    assert_names(&error, "missing.mp4");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "ENOENT");
    assert_eq!(exit.status().low_byte(), 254, "the exit code of native FFmpeg");
    assert!(exit.log().iter().any(|line| line.contains("Error opening input")));
}

#[test]
fn error_of_an_unknown_option_names_it() {
    let error =
        full().runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-nosuch", "1", "out.mp4"]).unwrap_err();
    assert_names(&error, "nosuch");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "AVERROR_OPTION_NOT_FOUND");
    assert_eq!(exit.status().low_byte(), 8);
}

#[test]
fn error_of_an_unknown_filter_or_encoder_names_it() {
    let runtime = full().runtime;
    let error = runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-vf", "nosuch", "out.mp4"]).unwrap_err();
    assert_names(&error, "nosuch");
    let error = runtime.run(memory_with(&[CLIP]), ["-i", CLIP, "-c:v", "libnosuch", "out.mp4"]).unwrap_err();
    assert_names(&error, "libnosuch");
}

#[test]
fn hint_for_a_misspelt_name_suggests_the_nearest_one() {
    let runtime = full().runtime;
    runtime.capabilities().unwrap();
    let source = ["-f", "lavfi", "-i", "color=d=0.1"];
    let null = ["-f", "null", "-"];
    let misspelt: [(&[&str], &str); 10] = [
        (&["-vf", "vingette"], "vignette"),
        (&["-vf", "vignette=angel=1"], "angle"),
        (&["-vf", "vignette=enabel=1"], "enable"),
        (&["-c:v", "libx246"], "libx264"),
        (&["-bsf:v", "h264_mp4toannexbb"], "h264_mp4toannexb"),
        (&["-pix_fmt", "yuv42p"], "yuv420p"),
        // Options of the tool, of a library, of an encoder and of a muxer.
        (&["-filter_complx", "null"], "filter_complex"),
        (&["-g:v", "1", "-refss:v", "1"], "refs"),
        (&["-presett", "fast"], "preset"),
        (&["-movflag", "faststart"], "movflags"),
    ];
    for (options, meant) in misspelt {
        let args = [&source[..], options, &null].concat();
        let error = runtime.run(MemFs::new(), args).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.starts_with(&format!("did you mean `{meant}`? ")), "{options:?}: {error}\n{hint}");
    }
    let error = runtime.run(MemFs::new(), ["-f", "matrosk", "-i", "a", "b.mkv"]).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `matroska`? "), "{error}");
    let error = runtime.run(MemFs::new(), [&source[..], &["-f", "matrosk", "b.mkv"]].concat()).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `matroska`? "), "{error}");
    let error = runtime.run(MemFs::new(), ["-c:v", "h264x", "-i", "a", "b.mkv"]).unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `h264`? "), "{error}");
    let job = runtime.job(MemFs::new()).tool(Tool::Ffprobe).args(["-show_stream", "a"]);
    let error = job.run().unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `show_streams`? "), "{error}");
}

#[test]
fn hint_for_a_name_unlike_any_other_suggests_none() {
    let runtime = full().runtime;
    runtime.capabilities().unwrap();
    for options in [["-transmogrify", "1"], ["-vf", "transmogrify"], ["-c:v", "transmogrify"]] {
        let args = [&["-f", "lavfi", "-i", "color=d=0.1"], &options[..], &["-f", "null", "-"]].concat();
        let hint = runtime.run(MemFs::new(), args).unwrap_err().hint().unwrap();
        assert!(!hint.contains("did you mean"), "{hint}");
    }
}

/// A counter of guests in this process, by the spans of jobs.
#[derive(Clone, Default)]
struct GuestCount(Arc<AtomicUsize>);

impl tracing::Subscriber for GuestCount {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span() && metadata.name() == "job"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1 + self.0.fetch_add(1, Ordering::SeqCst) as u64)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn failed_job_starts_no_guest() {
    let runtime = full().runtime.with_slots(NonZero::<usize>::MIN);
    runtime.capabilities().unwrap();
    let guests = GuestCount::default();
    let fail = |number: usize| {
        let misspelt = [["-vf", "vingette"], ["-presett", "fast"]][number % 2];
        let args = [&["-f", "lavfi", "-i", "color=d=0.1"], &misspelt[..], &["-f", "null", "-"]].concat();
        // A job enters its span on the thread that runs it, and so would any guest that it starts.
        let run = || runtime.job(MemFs::new()).args(args).run();
        let hint = tracing::subscriber::with_default(guests.clone(), run).unwrap_err().hint().unwrap();
        assert!(hint.contains(["did you mean `vignette`?", "did you mean `preset`?"][number % 2]), "{hint}");
    };
    std::thread::scope(|scope| {
        let fail = &fail;
        for number in 0..64 {
            scope.spawn(move || fail(number));
        }
    });
    assert_eq!(guests.0.load(Ordering::SeqCst), 64);
}

#[test]
fn suggestions_come_from_facts_kept_when_the_runtime_was_built() {
    let compiled = full().runtime;
    let users = etcetera_cache().join("afmpeg").join("artifacts");
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    std::fs::create_dir(&own).unwrap();
    std::fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut copied = 0;
    for file in std::fs::read_dir(users).unwrap().map(|file| file.unwrap()) {
        let name = file.file_name().into_string().unwrap();
        if name.starts_with(compiled.module_sha256()) && name.ends_with(".artifact") {
            let target = own.join(name);
            std::fs::hard_link(file.path(), &target)
                .or_else(|_| std::fs::copy(file.path(), &target).map(drop))
                .unwrap();
            copied += 1;
        }
    }
    assert_ne!(copied, 0, "the artifact of the module");
    let hint = |runtime: &Runtime| {
        let args = ["-f", "lavfi", "-i", "color=d=0.1", "-presett", "1", "-f", "null", "-"];
        runtime.run(MemFs::new(), args).unwrap_err().hint().unwrap()
    };
    let build =
        |cache: &Path| Runtime::builder().module(module_path(FULL_GPL)).cache_dir(cache).build().unwrap();
    let runtime = build(&own);
    assert_eq!(runtime.code_origin(), CodeOrigin::Cache);
    assert!(hint(&runtime).starts_with("did you mean `preset`?"));
    // Without these facts there is no suggestion: if they cannot be stored, no guest runs to collect them.
    for file in std::fs::read_dir(&own).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "options" || end == "capabilities") {
            std::fs::remove_file(&file).unwrap();
            // A file cannot replace a folder, even for root.
            std::fs::create_dir(&file).unwrap();
        }
    }
    let without = build(&own);
    assert_eq!(without.code_origin(), CodeOrigin::Cache);
    assert!(!hint(&without).contains("did you mean"), "{}", hint(&without));
    assert!(hint(&runtime).starts_with("did you mean `preset`?"), "facts that were read stay in memory");
}

/// Returns the user's cache folder.
fn etcetera_cache() -> std::path::PathBuf {
    let home = || std::path::PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    std::env::var_os("XDG_CACHE_HOME").map_or_else(home, Into::into)
}

/// Runs a job of the full module that decodes a file, and returns its error.
fn read(fs: &MemFs, path: &str, options: &[&str]) -> Error {
    read_with(&full(), fs, path, options)
}

fn read_with(module: &Variant, fs: &MemFs, path: &str, options: &[&str]) -> Error {
    let args = [options, &["-i", path, "-f", "null", "-"]].concat();
    module.runtime.run(fs.clone(), args).unwrap_err()
}

/// The start of a stream of AVS2, 64x64, in IVF.
const AVS2: &[u8] = b"DKIF\0\0 \0AVS2@\0@\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\
    \x04\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xb0";

#[test]
fn undecodable_codec_is_unsupported_and_names_the_decoder() {
    let fs = MemFs::new();
    fs.write("/film.ivf", AVS2).unwrap();
    let error = read(&fs, "film.ivf", &[]);
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let Error::Exit(exit) = &error else { panic!("{error}") };
    assert_eq!(exit.component(), Some(&Component::new(ComponentKind::Decoder, "avs2")));
    assert_names(&error, "avs2");
    assert_eq!(error.fault(), Fault::Input);
}

#[test]
fn missing_encoder_or_filter_is_a_fault_of_the_request() {
    for args in [["-c:v", "libaom-av1"], ["-vf", "frei0r"]] {
        let args = ["-f", "lavfi", "-i", "testsrc2=d=0.1"].into_iter().chain(args).chain(["-f", "null", "-"]);
        let error = full().runtime.run(MemFs::new(), args).unwrap_err();
        assert_eq!((error.kind(), error.fault()), (ErrorKind::Unsupported, Fault::Request), "{error}");
    }
}

#[test]
fn input_without_a_decodable_frame_is_invalid_data() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i testsrc2=s=64x64:d=0.4 -c:v png -bsf:v noise=amount=1 noise.mkv");
    let error = read(&fs, "noise.mkv", &[]);
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    assert!(error.to_string().contains("Invalid PNG signature"), "{error}");
    // With `-xerror` the job ends at the first error.
    let error = read(&fs, "noise.mkv", &["-xerror"]);
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    assert!(error.to_string().starts_with("ffmpeg: Invalid PNG signature"), "{error}");
}

#[test]
fn error_of_an_unsupported_format_names_the_missing_component() {
    let fs = MemFs::new();
    let mpd = r#"<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static"><Period/></MPD>"#;
    fs.write("/film.mpd", mpd).unwrap();
    for (module, path, component) in [
        (lean(), "film.mpd", Component::new(ComponentKind::Demuxer, "dash")),
        (full(), "https://media.example/film.mp4", Component::new(ComponentKind::Protocol, "https")),
    ] {
        let error = read_with(&module, &fs, path, &[]);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}\n{}", log_of(&error));
        assert_names(&error, path);
        let Error::Exit(exit) = &error else { panic!("{error}") };
        assert_eq!(exit.component(), Some(&component), "{error}");
        assert!(path != "https://media.example/film.mp4" || error.hint().unwrap().contains("`HttpFs`"));
    }
    let error = lean().runtime.probe(fs, "film.mpd").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn encrypted_playlist_is_refused_with_a_hint_and_read_when_it_is_trusted() {
    let (module, fs) = (full(), MemFs::new());
    fs.write("/enc.key", "0123456789abcdef").unwrap();
    fs.write("/keys", "enc.key\nenc.key\n").unwrap();
    module.ffmpeg(
        &fs,
        "-f lavfi -i testsrc2=s=64x64:d=0.4 -c:v mpeg2video -hls_key_info_file keys secret.m3u8",
    );
    // By default FFmpeg refuses keys whose names do not look like media.
    for error in [read(&fs, "secret.m3u8", &[]), full().runtime.probe(fs.clone(), "secret.m3u8").unwrap_err()]
    {
        assert_names(&error, "'enc.key'");
        assert!(error.hint().unwrap().contains("`-allowed_extensions ALL`"), "{error}");
    }
    module.ffmpeg(&fs, "-allowed_extensions ALL -i secret.m3u8 -f null -");

    // The lean module cannot decrypt.
    let error = lean().runtime.run(fs, ["-i", "secret.m3u8", "-f", "null", "-"]).unwrap_err();
    let Error::Exit(exit) = &error else { panic!("{error}") };
    assert_eq!(
        exit.component(),
        Some(&Component::new(ComponentKind::Protocol, "crypto")),
        "{}",
        log_of(&error)
    );
}

#[test]
fn list_with_a_missing_file_is_not_reported_as_missing_itself() {
    let fs = MemFs::new();
    fs.write("/list.txt", "ffconcat version 1.0\nfile gone.mp4\n").unwrap();
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ngone.ts\n#EXT-X-ENDLIST\n";
    fs.write("/live.m3u8", playlist).unwrap();
    for (list, gone) in [("list.txt", "gone.mp4"), ("live.m3u8", "gone.ts")] {
        for error in [read(&fs, list, &[]), full().runtime.probe(fs.clone(), list).unwrap_err()] {
            assert_names(&error, list);
            assert!(error.to_string().contains("it lists a file"), "{error}");
            assert!(log_of(&error).contains(gone), "{}", log_of(&error));
            assert!(error.hint().unwrap().contains("beside the list"), "{error}: {:?}", error.hint());
        }
    }
}

#[test]
fn folder_as_an_input_is_an_invalid_argument() {
    let fs = MemFs::new();
    fs.create_dir_all("/clips").unwrap();
    for error in [read(&fs, "clips", &[]), full().runtime.probe(fs, "clips").unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert_names(&error, "clips");
        assert!(error.hint().unwrap().contains("folder"), "{:?}", error.hint());
    }
}

#[test]
fn missing_file_of_a_filter_is_the_subject_of_the_error() {
    let runtime = full().runtime;
    for (filter, subject, cause) in [
        ("lut3d=missing.cube", "missing.cube", "missing.cube: No such file or directory"),
        ("subtitles=missing.srt", "missing.srt", "missing.srt"),
        ("drawtext=text=hi:fontfile=/fonts/none.ttf", "/fonts/none.ttf", "/fonts/none.ttf"),
    ] {
        for output in ["-", "out.mkv"] {
            let args =
                ["-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.1", "-vf", filter, "-f", "matroska", output];
            let error = runtime.run(MemFs::new(), args).unwrap_err();
            let Error::Exit(exit) = &error else { panic!("{error}") };
            assert_eq!(exit.subject(), Some(subject), "{error}\n{}", log_of(&error));
            assert_names(&error, cause);
            assert!(!error.hint().unwrap().contains("folder"), "{:?}", error.hint());
        }
    }
}

#[test]
fn hint_for_a_misspelt_filter_suggests_the_nearest_one() {
    let runtime = full().runtime;
    runtime.capabilities().unwrap();
    for (filters, meant) in [("scal=320:-2", "scale"), ("null,[a]vfilp[b]", "vflip")] {
        let args = ["-f", "lavfi", "-i", "testsrc2=d=0.1", "-vf", filters, "-f", "null", "-"];
        let error = runtime.run(MemFs::new(), args).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(
            hint.starts_with(&format!("did you mean `{meant}`? ")),
            "{error}\n{hint}\n{}",
            log_of(&error)
        );
    }
}

#[test]
fn errors_of_a_quiet_job_are_explained_too() {
    let error =
        full().runtime.run(MemFs::new(), ["-v", "quiet", "-i", "missing.mp4", "out.mp4"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_names(&error, "missing.mp4");
}

#[test]
fn hint_of_a_cancelled_job_describes_its_files() {
    let runtime = full().runtime.with_slots(NonZero::<usize>::MIN);
    let endless = ["-nostdin", "-re", "-f", "lavfi", "-i", "color=s=64x64", "-flush_packets", "1", "out.mkv"];
    for (choice, words) in [(PartialOutputs::Keep, "stay on"), (PartialOutputs::Remove, "removed")] {
        let fs = MemFs::new();
        let job = runtime.job(fs.clone()).args(endless).partial_outputs(choice).spawn().unwrap();
        let waiting = runtime.job(MemFs::new()).args(endless).spawn().unwrap();
        while !fs.exists("/out.mkv") {
            std::thread::yield_now();
        }
        waiting.cancel();
        let hint = waiting.wait().unwrap_err().hint().unwrap();
        assert!(hint.contains("had not begun"), "{hint}");
        job.cancel();
        let hint = job.wait().unwrap_err().hint().unwrap();
        assert!(hint.contains(words), "{hint}");
        assert_eq!(fs.exists("/out.mkv"), choice == PartialOutputs::Keep);
    }
}

#[test]
fn invalid_arguments_are_refused_before_the_program_starts() {
    let runtime = full().runtime;
    let error = runtime.run(MemFs::new(), ["-i", "a\0b", "out.mp4"]).unwrap_err();
    assert_names(&error, r#""a\0b""#);
    let error = runtime.job(MemFs::new()).current_dir("here").args(["-version"]).run().unwrap_err();
    assert_names(&error, "here");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    for name in ["", "A=B", "AFMPEG_LOG"] {
        let error = runtime.job(MemFs::new()).env(name, "x").args(["-version"]).run().unwrap_err();
        assert_names(&error, &format!("the environment variable {name:?}"));
    }
}

#[test]
fn text_file_is_invalid_data() {
    let fs = MemFs::new();
    fs.write("/notes.mp4", "this is not a film").unwrap();
    let error = full().runtime.run(fs, ["-i", "notes.mp4", "out.mp4"]).unwrap_err();
    assert_names(&error, "notes.mp4");
    let Error::Exit(exit) = error else { panic!("{error}") };
    assert_eq!(exit.status().av_error().unwrap().name(), "AVERROR_INVALIDDATA");
}

#[test]
fn error_of_a_probe_names_its_file() {
    let error = full().runtime.probe(MemFs::new(), "missing.mp4").unwrap_err();
    assert_names(&error, "missing.mp4");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn error_of_a_missing_module_names_it() {
    let error = Runtime::builder().module("no/such/ffmpeg.wasm").build().unwrap_err();
    assert_names(&error, "no/such/ffmpeg.wasm");
    assert_eq!(error.kind(), ErrorKind::Module);
}

#[test]
fn error_of_a_module_that_is_not_webassembly_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ffmpeg.wasm");
    std::fs::write(&path, "MZ not a module").unwrap();
    assert_names(&Runtime::builder().module(&path).build().unwrap_err(), path.to_str().unwrap());
}

#[test]
fn a_damaged_module_is_detected_by_its_manifest_or_else_by_its_structure() {
    let folder = tempfile::tempdir().unwrap();
    let good = std::fs::read(module_path(FULL_GPL)).unwrap();
    let manifest = std::fs::read(module_path(FULL_GPL).with_extension("wasm.json")).unwrap();

    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x40;
    let path = folder.path().join("flipped.wasm");
    std::fs::write(&path, &flipped).unwrap();
    std::fs::write(folder.path().join("flipped.wasm.json"), &manifest).unwrap();
    let error = damaged(&path);
    assert_names(&error, path.to_str().unwrap());
    assert!(error.to_string().contains("sha256"), "{error}");

    let path = folder.path().join("truncated.wasm");
    std::fs::write(&path, &good[..good.len() / 3]).unwrap();
    assert_names(&damaged(&path), path.to_str().unwrap());
}

fn damaged(path: &Path) -> Error {
    let error = refused(path);
    assert!(matches!(error, Error::ModuleDamaged { .. }), "{error}");
    error
}

fn refused(path: &Path) -> Error {
    let cache = tempfile::tempdir().unwrap();
    Runtime::builder().module(path).cache_dir(cache.path().join("own")).build().unwrap_err()
}

#[test]
fn artifact_or_another_file_in_the_place_of_a_module_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lean.artifact");
    Runtime::builder().module(module_path(LEAN_LGPL)).compile(&Target::host(), &path).unwrap();
    let artifact = std::fs::read(&path).unwrap();
    for (contents, found) in [
        (&artifact[..], "found an artifact"),
        (&artifact[..artifact.len() / 2], "an artifact whose end is missing"),
        (b"RIFF", "a file that does not start with \\0asm"),
    ] {
        std::fs::write(&path, contents).unwrap();
        let error = refused(&path);
        assert!(matches!(error, Error::NotAModule { .. }), "{error}");
        assert!(error.to_string().contains(found), "{error}");
        assert_names(&error, path.to_str().unwrap());
    }
}

#[test]
fn output_on_a_read_only_filesystem_has_a_hint_to_mount_a_writable_one() {
    let fs = ReadOnly::new(memory_with(&[CLIP]));
    let error = full().runtime.run(fs, ["-i", CLIP, "-c", "copy", "out.mkv"]).unwrap_err();
    assert_names(&error, "out.mkv");
    assert!(error.hint().unwrap().contains("writable"), "{error:?}");
}

#[test]
fn bad_option_of_a_filter_names_the_filter() {
    let args = ["-f", "lavfi", "-i", "testsrc2", "-vf", "hue=hh=3", "-f", "null", "-"];
    let error = full().runtime.run(MemFs::new(), args).unwrap_err();
    assert_eq!(error.to_string(), "ffmpeg: filter hue: bad filter option 'hh'");
}

#[test]
fn runtime_is_usable_after_a_failed_job() {
    let runtime = full().runtime;
    let fs = memory_with(&[CLIP]);
    runtime.run(fs.clone(), ["-i", "missing.mp4", "out.mp4"]).unwrap_err();
    runtime.run(fs.clone(), ["-i", CLIP, "-c", "copy", "out.mkv"]).unwrap();
    assert!(fs.exists("/out.mkv"));
}

#[test]
fn existing_output_is_an_error_and_is_kept() {
    let fs = memory_with(&[CLIP]);
    fs.write("/out.mkv", "precious").unwrap();
    let error = full().runtime.run(fs.clone(), ["-i", CLIP, "-c", "copy", "out.mkv"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("'out.mkv'"), "{error}");
    assert!(error.hint().unwrap().contains("`-y`"));
    assert_eq!(fs.read("/out.mkv").unwrap(), "precious");
}

#[test]
fn output_that_was_not_overwritten_is_not_among_the_files_of_the_job() {
    let fs = memory_with(&[CLIP]);
    fs.write("/out.mkv", "precious").unwrap();
    let args = ["-n", "-i", CLIP, "-c", "copy", "-t", "1", "out.mkv"];
    let output = full().runtime.run(fs.clone(), args).unwrap();
    let files: Vec<&str> = output.files().iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(files, [format!("/{CLIP}")]);
    assert_eq!(fs.read("/out.mkv").unwrap(), "precious");
}
