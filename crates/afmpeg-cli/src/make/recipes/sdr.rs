use std::path::{Path, PathBuf};

use afmpeg::cmd::{
    MediaKind, OutputStream,
    recipes::{ToneMap, to_sdr},
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, media::Media, plan::Plan, recipe::Recipe},
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

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        file.require(MediaKind::Video)?;
        let input = file.input();
        let video = to_sdr(&input.video(), ToneMap::default())?;
        let stream = file.probe.video();
        let transfer = stream.as_ref().and_then(|stream| stream.color_transfer.as_deref());
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
        let index = stream.as_ref().map_or(0, |stream| stream.index);
        let video = OutputStream::new(video).codec(encoding::video(media, stream.as_deref()));
        Ok(encoding::replacing(file, &input, index, video, &media.output))
    }
}
