use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes::{ToneMap, to_sdr};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, format::Content, media::Media, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct Sdr {
    /// HDR video
    #[arg(value_name = "INPUT")]
    input: PathBuf,
}

impl Recipe for Sdr {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-sdr{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Video
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let stream = file.video()?;
        let input = file.input();
        let video = to_sdr(&input.video(), ToneMap::default())?;
        let transfer = stream.color_transfer.as_deref();
        if !matches!(transfer, Some("smpte2084" | "arib-std-b67")) {
            return Err(Failure::usage(
                format!(
                    "{} is not HDR: its transfer function is {}",
                    file.path,
                    transfer.unwrap_or("unknown")
                ),
                "use it as it is: only PQ (smpte2084) and HLG (arib-std-b67) are converted",
            ));
        }
        Ok(encoding::replacing_video(media, file, &input, &stream, &video))
    }
}
