//! Checks that threads do not change the frames of a codec: `cargo xtask threads`, and a sample of its trials in the tests.
//!
//! The number of threads follows from the number of processors. Every codec with threads runs with several numbers of
//! processors, and its frames are compared with those of one thread, or, where threads change the bits of an encoder,
//! with those that native FFmpeg decodes from its output.

use std::{
    error::Error,
    fmt, io,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use afmpeg_engine::{Limits, Runtime};
use afmpeg_vfs::HostDir;

/// The numbers of processors of the trials. A guest detects at most 12, but the limits of a job are those of all.
pub const PROCESSORS: [usize; 5] = [1, 2, 4, 12, 64];

/// Frame sizes, with the duration in seconds of each input, at 25 frames per second.
pub const SIZES: [(&str, &str); 4] =
    [("640x360", "0.48"), ("1280x720", "0.4"), ("1920x1080", "0.24"), ("3840x2160", "0.2")];

/// An encoder with threading options; its output is decoded by the decoder of the same codec, also with threads.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The encoder's name, and its options.
    pub encoder: &'static str,
    /// The options of the decoder.
    pub decoder: &'static str,
    /// The name of the encoder's output; its extension selects the muxer.
    pub file: &'static str,
    /// The frames that the encoder must produce.
    pub frames: Frames,
    /// Whether the encoder is for audio.
    pub sound: bool,
}

/// The frames that an encoder must produce with more than one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frames {
    /// The same frames as with one thread.
    Same,
    /// Any frames: threads change how the encoder divides its work.
    Any,
    /// Any frames, of the named codec, encoded by native FFmpeg since the module has no encoder.
    Native(&'static str),
}

const fn variant(
    frames: Frames,
    encoder: &'static str,
    decoder: &'static str,
    file: &'static str,
) -> Variant {
    Variant { encoder, decoder, file, frames, sound: false }
}

const fn same(encoder: &'static str, decoder: &'static str) -> Variant {
    variant(Frames::Same, encoder, decoder, "out.nut")
}

const fn same_in(file: &'static str, encoder: &'static str) -> Variant {
    variant(Frames::Same, encoder, "", file)
}

const fn sound(file: &'static str, encoder: &'static str) -> Variant {
    Variant { sound: true, ..same_in(file, encoder) }
}

const fn any(encoder: &'static str, decoder: &'static str) -> Variant {
    variant(Frames::Any, encoder, decoder, "out.nut")
}

const fn native(
    codec: &'static str,
    file: &'static str,
    encoder: &'static str,
    decoder: &'static str,
) -> Variant {
    variant(Frames::Native(codec), encoder, decoder, file)
}

