//! Ladders of one video as files, HLS and DASH, and two-pass encodes.

use std::time::Duration;

use afmpeg_cmd::{
    Codec, Command, Input, Output, Ratio,
    recipes::{Dash, Hls, Ladder, Rendition, two_pass},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{make, probe, run, write};
use crate::harness::{CLIP, CLIP_FRAMES, FRAME, Variant, full, judge, memory_with};

/// Returns a ladder of six seconds with a scene change every half second, 128x72 at 25 fps.
fn ladder(module: &Variant, fs: &MemFs) -> Ladder {
    let graph = "testsrc2=s=128x72:r=25:d=6,hue=h=floor(2*t)*90[v];sine=d=6:sample_rate=48000[a]";
    make(module, fs, graph, true, "film.mp4");
    let film = Input::new("film.mp4");
    let renditions = [Rendition::new(72, 300_000), Rendition::new(36, 100_000).named("small")];
    Ladder::new(&film, renditions).audio(&film).video_codec(Codec::new("libx264").opt("preset", "ultrafast"))
}

#[test]
fn ladder_writes_a_file_for_each_size_in_one_command() {
    let (module, fs) = (full(), MemFs::new());
    let outputs = ladder(&module, &fs).outputs(|rendition| format!("{}.mp4", rendition.name())).unwrap();
    run(&module, &fs, &Command::new(outputs));
    for (name, width, height) in [("/72p.mp4", 128, 72), ("/small.mp4", 64, 36)] {
        let judged = judge(&fs, name);
        judged.assert_codec("audio", "aac").assert_size(width, height).assert_frames(150);
        judged.assert_duration(6.0, FRAME);
    }
}

/// Returns the durations and names of the segments.
fn segments(playlist: &str) -> Vec<(f64, String)> {
    let mut lines = playlist.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(duration) = line.strip_prefix("#EXTINF:") {
            found.push((duration.trim_end_matches(',').parse().unwrap(), lines.next().unwrap().to_owned()));
        }
    }
    found
}

#[test]
fn hls_subtitles_have_the_segments_of_the_video() {
    let (module, fs) = (full(), MemFs::new());
    let ladder = ladder(&module, &fs);
    fs.write("/film.srt", "1\n00:00:03,000 --> 00:00:03,500\nHello\n\n".to_owned()).unwrap();
    fs.create_dir_all("/hls").unwrap();
    let hls = Hls::new(ladder, "hls").segment_duration(Duration::from_secs(2)).fmp4();
    write(&module, &fs, hls.subtitle(Input::new("film.srt").subtitle(), "en").output().unwrap());

    let text = |name: &str| String::from_utf8(fs.read(format!("/hls/{name}")).unwrap().to_vec()).unwrap();
    let master = text("master.m3u8");
    assert_eq!(master.matches("LANGUAGE=\"en\",URI=\"72p_vtt.m3u8\"").count(), 1, "{master}");
    assert_eq!(master.matches("SUBTITLES=\"subtitles\"").count(), 2, "{master}");
    let segments = segments(&text("72p_vtt.m3u8"));
    assert_eq!(segments.iter().map(|segment| segment.0).collect::<Vec<_>>(), [2.0; 3]);
    let has_text: Vec<bool> = segments.iter().map(|(_, name)| text(name).contains("Hello")).collect();
    assert_eq!(has_text, [false, true, false]);
}

#[test]
fn hls_of_a_video_with_a_long_still_has_no_segments_of_single_frames() {
    let (module, fs) = (full(), MemFs::new());
    // Two seconds of frames, a minute without frames, and two more seconds.
    let times = "settb=1/1000,setpts='N*40+if(gte(N,50),60000,0)'";
    let options =
        "-fps_mode passthrough -enc_time_base 1/1000 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    module.ffmpeg(&fs, &format!("-f lavfi -i testsrc2=s=64x36:r=25:d=4 -vf {times} {options} still.mkv"));
    fs.create_dir_all("/hls").unwrap();
    let known = probe(&fs, "/still.mkv");
    for (input, expected) in [
        (Input::new("still.mkv"), vec![62.0, 2.0]),
        (Input::new("still.mkv").probe(&known), [vec![6.0; 10], vec![4.0]].concat()),
    ] {
        let small = Rendition::new(36, 100_000).named("small");
        let codec = Codec::new("libx264").opt("preset", "ultrafast").opt("pix_fmt", "yuv420p");
        let output = Hls::new(Ladder::new(&input, [small]).video_codec(codec), "hls").output().unwrap();
        run(&module, &fs, &Command::new([output]).overwrite());
        let playlist = String::from_utf8(fs.read("/hls/small.m3u8").unwrap().to_vec()).unwrap();
        let durations: Vec<f64> = segments(&playlist).into_iter().map(|(seconds, _)| seconds).collect();
        assert_eq!(durations, expected, "{playlist}");
    }
}

