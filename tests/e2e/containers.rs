//! The table of codecs by container, against the module's muxers: each codec in it is read back as itself, and any other
//! is refused or becomes another codec.

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use afmpeg_cmd::{
    MediaKind,
    containers::{self, Container},
};
use afmpeg_engine::{Runtime, Tool};
use afmpeg_vfs::{MemFs, VfsExt as _};
use serde_json::Value;

use crate::harness::{full, has_every_case, judge, native};

/// Codecs to encode with the same options, each `codec` or `codec=encoder`.
struct Samples {
    kind: &'static str,
    native: bool,
    ending: &'static str,
    options: &'static str,
    codecs: &'static str,
}

impl Samples {
    /// Codecs that the module encodes.
    const fn of(
        kind: &'static str,
        ending: &'static str,
        options: &'static str,
        codecs: &'static str,
    ) -> Self {
        Self { kind, native: false, ending, options, codecs }
    }

    const fn by_native(self) -> Self {
        Self { native: true, ..self }
    }
}

// Not tried are data, and codecs of the table without an encoder, or without one whose output is read back as the codec:
// their entries come from FFmpeg's tags.
const SAMPLES: &[Samples] = &[
    Samples::of("v", "pipe", "", "alias_pix bmp fits pbm pcx pfm pgm phm ppm qoi sunrast xbm xwd"),
    Samples::of("v", "apng", "", "apng"),
    Samples::of("v", "mkv", "", "apv=liboapv avs2=libxavs2 hap theora=libtheora vvc=libvvenc").by_native(),
    Samples::of(
        "v",
        "mkv",
        "",
        "asv1 asv2 avrp cinepak cljr dirac=vc2 dpx dxv exr ffv1 ffvhuff flashsv flv1=flv h264=libx264 \
    hevc=libx265 huffyuv jpeg2000 jpegls magicyuv mjpeg mpeg1video mpeg2video mpeg4 msmpeg4v2 \
    msmpeg4v3=msmpeg4 msrle msvideo1 png prores r10k r210 rawvideo sgi snow speedhq targa tiff \
    utvideo v210 vp8=libvpx vp9=libvpx-vp9 wmv1 wmv2 y41p yuv4 zlib zmbv",
    ),
    Samples::of("v", "nut", "", "gif svq1"),
    Samples::of("v", "pipe", "", "jpegxl=libjxl").by_native(),
    Samples::of("v", "pipe", "", "webp=libwebp_anim"),
    Samples::of("v", "mov", "", "qtrle rpza"),
    Samples::of(
        "a",
        "mkv",
        "",
        "aac ac3 adpcm_ima_wav adpcm_ms adpcm_yamaha alac dts=dca eac3 flac mlp mp2 mp3=libmp3lame \
    opus=libopus pcm_alaw pcm_f32le pcm_f64le pcm_mulaw pcm_s16be pcm_s16le pcm_s24be pcm_s24le pcm_s32be \
    pcm_s32le pcm_s64le pcm_u8 truehd tta vorbis wavpack wmav1 wmav2",
    ),
    Samples::of("a", "adx", "", "adpcm_adx"),
    Samples::of("a", "apm", "", "adpcm_ima_apm"),
    Samples::of("a", "mov", "", "adpcm_ima_qt dfpwm"),
    Samples::of("a", "kvag", "", "adpcm_ima_ssi"),
    Samples::of("a", "aiff", "", "adpcm_ima_ws"),
    Samples::of("a", "aptx", "", "aptx"),
    Samples::of("a", "vob", "", "pcm_dvd"),
    Samples::of(
        "a",
        "nut",
        "",
        "pcm_f32be pcm_f64be pcm_s16be_planar pcm_s16le_planar pcm_s24le_planar pcm_s32le_planar \
    pcm_s64be pcm_s8 pcm_s8_planar pcm_u16be pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le",
    ),
    Samples::of("a", "ts", "", "s302m"),
    Samples::of("a", "sbc", "", "sbc"),
    Samples::of("s", "mkv", "", "ass=ssa subrip=srt webvtt"),
    Samples::of("s", "mov", "", "mov_text"),
    Samples::of("s", "nut", "", "text"),
    Samples::of("s", "mp4", "", "ttml"),
    Samples::of("a", "m2ts", "", "pcm_bluray"),
    Samples::of("p", "sup", "", "hdmv_pgs_subtitle=copy"),
    // MP4 needs a duration for each packet.
    Samples::of("p", "mkv", "-bsf:s setts=duration=500", "dvb_subtitle=dvbsub dvd_subtitle=dvdsub"),
    Samples::of("v", "mkv", "-s 160x128 -pix_fmt yuvj420p", "amv"),
    Samples::of("v", "mkv", "-s 64x64", "av1=libsvtav1"),
    Samples::of("v", "mkv", "-frames:v 2 -s 720x576", "avui"),
    Samples::of("v", "mkv", "-s 320x240", "cfhd"),
    Samples::of("v", "mkv", "-frames:v 2 -s 1920x1080 -b:v 120M -pix_fmt yuv422p", "dnxhd"),
    Samples::of("v", "mkv", "-frames:v 2 -s 720x576 -pix_fmt yuv420p", "dvvideo"),
    Samples::of("v", "flv", "-s 64x64", "flashsv2"),
    Samples::of("v", "mkv", "-s 352x288", "h261"),
    Samples::of("v", "mkv", "-s 352x288", "h263"),
    Samples::of("v", "rm", "-s 176x144", "rv10"),
    Samples::of("v", "rm", "-s 176x144", "rv20"),
    Samples::of("v", "mkv", "-pix_fmt pal8", "smc"),
    Samples::of("v", "nut", "-s 48x48", "xface"),
    Samples::of("a", "argo_asf", "-ar 22050 -ac 1", "adpcm_argo"),
    Samples::of("a", "mkv", "-ar 16000 -ac 1", "adpcm_g722=g722"),
    Samples::of("a", "mkv", "-ar 8000 -ac 1", "adpcm_g726=g726"),
    Samples::of("a", "au", "-ar 8000 -ac 1", "adpcm_g726le=g726le"),
    Samples::of("a", "mkv", "-ar 22050 -ac 1", "adpcm_swf"),
    Samples::of("a", "mkv", "-ar 8000 -ac 1", "amr_nb=libopencore_amrnb").by_native(),
    Samples::of("a", "nut", "-ar 8000 -ac 1", "comfortnoise"),
    Samples::of("a", "mkv", "-ar 8000 -ac 1", "g723_1"),
    Samples::of("a", "mov", "-ar 44100 -ac 1", "nellymoser"),
    Samples::of("a", "daud", "-ar 96000 -ac 6", "pcm_s24daud"),
    Samples::of("a", "mkv", "-ar 8000 -ac 1", "ra_144=real_144"),
    Samples::of("a", "roq", "-ar 22050 -ac 1", "roq_dpcm"),
];

