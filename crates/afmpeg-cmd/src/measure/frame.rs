//! The values of one frame.

use super::Record;
use crate::{Time, recipes::RecipeError};

/// What a filter attached to one frame.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    number: u64,
    pub(super) time: Option<Time>,
    records: Vec<&'a Record>,
}

impl<'a> Frame<'a> {
    /// The frames of one stream's records.
    pub(super) fn of(records: impl Iterator<Item = &'a Record>) -> Vec<Self> {
        let mut frames: Vec<Self> = Vec::new();
        for record in records {
            // Where FFmpeg has built its graph anew, it counts anew.
            let is_same = |frame: &&mut Self| (frame.number, frame.time) == (record.frame, record.time);
            match frames.last_mut().filter(is_same) {
                Some(frame) => frame.records.push(record),
                None => frames.push(Self { number: record.frame, time: record.time, records: vec![record] }),
            }
        }
        frames
    }

    /// Keys and values, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.records.iter().map(|record| (record.key.as_str(), record.value.as_str()))
    }

    pub(super) fn text(&self, key: &str) -> Result<&'a str, RecipeError> {
        let found = self.iter().find(|(own, _)| *own == key);
        found.map(|(_, value)| value).ok_or_else(|| {
            let what = format!("{key} in frame {}", self.number);
            RecipeError::missing("records", what, "read them with the series that belongs to the stream")
        })
    }

    /// A number; infinite ones and those that are none are numbers, too.
    pub(super) fn number(&self, key: &str) -> Result<f64, RecipeError> {
        number(key, self.text(key)?)
    }
}

pub(super) fn number(key: &str, value: &str) -> Result<f64, RecipeError> {
    value.parse().map_err(|_| RecipeError::new(key, format!("{value:?}"), "a number"))
}
