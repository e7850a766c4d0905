//! Every recipe for sound on every common kind of sound.

use std::time::Duration;

use afmpeg_cmd::{
    Command, Filter, Input, Output, OutputStream, Ratio,
    recipes::{
        AudioImage, Concat, Conform, Fade, Joined, Loudness, RemoveSilence, Until, copy_all, crossfade_audio,
        extract_audio, replace_audio, reverse_audio, shorten_silences, speed_audio, trim,
    },
};
use afmpeg_vfs::{MemFs, VfsExt as _};

use super::{
    inputs::{Sound, sounds},
    loud::native_loudness,
    loudness, measured, normalized, run, samples,
};
use crate::harness::{Judged, Variant, full, judge};

const SECOND: Duration = Duration::from_secs(1);

/// Calls a function with each sound, and with its file as a probed input.
#[track_caller]
fn each(check: impl Fn(&Variant, &MemFs, &Input, &Sound)) {
    let (module, fs) = (full(), MemFs::new());
    for sound in sounds(&module, &fs) {
        check(&module, &fs, &Input::new(sound.path).probe(&sound.probe), &sound);
    }
}

/// Writes one output, overwriting an earlier one, and judges it.
#[track_caller]
fn written(module: &Variant, fs: &MemFs, output: Output) -> Judged {
    let command = Command::new([output]).overwrite();
    run(module, fs, &command);
    judge(fs, &format!("/{}", command.outputs[0].path))
}

/// Checks the duration of a sound, to within a frame of its codec.
#[track_caller]
fn assert_lasts(judged: &Judged, seconds: f64, sound: &Sound) {
    assert!((judged.duration() - seconds).abs() < 0.06, "sound {}: {}", sound.name, judged.duration());
}

#[test]
fn every_sound_is_normalized_to_the_requested_loudness() {
    each(|module, fs, input, sound| {
        let (audio, target) = (input.audio(), Loudness::new().integrated(-20.0));
        let found = loudness(module, fs, &target, &audio);
        let even = normalized(module, fs, &target, &audio, &found);
        written(module, fs, Output::new("even.wav").audio(&even, "pcm_f32le"));
        let (integrated, _) = native_loudness(fs, "/even.wav");
        assert!((integrated + 20.0).abs() <= 0.3, "sound {}: {integrated} LUFS", sound.name);
    });
}

#[test]
fn every_sound_is_extracted_or_the_error_names_a_lossless_encoder() {
    each(|module, fs, input, sound| match extract_audio(input, &sound.probe, "out") {
        Ok(output) => {
            let judged = written(module, fs, output);
            assert_eq!(judged.streams().len(), 1, "sound {}", sound.name);
            let codec = sound
                .probe
                .streams
                .iter()
                .find_map(|stream| stream.codec_name.as_deref().filter(|codec| *codec != "mjpeg"));
            judged.assert_codec("audio", codec.unwrap());
        }
        Err(error) => {
            let encoder = error.to_string();
            let encoder = encoder.strip_suffix(" is lossless").unwrap().rsplit_once(' ').unwrap().1;
            written(module, fs, Output::new("kept.wav").audio(input.audio(), encoder));
            let is_lossless = samples(module, fs, sound.path) == samples(module, fs, "kept.wav");
            assert!(is_lossless, "sound {}", sound.name);
        }
    });
}

#[test]
fn every_sound_can_replace_another() {
    let film = "-f lavfi -i testsrc2=s=64x36:r=25:d=0.6 -f lavfi -i sine=d=0.6 -c:v libx264 -preset ultrafast film.mp4";
    each(|module, fs, input, sound| {
        if !fs.exists("/film.mp4") {
            module.ffmpeg(fs, film);
        }
        for (until, seconds) in [
            (Until::Video, 0.6),
            (Until::Shortest, sound.seconds.min(0.6)),
            (Until::Longest, sound.seconds.max(0.6)),
        ] {
            let output = replace_audio(&Input::new("film.mp4"), &input.audio(), "flac", until, "out.mkv");
            let judged = written(module, fs, output.unwrap());
            judged.assert_codec("audio", "flac");
            // Copied video ends with a whole frame, and FFmpeg reads past it.
            let length = judged.duration();
            assert!((length - seconds).abs() < 0.12, "sound {}, {until:?}: {length}", sound.name);
        }
    });
}

