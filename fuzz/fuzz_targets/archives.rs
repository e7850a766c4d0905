#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| afmpeg_vfs::fuzz::archives(data));
