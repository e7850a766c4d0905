//! ffprobe's version and its failure.

use super::section::object;

object! {
    /// The version of ffprobe, as printed by `-show_program_version`.
    ///
    /// ```
    /// use afmpeg_types::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"program_version": {"version": "9.0.2"}}"#).unwrap();
    /// assert_eq!(probe.program_version.unwrap().version.as_deref(), Some("9.0.2"));
    /// ```
    ProgramVersion {
        /// FFmpeg's version.
        version: Option<String>,
        /// The copyright notice.
        copyright: Option<String>,
        /// The compiler that built it.
        compiler_ident: Option<String>,
        /// The options of its `configure`.
        configuration: Option<String>,
    }
}

object! {
    /// The version of an FFmpeg library, as printed by ffprobe's `-show_library_versions`.
    ///
    /// ```
    /// use afmpeg_types::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"library_versions": [{"name": "libavcodec", "major": 62}]}"#).unwrap();
    /// assert_eq!(probe.library_versions[0].major, Some(62));
    /// ```
    LibraryVersion {
        /// The name: `libavcodec`...
        name: Option<String>,
        /// Incremented when its interface breaks.
        major: Option<i64>,
        /// Incremented when its interface grows.
        minor: Option<i64>,
        /// Incremented on other changes.
        micro: Option<i64>,
        /// The three as one number.
        version: Option<i64>,
        /// The three after the library's name: `Lavc62.28.102`.
        ident: Option<String>,
    }
}

object! {
    /// The failure of ffprobe, as printed by `-show_error`.
    ///
    /// ```
    /// use afmpeg_types::Probe;
    ///
    /// let probe = Probe::from_json(br#"{"error": {"code": -44, "string": "No such file or directory"}}"#).unwrap();
    /// assert_eq!(probe.error.unwrap().code, Some(-44));
    /// ```
    ProbeError {
        /// The AVERROR.
        code: Option<i64>,
        /// FFmpeg's message.
        string: Option<String>,
    }
}
