//! The chapters of a file.

use afmpeg_engine::probe::Chapter;
use maud::{Markup, html};

use crate::report::{facts::MediaFacts, units};

/// Returns the table; nothing for a file without chapters.
pub(super) fn section(media: &MediaFacts) -> Option<Markup> {
    (!media.probe.chapters.is_empty()).then(|| {
        html! {
            table {
                thead {
                    tr {
                        th.number scope="col" { "#" }
                        th.number scope="col" { "Start" }
                        th.number scope="col" { "Length" }
                        th scope="col" { "Title" }
                    }
                }
                tbody {
                    @for (number, chapter) in (1_usize..).zip(media.probe.chapters.iter()) {
                        tr {
                            td.number { (number) }
                            td.number { (chapter.start_time().map(units::time).unwrap_or_default()) }
                            td.number { (length(chapter).unwrap_or_default()) }
                            td { bdi { (chapter.title().unwrap_or_default()) } }
                        }
                    }
                }
            }
        }
    })
}

fn length(chapter: &Chapter) -> Option<String> {
    Some(units::time(chapter.end_time()? - chapter.start_time()?))
}