/// Codecs that a container holds under another name: MPEG-4 has one number for all layers of MPEG audio, LATM is another
/// way to pack AAC, and text without a format is read as SubRip.
const RENAMED: &[(&str, &str, &str)] =
    &[("mp2", "mp4", "mp3"), ("aac", "latm", "aac_latm"), ("text", "matroska", "subrip")];

/// Codecs that a muxer takes only beside a video.
const BESIDE_VIDEO: &[(&str, &str)] = &[("pcm_s16le", "dv")];

/// A codec, and a file with packets of it.
#[derive(Debug, Clone)]
struct Sample {
    kind: MediaKind,
    codec: &'static str,
    file: String,
}

/// Returns a Blu-ray subtitle: 8x2 pixels in one colour, for half a second.
fn line_of_pixels() -> Vec<u8> {
    let segment = |kind: u8, time: u32, data: &[u8]| {
        let length = u16::try_from(data.len()).unwrap();
        let times = [time.to_be_bytes(), [0; 4]].concat();
        [b"PG", &times[..], &[kind], &length.to_be_bytes(), data].concat()
    };
    let window = [1, 0, 0, 10, 0, 10, 0, 8, 0, 2];
    let pixels = [0, 0x88, 1, 0, 0];
    let object = [&[0, 0, 0, 0xc0, 0, 0, 14, 0, 8, 0, 2], &pixels[..], &pixels[..]].concat();
    [
        segment(0x16, 9_000, &[1, 64, 0, 240, 16, 0, 0, 128, 0, 0, 1, 0, 0, 0, 0, 0, 10, 0, 10]),
        segment(0x17, 9_000, &window),
        segment(0x14, 9_000, &[0, 0, 1, 235, 128, 128, 255]),
        segment(0x15, 9_000, &object),
        segment(0x80, 9_000, &[]),
        segment(0x16, 54_000, &[1, 64, 0, 240, 16, 0, 1, 0, 0, 0, 0]),
        segment(0x17, 54_000, &window),
        segment(0x80, 54_000, &[]),
    ]
    .concat()
}

