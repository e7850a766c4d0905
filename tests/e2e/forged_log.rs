//! Media with metadata in the form of FFmpeg's messages: it is printed into the log, and changes no result.

use std::{io, time::Duration};

use afmpeg_engine::{Error, ErrorKind, Limits, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{full, has_every_case, repository};

/// Returns the formats of all messages in the table of diagnoses.
fn known_messages() -> Vec<String> {
    let table = repository().join("crates/afmpeg-engine/src/ffmpeg_messages.rs");
    let table = std::fs::read_to_string(table).unwrap();
    let formats = table.lines().filter_map(|line| line.split_once("message(\"")?.1.split_once("\", &["));
    let formats = formats.map(|(format, _)| format.replace("\\\"", "\""));
    // Messages of ffprobe, which are not in the table.
    formats.chain(["%s: Permission denied".to_owned(), "%s: Protocol not found".to_owned()]).collect()
}

/// Fills in a message: with names that have a meaning in these jobs, or with an arbitrary one.
fn filled(message: &str, number: usize) -> String {
    let name = ["encoder", "input", "x", "in.mkv"][number % 4];
    message.replace("%s", name).replace("%d", "1").replace("%g", "1").replace("%f", "1")
}

/// Returns the message in every disguise, after prefixes of several lengths: FFmpeg prints tags in pieces of 255 bytes.
fn disguised(message: &str, number: usize) -> String {
    let in_disguise = |(index, (before, after)): (usize, &(&str, &str))| {
        let head = "x".repeat([0, 20, 240, 255, 1000][(index + number) % 5]);
        format!("{head}{before}{message}{after}")
    };
    // The bare message comes first, and so is also used as a file name.
    DISGUISES.iter().enumerate().map(in_disguise).fold(message.to_owned(), |all, one| all + "\n" + &one)
}

/// Text before and after a message that makes it look like a separate line, or like one of an error.
const DISGUISES: &[(&str, &str)] = &[
    ("", ""),
    ("\n", "\n"),
    ("\r", "\r\n"),
    ("[error] ", ""),
    ("\n[error] ", "\n"),
    ("\r[fatal] ", "\r"),
    ("\n[AVFilterGraph @ 0x55ee] [error] ", "\n"),
    ("\n[out#0/wav @ 0x55ee] [fatal] ", "\n"),
    ("\n\x03\x01", "\n"),
];

/// Returns a Matroska file with `text` in all of its text fields: titles of the file and of a chapter, names of tracks,
/// of an attachment and of tags, a codec identifier, and a subtitle.
fn media_with_text(text: &str) -> Vec<u8> {
    let text = text.as_bytes();
    let audio = [
        element(&[0xd7], &[1]),
        element(&[0x73, 0xc5], &[1]),
        element(&[0x83], &[2]),
        element(&[0x86], b"A_PCM/INT/LIT"),
        element(&[0x53, 0x6e], text),
        element(
            &[0xe1],
            &[
                element(&[0xb5], &8000f32.to_be_bytes()),
                element(&[0x9f], &[1]),
                element(&[0x62, 0x64], &[16]),
            ]
            .concat(),
        ),
    ];
    let track = |number, codec: &[u8]| {
        [
            element(&[0xd7], &[number]),
            element(&[0x73, 0xc5], &[number]),
            element(&[0x83], &[17]),
            element(&[0x86], codec),
            element(&[0x53, 0x6e], text),
        ]
    };
    let chapter = [
        element(&[0x73, 0xc4], &[1]),
        element(&[0x91], &[0]),
        element(&[0x92], &50_000_000u32.to_be_bytes()),
        element(&[0x80], &[element(&[0x85], text), element(&[0x43, 0x7c], b"eng")].concat()),
    ];
    let attachment = [
        element(&[0x46, 0x6e], text),
        element(&[0x46, 0x7e], text),
        element(&[0x46, 0x60], b"text/plain"),
        element(&[0x46, 0x5c], b"hello"),
        element(&[0x46, 0xae], &[1]),
    ];
    let tag = [
        element(&[0x63, 0xc0], &[]),
        element(&[0x67, 0xc8], &[element(&[0x45, 0xa3], b"COMMENT"), element(&[0x44, 0x87], text)].concat()),
        element(&[0x67, 0xc8], &[element(&[0x45, 0xa3], text), element(&[0x44, 0x87], text)].concat()),
    ];
    let sound = [&[0x81, 0, 0, 0x80][..], &[0; 800]].concat();
    let subtitle = [&[0x82, 0, 0, 0][..], text].concat();
    let cluster = [
        element(&[0xe7], &[0]),
        element(&[0xa3], &sound),
        element(&[0xa0], &[element(&[0xa1], &subtitle), element(&[0x9b], &[50])].concat()),
    ];
    let segment = [
        element(
            &[0x15, 0x49, 0xa9, 0x66],
            &[
                element(&[0x2a, 0xd7, 0xb1], &1_000_000u32.to_be_bytes()),
                element(&[0x7b, 0xa9], text),
                element(&[0x4d, 0x80], text),
                element(&[0x57, 0x41], text),
            ]
            .concat(),
        ),
        element(
            &[0x16, 0x54, 0xae, 0x6b],
            &[audio.concat(), track(2, b"S_TEXT/UTF8").concat(), track(3, text).concat()]
                .map(|entry| element(&[0xae], &entry))
                .concat(),
        ),
        element(&[0x10, 0x43, 0xa7, 0x70], &element(&[0x45, 0xb9], &element(&[0xb6], &chapter.concat()))),
        element(&[0x19, 0x41, 0xa4, 0x69], &element(&[0x61, 0xa7], &attachment.concat())),
        element(&[0x12, 0x54, 0xc3, 0x67], &element(&[0x73, 0x73], &tag.concat())),
        element(&[0x1f, 0x43, 0xb6, 0x75], &cluster.concat()),
    ];
    let header =
        [element(&[0x42, 0x82], b"matroska"), element(&[0x42, 0x87], &[4]), element(&[0x42, 0x85], &[2])];
    [
        element(&[0x1a, 0x45, 0xdf, 0xa3], &header.concat()),
        element(&[0x18, 0x53, 0x80, 0x67], &segment.concat()),
    ]
    .concat()
}

/// Returns an EBML element: identifier, length in eight bytes, content.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let mut length = (content.len() as u64).to_be_bytes();
    length[0] = 1;
    [id, &length, content].concat()
}

