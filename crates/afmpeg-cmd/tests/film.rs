//! Plans of films in chunks, from probes of synthetic packets.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Probe,
    encoders::video::{libvpx_vp9, libx264},
    film::{Difference, Film, FilmFile, FilmPlan, Seam, Variant},
    recipes::RecipeError,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A packet of the video: its times, and whether it is a key frame.
fn packet(pts: i64, dts: i64, duration: i64, is_key: bool) -> Value {
    let flags = if is_key { "K__" } else { "___" };
    json!({ "stream_index": 0, "pts": pts, "dts": dts, "duration": duration, "size": "100", "flags": flags })
}

/// A file at 25 frames per second, in units of 1/100 s.
fn file(format: &str, packets: &[Value]) -> Value {
    json!({
        "streams": [{ "index": 0, "codec_type": "video", "codec_name": "h264", "time_base": "1/100" }],
        "format": { "format_name": format, "duration": "10" },
        "packets": packets,
    })
}

/// A file with this many frames, of which every `interval`-th is a key frame.
fn even(frames: i64, interval: i64) -> Value {
    let packets: Vec<Value> =
        (0..frames).map(|frame| packet(frame * 4, frame * 4 - 8, 4, frame % interval == 0)).collect();
    file("mov,mp4,m4a,3gp,3g2,mj2", &packets)
}

fn probe(json: &Value) -> Probe {
    Probe::from_json(json.to_string().as_bytes()).unwrap()
}

