use std::path::{Path, PathBuf};

use afmpeg::cmd::recipes::ContactSheet;
use clap::Args;

use crate::{
    failure::Failure,
    make::{
        format::Content,
        grid::{self, Grid},
        media::Media,
        plan::Plan,
        recipe::Recipe,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Sheet {
    /// Video
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    #[command(flatten)]
    grid: Grid,

    /// Space between the frames and around them, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 4)]
    padding: u32,

    /// Font file, with which the time is drawn into each frame
    #[arg(long, value_name = "FILE")]
    times: Option<PathBuf>,
}

impl Recipe for Sheet {
    fn input(&self) -> &Path {
        &self.input
    }

    fn others(&self) -> Vec<&Path> {
        self.times.iter().map(PathBuf::as_path).collect()
    }

    fn default_output(&self, media: &Media<'_>) -> Result<String, Failure> {
        Ok(format!("{}-sheet.jpg", media.first.stem))
    }

    fn content(&self, _: &Media<'_>) -> Content {
        Content::Image
    }

    fn plan(&self, media: &Media<'_>) -> Result<Plan, Failure> {
        let file = &media.first;
        let duration = grid::duration(file)?;
        let (width, height) = self.grid.cell(file);
        let (columns, rows) = (self.grid.columns, self.grid.rows);
        let sheet = ContactSheet::new(duration, columns, rows).cell(width, height);
        let sheet = sheet.padding(self.padding).margin(self.padding);
        let sheet = media.others.iter().fold(sheet, |sheet, font| sheet.times(font));
        let input = grid::input(file, duration / columns.saturating_mul(rows).max(1));
        Ok(Plan::new(&file.probe, [sheet.output(&input.video(), &media.output)?]))
    }
}
