use std::path::{Path, PathBuf};

use afmpeg::cmd::{Codec, Command, MediaKind, Output, recipes};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, format::Content, media::Media, part::Part, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct ExtractAudio {
    /// File with audio
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    part: Part,

    /// Bit rate of encoded audio, such as 192k. Default: that of FFmpeg's encoder
    #[arg(long, value_name = "RATE")]
    bitrate: Option<String>,
}

impl Recipe for ExtractAudio {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        // With the path of a file that holds the codec.
        let command = Command::new([recipes::extract_audio(&file.input(), &file.probe, &file.stem)?]);
        let ending = command.outputs.iter().find_map(|output| output.path.rsplit_once('.'));
        Ok(format!("{}.{}", file.stem, ending.map_or("mka", |(_, ending)| ending)))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Audio
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        file.require(MediaKind::Audio)?;
        let audio = self.part.of(file)?.audio();
        let is_copy = self.bitrate.is_none()
            && codec_of(media).is_some_and(|it| encoding::is_for_audio(&media.output, it));
        let output = Output::new(&media.output);
        let output = if is_copy {
            output.copy(audio)
        } else {
            let codec = Codec::by_format();
            output.audio(
                audio,
                match &self.bitrate {
                    Some(rate) => codec.opt("b", rate),
                    None => codec,
                },
            )
        };
        Ok(Plan::new(&file.probe, [output]))
    }
}

fn codec_of<'a>(media: &'a Media<'_>) -> Option<&'a str> {
    media.first.probe.first(MediaKind::Audio)?.codec_name.as_deref()
}
