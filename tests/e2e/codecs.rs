//! Encoders and decoders of libraries in the full module, judged by native FFmpeg and by arithmetic.

use std::process::Command;

use afmpeg_vfs::{MemFs, VfsExt as _};

use crate::harness::{CLIP, Variant, full, judge, memory_with, native, repository};

/// The size of the pictures to encode, and their number: one second of the clip.
const SIZE: (usize, usize) = (320, 180);
const FRAMES: usize = 25;

/// The samples to encode: one channel, one second.
const RATE: usize = 48_000;

/// The largest loss of quality against native FFmpeg's encoding, in decibels, and the largest ratio of the sizes.
const LOSS: f64 = 0.5;
/// Native FFmpeg's libwebp is newer and spends more bytes; libwebp 1.6.0 itself writes the module's bytes, natively too.
const LOSS_OF_ANIMATED_WEBP: f64 = 1.0;
const GROWTH: f64 = 1.03;

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

/// Runs native FFmpeg with standard input, and returns its standard output.
#[track_caller]
fn natively(line: &str) -> Vec<u8> {
    let output = Command::new(native()).args(["-v", "error"]).args(words(line)).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    output.stdout
}

/// Writes bytes to a file of the host and calls `use_path` with its path.
fn on_host<T>(name: &str, bytes: &[u8], use_path: impl FnOnce(&str) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    use_path(file.to_str().unwrap())
}

/// The path of the clip on the host.
fn clip() -> String {
    repository().join("fixtures").join(CLIP).to_str().unwrap().to_owned()
}

/// The pictures to encode, in a pixel format.
fn pictures(format: &str) -> Vec<u8> {
    let (width, height) = SIZE;
    natively(&format!(
        "-ss 1 -i {} -an -frames:v {FRAMES} -vf scale={width}:{height} -pix_fmt {format} -f rawvideo pipe:",
        clip()
    ))
}

/// The sound to encode, as floating-point samples.
fn sound() -> Vec<u8> {
    natively(&format!("-ss 1 -i {} -vn -t 1 -ac 1 -ar {RATE} -f f32le pipe:", clip()))
}

/// The options with which raw pictures or samples are read.
fn raw_video(format: &str) -> String {
    format!("-f rawvideo -s {}x{} -r 25 -pix_fmt {format}", SIZE.0, SIZE.1)
}

fn raw_audio() -> String {
    format!("-f f32le -ar {RATE} -ac 1")
}

/// The numbers in the bytes of floating-point samples.
fn samples(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(4).map(|word| f64::from(f32::from_le_bytes(word.try_into().unwrap()))).collect()
}

/// The ratio of the squares of a signal's peak and of its mean error, in decibels.
fn decibels(errors: impl Iterator<Item = f64>, peak: f64) -> f64 {
    let (sum, count) = errors.fold((0.0, 0.0), |(sum, count), error| (sum + error * error, count + 1.0));
    10.0 * (peak * peak * count / f64::max(sum, 1e-9)).log10()
}

/// The quality of pictures with 8 bits a sample, or with up to 16 bits in `deep` ones.
#[track_caller]
fn picture_quality(source: &[u8], decoded: &[u8], deep: Option<f64>) -> f64 {
    assert_eq!(source.len(), decoded.len(), "as many samples");
    let Some(peak) = deep else {
        return decibels(source.iter().zip(decoded).map(|(a, b)| f64::from(*a) - f64::from(*b)), 255.0);
    };
    let sample = |bytes: &[u8]| f64::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let errors = source.chunks_exact(2).zip(decoded.chunks_exact(2)).map(|(a, b)| sample(a) - sample(b));
    decibels(errors, peak)
}

/// An encoding of the same raw input by the module and by native FFmpeg.
struct Encoded {
    ours: Vec<u8>,
    theirs: Vec<u8>,
}

impl Encoded {
    /// Encodes `raw`, which is read with the options `input`.
    #[track_caller]
    fn of(module: &Variant, raw: &[u8], input: &str, options: &str, name: &str) -> Self {
        let fs = MemFs::new();
        fs.write("/raw", raw.to_vec()).unwrap();
        module.ffmpeg(&fs, &format!("{input} -i raw {options} {name}"));
        let theirs = on_host("raw", raw, |path| {
            let folder = tempfile::tempdir().unwrap();
            let output = folder.path().join(name);
            natively(&format!("{input} -i {path} {options} {}", output.display()));
            std::fs::read(output).unwrap()
        });
        Self { ours: fs.read(format!("/{name}")).unwrap().to_vec(), theirs }
    }

