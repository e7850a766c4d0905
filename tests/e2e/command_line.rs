//! The `afmpeg` command, run as a person runs it.
