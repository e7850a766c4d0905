use super::Stream;
use crate::Ratio;

impl Stream {
    /// Returns a constant frame rate for the stream, in frames per second: its own; for a variable rate, the common
    /// rate nearest to the average, or the average itself if no common rate is near. `None` if the file has no rate.
    ///
    /// ```
    /// use afmpeg_types::{Probe, Ratio};
    ///
    /// // A phone's clip, whose times are multiples of 1/120 s.
    /// let json = r#"{ "streams": [{ "index": 0, "codec_type": "video", "r_frame_rate": "120/1", "avg_frame_rate": "1200/39" }] }"#;
    /// let probe = Probe::from_json(json.as_bytes()).unwrap();
    /// assert_eq!(probe.video().unwrap().steady_frame_rate(), Some(Ratio::from(30)));
    /// ```
    pub fn steady_frame_rate(&self) -> Option<Ratio> {
        // For a variable rate, ffprobe reports the unit of the times.
        let own = self.base_frame_rate().filter(|rate| rate.as_f64() <= 240.0);
        let Some(average) = self.frame_rate() else { return own };
        // ffprobe's rate is one at which every time is a multiple of the frame duration: often far above the average.
        if let Some(own) = own.filter(|own| own.as_f64() <= average.as_f64() * 1.1) {
            return Some(own);
        }
        let usual = [
            (10, 1),
            (12, 1),
            (15, 1),
            (24_000, 1001),
            (24, 1),
            (25, 1),
            (30_000, 1001),
            (30, 1),
            (48, 1),
            (50, 1),
            (60_000, 1001),
            (60, 1),
            (100, 1),
            (120_000, 1001),
            (120, 1),
        ];
        let off = |rate: &Ratio| (rate.as_f64() / average.as_f64()).ln().abs();
        let usual = usual.into_iter().filter_map(|(num, den)| Ratio::new(num, den));
        let next = usual.min_by(|one, other| off(one).total_cmp(&off(other)));
        Some(next.filter(|rate| off(rate) < 0.1).unwrap_or(average))
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    fn rate(own: &str, average: &str) -> String {
        let json = format!(
            r#"{{"index":0,"codec_type":"video","r_frame_rate":"{own}","avg_frame_rate":"{average}"}}"#
        );
        let stream: Stream = serde_json::from_str(&json).unwrap();
        stream.steady_frame_rate().unwrap().to_string()
    }

    #[test]
    fn constant_rates_are_kept() {
        for own in ["12", "24000/1001", "25", "30000/1001", "60000/1001", "120", "100", "17", "240"] {
            let ffprobes = if own.contains('/') { own.to_owned() } else { format!("{own}/1") };
            assert_eq!(rate(&ffprobes, &ffprobes), own);
        }
        // Only the last frame is longer.
        assert_eq!(rate("25/1", "2475/100"), "25");
        assert_eq!(rate("120/1", "119880/1000"), "120");
        // Without an average.
        assert_eq!(rate("30000/1001", "0/0"), "30000/1001");
    }

    #[test]
    fn variable_rates_become_the_common_rate_next_to_their_average() {
        for (average, expected) in [
            ("1188/100", "12"),
            ("1213/100", "12"),
            ("1497/100", "15"),
            ("23970/1000", "24000/1001"),
            ("23977/1000", "24000/1001"),
            ("2490/100", "25"),
            ("2513/100", "25"),
            ("29950/1000", "30000/1001"),
            ("29972/1000", "30000/1001"),
            ("3086/100", "30"),
            ("3142/100", "30"),
            ("5790/100", "60000/1001"),
            ("5845/100", "60000/1001"),
            ("59930/1000", "60000/1001"),
            ("59950/1000", "60000/1001"),
            ("11850/100", "120000/1001"),
            ("12050/100", "120"),
        ] {
            // A common multiple of all times: far above the rate, or the unit of the times.
            for own in ["240/1", "600/1", "90000/1", "0/0"] {
                assert_eq!(rate(own, average), expected, "{own} and {average}");
            }
        }
        // Far from any common rate, the average is used.
        assert_eq!(rate("600/1", "77/1"), "77");
        assert_eq!(rate("1000/1", "5/2"), "5/2");
    }
}
