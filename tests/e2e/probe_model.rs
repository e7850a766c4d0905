//! The model of ffprobe's output: it is complete, and its values are right.

use std::{collections::BTreeSet, ops::ControlFlow, sync::mpsc, thread, time::Duration};

use afmpeg_engine::{
    Error, ErrorKind, Probe, Ratio, Tool,
    fields::FieldValue,
    probe::{PacketOrFrame, Stream},
};
use afmpeg_vfs::{MemFs, VfsExt as _};
use serde_json::Value;

use crate::harness::{CLIP, CLIP_FRAMES, Variant, full, memory_with};

const CHAPTERS: &str = ";FFMETADATA1
title=Whole
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2500
title=Opening
[CHAPTER]
TIMEBASE=1/1000
START=2500
END=5280
title=Ending
";

const SUBTITLES: &str =
    "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,500\nWorld\n";

/// Mastering display metadata (SMPTE ST 2086) in the units of H.264's message: 0.00002 and 0.0001 cd/m².
const MASTERING: &str =
    "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";

const ELEMENT: &str = "type=iamf_audio_element:id=1:st=0:audio_element_type=channel,layer=ch_layout=stereo";
const MIX: &str = "type=iamf_mix_presentation:id=2:stg=0:annotations=en-us=default,\
    submix=parameter_id=100:parameter_rate=48000:default_mix_gain=0.0|\
    element=stg=0:parameter_id=100:parameter_rate=48000:default_mix_gain=0.0:annotations=en-us=Scalable:\
    headphones_rendering_mode=stereo|\
    layout=layout_type=loudspeakers:sound_system=stereo:integrated_loudness=-5.0";

fn make(module: &Variant, fs: &MemFs, name: &str) {
    let args: Vec<&str> = match name {
        "rich.mkv" => {
            fs.write("/chapters.txt", CHAPTERS).unwrap();
            fs.write("/subs.srt", SUBTITLES).unwrap();
            "-i bigbuckbunny.mp4 -i chapters.txt -i subs.srt -map 0 -map 2 -map_metadata 1 -c copy -c:s ass \
             -attach DejaVuSansMono.ttf -metadata:s:t mimetype=font/ttf -metadata:s:a language=eng \
             -metadata:s:a title=Surround"
                .split_whitespace()
                .collect()
        }
        "programs.ts" => "-i bigbuckbunny.mp4 -map 0 -c copy -program title=One:st=0 -program title=Two:st=1"
            .split(' ')
            .collect(),
        "hdr.mp4" => {
            let x264 = ["-c:v", "libx264", "-x264-params"];
            let first = "-i bigbuckbunny.mp4 -an -frames:v 3 -vf scale=64:36,format=yuv420p10le -color_primaries bt2020 \
                         -color_trc smpte2084 -colorspace bt2020nc";
            let parameters = Box::leak(format!("{MASTERING}:cll=1000,400").into_boxed_str());
            first.split_whitespace().chain(x264).chain([&*parameters]).collect()
        }
        "hdr.mkv" => {
            make(module, fs, "hdr.mp4");
            "-i hdr.mp4 -c:v ffv1".split(' ').collect()
        }
        "cover.flac" => {
            module.ffmpeg(fs, "-i bigbuckbunny.mp4 -an -frames:v 1 -vf scale=64:-2 cover.png");
            "-i complete.oga -i cover.png -map 0:a -map 1:v -c:a flac -c:v copy -disposition:v attached_pic"
                .split(' ')
                .collect()
        }
        "turned.mp4" => "-display_rotation 90 -i bigbuckbunny.mp4 -t 1 -c copy".split(' ').collect(),
        "group.iamf" => "-f lavfi -i sine=d=1:r=48000 -ac 2 -c:a flac -stream_group"
            .split(' ')
            .chain([ELEMENT, "-stream_group", MIX])
            .collect(),
        fixture => {
            assert!(fs.exists(format!("/{fixture}")));
            return;
        }
    };
    module.ffmpeg_args(fs, &[&args[..], &["-y", name]].concat());
}

const FIXTURES: &[&str] = &[CLIP, "complete.oga", "alarm-clock-elapsed.oga", "DejaVuSansMono.ttf"];
const FILES: &[&str] = &[
    CLIP,
    "complete.oga",
    "alarm-clock-elapsed.oga",
    "rich.mkv",
    "programs.ts",
    "hdr.mp4",
    "hdr.mkv",
    "cover.flac",
    "turned.mp4",
    "group.iamf",
];