/// Every encoder with threads, with each of its threading options, and decoders with both types of threads.
pub const VARIANTS: &[Variant] = &[
    any("libx264 -preset ultrafast -tune zerolatency", "-thread_type slice"),
    any("libx264 -preset veryfast", "-thread_type frame"),
    any("libx264 -preset medium", ""),
    any("libx264 -preset veryfast -x264-params lookahead-threads=2", ""),
    any("libx264 -preset veryfast -x264-params sliced-threads=1:slices=4", "-thread_type slice"),
    any("libx264 -preset veryfast -threads 9", ""),
    any("libx264 -preset veryfast -threads 12", "-threads 3"),
    any("libx264rgb -preset ultrafast", ""),
    any("libx265 -preset ultrafast", ""),
    any("libx265 -preset ultrafast -x265-params frame-threads=4:pools=4", "-thread_type slice"),
    any("libx265 -preset ultrafast -x265-params wpp=0:frame-threads=2", "-thread_type frame"),
    any("libx265 -preset ultrafast -x265-params wpp=1:frame-threads=1:slices=4", "-threads 5"),
    any("libopenh264 -b:v 4M", ""),
    any("libopenh264 -b:v 4M -slices 4", "-thread_type slice"),
    any("mpeg4 -q:v 5", "-thread_type frame"),
    any("mpeg2video -q:v 5", "-thread_type slice"),
    any("mpeg1video -q:v 5", ""),
    any("h263p -q:v 5 -s 1408x1152", ""),
    same("ffv1 -level 3 -slices 16", "-thread_type slice"),
    same("ffv1 -level 3 -slices 4", "-thread_type frame"),
    same("mjpeg -q:v 5", ""),
    same("prores_ks", "-thread_type slice"),
    same("prores", "-thread_type frame"),
    same("prores_aw", ""),
    same("huffyuv", ""),
    same("ffvhuff", "-thread_type frame"),
    same("utvideo", ""),
    same("png", ""),
    same("cfhd -pix_fmt yuv422p10le", ""),
    same("dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p -threads 8", "-thread_type slice"),
    same("dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p -threads 3", "-thread_type frame"),
    same("dvvideo -s 720x576 -pix_fmt yuv420p", ""),
    same("jpeg2000 -threads 8", ""),
    same("jpegls", ""),
    same("magicyuv", ""),
    same("rawvideo", ""),
    same("v210 -pix_fmt yuv422p10le", ""),
    same("vc2 -strict experimental -pix_fmt yuv422p10le", ""),
    same("zlib", ""),
    same("dpx", ""),
    same("speedhq -pix_fmt yuv422p", ""),
    same_in("out.avi", "ljpeg -pix_fmt bgr24"),
    same_in("out.mov", "dxv -pix_fmt rgba"),
    same_in("out.apng", "apng"),
    same_in("out-%d.exr", "exr -pix_fmt gbrpf32le"),
    same_in("out-%d.hdr", "hdr"),
    same_in("out-%d.qoi", "qoi"),
    same_in("out-%d.tiff", "tiff"),
    same_in("out-%d.vbn", "vbn -pix_fmt rgba"),
    same_in("out-%d.wbmp", "wbmp"),
    same_in("out-%d.webp", "libwebp -compression_level 0"),
    same_in("out.webp", "libwebp_anim -compression_level 0"),
    any("libvpx -deadline realtime -cpu-used 8", "-thread_type slice"),
    any("libvpx -deadline realtime -cpu-used 8 -slices 4", "-thread_type frame"),
    any("libvpx-vp9 -deadline realtime -cpu-used 8 -tile-columns 2 -row-mt 1", "-thread_type slice"),
    any("libvpx-vp9 -deadline realtime -cpu-used 8 -frame-parallel 1", "-thread_type frame"),
    same_in("out.mkv", "libsvtav1 -preset 12"),
    native("theora", "out.nut", "libtheora", ""),
    native("hap", "out.mov", "hap", ""),
    native("apv", "out.mp4", "liboapv -preset fastest", ""),
    native("vvc", "out.mp4", "libvvenc -preset faster", ""),
    // The codec of the encoder is webp, that of the decoder webp_anim.
    native("webp_anim", "out.webp", "libwebp_anim -compression_level 0", ""),
    sound("out.flac", "flac"),
    sound("out.m4a", "alac"),
    sound("out.tta", "tta"),
    sound("out.wv", "wavpack"),
];

/// A variant on one number of processors, with one frame size.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The encoder and its options.
    pub variant: Variant,
    /// The number of processors of the job.
    pub processors: usize,
    /// An index into [`SIZES`].
    pub size: usize,
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variant, processors, size } = self;
        let decoder = if variant.decoder.is_empty() { "no options" } else { variant.decoder };
        write!(f, "{}, {processors} processors, {}, decoded with {decoder}", SIZES[*size].0, variant.encoder)
    }
}

/// Returns every variant with every number of processors and every frame size.
pub fn all() -> Vec<Trial> {
    let mut trials = Vec::new();
    for size in 0..SIZES.len() {
        trials.extend(each().map(|(variant, processors)| Trial { variant, processors, size }));
    }
    trials
}

/// Returns one trial for each variant, whose number of processors and frame size vary, without the largest size, which
/// takes as long as the others together.
pub fn sample() -> Vec<Trial> {
    let numbered = VARIANTS.iter().enumerate().map(|(index, variant)| {
        let processors = PROCESSORS[index % PROCESSORS.len()];
        Trial { variant: *variant, processors, size: index / PROCESSORS.len() % (SIZES.len() - 1) }
    });
    numbered.collect()
}

fn each() -> impl Iterator<Item = (Variant, usize)> {
    VARIANTS.iter().flat_map(|variant| PROCESSORS.map(|processors| (*variant, processors)))
}