/// Returns the input to encode: a few frames, a short sound, or a line of text.
fn input(kind: &str, codec: &str) -> &'static [&'static str] {
    match kind {
        "v" => &["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25", "-frames:v", "10"],
        // An MLP frame has 40 samples, so use more sound.
        "a" if matches!(codec, "mlp" | "truehd") => &["-f", "lavfi", "-i", "sine=d=1:r=48000"],
        "a" => &["-f", "lavfi", "-i", "sine=d=0.2:r=48000,aformat=channel_layouts=stereo"],
        "p" => &["-i", "line.sup", "-map", "0"],
        _ => &["-i", "line.srt"],
    }
}

fn encode(module: &Runtime, fs: &MemFs, samples: &Samples, item: &'static str) -> Sample {
    let (codec, encoder) = item.split_once('=').unwrap_or((item, item));
    let file = format!("{codec}.{}", samples.ending);
    let mut args: Vec<&str> = input(samples.kind, codec).to_vec();
    let option = format!("-c:{}", if samples.kind == "p" { "s" } else { samples.kind });
    args.extend([option.as_str(), encoder, "-strict", "-2"]);
    args.extend(samples.options.split_whitespace());
    let format = match samples.ending {
        "pipe" => "image2pipe",
        "mkv" => "matroska",
        "ts" | "m2ts" => "mpegts",
        other => other,
    };
    args.extend(["-f", format]);
    if samples.native {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(&file);
        let done = Command::new(native()).args(["-v", "error"]).args(&args).arg(&path).output().unwrap();
        assert!(done.status.success(), "{codec}: {}", String::from_utf8_lossy(&done.stderr));
        fs.write(format!("/{file}"), std::fs::read(&path).unwrap()).unwrap();
    } else {
        args.push(&file);
        let done = module.run(fs.clone(), args.iter().copied());
        done.unwrap_or_else(|error| panic!("{codec}: {error}"));
    }
    let kind = match samples.kind {
        "v" => MediaKind::Video,
        "a" => MediaKind::Audio,
        _ => MediaKind::Subtitle,
    };
    Sample { kind, codec, file }
}

/// Returns the codec names in ffprobe's output, or none if ffprobe could not read the file.
fn names(json: &[u8]) -> Vec<String> {
    let json: Value = serde_json::from_slice(json).unwrap_or_default();
    let streams = json["streams"].as_array().cloned().unwrap_or_default();
    streams.iter().filter_map(|stream| stream["codec_name"].as_str().map(str::to_owned)).collect()
}

/// Returns whether a file is read back with a codec, by Debian's ffprobe or, for newer codecs, by the module's.
fn is_read_back(module: &Runtime, fs: &MemFs, path: &str, codec: &str) -> bool {
    let args = ["-v", "quiet", "-show_streams", "-of", "json"];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(path);
    std::fs::write(&file, fs.read(format!("/{path}")).unwrap_or_default()).unwrap();
    let debian = Command::new("ffprobe").args(args).arg(&file).output().unwrap();
    if names(&debian.stdout).iter().any(|name| name == codec) {
        return true;
    }
    // Codecs newer than Debian's FFmpeg 5.1.
    let own = module.job(fs.clone()).tool(Tool::Ffprobe).args(args).args([path]).run();
    own.is_ok_and(|output| names(&output.into_stdout()).iter().any(|name| name == codec))
}

/// A muxer, with its own file name extension if it has one.
#[derive(Debug, Clone, Copy)]
struct Target {
    container: &'static Container,
    muxer: &'static str,
    ending: &'static str,
}

fn targets() -> Vec<Target> {
    let each = |container: &'static Container| {
        let endings = container.endings();
        container.muxers().iter().map(move |muxer| {
            let ending = endings.iter().find(|ending| *ending == muxer).or(endings.first());
            Target { container, muxer, ending: ending.copied().unwrap_or(muxer) }
        })
    };
    containers::all().iter().flat_map(each).collect()
}

impl Target {
    fn path(&self, codec: &str) -> String {
        format!("{codec}.{}.{}", self.muxer, self.ending)
    }

