use std::path::{Path, PathBuf};

use afmpeg::cmd::{
    Audio, MediaKind, OutputStream, Stream,
    recipes::{Loudness, MeasuredLoudness},
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        encoding,
        format::Content,
        media::Media,
        numbers::number,
        plan::{Measured, Measurement, Plan, ResultAt},
        recipe::Recipe,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Normalize {
    /// File with audio
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Loudness in LUFS, from -70 to -5
    #[arg(long, value_name = "LUFS", default_value_t = -16.0, allow_negative_numbers = true, value_parser = number(-70.0, -5.0))]
    loudness: f64,

    /// Highest true peak in dBTP, from -9 to 0
    #[arg(long, value_name = "DBTP", default_value_t = -1.5, allow_negative_numbers = true, value_parser = number(-9.0, 0.0))]
    true_peak: f64,

    /// Limit peaks that are too high, instead of varying the volume: exact, but measuring takes several times as long
    #[arg(long)]
    limit: bool,
}

impl Recipe for Normalize {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-normalized{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Audio
    }

    fn measurement(&self, media: &Media<'_>) -> Result<Option<Measurement>, Failure> {
        media.first.require(MediaKind::Audio)?;
        let (target, audio) = (self.target(media), media.first.input().audio());
        match media.measured.as_slice() {
            [] => {
                let path = format!("{}loudness.json", media.scratch);
                let command = target.measure(&audio, &path)?;
                Ok(Some(Measurement { command, result: ResultAt::File(path) }))
            }
            [Measured::File(json)] => {
                let measured = measured(json, media)?;
                if !self.is_limited(&target, &measured) {
                    return Ok(None);
                }
                let limiting = target.limiting(&audio, &measured)?;
                Ok(Some(Measurement {
                    result: ResultAt::Devices(limiting.streams),
                    command: limiting.command,
                }))
            }
            _ => Ok(None),
        }
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let input = file.input();
        let audio = self.normalized(media, &input.audio())?;
        let stream = file.probe.first(MediaKind::Audio);
        let index = stream.map_or(0, |stream| stream.index);
        let audio = OutputStream::new(audio).codec(encoding::audio(media, stream));
        Ok(encoding::replacing(file, &input, index, audio, &media.output))
    }
}

impl Normalize {
    fn target(&self, media: &Media<'_>) -> Loudness {
        let target = Loudness::new().integrated(self.loudness).true_peak(self.true_peak);
        let stream = media.first.probe.first(MediaKind::Audio);
        match stream.and_then(|stream| stream.sample_rate()) {
            Some(rate) => target.sample_rate(rate),
            None => target,
        }
    }

    /// Whether peaks are limited. `loudnorm` cannot vary the volume of a short sound.
    fn is_limited(&self, target: &Loudness, measured: &MeasuredLoudness) -> bool {
        !target.is_linear(measured) && (self.limit || measured.is_short)
    }

    fn normalized(&self, media: &Media<'_>, audio: &Stream<Audio>) -> Result<Stream<Audio>, Failure> {
        let target = self.target(media);
        match media.measured.as_slice() {
            [Measured::File(json)] => Ok(target.normalize(audio, &measured(json, media)?)?),
            [Measured::File(json), Measured::Records(records)] => {
                let gain = target.limiting(audio, &measured(json, media)?)?.read(records)?;
                Ok(target.limit(audio, gain)?)
            }
            _ => Err(Failure::usage("the loudness was not measured", "please report it")),
        }
    }
}

fn measured(json: &[u8], media: &Media<'_>) -> Result<MeasuredLoudness, Failure> {
    serde_json::from_slice(json).map_err(|error| {
        let hint = "choose a file whose first audio stream is not silent";
        Failure::usage(format!("cannot measure the loudness of {}: {error}", media.first.path), hint)
    })
}
