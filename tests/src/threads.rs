//! Whether threads change what a codec makes: `cargo xtask threads`, and pairs of it in the tests.
//!
//! A machine has some number of processors, and codecs start threads by it. Here every codec with threads is told each
//! of several numbers, and its frames are compared with those of one thread, or, where threads change the bits of an
//! encoder, with those that native FFmpeg decodes of its output.

use std::{
    error::Error,
    fmt, io,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use afmpeg_engine::{Limits, Runtime};
use afmpeg_vfs::{MemFs, VfsExt as _};

/// The numbers of processors that a job is told.
pub const PROCESSORS: [usize; 5] = [1, 2, 4, 16, 64];

/// The sizes of frames, and for how long there are frames of them, at 25 a second.
pub const SIZES: [(&str, &str); 4] =
    [("640x360", "0.48"), ("1280x720", "0.4"), ("1920x1080", "0.24"), ("3840x2160", "0.2")];

/// An encoder with options on its threads; its output is decoded by the decoder of the same codec, with threads as well.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The options of the encoder, its name first.
    pub options: &'static str,
    /// Whether the same frames come from any number of threads.
    pub same_for_all: bool,
    /// The options of the decoder.
    pub decoder: &'static str,
}

const fn same(options: &'static str, decoder: &'static str) -> Variant {
    Variant { options, same_for_all: true, decoder }
}

const fn own(options: &'static str, decoder: &'static str) -> Variant {
    Variant { options, same_for_all: false, decoder }
}

/// Every encoder with threads of its own, in the ways in which it can be told to use them, and decoders of both kinds.
pub const VARIANTS: &[Variant] = &[
    own("libx264 -preset ultrafast -tune zerolatency", "-thread_type slice"),
    own("libx264 -preset veryfast", "-thread_type frame"),
    own("libx264 -preset medium", ""),
    own("libx264 -preset veryfast -x264-params lookahead-threads=2", ""),
    own("libx264 -preset veryfast -x264-params sliced-threads=1:slices=4", "-thread_type slice"),
    own("libx264 -preset veryfast -threads 9", ""),
    own("libx264 -preset veryfast -threads 12", "-threads 3"),
    own("libx265 -preset ultrafast", ""),
    own("libx265 -preset ultrafast -x265-params frame-threads=4:pools=4", "-thread_type slice"),
    own("libx265 -preset ultrafast -x265-params wpp=0:frame-threads=2", "-thread_type frame"),
    own("libx265 -preset ultrafast -x265-params wpp=1:frame-threads=1:slices=4", "-threads 5"),
    own("libopenh264 -b:v 4M", ""),
    own("libopenh264 -b:v 4M -slices 4", "-thread_type slice"),
    own("mpeg4 -q:v 5", "-thread_type frame"),
    own("mpeg2video -q:v 5", "-thread_type slice"),
    same("ffv1 -level 3 -slices 16", "-thread_type slice"),
    same("ffv1 -level 3 -slices 4", "-thread_type frame"),
    same("mjpeg -q:v 5", ""),
    same("prores_ks", "-thread_type slice"),
    same("huffyuv", ""),
    same("ffvhuff", "-thread_type frame"),
    same("utvideo", ""),
    same("png", ""),
];

/// One thing to try.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The encoder and its options.
    pub variant: Variant,
    /// How many processors the job is told.
    pub processors: usize,
    /// One of [`SIZES`].
    pub size: usize,
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variant, processors, size } = self;
        let decoder = if variant.decoder.is_empty() { "no options" } else { variant.decoder };
        write!(f, "{}, {processors} processors, {}, decoded with {decoder}", SIZES[*size].0, variant.options)
    }
}

/// All trials: every variant with every number of processors in every size.
pub fn all() -> Vec<Trial> {
    let mut trials = Vec::new();
    for size in 0..SIZES.len() {
        trials.extend(each().map(|(variant, processors)| Trial { variant, processors, size }));
    }
    trials
}

/// Trials in which every variant meets every number of processors and every size, and those each other.
pub fn pairs() -> Vec<Trial> {
    let numbered = each().enumerate().map(|(at, (variant, processors))| {
        let size = (at / PROCESSORS.len() + at % PROCESSORS.len()) % SIZES.len();
        Trial { variant, processors, size }
    });
    numbered.collect()
}

