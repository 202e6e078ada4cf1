#include "broker/metered_store.h"

namespace lanemq::broker {

MeteredStore::MeteredStore(core::MessageStore& store, Metrics& metrics, const Clock& clock)
    : store_(store),
      metrics_(metrics),
      clock_(clock),
      append_(Declare("append")),
      read_tail_(Declare("read_tail")),
      read_identities_(Declare("read_identities")),
      read_(Declare("read")),
      find_by_time_(Declare("find_by_time")),
      read_ends_(Declare("read_ends")),
      load_snapshot_(Declare("load_producer_snapshot")),
      save_snapshot_(Declare("save_producer_snapshot")) {}

template <typename Call>
auto MeteredStore::Timed(const Operation& operation, const Call& call) {
  const MonotonicTime started = clock_.Now();
  auto result = call();
  operation.seconds.Observe(ToSeconds(clock_.Now() - started));
  if (!result.ok()) {
    metrics_.SqlErrors(operation.name, NameOf(result.error().code)).Increment();
  }
  return result;
}

Status MeteredStore::CreatePartition(const core::PartitionLocation& location,
                                     std::string_view topic_name, Deadline deadline) {
  return store_.CreatePartition(location, topic_name, deadline);
}

Status MeteredStore::DropPartition(const core::PartitionLocation& location, Deadline deadline) {
  return store_.DropPartition(location, deadline);
}

Status MeteredStore::Append(const core::PartitionLocation& location,
                            std::span<const core::RecordPtr> records,
                            const core::ServerIdentity& expected_server, Deadline deadline) {
  return Timed(append_,
               [&] { return store_.Append(location, records, expected_server, deadline); });
}

Result<core::TailInfo> MeteredStore::ReadTail(const core::PartitionLocation& location,
                                              Deadline deadline) {
  return Timed(read_tail_, [&] { return store_.ReadTail(location, deadline); });
}

Result<std::vector<core::RecordIdentity>> MeteredStore::ReadIdentities(
    const core::PartitionLocation& location, core::Offset from, std::int32_t max,
    Deadline deadline) {
  return Timed(read_identities_,
               [&] { return store_.ReadIdentities(location, from, max, deadline); });
}

Result<std::vector<core::RecordPtr>> MeteredStore::Read(const core::PartitionLocation& location,
                                                        core::Offset from, core::ReadLimits limits,
                                                        Deadline deadline) {
  return Timed(read_, [&] { return store_.Read(location, from, limits, deadline); });
}

Result<std::optional<core::RecordIdentity>> MeteredStore::FindByTime(
    const core::PartitionLocation& location, WallTime time, Deadline deadline) {
  return Timed(find_by_time_, [&] { return store_.FindByTime(location, time, deadline); });
}

Result<std::vector<core::PartitionEnd>> MeteredStore::ReadEnds(
    std::span<const core::PartitionLocation> locations, Deadline deadline) {
  return Timed(read_ends_, [&] { return store_.ReadEnds(locations, deadline); });
}

Result<std::optional<core::ProducerSnapshot>> MeteredStore::LoadProducerSnapshot(
    const core::PartitionLocation& location, Deadline deadline) {
  return Timed(load_snapshot_, [&] { return store_.LoadProducerSnapshot(location, deadline); });
}

Status MeteredStore::SaveProducerSnapshot(const core::PartitionLocation& location,
                                          const core::ProducerSnapshot& snapshot,
                                          Deadline deadline) {
  return Timed(save_snapshot_,
               [&] { return store_.SaveProducerSnapshot(location, snapshot, deadline); });
}

}  // namespace lanemq::broker
