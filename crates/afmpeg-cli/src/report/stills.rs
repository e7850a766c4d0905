//! Previews of pictures without time.

use std::sync::Arc;

use afmpeg_engine::{
    Limits, Probe, Runtime,
    frames::{FrameFormat, FrameSize},
};

use super::{
    facts::{Preview, StillFacts},
    unread::Unread,
};
use crate::media_file::MediaFile;

/// The most covers that are shown.
pub(super) const MOST_COVERS: usize = 4;

/// The size in pixels that a preview fits into.
const SIDE: u32 = 320;

/// Decodes the file's image if it is one, or else its covers.
pub(super) fn preview(
    runtime: &Runtime,
    file: &MediaFile,
    probe: &Probe,
    limits: &Limits,
) -> Vec<StillFacts> {
    let decode = |stream: Option<i64>| -> Result<Preview, Unread> {
        let request = runtime.frames(Arc::clone(&file.fs), &file.path);
        let request = match stream.and_then(|index| usize::try_from(index).ok()) {
            Some(index) => request.stream(index),
            None => request,
        };
        let limits = limits.clone();
        let request = request.configure_job(move |job| job.limits(limits.clone()));
        let size = FrameSize::Within { width: SIDE, height: SIDE };
        let mut frames = request.size(size).format(FrameFormat::Png).run()?;
        let missing = || Unread { message: "it contains no picture".to_owned(), hint: None };
        let frame = frames.next().ok_or_else(missing)??;
        Ok(Preview { size: (frame.width(), frame.height()), png: frame.into_data().to_vec() })
    };
    if let Some(image) = probe.video().filter(|_| probe.is_image()) {
        // Without an index, since the image may consist of tiles, each a stream.
        return vec![StillFacts { stream: image.index, preview: decode(None) }];
    }
    let covers = probe.streams.iter().filter(|stream| stream.is_attached_picture()).take(MOST_COVERS);
    covers.map(|cover| StillFacts { stream: cover.index, preview: decode(Some(cover.index)) }).collect()
}