fn each() -> impl Iterator<Item = (Variant, usize)> {
    VARIANTS.iter().flat_map(|variant| PROCESSORS.map(|processors| (*variant, processors)))
}

/// The module, and the native FFmpeg that judges.
pub struct Judge {
    runtime: Runtime,
    native: PathBuf,
}

impl Judge {
    /// Loads the module that `cargo xtask test` has built in `repository`.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub fn load(repository: &Path, native: PathBuf) -> Result<Self, Box<dyn Error>> {
        let module = repository.join("target/wasm/ffmpeg-full-gpl.wasm");
        Ok(Self { runtime: Runtime::builder().module(module).build()?, native })
    }

    /// Encodes and decodes, and compares.
    ///
    /// # Errors
    ///
    /// When a job fails, or frames differ.
    pub fn compare(&self, trial: Trial) -> Result<(), Box<dyn Error>> {
        let (encoded, frames) = self.frames(trial)?;
        let native = self.native_frames(&encoded)?;
        if frames != native {
            return Err(differ("native FFmpeg decodes other frames of it", &frames, &native));
        }
        if trial.variant.same_for_all && trial.processors > 1 {
            let (_, one) = self.frames(Trial { processors: 1, ..trial })?;
            if frames != one {
                return Err(differ("one thread makes other frames", &frames, &one));
            }
        }
        Ok(())
    }

    /// The output of the encoder, and the checksums of the frames that the decoder makes of it.
    fn frames(&self, trial: Trial) -> Result<(Vec<u8>, Vec<String>), Box<dyn Error>> {
        let (size, duration) = SIZES[trial.size];
        let fs = MemFs::new();
        let Variant { options, decoder, .. } = trial.variant;
        let source = format!("-f lavfi -i testsrc2=s={size}:r=25:d={duration}");
        self.run(&fs, trial, &format!("-v error {source} -c:v {options} -y /out.nut"))?;
        self.run(&fs, trial, &format!("-v error -xerror {decoder} -i /out.nut -f framemd5 -y /frames"))?;
        let frames = checksums(&String::from_utf8(fs.read("/frames")?.to_vec())?);
        let expected = expected_frames(duration);
        if frames.len() != expected {
            return Err(format!("{} frames, not {expected}", frames.len()).into());
        }
        Ok((fs.read("/out.nut")?.to_vec(), frames))
    }

    fn run(&self, fs: &MemFs, trial: Trial, command: &str) -> Result<(), Box<dyn Error>> {
        let processors = NonZero::new(trial.processors).ok_or("no processors")?;
        let job = self.runtime.job(fs.clone()).args(command.split_whitespace());
        job.limits(Limits::none()).processors(processors).run()?;
        Ok(())
    }

    fn native_frames(&self, encoded: &[u8]) -> Result<Vec<String>, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("out.nut");
        std::fs::write(&file, encoded)?;
        let mut ffmpeg = Command::new(&self.native);
        ffmpeg
            // Its assembly rounds in another way than C in some decoders.
            .args(["-v", "error", "-xerror", "-cpuflags", "0", "-threads", "1", "-i"])
            .arg(&file)
            .args(["-f", "framemd5", "-"]);
        let output = ffmpeg.stdin(Stdio::null()).output()?;
        if !output.status.success() || !output.stderr.is_empty() {
            let log = String::from_utf8_lossy(&output.stderr);
            return Err(io::Error::other(format!("native FFmpeg cannot decode it: {log}")).into());
        }
        Ok(checksums(&String::from_utf8(output.stdout)?))
    }
}

fn differ(problem: &str, frames: &[String], others: &[String]) -> Box<dyn Error> {
    let first = frames.iter().zip(others).position(|(one, other)| one != other);
    let first = first.unwrap_or(frames.len().min(others.len()));
    format!("{problem}: the first is number {first}").into()
}

fn expected_frames(duration: &str) -> usize {
    duration.parse::<f64>().map_or(0, |seconds| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few frames")]
        let frames = (seconds * 25.0).round() as usize;
        frames
    })
}

/// The checksums of the frames, in order, without their times.
fn checksums(framemd5: &str) -> Vec<String> {
    let lines = framemd5.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| Some(line.rsplit(',').next()?.trim().to_owned())).collect()
}
