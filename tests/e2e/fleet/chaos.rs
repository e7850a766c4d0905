//! The short form of `cargo xtask fleet --chaos`.

use afmpeg_tests::fleet::Chaos;

use super::stage::{fixtures, run};

#[test]
fn lost_workers_servers_and_requests_change_no_output_and_cost_one_attempt_each() {
    run(async {
        let report = Chaos { seed: 1, jobs: 40, chunks: 12 }.run(&fixtures()).await;
        let report = report.unwrap_or_else(|problems| panic!("{problems}"));
        assert!(report.killed_workers > 0 && report.killed_servers > 0 && report.duplicates > 0, "{report}");
        assert!(report.refused_requests > 0, "{report}");
    });
}
