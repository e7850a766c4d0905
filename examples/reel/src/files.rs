//! The files of a storyboard.

use std::{collections::HashMap, sync::Arc, time::Duration};

use afmpeg_engine::Runtime;
use afmpeg_vfs::{Vfs, VfsExt as _};

use crate::{Spanned, Storyboard, mistake::Review, plan::guest_path};

/// The properties of a probed file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) duration: Option<Duration>,
    pub(crate) has_video: bool,
    pub(crate) has_audio: bool,
}

/// Files by their path in the storyboard, or the reason why they cannot be used.
#[derive(Debug, Default)]
pub(crate) struct Files(HashMap<String, Result<File, String>>);

/// The streams that a file must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Video,
    Audio,
    Anything,
}

impl Files {
    pub(crate) fn probe(runtime: &Runtime, fs: &Arc<dyn Vfs>, storyboard: &Storyboard) -> Self {
        let mut files = HashMap::new();
        let shots = storyboard.shots.get_ref().iter().map(Spanned::get_ref);
        let sounds = [
            storyboard.voice.as_ref().map(|voice| &voice.file),
            storyboard.music.as_ref().map(|music| &music.file),
        ];
        let media = shots.flat_map(|shot| [shot.image.as_ref(), shot.clip.as_ref()]).chain(sounds).flatten();
        for path in media.map(Spanned::get_ref).filter(|path| stays_inside(path)) {
            files.entry(path.clone()).or_insert_with(|| {
                if !fs.exists(guest_path(path)) {
                    return Err(format!("no file {path:?}"));
                }
                let probe = runtime.probe(Arc::clone(fs), &guest_path(path));
                let probe = probe.map_err(|error| format!("cannot read {path:?}: {error}"))?;
                let (has_video, has_audio) = (probe.video().is_some(), probe.audio().is_some());
                // Sound may continue after the last frame.
                let video_duration = probe.video().and_then(|video| video.duration());
                Ok(File { duration: video_duration.or(probe.duration()), has_video, has_audio })
            });
        }
        if let Some(font) = storyboard.font.as_ref().map(Spanned::get_ref).filter(|path| stays_inside(path)) {
            let font_file = File { duration: None, has_video: false, has_audio: false };
            let found =
                if fs.exists(guest_path(font)) { Ok(font_file) } else { Err(format!("no file {font:?}")) };
            files.entry(font.clone()).or_insert(found);
        }
        Self(files)
    }
}

/// Returns the probed file at `path`, or reports why it cannot be used.
pub(crate) fn check<'f>(
    path: &Spanned<String>,
    need: Need,
    files: Option<&'f Files>,
    review: &mut Review<'_>,
) -> Option<&'f File> {
    let (span, path) = (path.span(), path.get_ref());
    if !stays_inside(path) {
        review.report(span, format!("{path:?} leads out of the folder"), "move the file into the folder");
        return None;
    }
    match files?.0.get(path)? {
        Err(reason) => review.report(
            span,
            reason.as_str(),
            "check the path: it is relative to the storyboard's folder, or to the one given with --files",
        ),
        Ok(file) if need == Need::Video && !file.has_video => {
            review.report(span, format!("{path:?} has no video"), "choose an image or a video");
        }
        Ok(file) if need == Need::Audio && !file.has_audio => {
            review.report(span, format!("{path:?} has no sound"), "choose a file with sound");
        }
        Ok(file) => return Some(file),
    }
    None
}

/// Returns whether a usable file is known to have no sound.
pub(crate) fn is_silent(path: &Spanned<String>, files: Option<&Files>) -> bool {
    let file = files.and_then(|files| files.0.get(path.get_ref())?.as_ref().ok());
    file.is_some_and(|file| !file.has_audio)
}

fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\0')
        && !path.starts_with('/')
        && path.split('/').all(|part| part != "..")
}