/// Returns a module and a filesystem with these files.
fn with(files: &[&str]) -> (Variant, MemFs) {
    let (module, fs) = (full(), memory_with(FIXTURES));
    for file in files {
        make(&module, &fs, file);
    }
    (module, fs)
}

fn ffprobe(module: &Variant, fs: &MemFs, args: &[&str], file: &str) -> Vec<u8> {
    let args = [&["-v", "error", "-of", "json"], args, &[file]].concat();
    module.runtime.job(fs.clone()).tool(Tool::Ffprobe).args(args).run().unwrap().into_stdout()
}

const SECTIONS: &[&str] =
    &["-show_format", "-show_streams", "-show_chapters", "-show_programs", "-show_stream_groups"];

/// Private options of demuxers and decoders that ffprobe prints among a stream's fields.
const PRIVATE: &[&str] = &["is_avc", "nal_length_size", "ts_id", "ts_packetsize"];

#[track_caller]
fn assert_streams_are_modelled<'a>(streams: impl IntoIterator<Item = &'a Stream>, file: &str) {
    for stream in streams {
        let unknown: Vec<&String> =
            stream.extra.keys().filter(|name| !PRIVATE.contains(&name.as_str())).collect();
        assert_eq!(unknown, [""; 0], "{file} stream {}", stream.index);
    }
}

#[test]
fn every_section_of_every_file_serialises_back_to_ffprobes_output() {
    let (module, fs) = with(FILES);
    let interval = ["-read_intervals", "%+#40"];
    let everything: &[&[&str]] = &[
        &[],
        &["-show_packets", "-show_data", "-show_data_hash", "md5", interval[0], interval[1]],
        &["-show_frames", interval[0], interval[1]],
        &[
            "-show_packets",
            "-show_frames",
            "-show_program_version",
            "-show_library_versions",
            interval[0],
            interval[1],
        ],
        &[
            "-count_frames",
            "-count_packets",
            "-analyze_frames",
            "-show_pixel_formats",
            interval[0],
            interval[1],
        ],
    ];
    for file in FILES {
        for options in everything {
            let printed = ffprobe(&module, &fs, &[SECTIONS, options].concat(), file);
            let probe = Probe::from_json(&printed).unwrap();
            let printed: Value = serde_json::from_slice(&printed).unwrap();
            assert_eq!(serde_json::to_value(&probe).unwrap(), printed, "{file} {options:?}");

            assert_streams_are_modelled(&probe.streams, file);
            assert_streams_are_modelled(probe.programs.iter().flat_map(|program| &program.streams), file);
            assert_streams_are_modelled(probe.stream_groups.iter().flat_map(|group| &group.streams), file);
            let mut unmodelled: BTreeSet<&String> = probe.extra.keys().collect();
            unmodelled.extend(probe.format.iter().flat_map(|format| format.extra.keys()));
            unmodelled.extend(probe.packets.iter().flat_map(|packet| packet.extra.keys()));
            unmodelled.extend(probe.frames.iter().flat_map(|frame| frame.extra.keys()));
            unmodelled.retain(|name| *name != "pixel_formats");
            assert!(unmodelled.is_empty(), "{file} {options:?}: {unmodelled:?}");
        }
    }
}

#[test]
fn fields_and_tags_keep_ffprobes_order() {
    let (module, fs) = with(&[]);
    let printed = String::from_utf8(ffprobe(&module, &fs, SECTIONS, "complete.oga")).unwrap();
    let dense: String = printed.lines().map(|line| line.trim().replace("\": ", "\":")).collect();
    let probe = Probe::from_json(printed.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&probe).unwrap(), dense);
}