#[test]
fn hls_segments_start_with_key_frames_at_the_same_times_in_every_rendition() {
    let (module, fs) = (full(), MemFs::new());
    let ladder = ladder(&module, &fs);
    for (folder, is_fmp4) in [("ts", false), ("fmp4", true)] {
        fs.create_dir_all(format!("/{folder}")).unwrap();
        let hls = Hls::new(ladder.clone(), folder).segment_duration(Duration::from_secs(2));
        let hls = if is_fmp4 { hls.fmp4() } else { hls };
        write(&module, &fs, hls.output().unwrap());

        let text =
            |name: &str| String::from_utf8(fs.read(format!("/{folder}/{name}")).unwrap().to_vec()).unwrap();
        let master = text("master.m3u8");
        assert_eq!(master.matches("#EXT-X-STREAM-INF").count(), 2, "{master}");
        assert_eq!(master.matches("#EXT-X-MEDIA:TYPE=AUDIO").count(), 1, "{master}");
        assert!(master.contains("RESOLUTION=128x72") && master.contains("RESOLUTION=64x36"), "{master}");
        for name in ["72p", "small"] {
            let playlist = text(&format!("{name}.m3u8"));
            assert!(playlist.contains("#EXT-X-ENDLIST") && playlist.contains("VOD"), "{playlist}");
            let segments = segments(&playlist);
            assert_eq!(segments.iter().map(|segment| segment.0).collect::<Vec<_>>(), [2.0; 3], "{playlist}");
            for (_, segment) in segments {
                // Each segment is decodable on its own.
                let mut bytes = Vec::new();
                if is_fmp4 {
                    bytes.extend_from_slice(&fs.read(format!("/{folder}/{name}_init.mp4")).unwrap());
                }
                bytes.extend_from_slice(&fs.read(format!("/{folder}/{segment}")).unwrap());
                let alone = if is_fmp4 { "/alone.mp4" } else { "/alone.ts" };
                fs.write(alone, bytes).unwrap();
                judge(&fs, alone).assert_frames(50);
            }
        }
        let sound: f64 = segments(&text("audio.m3u8")).iter().map(|segment| segment.0).sum();
        assert!((sound - 6.0).abs() < 0.1, "{sound} s of sound");
    }
}

#[test]
fn dash_has_one_set_of_videos_and_one_sound() {
    let (module, fs) = (full(), MemFs::new());
    fs.create_dir_all("/dash").unwrap();
    let dash =
        Dash::new(ladder(&module, &fs), "dash/film.mpd").segment_duration(Duration::from_secs(2)).with_hls();
    write(&module, &fs, dash.output().unwrap());

    let manifest = String::from_utf8(fs.read("/dash/film.mpd").unwrap().to_vec()).unwrap();
    assert_eq!(manifest.matches("<AdaptationSet").count(), 2, "{manifest}");
    assert_eq!(manifest.matches("<Representation").count(), 3, "{manifest}");
    assert!(manifest.contains("mediaPresentationDuration=\"PT6.0S\""), "{manifest}");
    assert!(fs.exists("/dash/master.m3u8"));
    for video in 0..2 {
        let init = fs.read(format!("/dash/init-stream{video}.m4s")).unwrap();
        for segment in 1..=3 {
            let media = fs.read(format!("/dash/chunk-stream{video}-{segment:05}.m4s")).unwrap();
            fs.write("/alone.mp4", [&init[..], &media[..]].concat()).unwrap();
            judge(&fs, "/alone.mp4").assert_frames(50);
        }
        assert!(!fs.exists(format!("/dash/chunk-stream{video}-00004.m4s")));
    }
}

