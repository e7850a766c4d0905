use std::path::{Path, PathBuf};

use afmpeg::{
    cmd::{Audio, Codec, Input, OutputStream, containers::Container},
    probe::Stream,
};
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        encoding::{self, Change},
        format::Content,
        media::{Media, MediaFile},
        plan::Plan,
        recipe::Recipe,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Cover {
    /// Song, talk or film
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Image
    #[arg(value_name = "IMAGE")]
    image: PathBuf,
}

impl Recipe for Cover {
    fn input(&self) -> &Path {
        &self.input
    }

    fn more(&self) -> &[PathBuf] {
        std::slice::from_ref(&self.image)
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        let file = &media.first;
        Ok(format!("{}-cover{}", file.stem, file.extension()))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Streams
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let container = Container::of_path(&media.output)
            .filter(|container| container.marks_covers())
            .ok_or_else(|| {
                Failure::usage(
                    "cannot add a cover: FFmpeg writes none in the format of the output",
                    "name an MP3, M4A, MP4 or FLAC with -o",
                )
            })?;
        // The first input, whose metadata the output has.
        let input = file.input();
        let image =
            media.more.first().ok_or_else(|| Failure::usage("the image is missing", "name an image"))?;
        let cover = cover(image, container)?;

        let (output, notes) = encoding::rewritten(file, &input, &media.output, |stream, lost| {
            let is_first_audio = file.probe.audio().is_some_and(|audio| audio.index == stream.index);
            match lost {
                _ if stream.is_attached_picture() => {
                    Change::LeaveOut(format!("replaced the cover in stream {}", stream.index))
                }
                Some(_) if is_first_audio => Change::Replace(encoded(media, &input, stream)),
                Some(lost) => Change::LeaveOut(lost.to_string()),
                None => Change::Copy,
            }
        });
        let is_kept = |stream: &&Stream| stream.is_video() && container.holds(stream);
        let place = file.probe.streams.iter().filter(is_kept).count();
        // By this text, FFmpeg's muxers choose the kind of the picture.
        let output = output.stream(cover).metadata_of(format!("s:v:{place}"), "comment", "Cover (front)");
        let plan = Plan::of_inputs([Some(file.probe.clone()), Some(image.probe.clone())], [output]);
        Ok(notes.into_iter().fold(plan, Plan::note))
    }
}

/// The codecs that players show as covers.
const SHOWN: [&str; 2] = ["mjpeg", "png"];

/// Returns the stream of the image, encoded as JPEG unless players show it and the format holds it.
fn cover(image: &MediaFile, container: &Container) -> Result<OutputStream, Failure> {
    let stream = image.probe.video().filter(|_| image.probe.is_image());
    let stream = stream.filter(|stream| image.probe.tile_grid(stream).is_none()).ok_or_else(|| {
        Failure::usage(
            format!("{} is not an image in one piece", image.path),
            "choose a JPEG or PNG, such as one that `afmpeg make thumbnail` makes",
        )
    })?;
    let is_held = stream
        .codec_name
        .as_deref()
        .is_some_and(|codec| SHOWN.contains(&codec) && container.holds_cover(codec));
    let codec = if is_held { Codec::copy() } else { Codec::new("mjpeg").opt("q", 2) };
    let video = Input::image(&image.path).probe(&image.probe).video();
    Ok(OutputStream::new(video).codec(codec).disposition("attached_pic"))
}

fn encoded(media: &Media<'_>, input: &Input, stream: &Stream) -> OutputStream {
    let audio = input.stream::<Audio>(stream.index.to_string());
    OutputStream::new(audio).codec(encoding::audio(media, Some(stream)))
}
