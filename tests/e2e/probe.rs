//! Probing files.

use std::process::Command;

use afmpeg_engine::Ratio;
use afmpeg_vfs::VfsExt as _;

use crate::{
    harness::{CLIP, Variant, full, judge, memory_with, native, variants},
    heif::tiled,
};

#[test]
fn probe_returns_the_streams_of_the_real_clip() {
    for module in variants() {
        let probe = module.runtime.probe(memory_with(&[CLIP]), CLIP).unwrap();
        let video = probe.video().unwrap();
        assert_eq!(video.codec_name.as_deref(), Some("h264"));
        assert_eq!((video.width, video.height), (Some(1280), Some(720)));
        assert_eq!(video.frame_rate(), Some(Ratio::from(25)));
        assert_eq!(video.nb_frames.as_deref(), Some("132"));
        let audio = probe.audio().unwrap();
        assert_eq!((audio.codec_name.as_deref(), audio.channels), (Some("aac"), Some(6)));
        assert_eq!(audio.sample_rate(), Some(48000));
        assert!((probe.duration().unwrap().as_secs_f64() - 5.312).abs() < 0.001);
    }
}

/// Returns a file name, the arguments to create it, and the demuxer's name, for each format of the demux set.
fn demux_set(module: &Variant) -> Vec<(&'static str, String, &'static str)> {
    let h264 = format!("-i {CLIP} -map 0:v -c copy");
    let picture = |codec: &str| format!("-i {CLIP} -an -frames:v 1 -vf scale=64:-2 -c:v {codec} -update 1");
    let sound = |codec: &str| format!("-i complete.oga -c:a {codec}");
    let mut set = vec![
        ("a.mp4", h264.clone(), "mov"),
        ("a.mov", h264.clone(), "mov"),
        ("a.mkv", h264.clone(), "matroska"),
        ("a.wav", sound("pcm_s16le"), "wav"),
        ("a.flac", sound("flac"), "flac"),
        ("a.ogg", sound("flac"), "ogg"),
        ("a.aac", sound("aac"), "aac"),
        ("a.png", picture("png"), "png_pipe"),
        ("a.jpg", picture("mjpeg"), "jpeg_pipe"),
        ("a.gif", format!("-i {CLIP} -an -t 0.2 -vf scale=64:-2"), "gif"),
    ];
    if module.full {
        set.extend([
            ("a.mp3", sound("libmp3lame"), "mp3"),
            ("a.ts", h264.clone(), "mpegts"),
            ("a.avi", h264.clone(), "avi"),
            ("a.flv", h264, "flv"),
            ("a.aiff", sound("pcm_s16be"), "aiff"),
            ("a.webm", format!("-i {CLIP} -map 0:a -ac 2 -c:a opus -strict experimental"), "matroska"),
        ]);
    }
    set
}

#[test]
fn every_format_of_the_demux_set_is_recognised_as_by_native_ffprobe() {
    for module in variants() {
        let fs = memory_with(&[CLIP, "complete.oga"]);
        for (name, options, demuxer) in demux_set(&module) {
            module.ffmpeg(&fs, &format!("{options} {name}"));
            let probe = module.runtime.probe(fs.clone(), name).unwrap();
            let format = probe.format.as_ref().unwrap().format_name.as_deref().unwrap();
            assert!(format.split(',').any(|found| found == demuxer), "{name} is {format} on {}", module.name);

            let judged = judge(&fs, &format!("/{name}"));
            assert_eq!(judged.streams().len(), probe.streams.len(), "{name}");
            for (ours, theirs) in probe.streams.iter().zip(judged.streams()) {
                assert_eq!(ours.codec_name.as_deref(), theirs["codec_name"].as_str(), "{name}");
                assert_eq!(ours.width, theirs["width"].as_i64(), "{name}");
                assert_eq!(ours.channels, theirs["channels"].as_i64(), "{name}");
            }
        }
        // A concat list is a separate format, and so is a numbered sequence of pictures.
        fs.write("/list.txt", format!("ffconcat version 1.0\nfile {CLIP}\n")).unwrap();
        let list = module.runtime.probe(fs.clone(), "list.txt").unwrap();
        assert_eq!(list.format.unwrap().format_name.as_deref(), Some("concat"));
        module.ffmpeg(&fs, &format!("-i {CLIP} -an -frames:v 3 -vf scale=64:-2 seq-%02d.png"));
        let sequence = module.runtime.probe_request(fs.clone(), "seq-%02d.png").as_url().run().unwrap();
        assert_eq!(sequence.format.unwrap().format_name.as_deref(), Some("image2"));
    }
}

