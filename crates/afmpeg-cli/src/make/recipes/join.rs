use std::path::{Path, PathBuf};

use afmpeg::cmd::{
    Output,
    recipes::{Concat, Joined},
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, format::Content, media::Media, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct Join {
    /// First file
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Files behind it
    #[arg(required = true, value_name = "INPUT")]
    more: Vec<PathBuf>,

    /// Encode even if packets could be copied, so that cuts are exact
    #[arg(long)]
    encode: bool,
}

impl Recipe for Join {
    fn input(&self) -> &Path {
        &self.input
    }

    fn more(&self) -> &[PathBuf] {
        &self.more
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-joined{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Streams
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let concat = Concat::new(media.files().map(|file| (file.path.as_str(), &file.probe)));
        let concat = if self.encode { concat.encode() } else { concat };
        let list_path = format!("{}ffconcat", media.scratch);
        let durations = media.files().map(|file| file.probe.duration());
        match concat.join(&list_path, &media.output)? {
            Joined::Copied { list, output, dropped } => {
                let plan = Plan::of_inputs([], [output]).lasting(durations.sum());
                let plan = plan.text(list_path, list);
                Ok(dropped.iter().fold(plan, |plan, stream| plan.note(stream.to_string())))
            }
            Joined::Encoded { video, audio, because } => {
                let probe = &media.first.probe;
                let output = Output::new(&media.output);
                let output = match video {
                    Some(video) => output.video(video, encoding::video(media, probe.video().as_deref())),
                    None => output,
                };
                let output = match audio {
                    Some(audio) => output.audio(audio, encoding::audio(media, probe.audio())),
                    None => output,
                };
                let plan = Plan::of_inputs(media.files().map(|file| Some(file.probe.clone())), [output]);
                Ok(because.into_iter().fold(plan, |plan, because| plan.note(format!("encoding: {because}"))))
            }
            _ => Err(Failure::usage("cannot join these files", "please report it")),
        }
    }
}
