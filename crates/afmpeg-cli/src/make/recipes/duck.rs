use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use afmpeg::{
    cmd::{Codec, Filter, MediaKind, OutputStream, Time, recipes},
    probe::Stream,
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        encoding,
        format::Content,
        media::{Media, MediaFile},
        numbers::{number, time_above_zero, time_within},
        plan::Plan,
        recipe::Recipe,
    },
};

/// The shortest time of the compressor.
const LEAST: Duration = Duration::from_micros(10);

#[derive(Debug, Args)]
pub(crate) struct Duck {
    /// File with a voice, such as a talk or a film
    #[arg(value_name = "VOICE")]
    input: PathBuf,

    /// File with music
    #[arg(value_name = "MUSIC")]
    music: PathBuf,

    /// Repeat music that ends before the voice
    #[arg(long)]
    r#loop: bool,

    /// Volume of the music, in dB from -100 to 100: negative is quieter
    #[arg(long, value_name = "DB", default_value_t = 0.0, allow_negative_numbers = true, value_parser = number(-100.0, 100.0))]
    volume: f64,

    /// Level of the voice above which the music becomes quieter, in dB of full scale from -60 to 0
    #[arg(long, value_name = "DB", default_value_t = -26.0, allow_negative_numbers = true, value_parser = number(-60.0, 0.0))]
    threshold: f64,

    /// Ratio by which the music becomes quieter, from 1 (not at all) to 20
    #[arg(long, value_name = "RATIO", default_value_t = 8.0, value_parser = number(1.0, 20.0))]
    ratio: f64,

    /// Time until the music is quieter, up to 2 s
    #[arg(long, value_name = "TIME", value_parser = time_within(LEAST, Duration::from_secs(2)), default_value = "0.02")]
    attack: Duration,

    /// Time until the music is as loud as before, up to 9 s
    #[arg(long, value_name = "TIME", value_parser = time_within(LEAST, Duration::from_secs(9)), default_value = "0.4")]
    release: Duration,

    /// Duration of the mix. Default: that of the file with the voice
    #[arg(long, value_name = "TIME", value_parser = time_above_zero)]
    duration: Option<Duration>,

    /// Bit rate of the mix, such as 192k. Default: that of the voice, or that of FFmpeg's encoder if the music has more
    /// channels
    #[arg(long, value_name = "RATE")]
    bitrate: Option<String>,
}

impl Recipe for Duck {
    fn input(&self) -> &Path {
        &self.input
    }

    fn more(&self) -> &[PathBuf] {
        std::slice::from_ref(&self.music)
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-ducked{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Audio
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let (voice, music) = (&media.first, second(media)?);
        let (voice_stream, music_stream) = (audio_of(voice)?, audio_of(music)?);
        let duration = self.duration.or_else(|| voice.probe.duration()).ok_or_else(|| {
            Failure::usage(format!("the duration of {} is unknown", voice.path), "give --duration")
        })?;
        // The first input, whose metadata the output has.
        let input = voice.input();
        let music_input = if self.r#loop { music.input().arg("stream_loop", -1) } else { music.input() };

        let mut tune = music_input.audio();
        if self.volume != 0.0 {
            tune = tune.filter(Filter::new("volume").opt("volume", format!("{}dB", self.volume)));
        }
        let is_narrower = music_stream.channels < voice_stream.channels;
        if let Some(layout) = voice_stream.channel_layout.as_ref().filter(|_| is_narrower) {
            // The mix has the channels of the music.
            tune = tune.filter(Filter::new("aformat").opt("channel_layouts", layout));
        }
        let duck = recipes::Duck::new(duration).threshold(self.threshold).ratio(self.ratio);
        let mix = duck.attack(self.attack).release(self.release).on(&tune, &input.audio())?;

        let mix = OutputStream::new(mix).codec(self.codec(media, voice_stream, music_stream));
        let mut plan = encoding::replacing(voice, &input, voice_stream.index, mix, &media.output);
        plan.probes = vec![Some(voice.probe.clone()), Some(music.probe.clone())];
        Ok(match music.probe.duration().filter(|end| *end < duration && !self.r#loop) {
            Some(end) => plan.note(format!(
                "the music ends at {}, and the mix at {}: --loop repeats it",
                Time::from(end),
                Time::from(duration)
            )),
            None => plan,
        })
    }
}

impl Duck {
    /// Returns the encoder of the mix.
    fn codec(&self, media: &Media<'_>, voice: &Stream, music: &Stream) -> Codec {
        let mut source = voice.clone();
        if self.bitrate.is_some() || music.channels > voice.channels {
            // That of a mono voice would be too low for stereo.
            source.bit_rate = None;
        }
        let codec = encoding::audio(media, Some(&source));
        self.bitrate.iter().fold(codec, |codec, rate| codec.opt("b", rate))
    }
}

fn second<'a>(media: &'a Media<'_>) -> Result<&'a MediaFile, Failure> {
    media.more.first().ok_or_else(|| Failure::usage("the music is missing", "name a file with music"))
}

fn audio_of(file: &MediaFile) -> Result<&Stream, Failure> {
    file.require(MediaKind::Audio)?;
    file.probe.audio().ok_or_else(|| Failure::usage(format!("{} has no audio", file.path), "choose another"))
}
