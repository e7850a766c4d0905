//! What ffprobe says of itself, and of its own failure.

use super::section::object;

object! {
    /// Which ffprobe this is, as its `-show_program_version` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"program_version": {"version": "9.0.2"}}"#).unwrap();
    /// assert_eq!(probe.program_version.unwrap().version.as_deref(), Some("9.0.2"));
    /// ```
    ProgramVersion {
        /// FFmpeg's version.
        version: Option<String>,
        /// Whose it is.
        copyright: Option<String>,
        /// The compiler that built it.
        compiler_ident: Option<String>,
        /// How it was configured.
        configuration: Option<String>,
    }
}

object! {
    /// One of FFmpeg's libraries, as ffprobe's `-show_library_versions` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"library_versions": [{"name": "libavcodec", "major": 62}]}"#).unwrap();
    /// assert_eq!(probe.library_versions[0].major, Some(62));
    /// ```
    LibraryVersion {
        /// `libavcodec`...
        name: Option<String>,
        /// Changes when its interface breaks.
        major: Option<i64>,
        /// Changes when its interface grows.
        minor: Option<i64>,
        /// Changes with anything else.
        micro: Option<i64>,
        /// The three in one number.
        version: Option<i64>,
        /// The three with the library's name: `Lavc62.28.102`.
        ident: Option<String>,
    }
}

object! {
    /// Why ffprobe failed, as its `-show_error` gives it.
    ///
    /// ```
    /// use afmpeg_engine::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"error": {"code": -44, "string": "No such file or directory"}}"#).unwrap();
    /// assert_eq!(probe.error.unwrap().code, Some(-44));
    /// ```
    ProbeError {
        /// The AVERROR.
        code: Option<i64>,
        /// What it means, in FFmpeg's words.
        string: Option<String>,
    }
}
