use serde::{Deserialize, Serialize};

use crate::Ratio;

/// The policy for the seams between chunks, each with its cost.
///
/// ```
/// use afmpeg_cmd::film::Seam;
///
/// assert_eq!(Seam::default(), Seam::ConstantQuality);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Seam {
    /// Each chunk has the same quality (`crf`, `qp`), which does not depend on other chunks.
    ///
    /// Its cost is one more key frame per chunk, and an encoder whose look-ahead starts without history. With `maxrate`
    /// and `bufsize` as well, the buffer is full again at each seam, where the rate may exceed the limit by one buffer.
    #[default]
    ConstantQuality,
    /// Each chunk has a share of the variant's [`max_bytes`](super::Variant::max_bytes), in proportion to its duration:
    /// a constant bit rate with a buffer of a second, or a tenth of the shortest chunk. For `libx264` and `libx265`.
    ///
    /// In addition to the cost of constant quality, bits cannot move from simple chunks to complex ones, and the buffer
    /// of each chunk is subtracted from the limit: 3 % for chunks of 30 seconds.
    Capped,
    /// One chunk, so that quality and size are those of one encode. Its cost is time: only the sound is encoded on
    /// another worker. Accepts any rate control in one pass.
    Serial,
}

/// A constant bit rate, and the size of its buffer, in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cap {
    pub(super) bit_rate: u64,
    pub(super) buffer: u64,
}

impl Cap {
    /// Returns the highest rate at which no chunk exceeds its share of `bytes`, and so the film does not exceed them.
    /// `total` and `shortest` are the durations of the film and of its shortest chunk, in units of `time_base`. `None`
    /// if the rate is below one bit per second.
    pub(super) fn of(bytes: u64, total: i64, shortest: i64, time_base: Ratio) -> Option<Self> {
        let (total, shortest) = (i128::from(total), i128::from(shortest));
        let (unit, units) = (i128::from(time_base.num()), i128::from(time_base.den()));
        // A chunk of duration d has at most rate * d bits, and those of the buffer.
        let buffered = (units / unit).min(shortest / 10).max(1);
        let share = (i128::from(bytes) * 8).checked_mul(shortest)?;
        let bit_rate =
            share.checked_mul(units)? / total.checked_mul(shortest + buffered)?.checked_mul(unit)?;
        let buffer = (bit_rate * buffered * unit / units).max(1);
        let positive = |number: i128| u64::try_from(number).ok().filter(|number| *number > 0);
        Some(Self { bit_rate: positive(bit_rate)?, buffer: positive(buffer)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chunks_of_half_a_minute_lose_one_part_in_31_to_the_buffer() {
        let base = Ratio::new(1, 90_000).unwrap();
        let cap = Cap::of(31_000_000, 600 * 90_000, 30 * 90_000, base).unwrap();
        assert_eq!(cap, Cap { bit_rate: 400_000, buffer: 400_000 });
        assert_eq!(Cap::of(1, 600 * 90_000, 30 * 90_000, base), None);
    }

    proptest! {
        #[test]
        fn chunks_fit_into_their_share(
            bytes in 1u64..1 << 40, shortest in 1i64..1 << 24, longer in 0i64..1 << 24, rest in 0i64..1 << 34,
            units in 1i64..1_000_000,
        ) {
            let base = Ratio::new(1, units).unwrap();
            let (total, duration) = (2 * shortest + longer + rest, shortest + longer);
            if let Some(cap) = Cap::of(bytes, total, shortest, base) {
                let used = i128::from(cap.bit_rate) * i128::from(duration) + i128::from(cap.buffer) * i128::from(units);
                let share = i128::from(bytes) * 8 * i128::from(duration) * i128::from(units) / i128::from(total);
                // A buffer has at least one bit.
                prop_assert!(used <= share + i128::from(units), "{cap:?}: {used} of {share}");
            }
        }
    }
}
