use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use afmpeg::cmd::recipes;
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        grid::{self, Grid},
        media::Media,
        numbers::time_above_zero,
        plan::Plan,
        recipe::Recipe,
    },
};

/// The most frames by default.
const FRAMES: u32 = 100;

#[derive(Debug, Args)]
pub(crate) struct Sprites {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    grid: Grid,

    /// Time between frames. Default: a second, or more for at most 100 frames
    #[arg(long, value_name = "TIME", value_parser = time_above_zero)]
    interval: Option<Duration>,
}

impl Recipe for Sprites {
    fn input(&self) -> &Path {
        &self.input
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-sprites", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Folder
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let duration = grid::duration(file)?;
        let interval = self.interval.unwrap_or_else(|| (duration / FRAMES).max(Duration::from_secs(1)));
        let (width, height) = self.grid.cell(file);
        let sprites = recipes::Sprites::new(duration, interval).cell(width, height);
        let sprites = sprites.grid(self.grid.columns, self.grid.rows);
        let path = media.inside("sprites.jpg");
        let output = sprites.output(&grid::input(file, interval).video(), &path)?;
        let sheets = 1..=sprites.sheets()?;
        let sheets = sheets.map(|number| media.inside(&format!("sprites_{number:03}.jpg")));
        let plan = Plan::new(&file.probe, [output]).describing(sheets);
        Ok(plan.text(media.inside("sprites.vtt"), sprites.vtt(&path)?))
    }
}
