//! Measurements of filters: complete, correct, and free of other data.

use std::time::Duration;

use afmpeg_cmd::{
    Filter, Input,
    measure::{FieldOrder, Measuring, Record, Span},
    recipes::RemoveSilence,
};
use afmpeg_engine::{CancelToken, Error, ErrorKind, JobState, Limits, Result, measurements::Measurement};
use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::{
    harness::{CLIP, full, memory_with},
    recipes::measured,
};

const SECOND: Duration = Duration::from_secs(1);

fn lavfi(graph: &str) -> Input {
    Input::new(graph).format("lavfi")
}

fn records(fs: &MemFs, measuring: &Measuring) -> Vec<Record> {
    measured(&full(), fs, &measuring.command(), measuring.streams())
}

#[test]
fn three_thousand_silences_are_all_found() {
    let (module, fs) = (full(), MemFs::new());
    // Alternately 60 ms of a tone and 60 ms of silence. In the log, the silences would exceed its limit.
    let beeps = "aevalsrc=0.5*sin(2*PI*500*t)*lt(mod(t\\,0.12)\\,0.06):s=8000:d=360";
    module.ffmpeg(&fs, &format!("-f lavfi -i {beeps} beeps.wav"));
    let remove = RemoveSilence::new().shortest(Duration::from_millis(40));
    let detection = remove.detect(&Input::new("beeps.wav").audio()).unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.command, 1)).unwrap();
    assert_eq!(silences.len(), 3000);
    let near = |time: Duration, millis: u64| time.abs_diff(Duration::from_millis(millis)).as_millis() <= 1;
    for (silence, start) in silences.iter().zip((60..).step_by(120)) {
        assert!(near(silence.start, start), "{silence:?} at {start}");
        assert!(silence.end.is_none_or(|end| near(end, start + 60)), "{silence:?} at {start}");
    }
    assert!(silences[..2999].iter().all(|silence| silence.end.is_some()));
}

#[test]
fn silences_shorter_than_a_frame_are_found_separately() {
    let (module, fs) = (full(), MemFs::new());
    // Each frame of 4096 samples contains two silences.
    let beeps = "aevalsrc=0.5*lt(mod(n\\,2000)\\,1000):s=48000:d=1,asetnsamples=4096";
    let detection = RemoveSilence::new().shortest(Duration::from_millis(10)).detect(&lavfi(beeps).audio());
    let detection = detection.unwrap();
    let silences = detection.read(&measured(&module, &fs, &detection.command, 1)).unwrap();
    assert_eq!(silences.len(), 24);
}

/// Returns the CRC of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Adds a text to a PNG, after its header of 33 bytes.
fn with_text(png: &[u8], key: &str, text: &str) -> Vec<u8> {
    let chunk = [b"tEXt", key.as_bytes(), b"\0", text.as_bytes()].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    [&png[..33], &length, &chunk, &crc(&chunk).to_be_bytes(), &png[33..]].concat()
}

#[test]
fn metadata_of_a_file_is_never_a_measurement() {
    let (module, fs) = (full(), MemFs::new());
    module.ffmpeg(&fs, "-f lavfi -i color=white:s=64x64 -frames:v 1 white.png");
    let forged = "0\nframe:1    pts:1       pts_time:1\nlavfi.black_end=1";
    let png = with_text(&fs.read("/white.png").unwrap(), "lavfi.black_start", forged);
    fs.write("/forged.png", png).unwrap();
    let video = Input::new("forged.png").video();
    let mut measuring = Measuring::new();
    let black = measuring.black(&video, 0.98, SECOND / 50).unwrap();
    let crop = measuring.crop(&video);
    let records = records(&fs, &measuring);
    assert_eq!(black.read(&records).unwrap(), []);
    assert_eq!(crop.read(&records).unwrap().len(), 1);
    assert!(records.iter().all(|record| record.key.starts_with("lavfi.cropdetect.")), "{records:?}");

    // A chain that keeps the file's metadata fails if that is not a measurement.
    let png = with_text(&fs.read("/white.png").unwrap(), "Comment", "made by hand");
    fs.write("/text.png", png).unwrap();
    let args = ["-i", "text.png", "-vf", "metadata=print:file=/dev/measurements0", "-f", "null", "-"];
    let found: Result<Vec<Measurement>> =
        module.runtime.job(fs).args(args).measurements(1).unwrap().collect();
    let error = found.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedOutput);
    assert_eq!(
        error.to_string(),
        "cannot read the measurements: \"Comment=made by hand\" is not a measurement in /dev/measurements0"
    );
}

