//! What the engine gives a guest beside WASI, shown by small C programs: `wasm-build/guests`.

use afmpeg_vfs::MemFs;

use crate::harness::guest;

#[test]
fn setjmp_and_longjmp_work_in_main_and_in_threads_nested_and_deep() {
    let output = guest("sjlj").job(MemFs::new()).run().unwrap();
    let mut lines: Vec<&str> = std::str::from_utf8(output.stdout()).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["main: ok", "thread 1: ok", "thread 2: ok", "thread 3: ok", "thread 4: ok"]);
}
