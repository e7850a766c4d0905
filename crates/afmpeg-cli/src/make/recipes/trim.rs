use std::path::{Path, PathBuf};

use afmpeg::cmd::{Audio, MediaKind, Output, recipes};
use clap::Args;

use crate::{
    failure::Failure,
    make::{encoding, format::Content, media::Media, part::Part, plan::Plan, recipe::Recipe},
};

#[derive(Debug, Args)]
pub(crate) struct Trim {
    /// Media file
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    part: Part,

    /// Encode the part, so that it starts and ends exactly at these times, with the first video and all audio
    #[arg(long)]
    exact: bool,
}

impl Recipe for Trim {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-trimmed{}", file.stem, file.extension()))
    }

    fn content(&self, media: &Media<'_>) -> Content {
        match (self.exact, media.first.probe.video()) {
            (false, _) => Content::Streams,
            (true, Some(_)) => Content::Video,
            (true, None) => Content::Audio,
        }
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        if !self.part.is_given() {
            return Err(Failure::usage(
                "the part of the file is missing",
                "give --from, --to or --duration, as in --from 1:00 --to 1:30",
            ));
        }
        if self.exact { self.encoded(media) } else { self.copied(media) }
    }
}

impl Trim {
    fn copied(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let (from, to) = self.part.times(file)?;
        let to = to.or_else(|| file.probe.duration()).ok_or_else(|| {
            Failure::usage(format!("the duration of {} is unknown", file.path), "give --to or --duration")
        })?;
        let copied = recipes::trim(&file.path, &file.probe, from, to, &media.output)?;
        let plan = Plan::new(&file.probe, [copied.output]);
        Ok(copied.dropped.iter().fold(plan, |plan, stream| plan.note(stream.to_string())))
    }

    fn encoded(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let input = self.part.of(file)?;
        let mut output = Output::new(&media.output);
        let mut notes = Vec::new();
        let film = file.probe.video();
        if let Some(film) = &film {
            let (video, note) = encoding::encoded(media, &input.video(), film);
            output = output.stream(video);
            notes.extend(note);
        }
        let mut left = Vec::new();
        for stream in &file.probe.streams {
            match stream.kind() {
                Some(MediaKind::Audio) => {
                    let audio = input.stream::<Audio>(stream.index.to_string());
                    output = output.audio(audio, encoding::audio(media, Some(stream)));
                }
                _ if film.as_ref().is_some_and(|film| film.index == stream.index) => {}
                _ => left.push(stream),
            }
        }
        let plan = notes.into_iter().fold(Plan::new(&file.probe, [output]), Plan::note);
        Ok(left.iter().fold(plan, |plan, stream| {
            let kind = stream.codec_type.as_deref().unwrap_or("unknown");
            plan.note(format!("left out stream {} ({kind}): --exact keeps video and audio", stream.index))
        }))
    }
}