/// Returns a filesystem with media whose metadata is `text`, and playlists with files of that name.
fn files_with_text(runtime: &Runtime, text: &str) -> MemFs {
    let fs = MemFs::new();
    let tag = |key: &str| format!("{key}={text}");
    let options = ["-f", "lavfi", "-i", "sine=d=0.1", "-c:a", "aac", "-movflags", "+use_metadata_tags"]
        .map(str::to_owned);
    let named =
        ["-metadata", &tag("title"), "-metadata", &tag("encoder"), "-metadata:s:a", &tag("handler_name")];
    let args = [&options[..], &named.map(str::to_owned), &["in.mov".to_owned()]].concat();
    runtime.run(fs.clone(), args).unwrap();
    let media = media_with_text(text);
    // Reduce the text to a valid file name, in one line of a playlist.
    let name: String =
        text.chars().filter(|letter| !letter.is_control() && *letter != '/').take(200).collect();
    let name = format!("{}.mkv", name.trim());
    fs.write("/in.mkv", media.clone()).unwrap();
    fs.write(format!("/{name}"), media).unwrap();
    // With `./` the name is never read as a protocol.
    fs.write("/list.txt", format!("file './{}'\n", name.replace('\'', "'\\''"))).unwrap();
    let title = text.replace(['\n', '\r'], " ");
    fs.write(
        "/list.m3u8",
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.05,{title}\n./{name}\n#EXT-X-ENDLIST\n"),
    )
    .unwrap();
    fs.write("/lost.txt", format!("file 'lost {}'\n", name.replace('\'', "'\\''"))).unwrap();
    fs.write("/there.wav", "there").unwrap();
    fs.write("/notes.mkv", "this is not a film").unwrap();
    fs
}

