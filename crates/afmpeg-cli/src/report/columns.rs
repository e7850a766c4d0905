//! Values over time, in a limited number of columns of a chart.

use std::time::Duration;

use afmpeg_engine::Time;

/// The columns of a chart: equal parts of a duration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    seconds: f64,
    count: usize,
}

/// The least and the greatest value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Columns {
    pub(crate) fn new(duration: Duration, count: usize) -> Self {
        Self { seconds: duration.as_secs_f64(), count: count.max(1) }
    }

    pub(crate) fn count(self) -> usize {
        self.count
    }

    /// Returns the column of a time; the first and the last one are also those of times before and after all.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to the columns")]
    pub(crate) fn of(self, time: Time) -> usize {
        let part = time.as_secs_f64() / self.seconds;
        // NaN becomes 0.
        ((part * self.count as f64).max(0.0) as usize).min(self.count - 1)
    }

    /// Returns the start of a column.
    pub(crate) fn start(self, column: usize) -> Duration {
        Duration::from_secs_f64(self.seconds * column as f64 / self.count as f64)
    }

    /// Returns the range of the values in each column; `None` for a column without a value. Values that are not finite
    /// are left out.
    pub(crate) fn ranges(self, values: impl Iterator<Item = (usize, f64)>) -> Vec<Option<Range>> {
        let mut ranges = vec![None; self.count];
        for (column, value) in values.filter(|(_, value)| value.is_finite()) {
            let range = &mut ranges[column.min(self.count - 1)];
            *range = Some(match *range {
                Some(Range { min, max }) => Range { min: value.min(min), max: value.max(max) },
                None => Range { min: value, max: value },
            });
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_the_extremes() {
        let columns = Columns::new(Duration::from_secs(10), 5);
        let values = [(0, 1.0), (1, -3.0), (2, 5.0), (9, 2.0), (10, 4.0), (-1, 2.0), (3, f64::NEG_INFINITY)];
        let ranges = columns
            .ranges(values.into_iter().map(|(second, value)| (columns.of(Time::from_secs(second)), value)));
        let range = |min: f64, max: f64| Some(Range { min, max });
        assert_eq!(ranges, [range(-3.0, 2.0), range(5.0, 5.0), None, None, range(2.0, 4.0)]);
        assert_eq!(columns.start(3), Duration::from_secs(6));
    }

    #[test]
    fn file_without_duration_has_one_column_for_all() {
        let columns = Columns::new(Duration::ZERO, 5);
        assert_eq!((columns.of(Time::ZERO), columns.of(Time::from_secs(1))), (0, 4));
    }
}
