//! The jobs of a request.

use std::{io, path::Path, time::Duration};

use afmpeg::{
    HostDir, Job, Limits, MemFs, Runtime, RuntimeExt as _, Vfs as _, VfsExt as _,
    cmd::{Codec, Command, Input, Output, recipes::Subtitles},
    vfs::{Mount, VPath},
};
use bytes::Bytes;

use crate::{Captions, Failure, Request, request::REQUEST, webvtt::webvtt};

/// The longest request, in bytes.
const MAX_REQUEST: u64 = 1 << 20;

/// The longest film, in bytes: it is in memory until it is in the outbox.
const MAX_FILM: u64 = 512 << 20;

/// The folders of a job.
const FILES: &str = "/request";
const FONTS: &str = "/fonts";

/// Burns the captions of the request in `folder` into its video, and returns the film as MP4.
pub(crate) fn burn(runtime: &Runtime, fonts: &HostDir, folder: &Path) -> Result<Bytes, Failure> {
    let storage = |error| Failure::storage("the files of the request", &error);
    let files = HostDir::open(folder).map_err(storage)?.read_only();
    let request = Request::parse(&read_request(&files)?)?;

    let memory = MemFs::new();
    let captions = match &request.captions {
        Captions::File(name) => file_of(&files, name)?,
        Captions::Timed(captions) => {
            memory.write("/captions.vtt", webvtt(captions)).map_err(storage)?;
            "/captions.vtt".to_owned()
        }
    };
    let video = file_of(&files, &request.video)?;
    let path = |text| VPath::new(text).map_err(|error| storage(error.into()));
    let fs = Mount::new(memory.clone()).mount(path(FILES)?, files).mount(path(FONTS)?, fonts.clone());

    let probe = runtime.probe_request(fs.clone(), &video).configure_job(limited).run()?;
    if probe.video().is_none() {
        let message = format!("{} has no picture", request.video);
        return Err(Failure::request(message, "send a video, and not sound alone"));
    }
    let input = Input::new(&video);
    let burnt = Subtitles::new(captions).force_style(request.style.forced()).on(&input.video())?;
    let output = Output::new("/film.mp4").video(burnt, h264(runtime)?).faststart();
    let output = if probe.audio().is_some() { output.audio(input.audio(), "aac") } else { output };
    let command = Command::new([output]);

    let prepared = runtime.prepare(fs, &command).probes([Some(probe)]);
    prepared.check()?;
    limited(prepared.job()).font_folders([FONTS]).run()?;
    memory.take("/film.mp4").map_err(storage)
}

/// The limits of a job. A long video and an endless one must both end.
fn limited(job: Job) -> Job {
    let limits = Limits::default().wall_time(Duration::from_secs(600));
    job.limits(limits.output(MAX_FILM).host_memory(2 * MAX_FILM))
}

fn read_request(files: &HostDir) -> Result<Bytes, Failure> {
    file_of(files, REQUEST)?;
    let storage = |error| Failure::storage(REQUEST, &error);
    let len = VPath::new(REQUEST)
        .map_err(io::Error::from)
        .and_then(|path| files.metadata(&path))
        .map_err(storage)?
        .len;
    if len > MAX_REQUEST {
        let message = format!("{REQUEST} has {len} bytes, more than {MAX_REQUEST}");
        return Err(Failure::request(message, "put long captions into a subtitle file"));
    }
    files.read(REQUEST).map_err(storage)
}

/// Returns the path of a file of the request in its jobs.
fn file_of(files: &HostDir, name: &str) -> Result<String, Failure> {
    if !files.exists(name) {
        let message = format!("the request has no file {name:?}");
        return Err(Failure::request(message, "put it into the folder before the folder is in the inbox"));
    }
    // Normalised, so that no name leads out of the folder.
    let path =
        VPath::new(name).map_err(|error| Failure::request(error.to_string(), "choose another name"))?;
    Ok(format!("{FILES}{path}"))
}

/// Returns an encoder that the module has: x264 only if it is a GPL one.
fn h264(runtime: &Runtime) -> Result<Codec, Failure> {
    let has_x264 = runtime.capabilities()?.encoder("libx264").is_some();
    let codec = if has_x264 {
        Codec::new("libx264").opt("crf", 21)
    } else {
        Codec::new("libopenh264").opt("b", "4M")
    };
    Ok(codec.opt("pix_fmt", "yuv420p"))
}