/// The module, and the native FFmpeg to compare with.
pub struct Judge {
    runtime: Runtime,
    native: PathBuf,
}

impl Judge {
    /// Loads the module that `cargo xtask test` has built in `repository`.
    ///
    /// # Errors
    ///
    /// When the module is missing.
    pub fn load(repository: &Path, native: PathBuf) -> Result<Self, Box<dyn Error>> {
        let module = repository.join("target/wasm/ffmpeg-full-gpl.wasm");
        Ok(Self { runtime: Runtime::builder().module(module).build()?, native })
    }

    /// Encodes, decodes and compares the frames.
    ///
    /// # Errors
    ///
    /// When a job fails, or frames differ.
    pub fn compare(&self, trial: Trial) -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let encoded = folder.path().join(trial.variant.file);
        let frames = self.frames(trial, folder.path())?;
        let native = checksums(&self.native(&format!("-i {} -f framemd5 -", encoded.display()))?);
        if frames != native {
            return Err(differ("native FFmpeg decodes other frames from the output", &frames, &native));
        }
        if trial.variant.frames == Frames::Same && trial.processors > 1 {
            let one = self.frames(Trial { processors: 1, ..trial }, tempfile::tempdir()?.path())?;
            if frames != one {
                return Err(differ("one thread produces other frames", &frames, &one));
            }
        }
        Ok(())
    }

    /// Writes the encoder's output to `folder`, and returns the checksums of its decoded frames.
    fn frames(&self, trial: Trial, folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
        let (size, duration) = SIZES[trial.size];
        let Variant { encoder, decoder, file, frames, sound } = trial.variant;
        let source =
            if sound { "sine=b=2:d=5".to_owned() } else { format!("testsrc2=s={size}:r=25:d={duration}") };
        let encode = format!("-f lavfi -i {source} -c {encoder} -y");
        if let Frames::Native(_) = frames {
            self.native(&format!("{encode} {}", folder.join(file).display()))?;
        } else {
            self.module(folder, trial, &format!("{encode} /{file}"))?;
        }
        self.module(folder, trial, &format!("-xerror {decoder} -i /{file} -f framemd5 -y /frames"))?;
        let frames = checksums(&std::fs::read_to_string(folder.join("frames"))?);
        let expected = expected_frames(duration);
        // Audio encoders choose their frame sizes; native FFmpeg counts those frames.
        if !sound && frames.len() != expected {
            return Err(format!("expected {expected} frames, found {}", frames.len()).into());
        }
        Ok(frames)
    }

    /// Runs the module's FFmpeg on the files of `folder`.
    fn module(&self, folder: &Path, trial: Trial, command: &str) -> Result<(), Box<dyn Error>> {
        let processors = NonZero::new(trial.processors).ok_or("no processors")?;
        let job =
            self.runtime.job(HostDir::open(folder)?).args(["-v", "error"]).args(command.split_whitespace());
        job.limits(Limits::none()).processors(processors).run()?;
        Ok(())
    }

    /// Runs native FFmpeg, and returns its standard output.
    fn native(&self, command: &str) -> Result<String, Box<dyn Error>> {
        let mut ffmpeg = Command::new(&self.native);
        // In some decoders its assembly rounds differently from C.
        ffmpeg
            .args(["-v", "error", "-xerror", "-cpuflags", "0", "-threads", "1"])
            .args(command.split_whitespace());
        let output = ffmpeg.stdin(Stdio::null()).output()?;
        if !output.status.success() || !output.stderr.is_empty() {
            let log = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("native FFmpeg fails on `{command}`: {log}")).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn differ(problem: &str, frames: &[String], others: &[String]) -> Box<dyn Error> {
    let first = frames.iter().zip(others).position(|(one, other)| one != other);
    let first = first.unwrap_or(frames.len().min(others.len()));
    format!("{problem}, first at frame {first}").into()
}

fn expected_frames(duration: &str) -> usize {
    duration.parse::<f64>().map_or(0, |seconds| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few frames")]
        let frames = (seconds * 25.0).round() as usize;
        frames
    })
}

/// Returns the checksums of the frames in order, without their times.
fn checksums(framemd5: &str) -> Vec<String> {
    let lines = framemd5.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit(',').next()?.trim().to_owned())).collect()
}