/// Fields that differ between FFmpeg 5.1 and 9.0.2, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("nb_stream_groups", "5.1 has no stream groups"),
    ("mime_codec_string", "new in 8.1"),
    ("initial_padding", "printed since 6.1"),
    ("multilayer", "a disposition since 7.1"),
    ("non_diegetic", "a disposition since 6.1"),
    ("closed_captions", "since 7.1 only with frame analysis"),
    ("film_grain", "since 7.1 only with frame analysis"),
    ("refs", "since 8.0 only when frames are read"),
    ("vendor_id", "an empty one is not a tag any more"),
    ("probe_score", "MPEG-TS is probed differently"),
    ("extradata_size", "MPEG-TS: the parser keeps the start codes' padding"),
    ("ts_id", "the demuxer exports it since 7.0"),
    ("ts_packetsize", "the demuxer exports it since 7.0"),
    ("color_space", "reported for RGB in PNG since 6.1"),
    ("side_data_list", "5.1 reports no side data of the decoder, and uses another order"),
];

fn differences(ours: &Value, theirs: &Value, path: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names.into_iter().filter(|name| DIFFERENCES.iter().all(|(field, _)| field != name)) {
                let field =
                    |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                differences(&field(ours), &field(theirs), &format!("{path}.{name}"), found);
            }
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            for (ours, theirs) in ours.iter().zip(theirs) {
                differences(ours, theirs, path, found);
            }
        }
        (ours, theirs) if ours != theirs => found.push(format!("{path}: expected {theirs}, found {ours}")),
        _ => {}
    }
}

/// Probes a file with Debian's ffprobe.
fn hosts_ffprobe(fs: &MemFs, file: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(file), fs.read(format!("/{file}")).unwrap()).unwrap();
    let args = ["-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", file];
    let output =
        std::process::Command::new("ffprobe").current_dir(folder.path()).args(args).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn fields_match_those_of_native_ffprobe() {
    // FFmpeg 5.1 cannot read IAMF.
    let files: Vec<&str> = FILES.iter().copied().filter(|file| *file != "group.iamf").collect();
    let (module, fs) = with(&files);
    for file in files {
        let probe = module.runtime.probe(fs.clone(), file).unwrap();
        let mut ours = serde_json::to_value(&probe).unwrap();
        let mut theirs = hosts_ffprobe(&fs, file);
        for value in [&mut ours, &mut theirs] {
            let value = value.as_object_mut().unwrap();
            value.remove("programs");
            value.remove("stream_groups");
        }
        let mut found = Vec::new();
        differences(&ours, &theirs, file, &mut found);
        assert_eq!(found, [""; 0]);
    }
}

#[test]
fn chapters_attachments_and_subtitles_are_reported() {
    let (module, fs) = with(&["rich.mkv"]);
    let probe = module.runtime.probe(fs, "rich.mkv").unwrap();
    let chapters: Vec<_> = probe
        .chapters
        .iter()
        .map(|chapter| {
            let [start, end] =
                [chapter.start_time(), chapter.end_time()].map(|time| time.unwrap().as_micros());
            (chapter.title().unwrap(), start, end)
        })
        .collect();
    assert_eq!(chapters, [("Opening", 0, 2_500_000), ("Ending", 2_500_000, 5_280_000)]);
    let kinds: Vec<&str> = probe.streams.iter().map(|stream| stream.codec_type.as_deref().unwrap()).collect();
    assert_eq!(kinds, ["video", "audio", "subtitle", "attachment"]);
    let audio = probe.audio().unwrap();
    assert_eq!((audio.language(), audio.title()), (Some("eng"), Some("Surround")));
    let attachment = &probe.streams[3];
    assert_eq!(attachment.tags.get("filename").map(String::as_str), Some("DejaVuSansMono.ttf"));
    assert_eq!(attachment.tags.get("mimetype").map(String::as_str), Some("font/ttf"));
    assert_eq!(attachment.size(), None);
    assert_eq!(probe.format.unwrap().title(), Some("Whole"));
}

#[test]
fn programs_and_stream_groups_have_their_streams() {
    let (module, fs) = with(&["programs.ts", "group.iamf"]);
    let probe = module.runtime.probe(fs.clone(), "programs.ts").unwrap();
    let programs: Vec<_> = probe
        .programs
        .iter()
        .map(|program| {
            let kinds: Vec<&str> =
                program.streams.iter().map(|stream| stream.codec_type.as_deref().unwrap()).collect();
            (program.tags.get("service_name").unwrap().as_str(), kinds.concat())
        })
        .collect();
    assert_eq!(programs, [("One", "video".to_owned()), ("Two", "audio".to_owned())]);

    let probe = module.runtime.probe(fs, "group.iamf").unwrap();
    let kinds: Vec<&str> = probe.stream_groups.iter().map(|group| group.kind.as_deref().unwrap()).collect();
    assert_eq!(kinds, ["IAMF Audio Element", "IAMF Mix Presentation"]);
    let element = &probe.stream_groups[0];
    assert_eq!((element.streams.len(), element.streams[0].index), (1, 0));
    assert_eq!(element.components[0]["subcomponents"][0]["channel_layout"], "stereo");
}