    /// Returns whether to read back a file that is written: a sample of them, since a reader's start takes longer than
    /// the job.
    fn is_read_with(&self, index: usize) -> bool {
        has_every_case() || self.is_in_sample(index, 3)
    }

    /// Returns whether to test a refusal: a sample of them. Formats of a single codec refuse all others alike, so fewer
    /// of them are tested.
    fn is_tried_with(&self, sample: &Sample, index: usize) -> bool {
        let holds_kind = |kind| {
            let other =
                ["h264", "mpeg4", "aac", "mp3", "pcm_s16le", "theora", "subrip", "mov_text", "ass", "text"];
            other.iter().any(|codec| self.container.holds_codec(kind, codec))
        };
        let is_narrow = self.container.takes_one_of_each() || !holds_kind(sample.kind);
        let one_in = if is_narrow { 16 } else { 4 };
        has_every_case() || self.is_in_sample(index, one_in)
    }

    fn is_in_sample(&self, index: usize, one_in: usize) -> bool {
        index % one_in == self.muxer.len() % one_in
    }
}

/// Copies a sample into all targets that hold it, in one job, and into each of the others in a separate job. Returns the
/// differences from the table.
fn copy_everywhere(
    module: &Runtime,
    fs: &MemFs,
    sample: &Sample,
    index: usize,
    targets: &[Target],
) -> Vec<String> {
    let fs = fs.snapshot();
    let mut wrong = Vec::new();
    let holds = |target: &&Target| {
        target.container.holds_codec(sample.kind, sample.codec)
            && !BESIDE_VIDEO.contains(&(sample.codec, target.muxer))
    };
    let held: Vec<&Target> = targets.iter().filter(holds).collect();
    if !held.is_empty() {
        let mut args = vec!["-i".to_owned(), sample.file.clone()];
        for target in &held {
            args.extend(["-map", "0:0", "-c", "copy"].map(str::to_owned));
            if let Some(filter) = target.container.bitstream_filter(sample.codec) {
                args.extend(["-bsf:v", filter].map(str::to_owned));
            }
            args.extend(["-f", target.muxer, &target.path(sample.codec)].map(str::to_owned));
        }
        if let Err(error) = module.run(fs.clone(), args.iter().map(String::as_str)) {
            wrong.push(format!("cannot copy {} into one of {held:?}: {error}", sample.codec));
            return wrong;
        }
        for target in held.into_iter().filter(|target| target.is_read_with(index)) {
            let renamed =
                RENAMED.iter().find(|(codec, muxer, _)| (*codec, *muxer) == (sample.codec, target.muxer));
            let codec = renamed.map_or(sample.codec, |(_, _, name)| name);
            if !is_read_back(module, &fs, &target.path(sample.codec), codec) {
                wrong.push(format!("{} is not read back from {}", sample.codec, target.muxer));
            }
        }
    }
    for target in targets.iter().filter(|target| !target.container.holds_codec(sample.kind, sample.codec)) {
        let path = target.path(sample.codec);
        if !target.is_tried_with(sample, index) {
            continue;
        }
        let args = ["-i", &sample.file, "-map", "0:0", "-c", "copy", "-f", target.muxer, &path];
        let is_written = module.run(fs.clone(), args).is_ok();
        if is_written && is_read_back(module, &fs, &path, sample.codec) {
            wrong.push(format!("{} is held by {}", sample.codec, target.muxer));
        }
    }
    wrong
}

/// Calls a function for each number below `count`, with one thread per processor.
fn on_all_processors<T: Send>(count: usize, each: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mine = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count);
        std::iter::from_fn(mine).map(|index| (index, each(index))).collect::<Vec<_>>()
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, value)| value).collect()
}

fn samples(module: &Runtime, fs: &MemFs) -> Vec<Sample> {
    fs.write("/line.sup", line_of_pixels()).unwrap();
    fs.write("/line.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n").unwrap();
    let each = |samples: &'static Samples| samples.codecs.split_whitespace().map(move |item| (samples, item));
    let items: Vec<_> = SAMPLES.iter().flat_map(each).collect();
    on_all_processors(items.len(), |index| encode(module, fs, items[index].0, items[index].1))
}

