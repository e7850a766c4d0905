//! The report as a bar chart in SVG.

use anyhow::Context as _;
use plotters::prelude::*;

use super::report::Report;

const WIDTH: u32 = 860;
const BAR: u32 = 20;
const LABELS: u32 = 250;
const OURS: RGBColor = RGBColor(0x2f, 0x6f, 0xb0);
const RANGE: RGBColor = RGBColor(0x20, 0x20, 0x20);

/// Returns the ratios of processor time as horizontal bars, with the range of the rounds.
pub(super) fn svg(report: &Report) -> anyhow::Result<String> {
    let count = u32::try_from(report.rows.len())?;
    let highest = report.rows.iter().map(|row| row.processor.highest).fold(1.0, f64::max);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, count * BAR + 80)).into_drawing_area();
        area.fill(&WHITE)?;
        let rows = 0.0..f64::from(count);
        let mut chart = ChartBuilder::on(&area)
            .caption("Processor time compared with native FFmpeg (1 = equal)", ("sans-serif", 16))
            .margin(8)
            .x_label_area_size(24)
            .y_label_area_size(LABELS)
            .build_cartesian_2d(0.0..highest * 1.05, rows)?;
        chart.configure_mesh().disable_y_mesh().disable_y_axis().x_labels(8).draw()?;
        for (at, row) in (0..count).rev().map(f64::from).zip(&report.rows) {
            let bar = [(0.0, at + 0.15), (row.processor.median, at + 0.85)];
            let range = [(row.processor.lowest, at + 0.5), (row.processor.highest, at + 0.5)];
            chart.draw_series([Rectangle::new(bar, OURS.filled())])?;
            chart.draw_series([PathElement::new(range, RANGE)])?;
            let (x, y) = chart.backend_coord(&(0.0, at + 0.5));
            let style =
                ("sans-serif", 12).into_text_style(&area).pos(plotters::style::text_anchor::Pos::new(
                    plotters::style::text_anchor::HPos::Right,
                    plotters::style::text_anchor::VPos::Center,
                ));
            area.draw(&Text::new(row.name.clone(), (x - 6, y), style))?;
        }
        chart.draw_series([PathElement::new([(1.0, 0.0), (1.0, f64::from(count))], RED)])?;
        area.present().context("cannot draw the chart")?;
    }
    Ok(text)
}
