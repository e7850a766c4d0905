//! Charts over the time of a file, in SVG that stretches to the width of the page. Their texts are HTML beside it, and
//! keep their size.

use std::{fmt::Write as _, time::Duration};

use maud::{Markup, html};

use super::{columns::Columns, units};

/// The width of the drawing, in its own units.
pub(crate) const WIDTH: f64 = 1000.0;

/// The height of the drawing, in its own units.
pub(crate) const HEIGHT: f64 = 100.0;

/// A chart over time.
pub(crate) struct Chart<'a> {
    /// Its description, for readers that cannot see it.
    pub(crate) label: &'a str,
    /// The values on its left, from the top to the bottom.
    pub(crate) scale: &'a [String],
    pub(crate) duration: Duration,
    /// The elements of the SVG.
    pub(crate) drawing: Markup,
    /// Whether it is lower than others.
    pub(crate) is_low: bool,
}

impl Chart<'_> {
    pub(crate) fn render(&self) -> Markup {
        html! {
            div.chart.low[self.is_low] {
                div.scale aria-hidden="true" {
                    @for value in self.scale { span { (value) } }
                }
                (svg(self.label, &self.drawing))
                (axis(self.duration))
            }
        }
    }
}

/// A drawing with a description.
pub(crate) fn svg(label: &str, drawing: &Markup) -> Markup {
    html! {
        svg viewBox={ "0 0 " (number(WIDTH)) " " (number(HEIGHT)) } preserveAspectRatio="none"
            role="img" aria-label=(label) {
            (drawing)
        }
    }
}

/// The times below a chart.
pub(crate) fn axis(duration: Duration) -> Markup {
    html! {
        div.axis aria-hidden="true" {
            @for quarter in 0..=4_u32 { span { (units::duration(duration * quarter / 4)) } }
        }
    }
}

/// Returns the path of an area between two values in each column, in units of the drawing from the top; columns without
/// values are empty.
pub(crate) fn band(columns: Columns, values: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    for run in runs(values) {
        let width = WIDTH / columns.count() as f64;
        let x = |column: usize| column as f64 * width;
        let top = run.iter().map(|(column, (top, _))| (*column, *top));
        let bottom = run.iter().rev().map(|(column, (_, bottom))| (*column, *bottom));
        let forth = top.flat_map(|(column, y)| [(x(column), y), (x(column + 1), y)]);
        let back = bottom.flat_map(|(column, y)| [(x(column + 1), y), (x(column), y)]);
        for (number, (x, y)) in forth.chain(back).enumerate() {
            point(&mut path, number == 0, x, y);
        }
        path.push('Z');
    }
    path
}

/// Returns the path of a line through the middle of each column.
pub(crate) fn line(columns: Columns, values: &[Option<f64>]) -> String {
    let mut path = String::new();
    for run in runs(values) {
        for (number, (column, y)) in run.into_iter().enumerate() {
            let x = (column as f64 + 0.5) * WIDTH / columns.count() as f64;
            point(&mut path, number == 0, x, y);
        }
    }
    path
}

/// Returns the columns with values, in groups of neighbours.
fn runs<T: Copy>(values: &[Option<T>]) -> Vec<Vec<(usize, T)>> {
    let mut runs: Vec<Vec<(usize, T)>> = Vec::new();
    let mut is_open = false;
    for (column, value) in values.iter().enumerate() {
        if let Some(value) = value {
            if !is_open {
                runs.push(Vec::new());
            }
            if let Some(run) = runs.last_mut() {
                run.push((column, *value));
            }
        }
        is_open = value.is_some();
    }
    runs
}

fn point(path: &mut String, is_first: bool, x: f64, y: f64) {
    let command = if is_first { 'M' } else { 'L' };
    // Writing to a string cannot fail.
    let _ = write!(path, "{command}{} {}", number(x), number(y));
}

/// A coordinate, with one decimal at most.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn band_and_line_are_interrupted_where_values_are_missing() {
        let columns = Columns::new(Duration::from_secs(4), 4);
        let band = band(columns, &[Some((10.0, 20.0)), None, Some((0.0, 100.0)), Some((0.25, 50.0))]);
        assert_eq!(
            band,
            "M0 10L250 10L250 20L0 20ZM500 0L750 0L750 0.2L1000 0.2L1000 50L750 50L750 100L500 100Z"
        );
        assert_eq!(line(columns, &[Some(1.0), Some(2.0), None, Some(3.0)]), "M125 1L375 2M875 3");
    }
}