#[test]
fn containers_hold_the_codecs_that_their_table_has_and_no_others() {
    let (module, fs) = (full().runtime, MemFs::new());
    let samples = samples(&module, &fs);
    let targets = targets();
    assert!(samples.len() > 120 && targets.len() > 60);
    let wrong = on_all_processors(samples.len(), |index| {
        copy_everywhere(&module, &fs, &samples[index], index, &targets)
    });
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Every container is tried with a codec that it holds, except those whose packets no encoder here produces.
    let is_untried = |container: &&Container| {
        !samples.iter().any(|sample| container.holds_codec(sample.kind, sample.codec))
    };
    let untried: Vec<_> =
        containers::all().iter().filter(is_untried).map(|container| container.muxers()[0]).collect();
    assert_eq!(untried, ["gsm", "aptx_hd"]);
}

#[test]
fn covers_are_kept_by_the_containers_in_the_table() {
    let (module, fs) = (full().runtime, MemFs::new());
    for picture in ["bmp", "gif", "jpg", "png", "tiff"] {
        module
            .run(
                fs.clone(),
                ["-f", "lavfi", "-i", "color=s=32x32", "-frames:v", "1", &format!("c.{picture}")],
            )
            .unwrap();
    }
    for (encoder, endings) in [
        ("aac", &["mp4", "mov", "m4a", "3gp", "f4v"][..]),
        ("libmp3lame", &["mp3"]),
        ("flac", &["flac", "ogg"]),
        ("pcm_s16be", &["aiff"]),
        ("pcm_s16le", &["wav"]),
    ] {
        module.run(fs.clone(), ["-f", "lavfi", "-i", "sine=d=0.2", "-c:a", encoder, "-y", "a.mkv"]).unwrap();
        for (ending, picture) in
            endings.iter().flat_map(|ending| ["bmp", "gif", "jpg", "png", "tiff"].map(|it| (ending, it)))
        {
            let (cover, song) = (format!("c.{picture}"), format!("{picture}.{ending}"));
            let maps = ["-map", "0", "-map", "1", "-c", "copy", "-disposition:v", "attached_pic"];
            let args = ["-i", "a.mkv", "-i", &cover].into_iter().chain(maps).chain([song.as_str()]);
            let codec = if picture == "jpg" { "mjpeg" } else { picture };
            let is_kept = module.run(fs.clone(), args).is_ok() && {
                let streams = judge(&fs, &format!("/{song}")).json["streams"].clone();
                let is_cover = |stream: &Value| {
                    stream["codec_name"] == codec && stream["disposition"]["attached_pic"] == 1
                };
                streams.as_array().unwrap().iter().any(is_cover)
            };
            assert_eq!(Container::of_path(&song).unwrap().holds_cover(codec), is_kept, "{song}");
        }
    }
}

#[test]
fn chapters_are_kept_by_the_containers_in_the_table() {
    let (module, fs) = (full().runtime, MemFs::new());
    let chapter = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/10\nSTART=0\nEND=2\ntitle=A\n";
    fs.write("/chapters.txt", chapter).unwrap();
    for (encoder, codec, endings) in [
        (
            "aac",
            "aac",
            &["mp4", "mov", "m4a", "m4b", "f4v", "3gp", "mkv", "ts", "avi", "wma", "flv", "nut", "aac"][..],
        ),
        ("libmp3lame", "mp3", &["mp3", "mp4", "mka", "avi"]),
        ("libopus", "opus", &["webm", "opus", "ogg", "mka", "ts"]),
        ("libvorbis", "vorbis", &["ogg", "webm"]),
        ("flac", "flac", &["flac", "ogg", "mka", "mp4"]),
        ("pcm_s16le", "pcm_s16le", &["wav", "w64", "caf", "mov"]),
        ("pcm_s16be", "pcm_s16be", &["aiff", "au"]),
    ] {
        let sine = ["-f", "lavfi", "-i", "sine=d=0.2:sample_rate=48000", "-c:a", encoder, "-y", "a.mkv"];
        module.run(fs.clone(), sine).unwrap();
        for ending in endings {
            let talk = format!("{encoder}.{ending}");
            let inputs = ["-i", "a.mkv", "-f", "ffmetadata", "-i", "chapters.txt"];
            let args =
                inputs.into_iter().chain(["-map", "0", "-map_chapters", "1", "-c", "copy", talk.as_str()]);
            module.run(fs.clone(), args).unwrap();
            let is_kept = judge(&fs, &format!("/{talk}")).json["chapters"][0]["tags"]["title"] == "A";
            assert_eq!(Container::of_path(&talk).unwrap().holds_chapters(codec), is_kept, "{talk}");
        }
    }
}
