//! Sound: extraction, silences, pictures and replacement.

use std::time::Duration;

use afmpeg_cmd::{
    Audio, Command, Filter, Input, Output, OutputStream, Stream,
    recipes::{AudioImage, RemoveSilence, Until, extract_audio, replace_audio, shorten_silences},
};
use afmpeg_engine::Limits;
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{make, measured, probe, run, samples, write};
use crate::harness::{CLIP, CLIP_FRAMES, CLIP_SECONDS, FRAME, full, judge, memory_with};

#[test]
fn extracted_sound_is_in_a_format_that_holds_its_codec() {
    let (module, fs) = (full(), memory_with(&[CLIP, "complete.oga"]));
    module.ffmpeg(&fs, &format!("-i {CLIP} -t 1 -map 0:v -map 0:a -c:v copy -c:a mp3 -ac 2 a.mkv"));
    module.ffmpeg(&fs, &format!("-i {CLIP} -t 1 -map 0:v -map 0:a -c:v copy -c:a pcm_s24le b.mkv"));
    for (path, name, codec) in [
        (CLIP, "c.m4a", "aac"),
        ("a.mkv", "a.mp3", "mp3"),
        ("b.mkv", "b.wav", "pcm_s24le"),
        ("complete.oga", "d.ogg", "vorbis"),
    ] {
        let (stem, _) = name.split_once('.').unwrap();
        let output = extract_audio(&Input::new(path), &probe(&fs, &format!("/{path}")), stem).unwrap();
        write(&module, &fs, output);
        let judged = judge(&fs, &format!("/{name}"));
        judged.assert_codec("audio", codec);
        assert_eq!(judged.streams().len(), 1);
    }
}

/// Returns a DSD file as from a disc: two channels at 2.8224 MHz, in blocks of 4096 bytes each.
fn dsf() -> Vec<u8> {
    let samples = vec![0x69_u8; 2 * 4096];
    let mut file = b"DSD \x1c\0\0\0\0\0\0\0".to_vec();
    file.extend((28 + 52 + 12 + samples.len() as u64).to_le_bytes());
    file.extend(0_u64.to_le_bytes());
    file.extend(b"fmt \x34\0\0\0\0\0\0\0");
    for number in [1_u32, 0, 2, 2, 2_822_400, 1] {
        file.extend(number.to_le_bytes());
    }
    file.extend((4096_u64 * 8).to_le_bytes());
    file.extend(4096_u32.to_le_bytes());
    file.extend(0_u32.to_le_bytes());
    file.extend(b"data");
    file.extend((12 + samples.len() as u64).to_le_bytes());
    file.extend(samples);
    file
}

#[test]
fn sound_of_discs_and_cameras_is_extracted_or_the_error_names_a_lossless_encoder() {
    let (module, fs) = (full(), MemFs::new());
    let tone = "-f lavfi -i aevalsrc=sin(1000*t)/2|sin(777*t)/3:d=0.5:s=48000";
    let mono = "-f lavfi -i aevalsrc=sin(1000*t)/2:d=0.5:s=44100";
    for command in [
        format!("{tone} -c:a pcm_bluray -mpegts_m2ts_mode 1 disc.m2ts"),
        format!("{tone} -c:a pcm_dvd -f vob disc.vob"),
        format!("{tone} -c:a s302m -strict -2 studio.ts"),
        format!("{tone} -c:a pcm_u16le u16.nut"),
        format!("{tone} -c:a pcm_s32le_planar planar.nut"),
        format!("{tone} -c:a pcm_f32be f32.mov"),
        format!("{tone} -c:a pcm_f64be f64.mov"),
        format!("{tone} -c:a adpcm_ima_qt ima.mov"),
        format!("{mono} -c:a nellymoser phone.flv"),
    ] {
        module.ffmpeg(&fs, &command);
    }
    fs.write("/disc.dsf", dsf()).unwrap();
    for (path, name, codec) in [
        ("f32.mov", "a.aiff", "pcm_f32be"),
        ("f64.mov", "b.aiff", "pcm_f64be"),
        ("ima.mov", "c.aiff", "adpcm_ima_qt"),
        ("phone.flv", "d.flv", "nellymoser"),
    ] {
        let (stem, _) = name.split_once('.').unwrap();
        let output = extract_audio(&Input::new(path), &probe(&fs, &format!("/{path}")), stem).unwrap();
        write(&module, &fs, output);
        judge(&fs, &format!("/{name}")).assert_codec("audio", codec);
    }
    for (path, codec, encoder) in [
        ("disc.m2ts", "pcm_bluray", "pcm_s24le"),
        ("disc.vob", "pcm_dvd", "pcm_s24le"),
        ("studio.ts", "s302m", "pcm_s24le"),
        ("u16.nut", "pcm_u16le", "pcm_s16le"),
        ("planar.nut", "pcm_s32le_planar", "pcm_s32le"),
        ("disc.dsf", "dsd_lsbf_planar", "pcm_f32le"),
    ] {
        let error = extract_audio(&Input::new(path), &probe(&fs, &format!("/{path}")), "x").unwrap_err();
        let expected = format!(
            "probe: expected audio in a codec that an audio file holds, found {codec}; encode it: {encoder} is lossless"
        );
        assert_eq!(error.to_string(), expected);
        module.ffmpeg(&fs, &format!("-i {path} -map 0:a -c:a {encoder} -y kept.wav"));
        let (whole, kept) = (samples(&module, &fs, path), samples(&module, &fs, "kept.wav"));
        assert!(whole == kept && !whole.is_empty(), "{path} as {encoder}");
    }
}

