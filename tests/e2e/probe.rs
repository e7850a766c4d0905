//! Probing files.

use afmpeg_engine::Ratio;
use afmpeg_vfs::VfsExt as _;

use crate::harness::{CLIP, Variant, judge, memory_with, variants};

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
