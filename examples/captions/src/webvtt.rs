use std::{fmt::Write as _, time::Duration};

use crate::Caption;

/// Returns captions as WebVTT, in which every text can be represented.
pub(crate) fn webvtt(captions: &[Caption]) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for Caption { from, to, text } in captions {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Writing to a string cannot fail.
        let _ = writeln!(file, "\n{} --> {}", clock(*from), clock(*to));
        // An empty line would end the caption.
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(file, "{line}");
        }
    }
    file
}

fn clock(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_empty_lines_are_text() {
        let (from, to) = (Duration::from_millis(3_661_500), Duration::from_secs(3_662));
        let captions = [Caption { from, to, text: "1 < 2 & 3\n\n--> all".to_owned() }];
        let expected = "WEBVTT\n\n01:01:01.500 --> 01:01:02.000\n1 &lt; 2 &amp; 3\n--&gt; all\n";
        assert_eq!(webvtt(&captions), expected);
    }
}
