//! `afmpeg report`: an HTML page about media files, or their facts and problems as JSON.

mod boxes;
mod chart;
mod columns;
mod destination;
mod facts;
mod frame_times;
mod gather;
mod json;
mod packets;
mod page;
mod picture;
mod problems;
mod records;
mod sound;
mod steps;
mod stills;
mod units;
mod unread;

use destination::Destination;
use facts::FileFacts;
use steps::Steps;

use crate::{failure::Failure, module, options::ReportOptions, output};

pub(crate) fn report(options: &ReportOptions) -> Result<(), Failure> {
    let destination = if options.json {
        None
    } else {
        Some(Destination::new(&options.output, options.overwrite, &options.files)?)
    };
    let runtime = module::load(&options.module)?;
    let mut failed = None;
    let mut files = Vec::new();
    for path in &options.files {
        let name = path.display().to_string();
        let steps = Steps { file: &name, is_hidden: options.quiet };
        let media = gather::gather(&runtime, path, steps).map_err(|failure| {
            failure.print();
            let unread = (&failure).into();
            failed.get_or_insert(failure.silent());
            unread
        });
        files.push(FileFacts { name, media });
    }
    let ffmpeg = &runtime.capabilities()?.ffmpeg;
    match destination {
        Some(destination) => destination.write(&page::page(&files, ffmpeg), options.quiet)?,
        None => output::print(&json::line(&files, ffmpeg)?).map(drop)?,
    }
    failed.map_or(Ok(()), Err)
}
