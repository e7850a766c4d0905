//! The fuzz targets of `fuzz/`, also run by the tests below: all parsers of a guest's output, or of untrusted text from a
//! caller. No input may panic or violate an invariant.

use std::time::Duration;

use crate::{
    Capabilities, ExitStatus, JobSpec, LogLevel, Probe, Tool,
    diagnosis::{About, diagnose},
    facts,
    log::{LogLine, LogReader, LogTail, Seen, encode},
    near_match,
    progress::ReportReader,
};

/// A job's arguments: all unchanged, or an error for a NUL.
pub fn arguments(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (folder, args) = text.split_once('\n').unwrap_or((&text, ""));
    let mut spec = JobSpec::new(args.split('\n'));
    assert_eq!(spec.args.join("\n"), args);
    spec.current_dir = folder.to_owned();
    let refused = args.contains('\0') || !folder.starts_with('/');
    assert_eq!(spec.check().is_err(), refused);
}

/// FFmpeg's reports of progress, in pieces of the first byte's length: no value decreases, and no job ends early.
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

/// FFmpeg's log: writes to its device and to standard error, separated by line ends and selected by their first byte. Then
/// the diagnosis of its records, which nothing below the level of an error changes.
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

/// The diagnosis of a log: one line, which only records at the start of an error message can change.
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
    // FFmpeg prints text from media below the level of an error, or as the continuation of a message.
    let with_text_of_media = |line: &LogLine| {
        let mut info = line.clone();
        info.record.level = LogLevel::Info;
        [line.clone(), info, LogLine { begins: false, ..line.clone() }]
    };
    assert_eq!(of(&lines.iter().flat_map(with_text_of_media).collect::<Vec<_>>()), found);
}

/// ffprobe's output: parsing and serializing round-trips.
pub fn probe(data: &[u8]) {
    let Ok(probe) = Probe::from_json(data) else { return };
    let _ = (probe.duration(), probe.video().map(|video| video.frame_rate()), probe.audio().is_some());
    let json = serde_json::to_vec(&probe).expect("parsed JSON can be serialized");
    assert_eq!(Probe::from_json(&json).expect("serialized JSON can be parsed"), probe);
}

/// A module's capabilities: parsing and serializing round-trips, and they can be searched.
pub fn capabilities(data: &[u8]) {
    let Ok(capabilities) = Capabilities::from_json(data) else { return };
    for kind in crate::ComponentKind::ALL {
        let _ = capabilities.nearest(*kind, "scael");
    }
    let json = serde_json::to_vec(&capabilities).expect("parsed JSON can be serialized");
    assert_eq!(Capabilities::from_json(&json).expect("serialized JSON can be parsed"), capabilities);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that the parsers recognise, in any order, with noise between them.
    fn built_from(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
        let noise = prop::collection::vec(any::<u8>(), 0..9);
        let piece = prop_oneof![
            4 => prop::sample::select(pieces).prop_map(|text| text.as_bytes().to_vec()),
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
            damage.into_iter().for_each(|(offset, byte)| bytes[offset] = byte);
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

    // With an escape in a name, which is valid JSON.
    const CAPABILITIES: &str = r#"{"format":1,"ffmpeg":"9.0.2","licence":"x","encoders":[],"decoders":[],"muxers":[],
        "demuxers":[],"filters":[{"name":"vignette","description":null,"inputs":[{"name":"a","type":"video"}],
        "outputs":[],"flags":[],"options":[{"name":"angle","type":"double","range":{"min":0,"max":1.5},
        "default":"nan","flags":["video"]}]}],"bitstream_filters":[],"protocols":[],"pixel_formats":[],
        "sample_formats":[],"channel_layouts":[],"channels":[],
        "generic":{"codec":[],"format":[],"filter":[],"\u0073caler":[],"resampler":[]}}"#;

    #[test]
    fn undamaged_documents_are_valid() {
        Probe::from_json(ANSWER.as_bytes()).unwrap();
        Capabilities::from_json(CAPABILITIES.as_bytes()).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_bytes_panic_in_any_parser(data in prop::collection::vec(any::<u8>(), 0..300)) {
            for read in [arguments, progress, log, probe, capabilities] {
                read(&data);
            }
        }

        #[test]
        fn no_log_panics_in_its_parsers(data in built_from(LOG)) {
            log(&data);
        }

        #[test]
        fn no_report_panics_in_its_parser(data in built_from(REPORT)) {
            progress(&data);
        }

        #[test]
        fn no_document_panics_in_its_parsers(answer in damaged(ANSWER), has in damaged(CAPABILITIES)) {
            probe(&answer);
            capabilities(&has);
        }
    }
}