    /// Decodes both natively with the options `output`.
    #[track_caller]
    fn decoded(&self, name: &str, output: &str) -> [Vec<u8>; 2] {
        [&self.ours, &self.theirs]
            .map(|bytes| on_host(name, bytes, |path| natively(&format!("-i {path} {output} pipe:"))))
    }
}

/// Encodes the pictures, and compares quality and size with those of native FFmpeg.
#[track_caller]
fn assert_encodes_pictures(format: &str, options: &str, name: &str) {
    let deep = format.contains("10").then_some(1023.0);
    let raw = pictures(format);
    let encoded = Encoded::of(&full(), &raw, &raw_video(format), options, name);
    let output = format!("-pix_fmt {format} -fps_mode cfr -r 25 -f rawvideo");
    let [ours, theirs] = encoded.decoded(name, &output).map(|decoded| {
        let frame = raw.len() / FRAMES;
        // WebP joins equal frames, so the last one can be missing.
        assert!(decoded.len() >= raw.len() - frame, "{options}: {} frames", decoded.len() / frame);
        picture_quality(&raw[..decoded.len()], &decoded, deep)
    });
    let loss = if options.contains("libwebp_anim") { LOSS_OF_ANIMATED_WEBP } else { LOSS };
    assert!(ours >= theirs - loss, "{options}: {ours:.2} dB, natively {theirs:.2} dB");
    assert_size(&encoded, options);
}

#[track_caller]
fn assert_size(encoded: &Encoded, options: &str) {
    let (ours, theirs) = (encoded.ours.len(), encoded.theirs.len());
    #[allow(clippy::cast_precision_loss, reason = "sizes of small files")]
    let ratio = ours as f64 / theirs as f64;
    assert!(ratio < GROWTH, "{options}: {ours} bytes, natively {theirs}");
}

#[test]
fn vp8_and_vp9_are_encoded_as_well_as_natively() {
    for (format, options, name) in [
        ("yuv420p", "-c:v libvpx -crf 20 -b:v 1M -cpu-used 4", "vp8.webm"),
        ("yuv420p", "-c:v libvpx-vp9 -crf 30 -b:v 0 -cpu-used 5 -row-mt 1", "vp9.webm"),
        ("yuv420p10le", "-c:v libvpx-vp9 -crf 30 -b:v 0 -cpu-used 5 -profile:v 2", "vp9-10.webm"),
        ("yuv444p", "-c:v libvpx-vp9 -lossless 1 -cpu-used 8 -deadline realtime", "lossless.webm"),
    ] {
        assert_encodes_pictures(format, options, name);
    }
}

#[test]
fn av1_is_encoded_as_well_as_natively() {
    assert_encodes_pictures("yuv420p", "-c:v libsvtav1 -preset 10 -crf 35", "av1.mp4");
    assert_encodes_pictures("yuv420p10le", "-c:v libsvtav1 -preset 10 -crf 35", "av1-10.mkv");
}

#[test]
fn webp_is_encoded_as_by_native_ffmpeg() {
    for (format, options) in [("yuv420p", "-c:v libwebp -quality 75"), ("bgra", "-c:v libwebp -lossless 1")] {
        let raw = pictures(format);
        let options = format!("-frames:v 1 {options} -threads 1 -bitexact");
        let encoded = Encoded::of(&full(), &raw, &raw_video(format), &options, "picture.webp");
        assert!(
            encoded.ours == encoded.theirs,
            "{options}: {} and {} bytes",
            encoded.ours.len(),
            encoded.theirs.len()
        );
    }
}

#[test]
fn animated_webp_is_encoded_as_well_as_natively() {
    assert_encodes_pictures("yuva420p", "-c:v libwebp_anim -quality 50 -loop 0", "moving.webp");
}