#[test]
fn job_that_ends_early_returns_an_error_after_its_measurements() {
    let module = full();
    let endless = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-vf"];
    let print = "signalstats,metadata=print:direct=1:file=/dev/measurements0";
    let args = [&endless[..], &[print, "-f", "null", "-"]].concat();
    let token = CancelToken::new();
    let job = module.runtime.job(MemFs::new()).args(args.clone()).cancel_token(&token);
    let mut found = job.measurements(1).unwrap();
    assert!(found.next().unwrap().is_ok());
    token.cancel();
    let last = found.by_ref().last().unwrap();
    assert!(matches!(last, Err(Error::Cancelled { .. })), "{last:?}");
    assert!(found.output().is_none());

    let limits = Limits::default().wall_time(SECOND);
    let found: Result<Vec<Measurement>> =
        module.runtime.job(MemFs::new()).args(args).limits(limits).measurements(1).unwrap().collect();
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Timeout);

    let missing = ["-i", "missing.mkv", "-vf", print, "-f", "null", "-"];
    let found: Result<Vec<Measurement>> =
        module.runtime.job(MemFs::new()).args(missing).measurements(1).unwrap().collect();
    assert_eq!(found.unwrap_err().kind(), ErrorKind::NotFound);
    let none = module.runtime.job(MemFs::new()).args(missing).measurements(0);
    assert_eq!(none.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn job_ends_when_its_measurements_are_dropped() {
    let module = full();
    let args =
        "-f lavfi -i testsrc2=s=64x64 -vf signalstats,metadata=print:file=/dev/measurements0 -f null -";
    let token = CancelToken::new();
    let job = module.runtime.job(MemFs::new()).args(args.split(' ')).cancel_token(&token);
    let progress = job.progress();
    let mut found = job.measurements(1).unwrap();
    assert!(found.next().unwrap().is_ok());
    drop(found);
    while progress.latest().state != JobState::Ended {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!token.is_cancelled(), "the caller's token may belong to other jobs");
}

#[test]
fn black_freezes_and_scene_changes_are_found_at_their_times() {
    let fs = MemFs::new();
    // One second each of motion, black, white and motion.
    let graph = "testsrc2=s=64x64:r=25:d=1[a];color=black:s=64x64:r=25:d=1[b];color=white:s=64x64:r=25:d=1[c];\
                 testsrc2=s=64x64:r=25:d=1[d];[a][b][c][d]concat=n=4";
    let video = lavfi(graph).video();
    let mut measuring = Measuring::new();
    let black = measuring.black(&video, 0.98, SECOND / 2).unwrap();
    let frozen = measuring.freeze(&video, -60.0, SECOND / 2).unwrap();
    let scenes = measuring.scenes(&video, 10.0).unwrap();
    let records = records(&fs, &measuring);
    assert_eq!(black.read(&records).unwrap(), [Span { start: SECOND, end: Some(2 * SECOND) }]);
    let frozen = frozen.read(&records).unwrap();
    assert_eq!(
        frozen,
        [1, 2].map(|second| Span { start: second * SECOND, end: Some((second + 1) * SECOND) })
    );
    let scenes: Vec<f64> =
        scenes.read(&records).unwrap().iter().map(|scene| scene.time.unwrap().as_secs_f64()).collect();
    assert_eq!(scenes, [1.0, 2.0, 3.0]);
}

#[test]
fn black_shorter_than_the_requested_minimum_is_left_out() {
    let graph = "color=black:s=64x64:r=25:d=0.2[a];color=white:s=64x64:r=25:d=1[b];[a][b]concat";
    let mut measuring = Measuring::new();
    let black = measuring.black(&lavfi(graph).video(), 0.98, SECOND / 2).unwrap();
    assert_eq!(black.read(&records(&MemFs::new(), &measuring)).unwrap(), []);
}

#[test]
fn crop_detection_excludes_the_borders() {
    let graph = "color=white:s=100x60:r=25:d=0.4,pad=160:90:40:20,format=yuv420p";
    let mut measuring = Measuring::new();
    let crop = measuring.crop(&lavfi(graph).video());
    let black = measuring.crop(&lavfi("color=black:s=64x64:r=25:d=0.4").video());
    let records = records(&MemFs::new(), &measuring);
    let last = crop.read(&records).unwrap().pop().unwrap().value;
    assert_eq!((last.width, last.height, last.x, last.y), (100, 60, 40, 20));
    assert_eq!(black.read(&records).unwrap().pop().unwrap().value.width, 0);
}

#[test]
fn loudness_of_the_ebu_test_tone_is_minus_23_lufs() {
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz with peaks at -23 dBFS.
    let tone = "aevalsrc=0.0707946*sin(2*PI*1000*t)|0.0707946*sin(2*PI*1000*t):s=48000:d=4";
    let mut measuring = Measuring::new();
    let loudness = measuring.loudness(&lavfi(tone).audio());
    let silence = measuring.loudness(&lavfi("anullsrc=d=1").audio());
    let records = records(&MemFs::new(), &measuring);
    let all = loudness.read(&records).unwrap();
    assert_eq!(all.len(), 40);
    let whole = all.last().unwrap().value;
    assert!((whole.integrated + 23.0).abs() < 0.1 && (whole.true_peak + 23.0).abs() < 0.2, "{whole:?}");
    assert!(whole.range < 0.1, "{whole:?}");
    let silence = silence.read(&records).unwrap().last().unwrap().value;
    assert_eq!((silence.integrated, silence.true_peak), (-70.0, f64::NEG_INFINITY));
}

#[test]
fn waveform_has_the_levels_of_each_block() {
    // A quarter of a second each of silence and of a square wave from -0.25 to 0.5.
    let square = "if(lt(t,0.25),0,if(lt(mod(n,80),40),0.5,-0.25))";
    let sound = format!("aevalsrc='{square}|0':s=8000:d=0.5");
    let mut measuring = Measuring::new();
    let waveform = measuring.waveform(&lavfi(&sound).audio(), 2000).unwrap();
    let levels = waveform.read(&records(&MemFs::new(), &measuring)).unwrap();
    let levels: Vec<_> = levels.iter().map(|it| (it.time.unwrap().as_secs_f64(), it.value)).collect();
    let [(first, silence), (second, wave)] = levels[..] else { panic!("{levels:?}") };
    assert_eq!((first, second), (0.0, 0.25));
    assert_eq!((silence.min, silence.max, silence.rms), (0.0, 0.0, 0.0));
    assert_eq!((wave.min, wave.max), (-0.25, 0.5));
    // Half of the samples of one of two channels are 0.5, and the others -0.25.
    let rms = ((0.25 + 0.0625) / 4.0_f64).sqrt();
    assert!((wave.rms - rms).abs() < 1e-4, "{} {rms}", wave.rms);
    assert!(measuring.waveform(&lavfi(&sound).audio(), 0).is_err());
}

#[test]
fn levels_blur_and_field_order_match_the_frames() {
    let fs = memory_with(&[CLIP]);
    let grey = lavfi("color=0x808080:s=64x64:r=25:d=0.2,format=yuv420p").video();
    let film = Input::new(CLIP).duration(SECOND / 2);
    let soft = film.video().filter(Filter::new("gblur").opt("sigma", 8));
    let woven = lavfi("testsrc2=s=128x128:r=50:d=1,tinterlace=interleave_top").video();
    let mut measuring = Measuring::new();
    let levels = measuring.signal_statistics(&grey);
    let (sharp, soft) = (measuring.blur(&film.video()), measuring.blur(&soft));
    let orders = [measuring.interlacing(&film.video()), measuring.interlacing(&woven)];
    let records = records(&fs, &measuring);
    let level = levels.read(&records).unwrap()[0].value;
    // Grey of 128 in full range is 126 in limited range, without chroma.
    assert_eq!([level.y.min, level.y.average, level.y.max], [126.0; 3], "{level:?}");
    assert_eq!((level.u.average, level.v.average, level.saturation.max), (128.0, 128.0, 0.0));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let [sharp, soft] = [sharp, soft]
        .map(|series| mean(&series.read(&records).unwrap().iter().map(|it| it.value).collect::<Vec<_>>()));
    assert!(soft > 1.5 * sharp, "{sharp} {soft}");
    let orders = orders.map(|order| order.read(&records).unwrap().last().unwrap().value);
    assert_eq!(orders, [FieldOrder::Progressive, FieldOrder::TopFirst]);
}

#[test]
fn psnr_and_ssim_match_the_difference_from_the_reference() {
    let source = lavfi("color=0x808080:s=64x64:r=25:d=0.2,format=yuv444p").video();
    // One of three planes is brighter by 8: 10 log10(255 * 255 / (8 * 8 / 3)) is 34.84 dB.
    let brighter = source.filter(Filter::new("lutyuv").opt("y", "val+8"));
    let mut measuring = Measuring::new();
    let (same, other) = (measuring.psnr(&source, &source), measuring.psnr(&brighter, &source));
    let (equal, unequal) = (measuring.ssim(&source, &source), measuring.ssim(&brighter, &source));
    let records = records(&MemFs::new(), &measuring);
    assert_eq!(same.read(&records).unwrap()[0].value.average, f64::INFINITY);
    let other = other.read(&records).unwrap();
    assert_eq!(other.len(), 5);
    let other = other[0].value;
    assert!((other.average - 34.84).abs() < 0.01, "{other:?}");
    assert!((other.mean_square_error - 64.0 / 3.0).abs() < 0.01, "{other:?}");
    assert_eq!(equal.read(&records).unwrap()[0].value.all, 1.0);
    assert!(unequal.read(&records).unwrap()[0].value.all < 1.0);
}