/// Returns a ladder of six seconds in VP9 or AV1 with Opus, of sizes that these encoders support.
fn ladder_for_the_web(module: &Variant, fs: &MemFs, codec: Codec) -> Ladder {
    let graph = "testsrc2=s=256x144:r=25:d=6,hue=h=floor(2*t)*90[v];sine=d=6:sample_rate=48000[a]";
    make(module, fs, graph, true, "film.mp4");
    let film = Input::new("film.mp4");
    let renditions = [Rendition::new(144, 300_000), Rendition::new(72, 100_000)];
    let ladder = Ladder::new(&film, renditions).audio(&film).video_codec(codec.opt("pix_fmt", "yuv420p"));
    ladder.audio_codec(Codec::new("libopus").opt("b", 64_000))
}

fn vp9() -> Codec {
    Codec::new("libvpx-vp9").opt("deadline", "realtime").opt("cpu-used", 8)
}

fn av1() -> Codec {
    Codec::new("libsvtav1").opt("preset", 12)
}

#[test]
fn dash_in_vp9_and_av1_has_key_frames_at_the_same_times_in_every_rendition() {
    let module = full();
    for (codec, is_mp4, name, ending) in [
        (vp9(), false, "vp9", "webm"),
        (vp9(), true, "vp9", "m4s"),
        // FFmpeg's choice for Opus is WebM, beside AV1 in MP4.
        (av1(), true, "av1", "m4s"),
    ] {
        let fs = MemFs::new();
        let ladder = ladder_for_the_web(&module, &fs, codec);
        let dash = Dash::new(ladder, "film.mpd").segment_duration(Duration::from_secs(2));
        let dash = if is_mp4 { dash.mp4() } else { dash };
        write(&module, &fs, dash.output().unwrap());

        let manifest = String::from_utf8(fs.read("/film.mpd").unwrap().to_vec()).unwrap();
        assert_eq!(manifest.matches("<Representation").count(), 3, "{manifest}");
        assert_eq!(manifest.matches("codecs=\"opus\"").count(), 1, "{manifest}");
        let rate = |part: &str| part.split('"').next().unwrap().parse::<u32>().unwrap();
        let rates: Vec<u32> = manifest.split("bandwidth=\"").skip(1).map(rate).collect();
        // The rates of the encoder's options or, without one for AV1, measured ones.
        assert!(
            (250_000..=360_000).contains(&rates[0]) && (80_000..=125_000).contains(&rates[1]),
            "{rates:?}"
        );
        for video in 0..2 {
            let init = fs.read(format!("/init-stream{video}.{ending}")).unwrap();
            for segment in 1..=3 {
                let media = fs.read(format!("/chunk-stream{video}-{segment:05}.{ending}")).unwrap();
                // Each segment is decodable on its own.
                let alone = if is_mp4 { "/alone.mp4" } else { "/alone.webm" };
                fs.write(alone, [&init[..], &media[..]].concat()).unwrap();
                judge(&fs, alone).assert_codec("video", name).assert_frames(50);
            }
            assert!(!fs.exists(format!("/chunk-stream{video}-00004.{ending}")));
        }
    }
}

#[test]
fn hls_in_av1_has_segments_of_the_requested_duration() {
    let (module, fs) = (full(), MemFs::new());
    let hls = Hls::new(ladder_for_the_web(&module, &fs, av1()), "").segment_duration(Duration::from_secs(2));
    assert_eq!(hls.output().unwrap_err().parameter(), "fmp4");
    write(&module, &fs, hls.fmp4().output().unwrap());
    let text = |name: &str| String::from_utf8(fs.read(format!("/{name}")).unwrap().to_vec()).unwrap();
    let master = text("master.m3u8");
    assert!(master.contains("RESOLUTION=256x144") && master.contains("RESOLUTION=128x72"), "{master}");
    for name in ["144p", "72p"] {
        let playlist = text(&format!("{name}.m3u8"));
        let segments = segments(&playlist);
        assert_eq!(segments.iter().map(|segment| segment.0).collect::<Vec<_>>(), [2.0; 3], "{playlist}");
    }
}

#[test]
fn ladder_in_av1_keeps_below_the_bit_rate() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let film = Input::new(CLIP);
    let ladder = Ladder::new(&film, [Rendition::new(180, 100_000)]).video_codec(av1());
    write(&module, &fs, ladder.outputs(|_| "film.mp4".to_owned()).unwrap().remove(0));
    let judged = judge(&fs, "/film.mp4");
    judged.assert_codec("video", "av1").assert_size(320, 180).assert_frames(CLIP_FRAMES);
    let rate: f64 = judged.stream("video")["bit_rate"].as_str().unwrap().parse().unwrap();
    assert!(rate < 120_000.0, "{rate}");
}

