//! The command line of `afmpeg make`, from which clap generates the help.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    recipe::Recipe,
    recipes::{
        Captions, Chapters, Cover, Dash, Duck, ExtractAudio, Gif, Hls, Join, Ladder, Normalize, Sdr, Sheet,
        Spectrum, Sprites, Text, Thumbnail, Trim, Waveform, Webp,
    },
};
use crate::module_option::ModuleOption;

const EXIT_CODES: &str = "\
The exit code is FFmpeg's own if it fails, and 255 after an interrupt. Other failures exit with 2 (usage), 3 (module), \
4 (filesystem) or 5 (any other failure).";

#[derive(Debug, Args)]
pub(crate) struct MakeOptions {
    #[command(subcommand)]
    pub(crate) recipe: RecipeName,
}

// The documentation of a flattened type would replace the help of its command.

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// File or folder to write. Default: a name from that of the input, in the current folder
    #[arg(short, long, value_name = "OUTPUT")]
    pub(crate) output: Option<PathBuf>,

    /// Replace an output that exists
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Print the FFmpeg command as a line for a shell, and do not run it. Measurements that the command depends on, as
    /// those of `afmpeg make normalize`, run first
    #[arg(long, conflicts_with = "json")]
    pub(crate) print: bool,

    /// Print the result as one line of JSON: the path, bytes, duration in seconds, width and height of each file or,
    /// after a failure, the error's kind, message and hint
    #[arg(long)]
    pub(crate) json: bool,

    /// Show neither progress nor the result
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) module: ModuleOption,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct With<R: Args> {
    #[command(flatten)]
    recipe: R,
    #[command(flatten)]
    common: Common,
}

/// Defines the commands of recipes: their documentation is their help.
macro_rules! recipes {
    ($($(#[$help:meta])* $name:ident,)*) => {
        #[derive(Debug, Subcommand)]
        pub(crate) enum RecipeName {
            $($(#[$help])* $name(With<$name>),)*
        }

        impl RecipeName {
            /// Returns the recipe and the options that all have.
            pub(crate) fn parts(&self) -> (&dyn Recipe, &Common) {
                match self {
                    $(Self::$name(with) => (&with.recipe, &with.common),)*
                }
            }
        }
    };
}

recipes! {
    /// Make a GIF of a video, with its own palette
    ///
    /// Example: afmpeg make gif clip.mp4 --from 2 --duration 3
    Gif,
    /// Make an animated WebP of a video: more colours than a GIF, and a quarter of its size
    ///
    /// Example: afmpeg make webp clip.mp4 --from 2 --duration 3
    Webp,
    /// Make an image of a frame
    ///
    /// Without --at, it is the most typical frame of those behind the first tenth of the video: no flash, no fade.
    ///
    /// Example: afmpeg make thumbnail film.mkv --at 1:30 -o film.webp
    Thumbnail,
    /// Make an image with a grid of frames
    ///
    /// Example: afmpeg make sheet film.mkv --columns 4 --rows 3
    Sheet,
    /// Make previews for the seek bar of a player: a folder of small frames on sheets, and WebVTT with their times
    ///
    /// Example: afmpeg make sprites film.mkv --interval 5
    Sprites,
    /// Make an image of the level of audio over time
    ///
    /// Example: afmpeg make waveform song.mp3 --color orange
    Waveform,
    /// Make an image of the frequencies of audio over time
    ///
    /// Example: afmpeg make spectrum song.flac --height 512
    Spectrum,
    /// Make a folder with a video in several sizes, as HLS
    ///
    /// Its master playlist is master.m3u8.
    ///
    /// Example: afmpeg make hls film.mkv --heights 720,360
    Hls,
    /// Make a folder with a video in several sizes, as MPEG-DASH
    ///
    /// Its manifest is manifest.mpd.
    ///
    /// Example: afmpeg make dash film.mkv --with-hls
    Dash,
    /// Make a folder with a video in several sizes, each an MP4 file
    ///
    /// Example: afmpeg make ladder film.mkv --heights 1080,540
    Ladder,
    /// Cut a part of a file
    ///
    /// Packets are copied, which is fast and lossless, but starts at the last key frame before --from: players of MP4
    /// and MOV skip the rest, those of other formats show it. With --exact, the part is encoded.
    ///
    /// Example: afmpeg make trim film.mp4 --from 1:00 --to 1:30
    Trim,
    /// Join files, one after the other
    ///
    /// Packets are copied if the files match; otherwise all are encoded, in the size and frame rate of the first.
    ///
    /// Example: afmpeg make join one.mp4 two.mp4 -o all.mp4
    Join,
    /// Burn subtitles into a video
    ///
    /// They have the fonts of this system. All streams but the video are copied.
    ///
    /// Example: afmpeg make captions film.mp4 film.srt
    Captions,
    /// Draw a text over a video
    ///
    /// It is broken into lines that fit into the picture, and is smaller if it still does not fit. All streams but the
    /// video are copied.
    ///
    /// Example: afmpeg make text reel.mp4 --text "How to tie a knot" --to 3 --position top
    Text,
    /// Bring audio to a loudness by EBU R 128
    ///
    /// A first job measures, a second one encodes the audio; all other streams are copied. If a change of volume would
    /// make peaks too high, the volume varies over time; with --limit, only the peaks are limited.
    ///
    /// Example: afmpeg make normalize talk.wav --loudness=-19
    Normalize,
    /// Mix music under a voice, and make it quieter where there is a voice
    ///
    /// The mix replaces the first audio of the file with the voice; all other streams are copied.
    ///
    /// Example: afmpeg make duck talk.wav music.mp3 --volume -6 -o episode.m4a
    Duck,
    /// Add chapters to a file, in place of those that it has
    ///
    /// They come from a text with a time and a title in each line; each lasts until the next one. All streams are copied.
    ///
    /// Example: afmpeg make chapters talk.mp3 chapters.txt
    Chapters,
    /// Add a cover to a song, a talk or a film, in place of the one that it has
    ///
    /// JPEG and PNG are copied, and other images become JPEG. All other streams are copied; audio that the format of the
    /// output cannot hold is encoded. FFmpeg writes covers in MP3, M4A, MP4 and FLAC.
    ///
    /// Example: afmpeg make cover talk.wav photo.jpg -o talk.mp3
    Cover,
    /// Convert HDR video (PQ or HLG) to standard dynamic range
    ///
    /// All streams but the video are copied.
    ///
    /// Example: afmpeg make sdr phone.mov -o phone.mp4
    Sdr,
    /// Extract the audio of a file
    ///
    /// Without --output, its packets are copied to a file for their codec, such as .m4a for AAC and .opus for Opus.
    /// With it, they are copied if its format is meant for the codec, and encoded otherwise.
    ///
    /// Example: afmpeg make extract-audio film.mkv -o film.mp3
    ExtractAudio,
}