fn plan(json: &Value, change: impl Fn(Film<'_>) -> Film<'_>) -> Result<FilmPlan, RecipeError> {
    let probe = probe(json);
    let film = Film::new("film.mp4", &probe).variant(Variant::new("hd", libx264().crf(20)));
    change(film).plan(|file| file.path())
}

fn refusal(json: &Value, change: impl Fn(Film<'_>) -> Film<'_>) -> String {
    plan(json, change).unwrap_err().to_string()
}

#[test]
fn commands_read_chunks_from_the_key_frame_before() {
    let plan = plan(&even(200, 25), |film| film.chunk_count(4)).unwrap();
    let lines: Vec<String> = plan.chunks.iter().map(|chunk| chunk.command.to_args().join(" ")).collect();
    assert_eq!(
        lines[1],
        "-copyts -y -ss 1.9 -seek_timestamp 1 -noaccurate_seek -i film.mp4 \
         -filter_complex [0:0]trim@n0=start_pts=200:end_pts=400[v0] -map [v0] -c:v libx264 -crf:v 20 \
         -fps_mode:v passthrough -enc_time_base:v 1/100 -map_chapters -1 -video_track_timescale 100 \
         -output_ts_offset -2 -write_tmcd 0 hd/chunk-00001.mp4"
    );
    assert!(lines[0].contains("start_pts=0:end_pts=200") && !lines[0].contains("-ss"), "{}", lines[0]);
    assert!(lines[3].contains("start_pts=600[v0]"), "{}", lines[3]);
    let join = &plan.joins[0];
    assert_eq!(
        join.command.to_args().join(" "),
        "-copyts -y -f concat -safe 0 -i hd/chunks.txt -i film.mp4 -map 0:v:0 -c:v copy \
         -map_chapters 1 -video_track_timescale 100 -map_metadata 1 hd.mp4"
    );
    assert!(join.list.ends_with("file 'chunk-00003.mp4'\nduration 2\n"), "{}", join.list);
    assert_eq!(plan.expected.duration.to_string(), "8");
}

#[test]
fn file_without_an_index_is_read_from_two_key_frames_before() {
    let mut json = even(200, 25);
    for (format, seek) in [("matroska,webm", "1.9"), ("mpegts", "0.9")] {
        json["format"]["format_name"] = format.into();
        let args = plan(&json, |film| film.chunk_count(4)).unwrap().chunks[1].command.to_args();
        assert_eq!(args[2..4], ["-ss", seek], "{format}");
    }
}

#[test]
fn pictures_that_follow_a_key_frame_and_precede_it_in_time_belong_to_the_chunk_before() {
    // An open group of pictures: the last two frames before the key frame at 16 follow it in the file.
    let times = [(0, true), (4, false), (16, true), (8, false), (12, false), (20, false)];
    let packets = times.iter().zip(0..).map(|((pts, key), dts)| packet(*pts, dts * 4 - 8, 4, *key));
    let plan = plan(&file("mov", &packets.collect::<Vec<_>>()), |film| film.chunk_count(2)).unwrap();
    let chunks: Vec<_> = plan.chunks.iter().map(|chunk| (chunk.start, chunk.end, chunk.frames)).collect();
    assert_eq!(chunks, [(0, 16, 4), (16, 24, 2)]);
}

#[test]
fn frames_before_the_first_key_frame_are_counted_and_not_encoded() {
    let mut packets = vec![packet(0, 0, 4, false), packet(12, 4, 4, true), packet(8, 8, 4, false)];
    packets.extend((4..8).map(|frame| packet(frame * 4, frame * 4, 4, false)));
    let plan = plan(&file("mpegts", &packets), |film| film).unwrap();
    assert_eq!((plan.undecodable_frames, plan.expected.frames, plan.chunks[0].start), (2, 5, 12));
}

#[test]
fn frames_before_an_edit_are_not_in_the_film() {
    let mut json = even(100, 25);
    for packet in &mut json["packets"].as_array_mut().unwrap()[..30] {
        packet["flags"] = packet["flags"].as_str().unwrap().replacen('_', "D", 1).into();
    }
    let plan = plan(&json, |film| film.chunk_count(10)).unwrap();
    let chunks: Vec<_> = plan.chunks.iter().map(|chunk| (chunk.start, chunk.frames)).collect();
    assert_eq!(chunks, [(120, 20), (200, 25), (300, 25)]);
    assert_eq!(plan.undecodable_frames, 0);
}

#[test]
fn streams_outside_of_the_film_are_listed() {
    let mut json = even(50, 25);
    let streams = json["streams"].as_array_mut().unwrap();
    streams.push(json!({ "index": 1, "codec_type": "audio", "codec_name": "ac3", "time_base": "1/100", "start_pts": -5 }));
    streams.push(json!({ "index": 2, "codec_type": "subtitle", "codec_name": "subrip" }));
    streams.push(json!({ "index": 3, "codec_type": "video", "codec_name": "mjpeg", "disposition": { "attached_pic": 1 } }));
    let packets = json["packets"].as_array_mut().unwrap();
    packets.push(json!({ "stream_index": 1, "pts": -5, "dts": -5, "duration": 205, "flags": "K__" }));
    let with_sound = plan(&json, |film| film.audio(Codec::copy())).unwrap();
    let omitted: Vec<String> = with_sound.omitted.iter().map(ToString::to_string).collect();
    assert_eq!(omitted, ["omitted stream 2 (subtitle, subrip)", "omitted stream 3 (video, mjpeg)"]);
    // The sound starts before the video.
    assert_eq!(
        with_sound.sound.as_ref().unwrap().command.to_args().join(" "),
        "-copyts -y -i film.mp4 -map 0:1 -c:a copy -map_chapters -1 -output_ts_offset 0.05 sound.mp4"
    );
    let args = with_sound.joins[0].command.to_args().join(" ");
    assert!(args.starts_with("-copyts -y -f concat -itsoffset 0.05 -safe 0 "), "{args}");
    assert!(
        args.contains("-i sound.mp4 -itsoffset 0.05 -i film.mp4 -map 0:v:0 -map 1:a -c:v copy -c:a copy"),
        "{args}"
    );

    let silent = plan(&json, |film| film.no_audio()).unwrap();
    assert_eq!((silent.sound, silent.omitted.len(), silent.expected.audio.len()), (None, 3, 0));
}

#[test]
fn variants_of_a_chunk_are_encoded_by_one_command() {
    let plan = plan(&even(50, 25), |film| {
        film.variant(Variant::new("small", libx264().crf(24)).height(90).filter("hqdn3d")).chunk_count(2)
    });
    let plan = plan.unwrap();
    assert_eq!(plan.chunks[1].paths, ["hd/chunk-00001.mp4", "small/chunk-00001.mp4"]);
    let args = plan.chunks[1].command.to_args().join(" ");
    assert_eq!(args.matches("trim@").count(), 1, "{args}");
    assert_eq!(plan.joins.iter().map(|join| join.path.as_str()).collect::<Vec<_>>(), ["hd.mp4", "small.mp4"]);
}

#[test]
fn sizes_are_shared_among_chunks() {
    fn sized(film: Film<'_>, seam: Seam) -> Film<'_> {
        film.variant(Variant::new("small", libx264()).max_bytes(1_000_000)).seam(seam)
    }
    let missing = refusal(&even(50, 25), |film| sized(film, Seam::Capped));
    assert_eq!(missing, "variant hd has no size; set it with `max_bytes`, or use `Seam::ConstantQuality`");
    let refused = refusal(&even(50, 25), |film| sized(film, Seam::ConstantQuality));
    assert_eq!(
        refused,
        "the size of small: expected none with `Seam::ConstantQuality`: use `Seam::Capped`, found 1000000"
    );
    let json = probe(&even(1000, 25));
    let film = Film::new("film.mp4", &json).variant(Variant::new("hd", libx264()).max_bytes(1_100_000));
    let plan =
        film.seam(Seam::Capped).chunk_duration(Duration::from_secs(10)).plan(|file| file.path()).unwrap();
    assert_eq!((plan.chunks.len(), plan.joins[0].max_bytes), (4, Some(1_100_000)));
    for chunk in &plan.chunks {
        let args = chunk.command.to_args().join(" ");
        assert!(args.contains("-b:v 200000 -maxrate:v 200000 -bufsize:v 200000"), "{args}");
    }
}

#[test]
fn serial_film_is_one_chunk() {
    let plan = plan(&even(200, 25), |film| film.seam(Seam::Serial).chunk_count(8)).unwrap();
    assert_eq!((plan.chunks.len(), plan.chunks[0].frames), (1, 200));
}

#[test]
fn sources_without_exact_chunks_are_refused() {
    let refuse = |json: &Value| refusal(json, |film| film);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut json = even(50, 25);
        change(&mut json);
        refuse(&json)
    };
    assert_eq!(
        changed(&|json| json["streams"][0]["disposition"] = json!({ "attached_pic": 1 })),
        "probe has no video; choose a file with video; an attached picture is not video"
    );
    assert_eq!(
        changed(&|json| drop(json.as_object_mut().unwrap().remove("packets"))),
        "probe has no packets; probe the file again, with `ProbeRequest::packets`"
    );
    assert_eq!(
        changed(&|json| json["packets"] = json!([packet(0, 0, 4, false)])),
        "the probed video has no key frame; choose a file that FFmpeg can start to decode"
    );
    assert_eq!(
        changed(&|json| drop(json["packets"][7].as_object_mut().unwrap().remove("pts"))),
        "packet 7 of the video has no time; encode the file by one command"
    );
    assert_eq!(
        changed(&|json| {
            let again = json["packets"].clone();
            json["packets"].as_array_mut().unwrap().extend(again.as_array().unwrap().iter().cloned());
        }),
        "the frames of the video: expected times in order: repair the file, or encode it by one command, found 0 s \
         after the key frame at 1 s"
    );
    assert_eq!(
        changed(&|json| json["packets"][7]["pts"] = 24.into()),
        "the frames of the video: expected frames at different times, found two at 0.24 s"
    );
    assert_eq!(
        changed(&|json| json["format"]["format_name"] = "avi".into()),
        "the format of the source: expected MP4, MOV, Matroska, WebM, MPEG-TS, NUT, FLV or MXF: copy the file into \
         one, found avi"
    );
    assert_eq!(
        changed(&|json| json["streams"][0]["codec_name"] = "vp8".into()),
        "probe: expected a codec with a frame for each packet: encode the file by one command, found vp8, with packets \
         of hidden frames"
    );
    assert_eq!(
        changed(&|json| json["streams"][0]["time_base"] = "1/10000000".into()),
        "the time base of the video: expected at least a microsecond: copy the file into Matroska, found 1/10000000"
    );
}

#[test]
fn requests_without_a_plan_are_refused() {
    let json = even(50, 25);
    let refuse = |change: &dyn Fn(Film<'_>) -> Film<'_>| refusal(&json, change);
    assert_eq!(refuse(&|film| film.chunk_count(0)), "chunk_count: expected at least 1, found 0");
    assert_eq!(
        refuse(&|film| film.chunk_duration(Duration::ZERO)),
        "chunk_duration: expected at least a microsecond, found 0 s"
    );
    assert_eq!(
        refuse(&|film| film.variant(Variant::new("hd", libx264()))),
        "variants[1].name: expected a unique name of letters, digits, - and _, found \"hd\""
    );
    assert_eq!(
        refuse(&|film| film.variant(Variant::new("sd", libx264()).height(91))),
        "the height of sd: expected an even number from 2 to 32766, found 91"
    );
    let known = probe(&json);
    let film = |codec: Codec| Film::new("film.mp4", &known).variant(Variant::new("hd", codec));
    let renamed = |codec: Codec, chunk: &str, list: &str, joined: &str| {
        let name = |file: FilmFile<'_>| match file {
            FilmFile::Chunk { .. } => chunk.to_owned(),
            FilmFile::List { .. } => list.to_owned(),
            FilmFile::Film { .. } => joined.to_owned(),
            FilmFile::Sound => "sound.mp4".to_owned(),
        };
        film(codec).plan(name).unwrap_err().to_string()
    };
    let x264 = || Codec::from(libx264());
    assert_eq!(
        renamed(x264(), "a.mkv", "a.txt", "b.mp4"),
        "the path of chunk 0 of hd: expected the path of a file in mp4 or mov that holds h264, found \"a.mkv\""
    );
    assert_eq!(
        renamed(libvpx_vp9().crf(30).into(), "a.mp4", "a.txt", "b.ts"),
        "the path of the film of hd: expected the path of a file in a container that holds vp9, found \"b.ts\""
    );
    assert_eq!(
        renamed(x264(), "a.mp4", "a.txt", "a.mp4"),
        "the path of the film of hd: expected a path that no other file has, found \"a.mp4\""
    );
    assert_eq!(
        renamed(x264(), "film.mp4", "a.txt", "b.mp4"),
        "the path of chunk 0 of hd: expected a path that no other file has, found \"film.mp4\""
    );
    assert_eq!(
        renamed(x264(), "a.mp4", "/a.txt", "b.mp4"),
        "the path of the list of hd: expected a path that can be named from that of the chunk \"a.mp4\", found \"/a.txt\""
    );
    let none = Film::new("film.mp4", &known).plan(|file| file.path()).unwrap_err();
    assert_eq!(none.to_string(), "variants: expected one or more, found none");
}

#[test]
fn differences_name_the_chunk() {
    let json = even(200, 25);
    let plan = plan(&json, |film| film.chunk_count(4)).unwrap();
    let check = |json: &Value| plan.check(&plan.joins[0], &probe(json));
    assert_eq!(check(&json), Ok(()));

    let mut lost = json.clone();
    lost["packets"].as_array_mut().unwrap().remove(60);
    assert_eq!(
        check(&lost).unwrap_err(),
        [
            Difference::Frames { expected: 200, found: 199 },
            Difference::ChunkFrames { chunk: 1, expected: 50, found: 49 }
        ]
    );
    let mut late = json.clone();
    for packet in &mut late["packets"].as_array_mut().unwrap()[150..] {
        packet["pts"] = (packet["pts"].as_i64().unwrap() + 8).into();
    }
    let lines: Vec<String> = check(&late).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "chunk 3: expected its first frame at 6 s, found 6.08 s",
            "expected a duration of 8 s, found 8.08 s"
        ]
    );
    let mut cut = json.clone();
    cut["packets"].as_array_mut().unwrap().truncate(150);
    assert!(
        check(&cut).unwrap_err().iter().any(|difference| matches!(difference, Difference::Duration { .. }))
    );
    assert_eq!(check(&json!({ "streams": [] })), Err(vec![Difference::NoVideo]));
    let mut unread = json.clone();
    unread.as_object_mut().unwrap().remove("packets");
    assert_eq!(check(&unread), Err(vec![Difference::NoPackets]));

    assert_eq!(plan.check_chunk(&plan.chunks[0], &probe(&even(50, 25))), Ok(()));
    let short = plan.check_chunk(&plan.chunks[0], &probe(&even(49, 25)));
    assert_eq!(short, Err(vec![Difference::Frames { expected: 50, found: 49 }]));
}

