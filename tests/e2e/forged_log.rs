//! Media that speak FFmpeg's own words: what they say of themselves is printed into the log, and changes nothing.

use std::{io, time::Duration};

use afmpeg_engine::{Error, ErrorKind, Limits, Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{full, repository};

/// The formats of the messages that a diagnosis knows, from its table.
fn known_messages() -> Vec<String> {
    let table = repository().join("crates/afmpeg-engine/src/ffmpeg_messages.rs");
    let table = std::fs::read_to_string(table).unwrap();
    let formats = table.lines().filter_map(|line| line.split_once("message(\"")?.1.split_once("\", &["));
    let formats = formats.map(|(format, _)| format.replace("\\\"", "\""));
    // ffprobe's own, which is in no table.
    formats.chain(["%s: Permission denied".to_owned(), "%s: Protocol not found".to_owned()]).collect()
}

/// A message, filled in: with names that mean something here, and with one that does not.
fn filled(message: &str, number: usize) -> String {
    let name = ["encoder", "input", "x", "in.mkv"][number % 4];
    message.replace("%s", name).replace("%d", "1").replace("%g", "1").replace("%f", "1")
}

/// The message in every disguise, behind heads of every length: FFmpeg prints a tag in pieces of 255 bytes.
fn disguised(message: &str, number: usize) -> String {
    let in_disguise = |(index, (before, after)): (usize, &(&str, &str))| {
        let head = "x".repeat([0, 20, 240, 255, 1000][(index + number) % 5]);
        format!("{head}{before}{message}{after}")
    };
    // Alone comes first, so that it is what files are called, too.
    DISGUISES.iter().enumerate().map(in_disguise).fold(message.to_owned(), |all, one| all + "\n" + &one)
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
    // Behind `./` it is no protocol's, whatever it begins with.
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

/// How a job is run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// ffmpeg, with the arguments behind the inputs.
    Plainly,
    /// The same, with little memory.
    WithLittleMemory,
    /// The same, for a short time.
    Shortly,
    /// The same, with a standard output that fails.
    WithoutReader,
    /// ffprobe, with the arguments alone.
    AsProbe,
}

use How::{AsProbe, Plainly, Shortly, WithLittleMemory, WithoutReader};

/// A job for each way to end: its arguments, and the kind of its failure, if it fails.
#[rustfmt::skip]
const JOBS: &[(How, &[&str], Option<ErrorKind>)] = &[
    (
        Plainly,
        &[
            "-map", "0:a", "-map", "0:s:0", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-c:s", "srt",
            "out.mkv",
        ],
        None,
    ),
    (AsProbe, &["-show_format", "-show_streams", "-show_chapters", "in.mkv"], None),
    (Plainly, &["-i", "missing.mkv", "out.wav"], Some(ErrorKind::NotFound)),
    (Plainly, &["-f", "concat", "-safe", "0", "-i", "lost.txt", "out.wav"], Some(ErrorKind::NotFound)),
    (Plainly, &["-i", "notes.mkv", "out.wav"], Some(ErrorKind::InvalidData)),
    (Plainly, &["-af", "volum", "out.wav"], Some(ErrorKind::Unsupported)),
    (Plainly, &["-af", "aeval=nosuch(", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Plainly, &["-c:a", "pcm_s16l", "out.wav"], Some(ErrorKind::Unsupported)),
    (Plainly, &["-c:a", "mp2", "-ar", "11025", "out.mp2"], Some(ErrorKind::Encode)),
    (Plainly, &["-map", "0:s:0", "-c", "copy", "-f", "avi", "out.avi"], Some(ErrorKind::Mux)),
    (Plainly, &["-map", "0:v", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Plainly, &["-c:a", "aac", "-aac_coder", "nosuch", "out.mp4"], Some(ErrorKind::InvalidArgument)),
    (Plainly, &["-presett", "1", "out.wav"], Some(ErrorKind::InvalidArgument)),
    (Plainly, &["there.wav"], Some(ErrorKind::InvalidArgument)),
    (Plainly, &["nowhere/out.wav"], Some(ErrorKind::NotFound)),
    (WithoutReader, &["-map", "0:a", "-f", "wav", "-"], Some(ErrorKind::Filesystem)),
    (
        WithLittleMemory,
        &["-f", "lavfi", "-i", "testsrc2=s=1280x720:d=2", "-map", "4:v", "-vf", "reverse", "-f", "null", "-"],
        Some(ErrorKind::MemoryLimit),
    ),
    (
        Shortly,
        &["-f", "lavfi", "-i", "sine", "-map", "4:a", "-f", "null", "-"],
        Some(ErrorKind::Timeout),
    ),
    (AsProbe, &["missing.mkv"], Some(ErrorKind::NotFound)),
    (AsProbe, &["notes.mkv"], Some(ErrorKind::InvalidData)),
    (AsProbe, &["-f", "concat", "-safe", "0", "lost.txt"], Some(ErrorKind::NotFound)),
    (AsProbe, &["-presett", "1", "in.mkv"], Some(ErrorKind::InvalidArgument)),
    (AsProbe, &["-select_streams", "nosuch", "-show_streams", "in.mkv"], Some(ErrorKind::Exit)),
];

/// All that a caller can read of a job's end, but its log.
fn ending(runtime: &Runtime, fs: &MemFs, (how, args, _): (How, &[&str], Option<ErrorKind>)) -> Vec<String> {
    let job = runtime.job(fs.clone());
    let job = match how {
        AsProbe => job.tool(Tool::Ffprobe).args(["-hide_banner"]),
        _ => job.args(["-nostdin", "-hide_banner"]).args(INPUTS.iter().copied()),
    };
    let job = match how {
        Plainly | AsProbe => job,
        WithLittleMemory => job.limits(Limits::default().memory(64 << 20)),
        Shortly => job.limits(Limits::default().wall_time(Duration::from_millis(400))),
        WithoutReader => job.stdout(|_| Err(io::Error::other("nobody reads it"))),
    };
    match job.args(args.iter().copied()).run() {
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
    if error.kind() == ErrorKind::MemoryLimit {
        // Which of the threads asks first for how much is chance.
        for text in &mut told {
            text.retain(|letter| !letter.is_ascii_digit());
        }
    }
    told
}

/// How many texts say all messages together.
const TEXTS: usize = 4;

#[test]
fn what_media_say_of_themselves_changes_no_jobs_end() {
    let runtime = full().runtime;
    // So that suggestions are made, too.
    runtime.capabilities().unwrap();
    let fs = speaking_files(&runtime, "a plain name");
    let plain: Vec<Vec<String>> = JOBS.iter().map(|job| ending(&runtime, &fs.snapshot(), *job)).collect();
    for ((how, args, kind), told) in JOBS.iter().zip(&plain) {
        let expected = kind.map_or("success".to_owned(), |kind| format!("{kind:?}"));
        assert_eq!(told[0], expected, "{how:?} {args:?}: {told:?}");
    }

    let said = runtime.run(fs, [INPUTS, JOBS[0].1].concat()).unwrap();
    assert!(said.log().matches("a plain name").count() > 10, "{}", said.log());

    let messages = known_messages();
    assert!(messages.len() > 50, "{messages:?}");
    let texts: Vec<String> =
        messages.iter().enumerate().map(|(number, text)| disguised(&filled(text, number), number)).collect();
    let assert_as_plain = |job: usize, fs: &MemFs, text: &str| {
        assert_eq!(ending(&runtime, &fs.snapshot(), JOBS[job]), plain[job], "{}", text.escape_debug());
    };
    // Each message alone in a file meets the job that succeeds and one that fails, and all of them meet every job.
    for (number, text) in texts.iter().enumerate() {
        let fs = speaking_files(&runtime, text);
        assert_as_plain(0, &fs, text);
        assert_as_plain(1 + number % (JOBS.len() - 1), &fs, text);
    }
    for some in texts.chunks(texts.len().div_ceil(TEXTS)) {
        let text = some.join("\n");
        let fs = speaking_files(&runtime, &text);
        (0..JOBS.len()).for_each(|job| assert_as_plain(job, &fs, &text));
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