/// Encodes frames of a test source with native FFmpeg, for formats that the module cannot write.
fn by_native(options: &str, name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let source = "-v error -f lavfi -i testsrc2=s=64x36:r=5:d=1".split(' ');
    let done = Command::new(native()).args(source).args(options.split(' ')).arg(&path).output().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    std::fs::read(path).unwrap()
}

#[test]
fn still_images_are_distinguished_from_videos() {
    let (module, fs) = (full(), memory_with(&["complete.oga"]));
    let source = "-f lavfi -i testsrc2=s=64x36:r=5:d=1";
    let still = "-frames:v 1 -update 1";
    let images = ["a.jpg", "a.png", "a.bmp", "a.tiff", "a.gif", "a.exr", "a.j2k", "a.tga", "-c:v bmp a.ico"];
    for name in images {
        module.ffmpeg(&fs, &format!("{source} {still} {name}").replace("-update 1 -c", "-c"));
    }
    for (options, name) in [("-frames:v 1", "a.webp"), ("-frames:v 1", "a.jxl"), ("-frames:v 1", "a.avif")] {
        fs.write(format!("/{name}"), by_native(options, name)).unwrap();
    }
    module.ffmpeg(&fs, &format!("{source} {still} -pix_fmt yuvj420p tile.jpg"));
    let tile = fs.read("/tile.jpg").unwrap().to_vec();
    fs.write("/a.heic", tiled(&[tile.clone(), tile], 2, (64, 36), (120, 36))).unwrap();
    // Without a name that is typical of its format.
    fs.write("/photo", fs.read("/a.jpg").unwrap()).unwrap();
    for name in images.into_iter().chain(["a.webp", "a.jxl", "a.avif", "a.heic", "photo"]) {
        let name = name.rsplit(' ').next().unwrap();
        let probe = module.runtime.probe(fs.clone(), name).unwrap();
        assert!(probe.is_image() && probe.video().is_some(), "{name}: {probe:?}");
    }

    for (options, name) in [
        ("", "many.gif"),
        ("-f apng", "many.png"),
        ("-frames:v 1 -c:v ffv1", "one.mkv"),
        ("-frames:v 1 -c:v mpeg4", "one.mp4"),
        ("-frames:v 1 -c:v png", "png.mov"),
        ("-frames:v 1 -c:v mjpeg -movflags frag_keyframe+empty_moov", "fragment.mp4"),
        ("-c:v mjpeg", "many.mjpeg"),
        ("", "seq-%02d.png"),
    ] {
        module.ffmpeg(&fs, &format!("{source} {options} {name}").replace("  ", " "));
    }
    module.ffmpeg(
        &fs,
        "-i complete.oga -i a.png -map 0:a -map 1:v -c:a flac -c:v copy -disposition:v attached_pic cover.flac",
    );
    for (options, name) in [
        ("-c:v libwebp_anim", "many.webp"),
        ("-c:v libjxl_anim -f image2pipe", "many.jxl"),
        ("-c:v libsvtav1", "many.avif"),
    ] {
        fs.write(format!("/{name}"), by_native(options, name)).unwrap();
    }
    for name in [
        "many.gif",
        "many.png",
        "one.mkv",
        "one.mp4",
        "png.mov",
        "fragment.mp4",
        "many.mjpeg",
        "cover.flac",
        "complete.oga",
        "many.webp",
        "many.jxl",
        "many.avif",
    ] {
        let probe = module.runtime.probe(fs.clone(), name).unwrap();
        assert!(!probe.is_image(), "{name}: {probe:?}");
    }
    let of_url = |url: &str| module.runtime.probe_request(fs.clone(), url).as_url().run().unwrap();
    assert!(!of_url("seq-%02d.png").is_image());
    assert!(of_url("seq-01.png").is_image());
}
