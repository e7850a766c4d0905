//! The packets of a file.

use std::{collections::BTreeMap, ops::ControlFlow};

use afmpeg_engine::{
    Error, Limits, Probe, Runtime, Time,
    probe::{Packet, PacketOrFrame},
};

use super::facts::{PacketFacts, TimedPacket};
use crate::media_file::MediaFile;

/// Probes a file, and reads the facts of all its packets, in the order of the streams.
pub(super) fn list(
    runtime: &Runtime,
    file: &MediaFile,
    limits: Limits,
) -> Result<(Probe, Vec<PacketFacts>), Error> {
    let mut listed: BTreeMap<i64, Listed> = BTreeMap::new();
    let request = runtime.probe_request(file.fs.clone(), &file.path).packets();
    let request = request.configure_job(move |job| job.limits(limits.clone()));
    let probe = request.for_each(|entry| {
        if let PacketOrFrame::Packet(packet) = entry {
            listed.entry(packet.stream_index.unwrap_or(-1)).or_default().add(&packet);
        }
        ControlFlow::Continue(())
    })?;
    let start = probe.format.as_ref().and_then(|format| format.start_time()).unwrap_or_default();
    let of_stream = |index: i64| listed.remove(&index).unwrap_or_default().counted_from(start);
    let packets = probe.streams.iter().map(|stream| stream.index).map(of_stream).collect();
    Ok((probe, packets))
}

/// The packets of a stream so far.
#[derive(Default)]
struct Listed {
    facts: PacketFacts,
    last_dts: Option<i64>,
}

impl Listed {
    fn add(&mut self, packet: &Packet) {
        let facts = &mut self.facts;
        let has_flag = |flag: char| packet.flags.as_deref().is_some_and(|flags| flags.contains(flag));
        if facts.count == 0 {
            facts.starts_with_key = packet.is_key();
        }
        let bytes = packet.size().unwrap_or_default();
        facts.count += 1;
        facts.bytes += bytes;
        facts.corrupt += u64::from(has_flag('C'));
        facts.without_pts += u64::from(packet.pts.is_none());
        let time = packet.pts_time().or(packet.dts_time());
        if let Some(dts) = packet.dts {
            if self.last_dts.is_some_and(|last| dts <= last) {
                facts.backward += 1;
                facts.first_backward = facts.first_backward.or(time);
            }
            self.last_dts = Some(dts);
        }
        let Some(time) = time else { return };
        let duration = packet.duration_time.as_deref().and_then(|text| text.parse::<Time>().ok());
        let is_discarded = has_flag('D');
        if !is_discarded {
            facts.end = facts.end.max(Some(time + duration.unwrap_or_default()));
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        facts.timed.push(TimedPacket { time, bytes, is_key: packet.is_key(), is_discarded });
    }

    /// Returns the facts with times from the start of the file.
    fn counted_from(self, start: Time) -> PacketFacts {
        let mut facts = self.facts;
        for packet in &mut facts.timed {
            packet.time = packet.time - start;
        }
        facts.timed.sort_by_key(|packet| packet.time);
        facts.end = facts.end.map(|end| end - start);
        facts.first_backward = facts.first_backward.map(|time| time - start);
        facts
    }
}
