//! What `fuzz/` runs, and the tests below on a fixed seed: everything that reads what a guest has written, or what a
//! caller hands on from somebody else. Bytes in, no panic out, and what always holds holds.

use std::time::Duration;

use crate::{
    Capabilities, ExitStatus, JobSpec, LogLevel, Probe, Tool,
    diagnosis::{About, diagnose},
    facts,
    log::{LogLine, LogReader, LogTail, Seen, encode},
    near_match,
    progress::ReportReader,
};

/// What a job's arguments become: all of them as they are, or an error for a NUL.
pub fn arguments(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (folder, args) = text.split_once('\n').unwrap_or((&text, ""));
    let mut spec = JobSpec::new(args.split('\n'));
    assert_eq!(spec.args.join("\n"), args);
    spec.current_dir = folder.to_owned();
    let refused = args.contains('\0') || !folder.starts_with('/');
    assert_eq!(spec.check().is_err(), refused);
}

/// FFmpeg's reports of progress, in pieces of the first byte's length: nothing goes back, and nothing ends too early.
pub fn progress(data: &[u8]) {
    let (len, data) = data.split_first().map_or((1, data), |(len, rest)| (usize::from(*len).max(1), rest));
    let mut reader = ReportReader::new(Some(Duration::from_secs(5)));
    let mut last = reader.progress().clone();
    for piece in data.chunks(len) {
        reader.write(piece, |now| {
            assert!(now.frame >= last.frame && now.time >= last.time && now.bytes >= last.bytes);
            assert!(now.fraction >= last.fraction && now.fraction < Some(1.0));
            last = now.clone();
        });
    }
}

/// FFmpeg's log: what a guest writes to its device and to its standard error, in turns that NUL bytes and line ends make.
/// Then what is read out of its records, which nothing below the level of an error changes.
pub fn log(data: &[u8]) {
    let (mut seen, mut reader) = (Seen::default(), LogReader::default());
    for write in data.split_inclusive(|byte| *byte == b'\n') {
        match write.split_first() {
            Some((0..=1, text)) => reader.write_text(text, &mut seen),
            Some((level @ 2..=9, message)) => {
                let level = LogLevel::from_number(level - 2).unwrap_or(LogLevel::Info);
                let (flags, message) =
                    message.split_first().map_or((0, message), |(flags, rest)| (*flags, rest));
                let message = String::from_utf8_lossy(message);
                let (component, message) = message.split_once('@').unwrap_or(("", &message));
                reader.write_record(&encode(level, flags, component, "", message), &mut seen);
            }
            _ => reader.write_record(write, &mut seen),
        }
    }
    reader.finish(&mut seen);
    assert!(seen.lines.iter().all(|line| !line.record.message.contains(['\n', '\r'])));
    diagnosis_of(data.first_chunk::<4>().map_or(1, |bytes| i32::from_le_bytes(*bytes)), &seen.lines);
    near_match::fuzz(&String::from_utf8_lossy(data));
    facts::fuzz(&String::from_utf8_lossy(data));
}

/// What is read out of a log: one line, which only records that begin as an error can change.
fn diagnosis_of(code: i32, lines: &[LogLine]) {
    let status = ExitStatus::from_code(code);
    let _ = (status.low_byte(), status.to_string());
    let of = |lines: &[LogLine]| {
        let mut tail = LogTail::default();
        lines.iter().for_each(|line| tail.push(line));
        let about = About { needed: &|_| None, inputs: vec!["in.mkv"], filters: vec!["cut"] };
        diagnose(Tool::Ffmpeg, status, &tail.into_lines(), &about)
    };
    let found = of(lines);
    assert!(!found.summary.contains('\n'));
    // What media say of themselves is printed below the level of an error, or goes on with a message.
    let spoken = |line: &LogLine| {
        let mut info = line.clone();
        info.record.level = LogLevel::Info;
        [line.clone(), info, LogLine { begins: false, ..line.clone() }]
    };
    assert_eq!(of(&lines.iter().flat_map(spoken).collect::<Vec<_>>()), found);
}

/// ffprobe's answer: what can be read is written as what reads the same.
pub fn probe(data: &[u8]) {
    let Ok(probe) = Probe::from_json(data) else { return };
    let _ = (probe.duration(), probe.video().map(|video| video.frame_rate()), probe.audio().is_some());
    let json = serde_json::to_vec(&probe).expect("what was JSON is JSON");
    assert_eq!(Probe::from_json(&json).expect("we wrote it"), probe);
}

