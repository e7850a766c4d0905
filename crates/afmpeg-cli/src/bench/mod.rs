//! `afmpeg bench`: the speed of everyday jobs on this machine, beside that of an installed FFmpeg.

mod jobs;
mod measure;
mod media;
mod native;
mod table;

use std::num::NonZero;

use self::{
    jobs::{JOBS, Threads},
    measure::Bench,
    native::Native,
    table::Row,
};
use crate::{
    bar::Bar,
    failure::Failure,
    module,
    options::BenchOptions,
    output::{self, Reader},
};

pub(crate) fn bench(options: &BenchOptions) -> Result<(), Failure> {
    // An unusable program is found before the module is compiled.
    let native = Native::find(options.native.as_deref())?;
    let runtime = module::load(&options.module)?;
    let is_hidden = options.json || options.quiet;
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let head = table::Head {
        ffmpeg: runtime.capabilities()?.ffmpeg.clone(),
        native: native.as_ref().map(Native::described),
        processors,
        rounds: options.rounds,
    };
    let bar = Bar::new("making the media", is_hidden);
    let bench = Bench::new(runtime, native, options.rounds)?;
    drop(bar);
    if !options.json && output::print(&head.text())? == Reader::Closed {
        return Ok(());
    }
    let mut rows = Vec::new();
    for job in JOBS {
        for threads in Threads::on(processors) {
            let bar = Bar::new(format!("{}, {}", job.name, threads.name()), is_hidden);
            let row: Row = bench.row(job, *threads)?;
            drop(bar);
            if !options.json && output::print(&row.text(head.native.is_some()))? == Reader::Closed {
                return Ok(());
            }
            rows.push(row);
        }
    }
    if options.json {
        output::print(&table::line(&head, &rows)?)?;
    }
    Ok(())
}
