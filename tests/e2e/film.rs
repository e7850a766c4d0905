//! Films that are encoded in chunks by the commands of a plan, and joined. Native FFmpeg decodes the sources and
//! encodes them as a whole; Debian's ffprobe reads the results.

use std::{path::Path, process::Command as Process};

use afmpeg_cmd::{
    Codec, Probe,
    encoders::video::{libsvtav1, libvpx_vp9, libx264, libx265},
    film::{Film, FilmPlan, Join, Seam, Variant as FilmVariant},
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::{
    harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, Variant, fixture, full, judge, native, write_natively},
    recipes::run,
};

/// A film on a filesystem.
struct Made {
    fs: MemFs,
    plan: FilmPlan,
}

/// Runs all commands of the plan for a source, and checks the chunks and the joined films by the plan.
#[track_caller]
fn made(module: &Variant, source: &str, bytes: Vec<u8>, change: impl Fn(Film<'_>) -> Film<'_>) -> Made {
    let fs = MemFs::new();
    fs.write(format!("/{source}"), bytes).unwrap();
    let known = module.runtime.probe_request(fs.clone(), source).packets().run().unwrap();
    let plan = change(Film::new(source, &known)).plan(|file| file.path()).unwrap();
    for join in &plan.joins {
        fs.create_dir_all(format!("/{}", join.variant)).unwrap();
    }
    // From the last chunk to the first: they do not depend on each other.
    for chunk in plan.chunks.iter().rev() {
        run(module, &fs, &chunk.command);
        for path in &chunk.paths {
            assert_eq!(plan.check_chunk(chunk, &packets(&fs, path)), Ok(()), "{source}: {path}");
        }
    }
    if let Some(sound) = &plan.sound {
        run(module, &fs, &sound.command);
    }
    for join in &plan.joins {
        fs.write(format!("/{}", join.list_path), join.list.clone()).unwrap();
        let log = run(module, &fs, &join.command);
        assert!(!log.contains("DTS"), "{source}: {log}");
        assert_eq!(plan.check(join, &packets(&fs, &join.path)), Ok(()), "{source}: {}", join.path);
    }
    Made { fs, plan }
}

/// Returns the streams, and the packets with their data's checksums, that Debian's ffprobe reads in a file.
#[track_caller]
fn packets_of(file: &Path) -> Probe {
    let arguments =
        ["-v", "error", "-show_format", "-show_streams", "-show_packets", "-show_data_hash", "md5"];
    let output = Process::new("ffprobe").args(arguments).args(["-of", "json"]).arg(file).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    Probe::from_json(&output.stdout).unwrap()
}

#[track_caller]
fn packets(fs: &MemFs, path: &str) -> Probe {
    let folder = tempfile::tempdir().unwrap();
    packets_of(&on_host(folder.path(), fs, path))
}

/// Writes a file of the filesystem on the host.
fn on_host(folder: &Path, fs: &MemFs, path: &str) -> std::path::PathBuf {
    let file = folder.join(path.replace('/', "-"));
    std::fs::write(&file, fs.read(format!("/{path}")).unwrap()).unwrap();
    file
}

/// Returns the times of the frames of a file in seconds, in order.
fn times(probe: &Probe) -> Vec<f64> {
    let video = probe.video().unwrap();
    let base = video.time_base().unwrap().as_f64();
    let is_shown = |flags: Option<&str>| !flags.is_some_and(|flags| flags.contains('D'));
    let packets = probe.packets.iter().filter(|packet| packet.stream_index == Some(video.index));
    let shown = packets.filter(|packet| is_shown(packet.flags.as_deref()));
    let mut times: Vec<f64> = shown.map(|packet| packet.pts.unwrap() as f64 * base).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Returns the time in units of the time base, and the hash, of each frame that native FFmpeg decodes from a file.
#[track_caller]
fn frames(file: &Path) -> Vec<(i64, String)> {
    let output = Process::new(native())
        .args(["-v", "error", "-copyts", "-i"])
        .arg(file)
        .args("-map 0:v:0 -fps_mode passthrough -enc_time_base demux -f framemd5 -".split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let frame = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[5].to_owned())
    };
    lines.map(frame).collect()
}

/// Writes sources on the host, each from the sources before it.
struct Sources(tempfile::TempDir);

impl Sources {
    /// Starts with five seconds of H.264 with open groups of pictures of 0.8 s, and sound.
    fn new() -> Self {
        let sources = Self(tempfile::tempdir().unwrap());
        sources.write(
            "open.mp4",
            "-f lavfi -i testsrc2=s=96x54:r=30000/1001:d=5 -f lavfi -i sine=d=5 -c:v libx264 -preset veryfast -bf 3 \
             -g 24 -x264-params open-gop=1:scenecut=0 -c:a aac",
        );
        sources
    }

    fn write(&self, name: &str, arguments: &str) {
        write_natively(self.0.path(), name, &arguments.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

/// The film of a source without loss has the frames of the source, at their times.
#[track_caller]
fn assert_exact(module: &Variant, sources: &Sources, name: &str, chunks: usize) {
    let lossless = || FilmVariant::new("film", libx264().preset("ultrafast").qp(0));
    let made = made(module, name, sources.read(name), |film| film.variant(lossless()).chunk_count(4));
    assert_eq!(made.plan.chunks.len(), chunks, "{name}");
    let (start, base) = (made.plan.chunks[0].start, made.plan.time_base.as_f64());
    let mut expected = frames(&sources.path(name));
    expected.retain(|(time, _)| *time >= start);
    let joined = frames(&on_host(sources.0.path(), &made.fs, "film.mp4"));
    assert_eq!(joined.len(), expected.len(), "{name}");
    for (number, (one, other)) in expected.iter().zip(&joined).enumerate() {
        assert_eq!(one.1, other.1, "{name}: frame {number}");
    }
    let found = times(&packets(&made.fs, "film.mp4"));
    assert_eq!(found.len(), expected.len(), "{name}");
    for (time, (ticks, _)) in found.iter().zip(&expected) {
        let [time, expected] = [time - found[0], (ticks - start) as f64 * base];
        assert!((time - expected).abs() < base * 0.01, "{name}: {time}, expected {expected}");
    }
}

#[test]
fn chunks_of_open_groups_of_pictures_join_to_all_frames() {
    let (module, sources) = (full(), Sources::new());
    sources.write("open.mkv", "-i open.mp4 -map 0 -c copy");
    sources.write("open.ts", "-i open.mp4 -map 0 -c copy");
    for name in ["open.mp4", "open.mkv", "open.ts"] {
        assert_exact(&module, &sources, name, 4);
    }
    sources.write(
        "hevc.ts",
        "-i open.mp4 -an -c:v libx265 -preset ultrafast \
         -x265-params log-level=none:bframes=3:keyint=24:open-gop=1",
    );
    assert_exact(&module, &sources, "hevc.ts", 4);
}

#[test]
fn chunks_of_shifted_and_cut_sources_join_to_all_frames() {
    let (module, sources) = (full(), Sources::new());
    sources.write("late.mkv", "-itsoffset 7.3 -i open.mp4 -i open.mp4 -map 0:v -map 1:a -c copy");
    sources.write("later.ts", "-i open.mp4 -c copy -output_ts_offset 100");
    // The first frames are decoded and not shown.
    sources.write("edited.mp4", "-ss 1.2 -i open.mp4 -c copy");
    for (name, chunks) in [("late.mkv", 4), ("later.ts", 4), ("edited.mp4", 4)] {
        assert_exact(&module, &sources, name, chunks);
    }
}

#[test]
fn chunks_of_a_recording_start_at_its_first_key_frame() {
    let (module, sources) = (full(), Sources::new());
    sources.write(
        "whole.ts",
        "-i open.mp4 -c:v libx264 -preset veryfast -bf 3 -g 24 -x264-params open-gop=1:scenecut=0 -c:a aac",
    );
    let whole = sources.read("whole.ts");
    // A part that starts between key frames, as a receiver's does.
    let packets = packets_of(&sources.path("whole.ts"));
    let video = packets.packets.iter().filter(|packet| packet.codec_type.as_deref() == Some("video"));
    let start: usize = video.clone().nth(10).unwrap().pos.as_deref().unwrap().parse().unwrap();
    std::fs::write(sources.path("part.ts"), &whole[start..]).unwrap();
    assert_exact(&module, &sources, "part.ts", 4);
    let key = video.clone().skip(10).find(|packet| packet.is_key()).unwrap().pts.unwrap();
    let frames = video.filter(|packet| packet.pts.unwrap() >= key).count();
    let part = made(&module, "part.ts", sources.read("part.ts"), |film| {
        film.variant(FilmVariant::new("film", libx264()))
    });
    assert_eq!(part.plan.expected.frames, frames as u64);
    assert!(part.plan.undecodable_frames > 0);
}

#[test]
fn chunks_of_other_frames_join_to_all_frames() {
    let (module, sources) = (full(), Sources::new());
    // 31 frames per second on average, at multiples of 1/120 s, with a gap of a second.
    sources.write(
        "varying.mp4",
        "-f lavfi -i testsrc2=s=96x54:r=120:d=5,select=lt(mod(n*31\\,120)\\,31)*not(between(t\\,2\\,3)) \
         -fps_mode vfr -enc_time_base 1/90000 -c:v libx264 -preset veryfast -bf 3 -g 24",
    );
    // No key frame shows a complete picture.
    sources.write("refreshed.mp4", "-i open.mp4 -an -c:v libx264 -x264-params intra-refresh=1 -g 24");
    sources.write("refreshed.ts", "-i refreshed.mp4 -c copy");
    for name in ["varying.mp4", "refreshed.mp4", "refreshed.ts"] {
        assert_exact(&module, &sources, name, 4);
    }
}

#[test]
fn joined_film_has_the_times_of_one_encode() {
    let (module, sources) = (full(), Sources::new());
    // The sound starts before the video, by the padding of AAC or by seconds.
    sources.write("open.ts", "-i open.mp4 -c copy");
    sources.write("late.ts", "-itsoffset 2 -i open.mp4 -i open.mp4 -map 0:v -map 1:a -c copy");
    // The video starts before the sound, which has a language; there is a chapter.
    std::fs::write(
        sources.path("chapters.txt"),
        ";FFMETADATA1\ntitle=Holiday\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=4000\ntitle=Beach\n",
    )
    .unwrap();
    sources.write(
        "early.mkv",
        "-i open.mp4 -itsoffset 0.7 -i open.mp4 -i chapters.txt -map 0:v -map 1:a -map_metadata 2 \
         -metadata:s:a language=deu -metadata:s:v language=fra -c copy",
    );
    for name in ["open.ts", "late.ts", "early.mkv"] {
        let variant = || FilmVariant::new("film", libx264().preset("veryfast").crf(30));
        let made = made(&module, name, sources.read(name), |film| film.variant(variant()).chunk_count(4));
        let base = made.plan.time_base;
        sources.write(
            "serial.mp4",
            &format!(
                "-y -i {name} -c:v libx264 -preset veryfast -crf 30 -fps_mode passthrough -enc_time_base {base} \
                 -video_track_timescale {} -c:a aac",
                base.den()
            ),
        );
        let (joined, serial) = (packets(&made.fs, "film.mp4"), packets_of(&sources.path("serial.mp4")));
        let [found, expected] = [&joined, &serial].map(times);
        assert_eq!(found.len(), expected.len(), "{name}");
        for (one, other) in found.iter().zip(&expected) {
            assert!((one - other).abs() < 1.01 * base.as_f64(), "{name}: {one}, expected {other}");
        }
        let sounds = [&joined, &serial].map(|probe| probe.audio().unwrap().start_time().unwrap());
        assert!((sounds[0] - sounds[1]).as_micros().abs() <= 1_000, "{name}: {sounds:?}");
        if name == "early.mkv" {
            let judged = judge(&made.fs, "/film.mp4").json;
            assert_eq!(judged["format"]["tags"]["title"], "Holiday");
            assert_eq!(judged["chapters"][0]["tags"]["title"], "Beach");
            let languages = ["video", "audio"]
                .map(|kind| joined.streams.iter().find(|it| it.codec_type.as_deref() == Some(kind)));
            assert_eq!(languages.map(|it| it.unwrap().language()), [Some("fra"), Some("deu")]);
        }
    }
}

#[test]
fn every_encoder_writes_chunks_with_one_header() {
    let (module, sources) = (full(), Sources::new());
    let encoders = [
        ("h264", Codec::from(libx264().preset("veryfast"))),
        ("hevc", libx265().preset("ultrafast").x265_params("log-level=none").into()),
        ("av1", libsvtav1().preset(12).crf(50).into()),
        ("vp9", libvpx_vp9().opt("deadline", "realtime").cpu_used(8).crf(50).into()),
        ("ffv1", "ffv1".into()),
    ];
    for (name, codec) in encoders {
        let variant = || FilmVariant::new("film", codec.clone()).height(64);
        let film = made(&module, "open.mp4", sources.read("open.mp4"), |film| {
            film.variant(variant()).chunk_count(2).audio(Codec::copy())
        });
        judge(&film.fs, "/film.mp4").assert_codec("video", name).assert_size(114, 64).assert_frames(150);
        let headers: Vec<_> =
            film.plan.chunks.iter().map(|chunk| header(&film.fs, &chunk.paths[0])).collect();
        assert_eq!(headers.len(), 2);
        assert!(headers.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {headers:?}");
        // Each chunk starts with a picture that needs no other, and with no picture before it.
        let joined = packets(&film.fs, "film.mp4");
        let keys = joined.packets.iter().filter(|packet| packet.stream_index == Some(0) && packet.is_key());
        let keys: Vec<f64> = keys.map(|packet| packet.pts_time().unwrap().as_secs_f64()).collect();
        for chunk in &film.plan.chunks {
            let start = chunk.start as f64 * film.plan.time_base.as_f64();
            assert!(keys.iter().any(|key| (key - start).abs() < 0.001), "{name}: {start} in {keys:?}");
        }
    }
}

/// Returns the description of the video in a file, which its decoder reads first.
fn header(fs: &MemFs, path: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = on_host(folder.path(), fs, path);
    let arguments = "-v error -select_streams v -show_data -show_entries stream=extradata,time_base -of csv";
    let output = Process::new("ffprobe").args(arguments.split(' ')).arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn real_clip_is_encoded_in_two_sizes_within_their_limits() {
    let (module, sources) = (full(), Sources(tempfile::tempdir().unwrap()));
    std::fs::write(sources.path(CLIP), fixture(CLIP)).unwrap();
    sources.write("clip.mp4", &format!("-i {CLIP} -c:v libx264 -preset ultrafast -crf 20 -g 25 -c:a copy"));
    let variant = |name: &str, height, bytes| {
        FilmVariant::new(name, libx264().preset("veryfast")).height(height).max_bytes(bytes)
    };
    let film = made(&module, "clip.mp4", sources.read("clip.mp4"), |film| {
        let film = film.variant(variant("large", 180, 150_000)).variant(variant("small", 90, 60_000));
        film.seam(Seam::Capped).chunk_count(3).audio(Codec::copy())
    });
    assert_eq!(film.plan.chunks.len(), 3);
    for (join, height) in film.plan.joins.iter().zip([180, 90]) {
        let judged = judge(&film.fs, &format!("/{}", join.path));
        judged
            .assert_size(height * 16 / 9, height)
            .assert_frames(CLIP_FRAMES)
            .assert_duration(CLIP_SECONDS, 0.05);
        let bytes = bytes_of_video(&film, join);
        let most = join.max_bytes.unwrap();
        assert!(bytes <= most && bytes > most / 2, "{}: {bytes} of {most}", join.variant);
    }
}

fn bytes_of_video(film: &Made, join: &Join) -> u64 {
    let probe = packets(&film.fs, &join.path);
    let video = probe.video().unwrap().index;
    let of_video = probe.packets.iter().filter(|packet| packet.stream_index == Some(video));
    of_video.map(|packet| packet.size().unwrap()).sum()
}
