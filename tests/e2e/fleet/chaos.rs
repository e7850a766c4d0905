//! The short form of `cargo xtask fleet --chaos`.

use afmpeg_tests::fleet::{Chaos, Fixtures};

use super::stage::run;
use crate::{
    command_line::binary,
    harness::{CLIP, FULL_GPL, module_path, repository},
};

#[test]
fn lost_workers_servers_and_requests_change_no_output_and_cost_one_attempt_each() {
    run(async {
        let fixtures = Fixtures {
            command: binary(),
            module: module_path(FULL_GPL),
            clip: repository().join("fixtures").join(CLIP),
        };
        let report = Chaos { seed: 1, jobs: 40, chunks: 12 }.run(&fixtures).await;
        let report = report.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(report.killed_workers > 0 && report.killed_servers > 0 && report.duplicates > 0, "{report}");
        assert!(report.refused_requests > 0, "{report}");
    });
}
