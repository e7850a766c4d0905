//! Which streams an output takes, as FFmpeg reads it.

use afmpeg_cmd::{Input, Job, Output, OutputStream};

/// `cmdutils.c` reads values of metadata up to the next colon, and `u` only where nothing or a colon follows.
#[test]
fn mark_of_what_is_optional_is_no_part_of_a_specifier() {
    let film = Input::new("a.mkv");
    for (specifier, map) in [
        ("", "0?"),
        ("s", "0:s?"),
        ("a:1", "0:a:1?"),
        ("p:1:a", "0:p:1:a?"),
        ("m:language:fra", "0:m:language:fra:?"),
        ("a:m:language:fra", "0:a:m:language:fra:?"),
        ("v:u", "0:v:u:?"),
        ("u", "0:u:?"),
    ] {
        let output = Output::new("b.mkv").stream(OutputStream::all_of(&film, specifier).optional());
        let job = Job::new([output]);
        assert_eq!(job.to_args()[3], map);
        assert_eq!(Job::parse(job.to_args()).unwrap().outputs[0].streams, job.outputs[0].streams, "{map}");
    }
}
