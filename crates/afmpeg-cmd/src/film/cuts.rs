//! The choice of cuts among key frames.

/// Returns the key frames at which to cut into at most `chunks` parts of even length: to each even cut the nearest key
/// frame, once. `keys` are sorted, and lie between `start` and `end`.
pub(super) fn nearest(keys: &[i64], start: i64, end: i64, chunks: u64) -> Vec<usize> {
    // More chunks than there are key frames add no cut.
    let chunks = i128::from(chunks.clamp(1, keys.len() as u64 + 1));
    let length = i128::from(end) - i128::from(start);
    let mut cuts: Vec<usize> = Vec::new();
    for number in 1..chunks {
        let even = i128::from(start) + length * number / chunks;
        let next = keys.partition_point(|key| i128::from(*key) < even);
        let distance = |index: &usize| (i128::from(keys[*index]) - even).abs();
        let around = next.saturating_sub(1)..keys.len().min(next + 1);
        if let Some(nearest) = around.min_by_key(distance).filter(|found| cuts.last() != Some(found)) {
            cuts.push(nearest);
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_are_at_the_key_frames_nearest_to_even_ones() {
        let keys: Vec<i64> = (1..10).map(|key| key * 10).collect();
        assert_eq!(nearest(&keys, 0, 100, 4), [1, 4, 6]);
        assert_eq!(nearest(&keys, 0, 100, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(nearest(&keys, 0, 100, u64::MAX).len(), 9);
        for few in [0, 1] {
            assert!(nearest(&keys, 0, 100, few).is_empty());
        }
        assert!(nearest(&[], 0, 100, 8).is_empty());
        // Rare key frames: both even cuts have the same nearest one.
        assert_eq!(nearest(&[90], 0, 100, 3), [0]);
        assert_eq!(nearest(&[i64::MAX - 1], i64::MIN, i64::MAX, 2), [0]);
    }

    proptest! {
        #[test]
        fn cuts_are_different_key_frames_in_order(
            mut keys in prop::collection::vec(1i64..10_000, 0..100), chunks: u64, few in 0u64..20,
        ) {
            keys.sort_unstable();
            keys.dedup();
            for chunks in [chunks, few] {
                let cuts = nearest(&keys, 0, 10_000, chunks);
                prop_assert!(cuts.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(cuts.iter().all(|cut| *cut < keys.len()));
                prop_assert!((cuts.len() as u64) < chunks.max(1));
            }
        }
    }
}
