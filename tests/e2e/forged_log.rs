//! Media that speak FFmpeg's own words: what they say of themselves is printed into the log, and changes nothing.

use afmpeg_engine::{Error, ErrorKind, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::harness::{full, repository};

/// The formats of the messages that a diagnosis knows, from its table.
fn known_messages() -> Vec<String> {
    let table = repository().join("crates/afmpeg-engine/src/ffmpeg_messages.rs");
    let table = std::fs::read_to_string(table).unwrap();
    let formats = table.lines().filter_map(|line| line.split_once("message(\"")?.1.split_once("\", &["));
    formats.map(|(format, _)| format.replace("\\\"", "\"")).collect()
}

/// How a text can look like a line of its own, or like one of an error.
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

/// A file of Matroska with `text` wherever it can say something of itself: its title, a chapter's, the names of tracks,
/// of an attachment and of tags, the identifier of a codec, a subtitle.
fn speaking(text: &str) -> Vec<u8> {
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

/// An element of EBML: its identifier, its length in eight bytes, its content.
fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let mut length = (content.len() as u64).to_be_bytes();
    length[0] = 1;
    [id, &length, content].concat()
}

/// A filesystem with media that say `text`, and playlists with files of that name.
fn speaking_files(runtime: &Runtime, text: &str) -> MemFs {
    let fs = MemFs::new();
    let tag = |key: &str| format!("{key}={text}");
    let options = ["-f", "lavfi", "-i", "sine=d=0.1", "-c:a", "aac", "-movflags", "+use_metadata_tags"]
        .map(str::to_owned);
    let named =
        ["-metadata", &tag("title"), "-metadata", &tag("encoder"), "-metadata:s:a", &tag("handler_name")];
    let args = [&options[..], &named.map(str::to_owned), &["in.mov".to_owned()]].concat();
    runtime.run(fs.clone(), args).unwrap();
    let media = speaking(text);
    // No file can be called like this, and no line of a playlist has more than one.
    let name: String =
        text.chars().filter(|letter| !letter.is_control() && *letter != '/').take(200).collect();
    let name = format!("{}.mkv", name.trim());
    fs.write("/in.mkv", media.clone()).unwrap();
    fs.write(format!("/{name}"), media).unwrap();
    fs.write("/list.txt", format!("file '{}'\n", name.replace('\'', "'\\''"))).unwrap();
    let title = text.replace(['\n', '\r'], " ");
    fs.write(
        "/list.m3u8",
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.05,{title}\n{name}\n#EXT-X-ENDLIST\n"),
    )
    .unwrap();
    fs.write("/there.wav", "there").unwrap();
    fs
}

#[rustfmt::skip]
const INPUTS: &[&str] = &[
    "-i", "in.mkv",
    "-f", "concat", "-safe", "0", "-i", "list.txt",
    "-i", "in.mov",
    "-allowed_extensions", "ALL", "-extension_picky", "0", "-i", "list.m3u8",
];

/// A job for each way to end: what follows the inputs, and the kind of its failure, if it fails.
const JOBS: &[(&[&str], Option<ErrorKind>)] = &[
    (
        &[
            "-map", "0:a", "-map", "0:s:0", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-c:s", "srt",
            "out.mkv",
        ],
        None,
    ),
    (&["-i", "missing.mkv", "out.wav"], Some(ErrorKind::NotFound)),
    (&["-af", "volum", "out.wav"], Some(ErrorKind::Unsupported)),
    (&["-af", "aeval=nosuch(", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (&["-c:a", "pcm_s16l", "out.wav"], Some(ErrorKind::Unsupported)),
    (&["-c:a", "mp2", "-ar", "11025", "out.mp2"], Some(ErrorKind::Encode)),
    (&["-map", "0:s:0", "-c", "copy", "-f", "avi", "out.avi"], Some(ErrorKind::Mux)),
    (&["-map", "0:v", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (&["-c:a", "aac", "-aac_coder", "nosuch", "out.mp4"], Some(ErrorKind::InvalidArgument)),
    (&["-presett", "1", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (&["there.wav"], Some(ErrorKind::InvalidArgument)),
    (&["nowhere/out.wav"], Some(ErrorKind::NotFound)),
];

/// All that a caller can read of a job's end, but its log.
fn ending(runtime: &Runtime, fs: &MemFs, args: &[&str]) -> Vec<String> {
    match runtime.run(fs.clone(), [INPUTS, args].concat()) {
        Ok(_) => vec!["success".to_owned()],
        Err(error) => told(&error),
    }
}

fn told(error: &Error) -> Vec<String> {
    let mut told = vec![format!("{:?}", error.kind()), error.to_string(), error.hint().unwrap_or_default()];
    if let Error::Exit(exit) = error {
        told.push(exit.status().to_string());
        told.push(exit.subject().unwrap_or_default().to_owned());
        told.push(exit.component().map(ToString::to_string).unwrap_or_default());
    }
    told
}

#[test]
fn what_media_say_of_themselves_changes_no_jobs_end() {
    let runtime = full().runtime;
    // So that suggestions are made, too.
    runtime.capabilities().unwrap();
    let plain: Vec<Vec<String>> = JOBS
        .iter()
        .map(|(args, _)| ending(&runtime, &speaking_files(&runtime, "a plain name"), args))
        .collect();
    for ((args, kind), told) in JOBS.iter().zip(&plain) {
        let expected = kind.map_or("success".to_owned(), |kind| format!("{kind:?}"));
        assert_eq!(told[0], expected, "{args:?}: {told:?}");
    }

    let said = runtime.run(speaking_files(&runtime, "a plain name"), [INPUTS, JOBS[0].0].concat()).unwrap();
    assert!(said.log().matches("a plain name").count() > 10, "{}", said.log());

    let messages = known_messages();
    assert!(messages.len() > 50, "{messages:?}");
    // Every message meets the job that succeeds and one that fails; which one, and how it is disguised, is chance.
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 4, ..Config::default() });
    for message in &messages {
        let names = prop::sample::select(vec!["encoder", "input", "x", "in.mkv"]);
        let case = (names, prop::sample::select(DISGUISES), 0..40usize, 1..JOBS.len());
        runner
            .run(&case, |(name, (before, after), head, job)| {
                let message =
                    message.replace("%s", name).replace("%d", "1").replace("%g", "1").replace("%f", "1");
                let text = format!("{}{before}{message}{after}", "x".repeat(head * 20));
                let fs = speaking_files(&runtime, &text);
                prop_assert_eq!(&ending(&runtime, &fs, JOBS[job].0), &plain[job], "{}", text.escape_debug());
                prop_assert_eq!(&ending(&runtime, &fs, JOBS[0].0), &plain[0], "{}", text.escape_debug());
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn title_in_the_words_of_a_refusal_is_a_title() {
    let runtime = full().runtime;
    for text in [
        "File 'x' already exists. Exiting.",
        "x' already exists. Exiting.",
        "\nFile 'x' already exists. Exiting.\n",
    ] {
        let fs = speaking_files(&runtime, text);
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
