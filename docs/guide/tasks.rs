//! The tasks of the cookbook.

use crate::{
    blocks::{Block, blocks},
    builders::{Builder, builders_of},
};

/// The chapters of the cookbook, each with its Markdown.
pub const CHAPTERS: &[(&str, &str)] = &[
    ("pictures", include_str!("src/cookbook/pictures.md")),
    ("films", include_str!("src/cookbook/films.md")),
    ("sound", include_str!("src/cookbook/sound.md")),
    ("text", include_str!("src/cookbook/text.md")),
    ("streaming", include_str!("src/cookbook/streaming.md")),
    ("inspection", include_str!("src/cookbook/inspection.md")),
];

/// A task in its forms.
#[derive(Debug)]
pub struct Task {
    /// The heading.
    pub title: String,
    /// The lines of `afmpeg make`, as a script for a shell; empty if no command of it does the task.
    pub make: String,
    /// The lines of `afmpeg run`, as a script for a shell.
    pub script: String,
    /// The Rust code with the raw arguments.
    pub arguments: String,
    /// The snippets of the command builder.
    pub builders: Vec<Builder>,
    /// Whether its builder writes no files.
    pub only_reads: bool,
    /// Whether its command neither writes files nor prints: it succeeds or fails.
    pub is_check: bool,
}

/// Returns the tasks of a [chapter](CHAPTERS), in order.
pub fn tasks(chapter: &str) -> Vec<Task> {
    let Some((_, markdown)) = CHAPTERS.iter().find(|(name, _)| *name == chapter) else { return Vec::new() };
    let blocks = blocks(markdown);
    let mut titles: Vec<&str> = blocks.iter().map(|block| block.task.as_str()).collect();
    titles.dedup();
    let task = |title: &str| {
        let with =
            |tag: &'static str| blocks.iter().filter(move |block| block.task == title && block.is(tag));
        let text = |tag| with(tag).map(|block: &Block| block.text.as_str()).collect::<String>();
        Task {
            title: title.to_owned(),
            make: text("make"),
            script: text("cookbook"),
            arguments: text("arguments"),
            builders: builders_of(chapter, title),
            only_reads: with("reads").next().is_some(),
            is_check: with("checks").next().is_some(),
        }
    };
    titles.into_iter().map(task).collect()
}