#[test]
fn pictures_of_long_sounds_fit_into_little_memory() {
    let (module, fs) = (full(), MemFs::new());
    // Five minutes of a high tone, with opposite phases in its channels, and five of silence.
    module.ffmpeg(&fs, "-f lavfi -i aevalsrc=0.5*sin(75398*t)|-0.5*sin(75398*t):d=1:s=44100 tone.wav");
    let minutes = 10;
    let sound = |input: Input| {
        let silence = Filter::new("apad").opt("whole_dur", minutes * 60);
        input.repeat(minutes * 30 - 1).audio().filter(silence)
    };
    let unknown = || sound(Input::new("tone.wav"));
    let known = || sound(Input::new("tone.wav").probe(&probe(&fs, "/tone.wav")));
    let duration = Duration::from_secs(u64::from(minutes) * 60);
    let picture = |sound: Stream<Audio>, picture: AudioImage, mebibytes: u64| {
        let output = Output::new("a.raw").format("rawvideo").arg("pix_fmt", "gray");
        let output = output.stream(OutputStream::new(picture.video(&sound).unwrap()).frames(1));
        let limits = Limits::default().memory(mebibytes << 20);
        let job = module.runtime.job(fs.clone()).limits(limits).args(Command::new([output]).overwrite());
        job.run().unwrap_or_else(|error| panic!("{error}"));
        fs.read("/a.raw").unwrap()
    };
    // All samples would take 106 MB for a waveform, and 212 MB for a spectrum.
    let waves = AudioImage::waveform(80, 40).colors("white");
    for (sound, waves) in [(unknown(), waves.clone()), (known(), waves.duration(duration))] {
        let waves = picture(sound, waves, 96);
        let lit = |x: usize| waves.iter().skip(x).step_by(80).filter(|pixel| **pixel > 128).count();
        // The mean of a rectified sine is two thirds of its peak, and the peak is half of the height.
        assert_eq!([2, 20, 38, 42, 60, 78].map(lit), [13, 13, 13, 0, 0, 0]);
    }
    let spectrum = picture(known(), AudioImage::spectrum(80, 40).duration(duration), 192);
    let brightest = |x: usize| {
        let column = spectrum.iter().skip(x).step_by(80).copied().enumerate();
        column.max_by_key(|(_, pixel)| *pixel).unwrap()
    };
    for x in [2, 20, 38] {
        // 12000 of 22050 Hz is row 22 of 40 from the bottom.
        let (row, pixel) = brightest(x);
        assert!((16..=19).contains(&row) && pixel > 100, "{row} {pixel}");
    }
    assert!([42, 60, 78].iter().all(|x| brightest(*x).1 < 60));
}

#[test]
fn waveform_shows_the_loudest_channel_or_each_separately() {
    let (module, fs) = (full(), MemFs::new());
    for (layout, channels) in [("stereo", 2), ("5.1", 6)] {
        for loud in 0..channels {
            let samples = |channel: u32| if channel == loud { "0.5*sin(6000*t)" } else { "0" };
            let samples = (0..channels).map(samples).collect::<Vec<_>>().join("|");
            let source = format!("-f lavfi -i aevalsrc={samples}:c={layout}:d=5:s=8000");
            module.ffmpeg(&fs, &format!("{source} -c:a pcm_f32le -y a.wav"));
            let sounds = [Input::new("a.wav"), Input::new("a.wav").probe(&probe(&fs, "/a.wav"))];
            for sound in sounds {
                let rows = |colors: &str| {
                    let waves = AudioImage::waveform(80, 40).colors(colors).video(&sound.audio()).unwrap();
                    let output = Output::new("a.raw").format("rawvideo").arg("pix_fmt", "rgba");
                    let output = output.stream(OutputStream::new(waves).frames(1));
                    run(&module, &fs, &Command::new([output]).overwrite());
                    let pixels = fs.read("/a.raw").unwrap();
                    pixels.chunks(4).skip(40).step_by(80).filter(|pixel| pixel[0] > 128).count()
                };
                // The mean of a rectified sine is two thirds of its peak, and the peak is half of the height.
                assert_eq!(rows("white"), 13, "channel {loud} of {layout}");
                let each = vec!["black"; channels as usize];
                let only = |channel: u32| {
                    let mut colors = each.clone();
                    colors[channel as usize] = "white";
                    rows(&colors.join("|"))
                };
                assert_eq!(only(loud), 13, "channel {loud} of {layout}");
                assert_eq!(only((loud + 1) % channels), 0, "channel {loud} of {layout}");
            }
        }
    }
}