#[test]
fn silences_of_every_sound_are_found_and_cut() {
    each(|module, fs, input, sound| {
        // The second half is silent.
        let half = sound.seconds / 2.0;
        let audio = input.audio().filters([
            Filter::new("atrim").opt("end", half),
            Filter::new("apad").opt("whole_dur", sound.seconds),
        ]);
        let remove = RemoveSilence::new().shortest(SECOND / 20).keep(Duration::ZERO);
        let detection = remove.detect(&audio).unwrap();
        let silences = detection.read(&measured(module, fs, &detection.command, 1)).unwrap();
        let cut = remove.cut_audio(&audio, &silences, Duration::from_secs_f64(sound.seconds)).unwrap();
        let judged = written(module, fs, Output::new("cut.wav").audio(&cut, "pcm_s16le"));
        assert_lasts(&judged, half, sound);
        let brisk = shorten_silences(&audio, -50.0, SECOND / 20).unwrap();
        let judged = written(module, fs, Output::new("brisk.wav").audio(&brisk, "pcm_s16le"));
        assert_lasts(&judged, half + 0.05, sound);
    });
}

#[test]
fn pictures_of_every_sound_cover_the_whole_width() {
    each(|module, fs, input, sound| {
        for picture in [AudioImage::waveform(64, 32).colors("white"), AudioImage::spectrum(64, 32)] {
            let loud = input.audio().filter(Filter::new("volume").opt("volume", 8));
            let picture = OutputStream::new(picture.video(&loud).unwrap()).frames(1);
            let output = Output::new("out.raw").format("rawvideo").arg("pix_fmt", "gray").stream(picture);
            run(module, fs, &Command::new([output]).overwrite());
            let pixels = fs.read("/out.raw").unwrap();
            assert_eq!(pixels.len(), 64 * 32, "sound {}", sound.name);
            let brightest = |x: usize| pixels.iter().skip(x).step_by(64).max().copied().unwrap();
            for x in [4, 32, 56] {
                assert!(brightest(x) > 30, "sound {}: {} at {x}", sound.name, brightest(x));
            }
        }
    });
}

#[test]
fn every_sound_is_played_faster_and_backwards() {
    each(|module, fs, input, sound| {
        let fast = reverse_audio(&speed_audio(&input.audio(), 2.0).unwrap());
        let judged = written(module, fs, Output::new("out.wav").audio(&fast, "pcm_s16le"));
        assert_lasts(&judged, sound.seconds / 2.0, sound);
    });
}

#[test]
fn crossfade_of_any_sounds_has_the_planned_duration() {
    let conform = Conform::new(64, 36, Ratio::from(25));
    each(|module, fs, input, sound| {
        let other = Input::lavfi(["sine=d=1:r=44100"]).audio();
        let sounds = [input.audio(), other, input.audio()].map(|audio| (conform.audio(&audio), SECOND));
        let film = crossfade_audio(&sounds, &[Fade::new(SECOND / 5), Fade::cut()]).unwrap();
        let judged = written(module, fs, Output::new("out.wav").audio(&film.stream, "pcm_s16le"));
        assert!((judged.duration() - 2.8).abs() < 0.001, "sound {}: {}", sound.name, judged.duration());
    });
}

#[test]
fn every_sound_is_copied_cut_and_joined() {
    each(|module, fs, input, sound| {
        let copied = copy_all(input, &sound.probe, "copy.mkv");
        // Matroska cannot hold the sound of discs.
        if copied.dropped.is_empty() {
            let judged = written(module, fs, copied.output);
            assert!(judged.duration() > sound.seconds - 0.1, "sound {}", sound.name);
            let cut = trim(sound.path, &sound.probe, SECOND / 20, SECOND / 10, "cut.mkv").unwrap();
            assert!(!written(module, fs, cut.output).streams().is_empty());
        }
        let parts = Concat::new([(sound.path, &sound.probe), (sound.path, &sound.probe)]).encode();
        let Joined::Encoded { audio: Some(audio), .. } = parts.join("list.txt", "-").unwrap() else {
            panic!("sound {}: expected an encoded join with sound", sound.name)
        };
        let judged = written(module, fs, Output::new("out.wav").audio(audio, "pcm_s16le"));
        assert_lasts(&judged, sound.seconds * 2.0, sound);
    });
}