/// An HEVC message with HDR10+ metadata (SMPTE ST 2094-40) for one window, with a `maxscl` of 1111, 2222 and 3333 of
/// 100,000.
const HDR10_PLUS: &[u8] = &[
    0x04, 0x19, 0xb5, 0x00, 0x3c, 0x00, 0x01, 0x04, 0x01, 0x40, 0x00, 0x1f, 0x40, 0x08, 0xae, 0x08, 0xae,
    0x06, 0x82, 0x80, 0x6f, 0x07, 0x18, 0x56, 0xcc, 0x4d, 0x1f, 0x80,
];

#[test]
fn repeated_fields_are_all_kept() {
    let (module, fs) = with(&[]);
    module
        .ffmpeg(&fs, "-f lavfi -i testsrc2=s=64x64:d=0.04 -c:v libx265 -x265-params log-level=0 plain.hevc");
    let plain = fs.read("/plain.hevc").unwrap();
    // Insert the message before the first slice, of an IDR picture.
    let slice = plain.windows(5).position(|bytes| matches!(bytes, [0, 0, 1, 0x26 | 0x28, 1])).unwrap();
    let message = [&[0, 0, 1, 0x4e, 1], HDR10_PLUS].concat();
    fs.write("/hdr.hevc", [&plain[..slice], &message, &plain[slice..]].concat()).unwrap();
    let printed = ffprobe(&module, &fs, &["-show_frames"], "hdr.hevc");
    let probe = Probe::from_json(&printed).unwrap();
    let mut side_data = probe.frames.iter().flat_map(|frame| frame.side_data_list.iter());
    let hdr = side_data.find(|data| data.extra.get("maxscl").is_some()).unwrap();
    let colours: Vec<_> = hdr.extra.all("maxscl").filter_map(FieldValue::as_str).collect();
    assert_eq!(colours, ["1111/100000", "2222/100000", "3333/100000"]);
    let back = serde_json::to_string(&probe).unwrap();
    let count = |text: &str| text.matches("\"maxscl\"").count();
    assert_eq!(count(&back), count(str::from_utf8(&printed).unwrap()));
}

#[test]
fn hdr_rotation_and_covers_are_reported() {
    let (module, fs) = with(&["hdr.mkv", "turned.mp4", "cover.flac"]);
    let probe = |file: &str| module.runtime.probe(fs.clone(), file).unwrap();

    let hdr = probe("hdr.mkv");
    let side_data = &hdr.video().unwrap().side_data_list;
    let display = side_data.iter().find_map(|data| data.mastering_display()).unwrap();
    assert_eq!(display.max_luminance, Some(Ratio::from(1000)));
    assert_eq!(display.min_luminance, Ratio::new(50, 10_000));
    let [red, green, blue] = display.primaries.unwrap();
    assert_eq!((Some(red.x), Some(red.y)), (Ratio::new(34, 50), Ratio::new(16, 50)));
    assert_eq!((Some(green.x), Some(blue.y)), (Ratio::new(13_250, 50_000), Ratio::new(3, 50)));
    assert_eq!(Some(display.white_point.unwrap().x), Ratio::new(15_635, 50_000));
    let light = side_data.iter().find_map(|data| data.content_light_level()).unwrap();
    assert_eq!((light.max_content, light.max_average), (1000, 400));

    // `-display_rotation 90` turns counterclockwise.
    assert_eq!(probe("turned.mp4").video().unwrap().rotation(), Some(270));
    assert_eq!(probe(CLIP).video().unwrap().rotation(), None);

    let cover = probe("cover.flac");
    assert!(cover.video().is_none() && cover.audio().is_some());
    let picture = cover.streams.iter().find(|stream| stream.is_attached_picture()).unwrap();
    assert_eq!((picture.codec_name.as_deref(), picture.size()), (Some("png"), Some((64, 36))));
}

