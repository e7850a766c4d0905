//! Command lines with a misspelt option.

use afmpeg_cmd::Command;

fn refusal(line: &str) -> String {
    Command::parse(line.split(' ')).expect_err("an option is misspelt").to_string()
}

#[test]
fn misspelt_switch_does_not_take_a_file_or_an_option_as_its_value() {
    assert_eq!(
        refusal("-i a.mp4 -shortets b.mp4"),
        "argument 3, \"b.mp4\": -shortets is not an option of ffmpeg itself, and would take this as its value \
         (write -shortest, which has no value)"
    );
    // The input would become an output, and be overwritten.
    assert_eq!(
        refusal("-hide_baner -i a.mp4 b.mp4"),
        "argument 0, \"-hide_baner\": not an option of ffmpeg itself, and followed by -i \
         (write -hide_banner, which has no value)"
    );
    assert_eq!(
        refusal("-i a.mp4 -shortets -y b.mp4"),
        "argument 2, \"-shortets\": not an option of ffmpeg itself, and followed by -y \
         (write -shortest, which has no value)"
    );
    assert_eq!(
        refusal("-fflag -i a.mp4 b.mp4"),
        "argument 0, \"-fflag\": expected a value, found -i (add a value: every option of a codec or format has one)"
    );
}

#[test]
fn values_may_begin_with_a_dash() {
    for line in [
        "-i a.mp4 -flags -bitexact -movflags -faststart b.mp4",
        "-fflags -genpts -itsoffset -1 -i a.mp4 -avoid_negative_ts disabled b.mp4",
        "-i a.mp4 -presett fast b.mp4",
    ] {
        assert_eq!(
            Command::parse(line.split(' ')).unwrap().to_args().len(),
            line.split(' ').count(),
            "{line}"
        );
    }
}