/// Packets in decoding order with increasing gaps, some of which are key frames with leading pictures.
fn packets() -> impl Strategy<Value = Vec<Value>> {
    let frame = (1i64..50, any::<bool>(), 0usize..3);
    (prop::collection::vec(frame, 1..60), -1000i64..1000).prop_map(|(frames, start)| {
        let mut time = start;
        let mut order: Vec<(i64, bool)> = Vec::new();
        let mut last_key = start;
        for (index, (gap, is_key, leading)) in frames.into_iter().enumerate() {
            let is_key = is_key || index == 0;
            order.push((time, is_key));
            if is_key && index > 0 {
                // Move it before some of the pictures that precede it in time and follow the key frame before.
                for place in (order.len().saturating_sub(leading).max(1)..order.len()).rev() {
                    if order[place - 1].1 || order[place - 1].0 < last_key {
                        break;
                    }
                    order.swap(place - 1, place);
                }
            }
            if is_key {
                last_key = time;
            }
            time += gap;
        }
        let packets = order.iter().zip(start - 100..);
        packets.map(|((pts, is_key), dts)| packet(*pts, dts, 1, *is_key)).collect()
    })
}

proptest! {
    #[test]
    fn chunks_have_each_frame_once(packets in packets(), count in 1u64..80, is_indexed: bool) {
        let format = if is_indexed { "matroska,webm" } else { "mpegts" };
        let plan = plan(&file(format, &packets), |film| film.chunk_count(count)).unwrap();
        let times: Vec<i64> = packets.iter().map(|packet| packet["pts"].as_i64().unwrap()).collect();
        prop_assert!(plan.chunks.len() as u64 <= count && plan.undecodable_frames == 0);
        for chunk in &plan.chunks {
            let inside = times.iter().filter(|time| (chunk.start..chunk.end).contains(time)).count();
            prop_assert_eq!(inside as u64, chunk.frames);
            prop_assert!(chunk.frames > 0 && times.contains(&chunk.start));
        }
        prop_assert!(plan.chunks.windows(2).all(|pair| pair[0].end == pair[1].start));
        prop_assert_eq!(plan.chunks.iter().map(|chunk| chunk.frames).sum::<u64>(), times.len() as u64);
        prop_assert_eq!(plan.expected.frames, times.len() as u64);
    }

    #[test]
    fn plan_survives_a_round_trip_through_json(packets in packets(), count in 1u64..9) {
        let plan = plan(&file("mov", &packets), |film| film.chunk_count(count)).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<FilmPlan>(&text).unwrap(), plan);
    }
}