#[test]
fn times_equal_timestamps_times_the_time_base() {
    let (module, fs) = with(&["rich.mkv", "programs.ts"]);
    for file in [CLIP, "rich.mkv", "programs.ts", "complete.oga"] {
        let probe = module.runtime.probe_request(fs.clone(), file).packets().run().unwrap();
        let base = |stream: i64| probe.streams[usize::try_from(stream).unwrap()].time_base().unwrap();
        let micros = |ticks: i64, stream: i64| {
            let seconds = base(stream).checked_mul(Ratio::new(ticks, 1).unwrap()).unwrap();
            (seconds.as_f64() * 1e6).round() as i64
        };
        for stream in &probe.streams {
            if let (Some(pts), Some(time)) = (stream.start_pts, stream.start_time()) {
                assert_eq!(time.as_micros(), micros(pts, stream.index), "{file}");
            }
            if let (Some(ticks), Some(duration)) = (stream.duration_ts, stream.duration()) {
                assert_eq!(duration.as_micros() as i64, micros(ticks, stream.index), "{file}");
            }
            if let (Some((width, height)), Some(pixel)) = (stream.size(), stream.sample_aspect_ratio()) {
                let picture = Ratio::new(width.into(), height.into()).unwrap().checked_mul(pixel);
                assert_eq!(stream.display_aspect_ratio(), picture, "{file}");
            }
        }
        for packet in &probe.packets {
            if let (Some(pts), Some(time)) = (packet.pts, packet.pts_time()) {
                assert_eq!(time.as_micros(), micros(pts, packet.stream_index.unwrap()), "{file}");
            }
        }
    }
}

#[test]
fn packets_and_frames_are_those_of_the_selected_streams_and_intervals() {
    let (module, fs) = with(&[]);
    let request = || module.runtime.probe_request(fs.clone(), CLIP).streams("v:0");
    let counted = request().count_packets().count_frames().run().unwrap();
    let video = counted.video().unwrap();
    assert_eq!(video.nb_read_packets.as_deref(), Some(CLIP_FRAMES.to_string().as_str()));
    assert_eq!(video.nb_read_frames, video.nb_read_packets);
    assert_eq!(counted.streams.len(), 1);
    assert!(!counted.packets.is_present());

    let packets = request().packets().run().unwrap().packets;
    assert_eq!(packets.len() as u64, CLIP_FRAMES);
    assert!(packets[0].is_key());
    // In an MP4 the packets are all bytes except the boxes.
    let bytes: u64 = packets.iter().map(|packet| packet.size().unwrap()).sum();
    let bits = bytes as f64 * 8.0 / 5.28;
    assert!((bits - video.bit_rate().unwrap() as f64).abs() < 2.0, "{bits}");

    let frames = request().frames().intervals("%+#5").run().unwrap().frames;
    assert_eq!(frames.len(), 5);
    assert!(frames[0].is_key() && frames.iter().all(|frame| frame.width == Some(1280)));
    assert_eq!(frames[4].time().unwrap().as_micros(), 160_000);
    let both = request().packets().frames().intervals("%+#5").run().unwrap();
    let frames = both.packets_and_frames.iter().filter(|entry| matches!(entry, PacketOrFrame::Frame(_)));
    assert_eq!(frames.count(), 5);
    assert!(both.packets_and_frames.len() > 5);
}

