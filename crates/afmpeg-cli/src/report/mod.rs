//! `afmpeg report`: an HTML page about media files.

mod boxes;
mod chart;
mod columns;
mod destination;
mod facts;
mod frame_times;
mod gather;
mod packets;
mod page;
mod picture;
mod problems;
mod records;
mod sound;
mod stills;
mod units;
mod unread;

use destination::Destination;
use facts::FileFacts;

use crate::{failure::Failure, module, options::ReportOptions};

pub(crate) fn report(options: &ReportOptions) -> Result<(), Failure> {
    let destination = Destination::new(&options.output, options.overwrite)?;
    let runtime = module::load(&options.module)?;
    let mut failed = None;
    let mut files = Vec::new();
    for path in &options.files {
        let media = gather::gather(&runtime, path).map_err(|failure| {
            failure.print();
            let unread = (&failure).into();
            failed.get_or_insert(failure.silent());
            unread
        });
        files.push(FileFacts { name: path.display().to_string(), media });
    }
    destination.write(&page::page(&files, &runtime.capabilities()?.ffmpeg))?;
    failed.map_or(Ok(()), Err)
}