#[test]
fn replaced_sound_ends_at_the_requested_end() {
    let (module, fs) = (full(), memory_with(&[CLIP]));
    module.ffmpeg(&fs, "-f lavfi -i sine=d=2:sample_rate=48000 short.wav");
    module.ffmpeg(&fs, "-f lavfi -i sine=d=8:sample_rate=48000 long.wav");
    for (sound, until, seconds) in [
        ("short.wav", Until::Video, CLIP_SECONDS),
        ("long.wav", Until::Video, CLIP_SECONDS),
        ("short.wav", Until::Shortest, 2.0),
        ("long.wav", Until::Longest, 8.0),
    ] {
        let name = format!("{until:?}-{sound}.mkv");
        let output = replace_audio(&Input::new(CLIP), &Input::new(sound).audio(), "flac", until, &name);
        write(&module, &fs, output.unwrap());
        let judged = judge(&fs, &format!("/{name}"));
        judged.assert_codec("video", "h264").assert_codec("audio", "flac").assert_duration(seconds, 0.2);
        if until == Until::Video {
            judged.assert_frames(CLIP_FRAMES);
        }
    }
}

/// Alternately one second of a tone and one of silence, twice.
const BEEPS: &str = "sine=d=4:sample_rate=48000,volume=0:enable=between(mod(t\\,2)\\,1\\,2)";

#[test]
fn silences_of_sound_are_removed_or_shortened() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, &format!("-f lavfi -i {BEEPS} beeps.wav"));
    let beeps = Input::new("beeps.wav").audio();
    let remove = RemoveSilence::new().keep(Duration::ZERO);
    let detection = remove.detect(&beeps).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.command, 1)).unwrap();
    let left = remove.cut_audio(&beeps, &silences, Duration::from_secs(4)).unwrap();
    write(&module, &fs, Output::new("tones.wav").map(left));
    judge(&fs, "/tones.wav").assert_duration(2.0, 0.05);

    let brisk = shorten_silences(&beeps, -50.0, Duration::from_millis(300)).unwrap();
    write(&module, &fs, Output::new("brisk.wav").map(brisk));
    judge(&fs, "/brisk.wav").assert_duration(2.0 + 2.0 * 0.3, 0.05);
}

#[test]
fn silences_are_removed_from_video_and_sound_together() {
    let (module, fs) = (full(), MemFs::new());
    make(&module, &fs, &format!("testsrc2=s=64x36:r=25:d=4[v];{BEEPS}[a]"), true, "talk.mp4");
    let talk = Input::new("talk.mp4");
    let remove = RemoveSilence::new().keep(Duration::from_millis(200));
    let detection = remove.detect(&talk.audio()).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.command, 1)).unwrap();
    assert_eq!(silences.len(), 2, "{silences:?}");
    let near = |time: Duration, seconds: f64| (time.as_secs_f64() - seconds).abs() < 0.05;
    assert!(near(silences[0].start, 1.0) && near(silences[0].end.unwrap(), 2.0), "{silences:?}");
    assert!(near(silences[1].start, 3.0), "{silences:?}");
    let (video, audio) = remove.cut(&talk.video(), &talk.audio(), &silences, Duration::from_secs(4)).unwrap();
    write(&module, &fs, Output::new("brisk.mkv").video(&video, "ffv1").audio(&audio, "flac"));
    // 1.1 s twice, and 0.1 s more if the last silence has no end.
    let judged = judge(&fs, "/brisk.mkv");
    let frames: f64 = judged.stream("video")["nb_read_frames"].as_str().unwrap().parse().unwrap();
    judged.assert_duration(2.3, 0.15);
    assert!((judged.duration() - frames / 25.0).abs() < 2.0 * FRAME, "video and sound stay in sync");
    assert!(fs.exists("/brisk.mkv"));
}