#[test]
fn for_each_passes_the_same_entries_that_run_collects() {
    let (module, fs) = with(&["rich.mkv"]);
    for configure in [
        |request: afmpeg_engine::ProbeRequest| request.packets(),
        |request: afmpeg_engine::ProbeRequest| request.frames(),
        |request: afmpeg_engine::ProbeRequest| request.packets().frames(),
    ] {
        let request = || configure(module.runtime.probe_request(fs.clone(), "rich.mkv")).intervals("%+2");
        let collected = request().run().unwrap();
        let mut passed = Vec::new();
        let rest = request()
            .for_each(|entry| {
                passed.push(match entry {
                    PacketOrFrame::Packet(packet) => serde_json::to_value(packet).unwrap(),
                    PacketOrFrame::Frame(frame) | PacketOrFrame::Subtitle(frame) => {
                        serde_json::to_value(frame).unwrap()
                    }
                    _ => panic!("expected a packet, a frame or a subtitle"),
                });
                ControlFlow::Continue(())
            })
            .unwrap();
        let mut expected = serde_json::to_value(&collected).unwrap();
        let expected = expected.as_object_mut().unwrap();
        let lists = ["packets", "frames", "packets_and_frames"].map(|name| expected.remove(name));
        let mut entries: Vec<Value> =
            lists.into_iter().flatten().flat_map(|list| list.as_array().unwrap().clone()).collect();
        for entry in &mut entries {
            entry.as_object_mut().unwrap().remove("type");
        }
        assert!(entries.len() > 50);
        assert_eq!(passed, entries);
        assert_eq!(serde_json::to_value(&rest).unwrap(), Value::Object(expected.clone()));
    }

    let missing =
        module.runtime.probe_request(fs, "missing.mkv").packets().for_each(|_| ControlFlow::Continue(()));
    assert!(missing.unwrap_err().to_string().contains("missing.mkv"));
}

#[test]
fn break_ends_the_probe_of_an_endless_input() {
    let (ended, end) = mpsc::channel();
    thread::spawn(move || {
        let mut count = 0;
        let request =
            full().runtime.probe_request(MemFs::new(), "testsrc").as_url().input_options(["-f", "lavfi"]);
        let probe = request.packets().for_each(|_| {
            count += 1;
            if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let _ = ended.send(probe.map(|_| count));
    });
    let count = end.recv_timeout(Duration::from_secs(120)).expect("ffprobe has ended");
    assert_eq!(count.unwrap(), 3);
}

#[test]
fn tags_that_are_not_utf8_are_read() {
    let (module, fs) = with(&[]);
    module.ffmpeg(&fs, "-i complete.oga -c:a pcm_s16le -metadata title=ABCDEFGH tag.wav");
    let mut wav = fs.read("/tag.wav").unwrap().to_vec();
    let offset = wav.windows(8).position(|bytes| bytes == b"ABCDEFGH").unwrap();
    // Latin-1, a lone surrogate, and a control character.
    wav[offset..offset + 8].copy_from_slice(b"\xE9\xED\xA0\x80\x07\"GH");
    fs.write("/tag.wav", wav).unwrap();
    let probe = module.runtime.probe(fs.clone(), "tag.wav").unwrap();
    let title = probe.format.as_ref().unwrap().title().unwrap();
    assert!(title.starts_with('\u{FFFD}') && title.ends_with("\u{7}\"GH"), "{title:?}");
    let rest = module.runtime.probe_request(fs, "tag.wav").packets().for_each(|_| ControlFlow::Continue(()));
    assert_eq!(rest.unwrap().format, probe.format);
}

#[test]
fn error_of_a_probe_has_the_file_the_reason_and_the_code() {
    let (module, fs) = with(&[]);
    fs.write("/text.mp4", "This is not a film.\n".repeat(100)).unwrap();
    let cases = [
        ("missing.mp4", "ENOENT"),
        ("text.mp4", "AVERROR_INVALIDDATA"),
        ("DejaVuSansMono.ttf", "AVERROR_INVALIDDATA"),
    ];
    for (file, name) in cases {
        let error = module.runtime.probe(fs.clone(), file).unwrap_err();
        let Error::Exit(exit) = &error else { panic!("{error}") };
        assert_eq!(exit.status().av_error().unwrap().name(), name, "{file}");
        assert_eq!(exit.subject(), Some(file));
        assert!(error.to_string().contains(file) && error.hint().is_some());
    }
    let error = module.runtime.probe_request(fs.clone(), CLIP).options(["-nosuch"]).run().unwrap_err();
    assert!(error.to_string().contains("nosuch"), "{error}");
    // With a given demuxer, the text can be read.
    let raw =
        module.runtime.probe_request(fs.clone(), "text.mp4").input_options(["-f", "s16le"]).run().unwrap();
    assert_eq!(raw.audio().unwrap().codec_name.as_deref(), Some("pcm_s16le"));

    let error = module.runtime.probe_request(fs, CLIP).packets().max_output_bytes(10_000).run().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutputLimit);
    assert!(error.to_string().contains("9.7 KiB of probe output"), "{error}");
    assert!(error.hint().unwrap().contains("max_output_bytes"), "{error}");
}
