//! One film on many workers: a plan of commands as plain data.
//!
//! A [`Film`] turns the [`Probe`](crate::Probe) of a source, with its packets, into a [`FilmPlan`]: commands that
//! encode chunks of the video, a command that encodes the sound, and commands that join them by copying packets. Chunks
//! and sound depend on nothing but the source, so each can run on another worker, at the same time. The plan
//! serializes.
//!
//! ```
//! use std::time::Duration;
//! use afmpeg_cmd::{Probe, encoders::video::libx264, film::{Film, Variant}};
//!
//! // ffprobe's output for the file, with its packets: here one frame a second, each a key frame.
//! let packets: Vec<String> = (0..90).map(|second| format!(
//!     r#"{{"stream_index": 0, "pts": {second}, "dts": {second}, "duration": 1, "flags": "K__"}}"#
//! )).collect();
//! let json = format!(
//!     r#"{{"streams": [{{"index": 0, "codec_type": "video", "codec_name": "h264", "time_base": "1/1"}}],
//!          "format": {{"format_name": "mov,mp4,m4a,3gp,3g2,mj2"}}, "packets": [{}]}}"#,
//!     packets.join(",")
//! );
//! let probe = Probe::from_json(json.as_bytes()).unwrap();
//!
//! let film = Film::new("film.mp4", &probe)
//!     .variant(Variant::new("720p", libx264().crf(22)).height(720))
//!     .variant(Variant::new("360p", libx264().crf(24)).height(360))
//!     .chunk_duration(Duration::from_secs(30));
//! let plan = film.plan(|file| file.path())?;
//!
//! assert_eq!(plan.chunks.len(), 3);
//! assert_eq!(plan.chunks[2].paths, ["720p/chunk-00002.mp4", "360p/chunk-00002.mp4"]);
//! // Write `list` to `list_path` before the command runs.
//! assert!(plan.joins[1].list.starts_with("ffconcat version 1.0\nfile 'chunk-00000.mp4'\nduration 30\n"));
//! assert_eq!(plan.expected.frames, 90);
//! # Ok::<(), afmpeg_cmd::recipes::RecipeError>(())
//! ```
//!
//! # Exact chunks
//!
//! - A chunk has the frames of the source whose times are in the interval from its start to its end, without the end.
//!   So each frame is in one chunk, also a picture that follows a key frame in the file and precedes it in time.
//! - A chunk starts at a key frame, and its decoder starts at the key frame before that one, since a stream with
//!   periodic intra refresh is only complete then. A chunk therefore decodes one more group of pictures than it
//!   encodes, or two in files without an index of key frames, such as MPEG-TS. FFmpeg may log errors of the decoder
//!   about the frames before the chunk, which refer to missing ones: do not let them fail the job.
//! - Frames keep their times, in the time base of the source. Filters and encoders have to return one frame for each.
//! - All chunks are encoded by the same options, so that one header describes them. Whether an encoder is deterministic
//!   may depend on its number of threads: set it if workers differ.

mod builder;
mod check;
mod codec;
mod commands;
mod cuts;
mod difference;
mod files;
mod plan;
mod seam;
mod sounds;
mod timeline;
mod variant;

pub use builder::Film;
pub use difference::Difference;
pub use files::FilmFile;
pub use plan::{Chunk, Expected, FilmPlan, Join, OmittedStream, Sound};
pub use seam::Seam;
pub use variant::Variant;
