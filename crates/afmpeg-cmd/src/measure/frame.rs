//! The values of a frame.

use super::record::Record;
use crate::{Time, recipes::RecipeError};

/// The values that a filter attached to a frame.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    number: u64,
    pub(super) time: Option<Time>,
    records: Vec<&'a Record>,
}

impl<'a> Frame<'a> {
    /// Groups the records of one stream by frame.
    pub(super) fn of(records: impl Iterator<Item = &'a Record>) -> Vec<Self> {
        let mut frames: Vec<Self> = Vec::new();
        for record in records {
            // Frame numbers restart when FFmpeg rebuilds its graph.
            let is_same = |frame: &&mut Self| (frame.number, frame.time) == (record.frame, record.time);
            match frames.last_mut().filter(is_same) {
                Some(frame) => frame.records.push(record),
                None => frames.push(Self { number: record.frame, time: record.time, records: vec![record] }),
            }
        }
        frames
    }

    /// Returns keys and values, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.records.iter().map(|record| (record.key.as_str(), record.value.as_str()))
    }

    pub(super) fn text(&self, key: &str) -> Result<&'a str, RecipeError> {
        let found = self.iter().find(|(own, _)| *own == key);
        found.map(|(_, value)| value).ok_or_else(|| {
            let value = format!("{key} in frame {}", self.number);
            RecipeError::missing("records", value, "read them with the series of the same stream")
        })
    }

    /// Parses a number; infinity and NaN are numbers as well.
    pub(super) fn number(&self, key: &str) -> Result<f64, RecipeError> {
        number(key, self.text(key)?)
    }
}

pub(super) fn number(key: &str, value: &str) -> Result<f64, RecipeError> {
    value.parse().map_err(|_| RecipeError::new(key, format!("{value:?}"), "a number"))
}