#[test]
fn opus_and_vorbis_are_encoded_as_well_as_natively() {
    let raw = sound();
    for (options, name) in [
        ("-c:a libopus -b:a 96k", "sound.opus"),
        ("-c:a libopus -b:a 24k -application voip", "speech.ogg"),
        ("-c:a libvorbis -q:a 5", "sound.ogg"),
    ] {
        let encoded = Encoded::of(&full(), &raw, &raw_audio(), options, name);
        let source = samples(&raw);
        let [ours, theirs] = encoded.decoded(name, &format!("-ar {RATE} -f f32le")).map(|decoded| {
            let decoded = samples(&decoded);
            // A packet of Vorbis less than the sound has, as natively.
            assert!(decoded.len() > RATE - 256, "{options}: {} samples", decoded.len());
            decibels(source.iter().zip(&decoded).map(|(a, b)| a - b), 1.0)
        });
        assert!(ours >= theirs - LOSS, "{options}: {ours:.2} dB, natively {theirs:.2} dB");
        assert_size(&encoded, options);
    }
}

#[test]
fn av1_is_decoded_to_the_frames_of_native_ffmpeg() {
    let (width, height) = SIZE;
    for (format, options) in [
        ("yuv420p", "-c:v libsvtav1 -preset 10 -crf 35"),
        ("yuv420p10le", "-c:v libsvtav1 -preset 10 -crf 30 -svtav1-params film-grain=8"),
        ("yuv444p", "-c:v libaom-av1 -cpu-used 8 -crf 30"),
        ("gray", "-c:v libaom-av1 -cpu-used 8 -crf 30 -still-picture 1 -frames:v 1"),
    ] {
        let line = format!(
            "-ss 1 -i {} -an -frames:v 10 -vf scale={}:{} -pix_fmt {format} {options} -f nut pipe:",
            clip(),
            // Odd, so that blocks end outside the picture.
            width - 1,
            height - 1
        );
        let film = natively(&line);
        let fs = MemFs::new();
        fs.write("/film.nut", film.clone()).unwrap();
        let hashes = "-c:v libdav1d -i film.nut -f framemd5 pipe:";
        let ours = full().runtime.job(fs).args(words(hashes)).run().unwrap();
        let theirs = on_host("film.nut", &film, |path| natively(&hashes.replace("film.nut", path)));
        let lines = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
        };
        let (ours, theirs) = (lines(ours.stdout()), lines(&theirs));
        assert!(!theirs.is_empty(), "{line}");
        assert_eq!(ours, theirs, "{format} {options}");
    }
}

#[test]
fn still_picture_becomes_avif_and_is_read_back() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-ss 1 -i {CLIP} -frames:v 1 -c:v libsvtav1 -preset 8 still.avif"));
    module.ffmpeg(&fs, "-i still.avif back.png");
    judge(&fs, "/back.png").assert_codec("video", "png").assert_size(1280, 720);
    let picture = |bytes: &[u8], name: &str| {
        on_host(name, bytes, |path| natively(&format!("-i {path} -pix_fmt yuv420p -f rawvideo pipe:")))
    };
    let source = natively(&format!("-ss 1 -i {} -frames:v 1 -pix_fmt yuv420p -f rawvideo pipe:", clip()));
    let avif = fs.read("/still.avif").unwrap();
    assert!(picture_quality(&source, &picture(&avif, "still.avif"), None) > 35.0);
}

#[test]
fn vp9_keeps_its_alpha() {
    let module = full();
    let fs = MemFs::new();
    fs.write("/raw", pictures("yuva420p")).unwrap();
    let half = "-vf geq=lum=lum(X\\,Y):cb=cb(X\\,Y):cr=cr(X\\,Y):a=X";
    module.ffmpeg(
        &fs,
        &format!(
            "{} -i raw {half} -frames:v 5 -c:v libvpx-vp9 -lossless 1 -cpu-used 8 alpha.webm",
            raw_video("yuva420p")
        ),
    );
    // FFmpeg's own decoder ignores alpha.
    let alpha = "-vf alphaextract,format=gray -frames:v 1 -f rawvideo pipe:";
    let line = format!("-c:v libvpx-vp9 -i alpha.webm {alpha}");
    let ours = module.runtime.job(fs.clone()).args(words(&line)).run().unwrap();
    let row: Vec<u8> = (0..SIZE.0).map(|x| u8::try_from(x % 256).unwrap()).collect();
    assert!(ours.stdout() == row.repeat(SIZE.1));
    let film = fs.read("/alpha.webm").unwrap();
    let theirs = on_host("alpha.webm", &film, |path| natively(&format!("-c:v libvpx-vp9 -i {path} {alpha}")));
    assert!(ours.stdout() == theirs);
}

