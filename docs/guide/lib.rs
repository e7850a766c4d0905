//! The guide: its chapters are in `src/`, and mdBook renders them.
//!
//! The documentation tests of this crate compile every Rust snippet. The tasks of the cookbook are data, for the test
//! that runs them.

mod blocks;
mod builders;
mod tasks;

pub use builders::Builder;
pub use tasks::{CHAPTERS, Task, tasks};

/// Each chapter as documentation, whose snippets rustdoc compiles.
#[cfg(doctest)]
mod chapters {
    macro_rules! chapters {
        ($($name:ident $path:literal,)*) => {
            $(#[doc = include_str!($path)] mod $name {})*
        };
    }

    chapters! {
        introduction "src/introduction.md",
        first_steps "src/first-steps.md",
        cookbook "src/cookbook.md",
        pictures "src/cookbook/pictures.md",
        films "src/cookbook/films.md",
        sound "src/cookbook/sound.md",
        text "src/cookbook/text.md",
        streaming "src/cookbook/streaming.md",
        inspection "src/cookbook/inspection.md",
        from_the_command "src/from-the-command.md",
        from_sidecar "src/from-sidecar.md",
        from_libav "src/from-libav.md",
        filesystems "src/filesystems.md",
        limits "src/limits.md",
        security "src/security.md",
        operations "src/operations.md",
        fleets "src/fleets.md",
        determinism "src/determinism.md",
        modules "src/modules.md",
    }
}