/// A module's list of what it has: what can be read is written as what reads the same, and can be searched.
pub fn capabilities(data: &[u8]) {
    let Ok(capabilities) = Capabilities::from_json(data) else { return };
    for kind in crate::capabilities::Kind::ALL {
        let _ = capabilities.nearest(*kind, "scael");
    }
    let json = serde_json::to_vec(&capabilities).expect("what was JSON is JSON");
    assert_eq!(Capabilities::from_json(&json).expect("we wrote it"), capabilities);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that the parsers know, in any order, between noise.
    fn made_of(known: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let noise = prop::collection::vec(any::<u8>(), 0..9);
        let piece = prop_oneof![
            4 => prop::sample::select(known).prop_map(|text| text.as_bytes().to_vec()),
            1 => noise,
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    /// A document with some of its bytes changed.
    fn damaged(document: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let damage = prop::collection::vec(
            (0..document.len(), prop::sample::select(b"\"{}[],:09-.eE\\n \xff".to_vec())),
            0..4,
        );
        damage.prop_map(|damage| {
            let mut bytes = document.as_bytes().to_vec();
            damage.into_iter().for_each(|(at, byte)| bytes[at] = byte);
            bytes
        })
    }

    const LOG: &[&str] = &[
        "\u{6}\u{3}",
        "\u{4}\u{3}",
        "\u{3}\u{1}",
        "\u{0}",
        "a@",
        "AVFilterGraph@",
        "enc:a@",
        "dec:a@",
        "Error encoding a frame: ",
        "Decoding error: ",
        "Task finished with error code: 1 (x)",
        "[",
        "] ",
        " @ 0x",
        "\n",
        "\r",
        "é",
        "Unrecognized option '",
        "'",
        ": ",
        "No such filter: '",
        "Error opening input file ",
        "Error opening output file ",
        ".",
        "' to filter '",
        "Option not found",
        " for option '",
        "Invalid argument",
        "' already exists. Exiting.",
        "Could not write header",
    ];

    const REPORT: &[&str] = &[
        "frame=",
        "fps=",
        "out_time_us=",
        "total_size=",
        "speed=",
        "progress=continue",
        "progress=end",
        "\n",
        "-",
        "1",
        "9223372036854775807",
        "18446744073709551616",
        "1e999",
        "nan",
        "inf",
        "N/A",
        "x",
        "=",
        " ",
    ];

    const ANSWER: &str = r#"{"programs":[],"streams":[{"index":0,"codec_name":"h264","codec_type":"video",
        "width":1280,"height":720,"sample_aspect_ratio":"1:1","avg_frame_rate":"25/1","time_base":"1/12800",
        "start_pts":0,"duration":"5.280000","disposition":{"default":1},"tags":{"a":"b"},
        "side_data_list":[{"side_data_type":"Display Matrix","rotation":-90}]}],
        "chapters":[{"id":0,"time_base":"1/1000","start":0,"start_time":"0.000000","end":1,"end_time":"0.001000"}],
        "format":{"filename":"a","nb_streams":1,"format_name":"mov","duration":"5.280000","size":"9","tags":{}}}"#;

    // An escape in a name is JSON too.
    const CAPABILITIES: &str = r#"{"format":1,"ffmpeg":"9.0.2","licence":"x","encoders":[],"decoders":[],"muxers":[],
        "demuxers":[],"filters":[{"name":"vignette","description":null,"inputs":[{"name":"a","type":"video"}],
        "outputs":[],"flags":[],"options":[{"name":"angle","type":"double","range":{"min":0,"max":1.5},
        "default":"nan","flags":["video"]}]}],"bitstream_filters":[],"protocols":[],"pixel_formats":[],
        "sample_formats":[],"channel_layouts":[],"channels":[],
        "generic":{"codec":[],"format":[],"filter":[],"\u0073caler":[],"resampler":[]}}"#;

    #[test]
    fn documents_that_are_damaged_below_are_whole_here() {
        Probe::from_json(ANSWER.as_bytes()).unwrap();
        Capabilities::from_json(CAPABILITIES.as_bytes()).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_bytes_upset_any_reader(data in prop::collection::vec(any::<u8>(), 0..300)) {
            for read in [arguments, progress, log, probe, capabilities] {
                read(&data);
            }
        }

        #[test]
        fn no_log_upsets_its_readers(data in made_of(LOG)) {
            log(&data);
        }

        #[test]
        fn no_report_upsets_its_reader(data in made_of(REPORT)) {
            progress(&data);
        }

        #[test]
        fn no_answer_upsets_its_readers(answer in damaged(ANSWER), has in damaged(CAPABILITIES)) {
            probe(&answer);
            capabilities(&has);
        }
    }
}