#[test]
fn formats_of_the_web_get_the_encoders_that_ffmpeg_picks() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(
        &fs,
        &format!("-t 0.2 -i {CLIP} -s 160x90 -ac 2 film.webm -vn -ac 2 sound.opus -vn -ac 2 sound.ogg -frames:v 1 -s 160x90 picture.webp"),
    );
    judge(&fs, "/film.webm").assert_codec("video", "vp9").assert_codec("audio", "opus");
    judge(&fs, "/sound.opus").assert_codec("audio", "opus");
    judge(&fs, "/sound.ogg").assert_codec("audio", "vorbis");
    judge(&fs, "/picture.webp").assert_codec("video", "webp").assert_size(160, 90);
}

#[test]
fn lean_module_encodes_opus() {
    let module = crate::harness::lean();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-t 1 -i {CLIP} -vn -ac 2 sound.opus"));
    judge(&fs, "/sound.opus").assert_codec("audio", "opus").assert_duration(1.0, 0.01);
}

#[test]
fn sound_is_resampled_by_soxr_to_the_samples_of_native_ffmpeg() {
    let raw = sound();
    let fs = MemFs::new();
    fs.write("/raw", raw.clone()).unwrap();
    for (rate, precision) in [(44_100, 20), (16_000, 20), (96_000, 28), (22_050, 28)] {
        let options = format!("-af aresample={rate}:resampler=soxr:precision={precision} -f f32le pipe:");
        let line = format!("{} -i raw {options}", raw_audio());
        let ours = full().runtime.job(fs.clone()).args(words(&line)).run().unwrap();
        let theirs = on_host("raw", &raw, |path| natively(&line.replace("-i raw", &format!("-i {path}"))));
        let (ours, theirs) = (samples(ours.stdout()), samples(&theirs));
        assert_eq!(ours.len(), theirs.len(), "{options}");
        let equality = decibels(ours.iter().zip(&theirs).map(|(a, b)| a - b), 1.0);
        assert!(equality > 120.0, "{options}: {equality:.1} dB");
    }
}

#[test]
fn hdr_becomes_sdr_as_natively() {
    let hdr = natively(&format!(
        "-ss 1 -i {} -an -frames:v 3 -vf scale=640:360,format=yuv420p10 -f rawvideo pipe:",
        clip()
    ));
    let fs = MemFs::new();
    fs.write("/raw", hdr.clone()).unwrap();
    let input = "-f rawvideo -s 640x360 -pix_fmt yuv420p10 -color_trc smpte2084 -color_primaries bt2020 \
                 -colorspace bt2020nc -color_range tv";
    let marked = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv";
    for graph in [
        "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable,zscale=t=bt709:m=bt709:r=tv,format=yuv420p",
        // Approximate gamma of values above 1 differs between native processors.
        "zscale=t=bt709:m=bt709:p=bt709:r=tv:agamma=0,format=yuv420p",
        "zscale=320:180:filter=spline36:dither=error_diffusion,format=yuv420p",
    ] {
        let line = format!("{input} -i raw -vf {marked},{graph} -f rawvideo pipe:");
        let ours = full().runtime.job(fs.clone()).args(words(&line)).run().unwrap();
        let theirs = on_host("raw", &hdr, |path| natively(&line.replace("-i raw", &format!("-i {path}"))));
        let equality = picture_quality(&theirs, ours.stdout(), None);
        assert!(equality > 45.0, "{graph}: {equality:.1} dB");
    }
}

#[test]
fn dash_manifest_is_read_with_the_segments_that_it_names() {
    let module = full();
    let fs = memory_with(&[CLIP]);
    module.ffmpeg(&fs, &format!("-i {CLIP} -c copy -map 0 -f dash -seg_duration 2 manifest.mpd"));
    module.ffmpeg(&fs, "-i manifest.mpd -map 0 -c copy joined.mp4");
    judge(&fs, "/joined.mp4").assert_codec("video", "h264").assert_codec("audio", "aac").assert_frames(132);
}
