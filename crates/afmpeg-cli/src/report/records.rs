//! Reads measurements while they arrive.

use afmpeg::cmd::{
    measure::{Record, Series},
    recipes::RecipeError,
};
use afmpeg_engine::measurements::Measurement;

/// The values of a series whose records arrive one by one.
pub(super) struct Reading<T> {
    /// The number of its stream of records.
    stream: usize,
    series: Series<T>,
    /// Whether each frame has its values alone. Their records are then not kept: those of a long film take gigabytes.
    is_by_frame: bool,
    waiting: Vec<Record>,
    values: Vec<T>,
}

impl<T> Reading<T> {
    /// A series of values of single frames.
    pub(super) fn of_frames(stream: usize, series: Series<T>) -> Self {
        Self { stream, series, is_by_frame: true, waiting: Vec::new(), values: Vec::new() }
    }

    /// A series of values that depend on several frames, with few records.
    pub(super) fn of_spans(stream: usize, series: Series<T>) -> Self {
        Self { is_by_frame: false, ..Self::of_frames(stream, series) }
    }

    /// Adds a measurement, unless it is of another stream.
    pub(super) fn add(&mut self, found: &Measurement) -> Result<(), RecipeError> {
        if found.stream != self.stream {
            return Ok(());
        }
        let is_next = |last: &Record| {
            last.frame != found.frame || last.time.map(|time| time.as_micros()) != micros(found)
        };
        if self.is_by_frame && self.waiting.last().is_some_and(is_next) {
            self.read()?;
        }
        let (key, value) = (found.key.as_str(), found.value.as_str());
        self.waiting.push(Record::new(found.stream, found.frame, micros(found), key, value));
        Ok(())
    }

    /// Returns all values.
    pub(super) fn end(mut self) -> Result<Vec<T>, RecipeError> {
        self.read()?;
        Ok(self.values)
    }

    fn read(&mut self) -> Result<(), RecipeError> {
        let values = self.series.read(&self.waiting)?;
        self.values.extend(values);
        self.waiting.clear();
        Ok(())
    }
}

fn micros(found: &Measurement) -> Option<i64> {
    found.time.map(|time| time.as_micros())
}