#[test]
fn second_pass_has_the_requested_bit_rate() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    let film = Input::new(CLIP);
    let small = film.video().filter(afmpeg_cmd::Filter::new("scale").opt("w", 320).opt("h", -2));
    let codec = Codec::new("libx264").opt("b", 200_000).opt("preset", "veryfast");
    fs.create_dir_all("/logs").unwrap();
    let passes = two_pass(&small, codec, "logs/film").unwrap();
    run(&module, &fs, &passes.first);
    assert!(fs.exists("/logs/film-0.log"));
    write(&module, &fs, Output::new("film.mp4").stream(passes.second).audio(film.audio(), "aac"));

    let judged = judge(&fs, "/film.mp4");
    judged.assert_size(320, 180).assert_frames(CLIP_FRAMES);
    let rate: f64 = judged.stream("video")["bit_rate"].as_str().unwrap().parse().unwrap();
    assert!((rate - 200_000.0).abs() < 20_000.0, "{rate}");
}

#[test]
fn hls_and_dash_of_a_clip_from_a_phone_keep_its_frame_count() {
    let (module, fs) = (full(), MemFs::new());
    // 120 frames in 3.9 s, at times that are multiples of 1/120 s.
    module.ffmpeg(
        &fs,
        "-f lavfi -i testsrc2=s=128x72:r=30:d=4 -f lavfi -i sine=d=4 -vf settb=1/120,setpts='4*N-floor(N/8)' \
         -fps_mode passthrough -enc_time_base 1/120 -c:v libx264 -preset ultrafast -c:a aac phone.mp4",
    );
    let known = probe(&fs, "/phone.mp4");
    assert_eq!(known.video().unwrap().base_frame_rate(), Some(Ratio::from(120)));
    for folder in ["/hls", "/dash"] {
        fs.create_dir_all(folder).unwrap();
    }
    let joined = |is_segment: &dyn Fn(&str) -> bool| -> Vec<u8> {
        let mut files = fs.walk("/").unwrap();
        files.retain(|path| is_segment(path));
        files.sort_by_key(|path| (!path.contains("init"), path.clone()));
        files.iter().flat_map(|path| fs.read(path).unwrap()).collect()
    };
    for (film, rates) in [
        (Input::new("phone.mp4").probe(&known), 29.9..=31.0),
        // Without a probe, frames keep their times.
        (Input::new("phone.mp4"), 30.0..=31.0),
    ] {
        let renditions = [Rendition::new(72, 300_000), Rendition::new(36, 100_000).named("small")];
        let codec = Codec::new("libx264").opt("preset", "ultrafast");
        let ladder = Ladder::new(&film, renditions).audio(&film).video_codec(codec);
        let hls =
            Hls::new(ladder.clone(), "hls").fmp4().segment_duration(Duration::from_secs(2)).output().unwrap();
        let dash = Dash::new(ladder, "dash/a.mpd").segment_duration(Duration::from_secs(2)).output().unwrap();
        run(&module, &fs, &Command::new([hls]).overwrite());
        run(&module, &fs, &Command::new([dash]).overwrite());
        for (name, number) in [("72p", 0), ("small", 1)] {
            let of_hls =
                joined(&|path| path.starts_with("/hls") && path.contains(name) && !path.ends_with("m3u8"));
            let of_dash = joined(&|path| path.contains(&format!("stream{number}")));
            for (kind, bytes) in [("HLS", of_hls), ("DASH", of_dash)] {
                fs.write("/joined.mp4", bytes).unwrap();
                let judged = judge(&fs, "/joined.mp4");
                let video = judged.stream("video");
                let frames: u32 = video["nb_read_frames"].as_str().unwrap().parse().unwrap();
                assert!((116..=122).contains(&frames), "{kind} {name}: {frames} frames");
                let average: Ratio = video["avg_frame_rate"].as_str().unwrap().parse().unwrap();
                assert!(rates.contains(&average.as_f64()), "{kind} {name}: {average} fps");
            }
        }
    }
}