#[rustfmt::skip]
const INPUTS: &[&str] = &[
    "-i", "in.mkv",
    "-f", "concat", "-safe", "0", "-i", "list.txt",
    "-i", "in.mov",
    "-allowed_extensions", "ALL", "-extension_picky", "0", "-i", "list.m3u8",
];

/// A tool and the conditions of a job.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Run {
    /// ffmpeg, with the arguments after the inputs.
    Ffmpeg,
    /// ffmpeg with little memory.
    LittleMemory,
    /// ffmpeg with a short deadline.
    ShortTime,
    /// ffmpeg with a failing standard output.
    BrokenPipe,
    /// ffprobe, with the arguments only.
    Ffprobe,
}

use Run::{BrokenPipe, Ffmpeg, Ffprobe, LittleMemory, ShortTime};

/// A job for each kind of ending: its arguments, and the kind of its error, if it fails.
#[rustfmt::skip]
const JOBS: &[(Run, &[&str], Option<ErrorKind>)] = &[
    (
        Ffmpeg,
        &[
            "-map", "0:a", "-map", "0:s:0", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-c:s", "srt",
            "out.mkv",
        ],
        None,
    ),
    (Ffprobe, &["-show_format", "-show_streams", "-show_chapters", "in.mkv"], None),
    (Ffmpeg, &["-i", "missing.mkv", "out.wav"], Some(ErrorKind::NotFound)),
    (Ffmpeg, &["-f", "concat", "-safe", "0", "-i", "lost.txt", "out.wav"], Some(ErrorKind::NotFound)),
    (Ffmpeg, &["-i", "notes.mkv", "out.wav"], Some(ErrorKind::InvalidData)),
    (Ffmpeg, &["-af", "volum", "out.wav"], Some(ErrorKind::Unsupported)),
    (Ffmpeg, &["-af", "aeval=nosuch(", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Ffmpeg, &["-c:a", "pcm_s16l", "out.wav"], Some(ErrorKind::Unsupported)),
    (Ffmpeg, &["-c:a", "mp2", "-ar", "11025", "out.mp2"], Some(ErrorKind::Encode)),
    (Ffmpeg, &["-map", "0:s:0", "-c", "copy", "-f", "avi", "out.avi"], Some(ErrorKind::Mux)),
    (Ffmpeg, &["-map", "0:v", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Ffmpeg, &["-c:a", "aac", "-aac_coder", "nosuch", "out.mp4"], Some(ErrorKind::InvalidArgument)),
    (Ffmpeg, &["-presett", "1", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Ffmpeg, &["there.wav"], Some(ErrorKind::InvalidArgument)),
    (Ffmpeg, &["nowhere/out.wav"], Some(ErrorKind::NotFound)),
    (BrokenPipe, &["-map", "0:a", "-f", "wav", "-"], Some(ErrorKind::Filesystem)),
    (
        LittleMemory,
        &["-f", "lavfi", "-i", "testsrc2=s=1280x720:d=2", "-map", "4:v", "-vf", "reverse", "-f", "null", "-"],
        Some(ErrorKind::MemoryLimit),
    ),
    (
        ShortTime,
        &["-f", "lavfi", "-i", "sine", "-map", "4:a", "-f", "null", "-"],
        Some(ErrorKind::Timeout),
    ),
    (Ffprobe, &["missing.mkv"], Some(ErrorKind::NotFound)),
    (Ffprobe, &["notes.mkv"], Some(ErrorKind::InvalidData)),
    (Ffprobe, &["-f", "concat", "-safe", "0", "lost.txt"], Some(ErrorKind::NotFound)),
    (Ffprobe, &["-presett", "1", "in.mkv"], Some(ErrorKind::InvalidArgument)),
    (Ffprobe, &["-select_streams", "nosuch", "-show_streams", "in.mkv"], Some(ErrorKind::Exit)),
];

/// Returns everything that a caller can read from a job's result, except the log.
fn ending(runtime: &Runtime, fs: &MemFs, (run, args, _): (Run, &[&str], Option<ErrorKind>)) -> Vec<String> {
    let job = runtime.job(fs.clone());
    let job = match run {
        Ffprobe => job.tool(Tool::Ffprobe).args(["-hide_banner"]),
        _ => job.args(["-nostdin", "-hide_banner"]).args(INPUTS.iter().copied()),
    };
    let job = match run {
        Ffmpeg | Ffprobe => job,
        LittleMemory => job.limits(Limits::default().memory(64 << 20)),
        ShortTime => job.limits(Limits::default().wall_time(Duration::from_millis(400))),
        BrokenPipe => job.stdout(|_| Err(io::Error::other("the reader is closed"))),
    };
    match job.args(args.iter().copied()).run() {
        Ok(_) => vec!["success".to_owned()],
        Err(error) => facts(&error),
    }
}

fn facts(error: &Error) -> Vec<String> {
    let mut facts = vec![format!("{:?}", error.kind()), error.to_string(), error.hint().unwrap_or_default()];
    if let Error::Exit(exit) = error {
        facts.push(exit.status().to_string());
        facts.push(exit.subject().unwrap_or_default().to_owned());
        facts.push(exit.component().map(ToString::to_string).unwrap_or_default());
    }
    if error.kind() == ErrorKind::MemoryLimit {
        // The size of the refused allocation depends on the order of the threads.
        for text in &mut facts {
            text.retain(|letter| !letter.is_ascii_digit());
        }
    }
    facts
}

/// The number of texts that all messages are joined into.
const TEXTS: usize = 4;

#[test]
fn metadata_in_the_form_of_messages_changes_no_result() {
    let runtime = full().runtime;
    // Enables suggestions.
    runtime.capabilities().unwrap();
    let fs = files_with_text(&runtime, "a plain name");
    let plain: Vec<Vec<String>> = JOBS.iter().map(|job| ending(&runtime, &fs.snapshot(), *job)).collect();
    for ((run, args, kind), facts) in JOBS.iter().zip(&plain) {
        let expected = kind.map_or("success".to_owned(), |kind| format!("{kind:?}"));
        assert_eq!(facts[0], expected, "{run:?} {args:?}: {facts:?}");
    }

    let output = runtime.run(fs, [INPUTS, JOBS[0].1].concat()).unwrap();
    assert!(output.log().matches("a plain name").count() > 10, "{}", output.log());

    let messages = known_messages();
    assert!(messages.len() > 50, "{messages:?}");
    let texts: Vec<String> =
        messages.iter().enumerate().map(|(number, text)| disguised(&filled(text, number), number)).collect();
    let assert_as_plain = |job: usize, fs: &MemFs, text: &str| {
        assert_eq!(ending(&runtime, &fs.snapshot(), JOBS[job]), plain[job], "{}", text.escape_debug());
    };
    // Run the succeeding job and a failing one on each text, or on a sample, and every job on the joined texts.
    let one_in = if has_every_case() { 1 } else { 4 };
    for (number, text) in texts.iter().enumerate().step_by(one_in) {
        let fs = files_with_text(&runtime, text);
        assert_as_plain(0, &fs, text);
        assert_as_plain(1 + number % (JOBS.len() - 1), &fs, text);
    }
    for some in texts.chunks(texts.len().div_ceil(TEXTS)) {
        let text = some.join("\n");
        let fs = files_with_text(&runtime, &text);
        (0..JOBS.len()).for_each(|job| assert_as_plain(job, &fs, &text));
    }
}

#[test]
fn title_in_the_form_of_a_refusal_changes_no_result() {
    let runtime = full().runtime;
    for text in [
        "File 'x' already exists. Exiting.",
        "x' already exists. Exiting.",
        "\nFile 'x' already exists. Exiting.\n",
    ] {
        let fs = files_with_text(&runtime, text);
        runtime.run(fs.clone(), ["-i", "in.mkv", "-map", "0:a", "-c", "copy", "out.mkv"]).unwrap();
        assert!(fs.exists("/out.mkv"));
        let probe = runtime.job(fs).tool(Tool::Ffprobe).args([
            "-v",
            "quiet",
            "-show_entries",
            "format_tags=title",
            "out.mkv",
        ]);
        assert!(String::from_utf8_lossy(probe.run().unwrap().stdout()).contains("already exists"));
    }
}
