//! Command lines with a slip of the pen in them.

use afmpeg_cmd::Job;

fn refusal(line: &str) -> String {
    Job::parse(line.split(' ')).expect_err("it has a slip").to_string()
}

#[test]
fn misspelt_switch_does_not_take_a_file_or_an_option_for_its_value() {
    assert_eq!(
        refusal("-i a.mp4 -shortets b.mp4"),
        "argument 3, \"b.mp4\": -shortets is no option of FFmpeg's own, and takes this for its value \
         (write -shortest, which has no value)"
    );
    // The input would become an output, and be written over.
    assert_eq!(
        refusal("-hide_baner -i a.mp4 b.mp4"),
        "argument 0, \"-hide_baner\": it is no option of FFmpeg's own, and -i follows it \
         (write -hide_banner, which has no value)"
    );
    assert_eq!(
        refusal("-i a.mp4 -shortets -y b.mp4"),
        "argument 2, \"-shortets\": it is no option of FFmpeg's own, and -y follows it \
         (write -shortest, which has no value)"
    );
    assert_eq!(
        refusal("-fflag -i a.mp4 b.mp4"),
        "argument 0, \"-fflag\": -i follows it (give it a value: options of codecs and formats have one)"
    );
}

#[test]
fn values_may_begin_with_a_dash() {
    for line in [
        "-i a.mp4 -flags -bitexact -movflags -faststart b.mp4",
        "-fflags -genpts -itsoffset -1 -i a.mp4 -avoid_negative_ts disabled b.mp4",
        "-i a.mp4 -presett fast b.mp4",
    ] {
        assert_eq!(Job::parse(line.split(' ')).unwrap().to_args().len(), line.split(' ').count(), "{line}");
    }
}
