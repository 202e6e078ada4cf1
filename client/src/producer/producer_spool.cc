#include <utility>

#include "client/src/producer/producer_impl.h"
#include "client/src/publisher/cluster_publisher.h"

// A producer with a spool; see producer_impl.h.
namespace lanemq {

Status Producer::Impl::OpenSpool() {
  if (options_.spool_dir.empty()) return {};
  std::function<void(const ProducerRecord&, const std::string&)> on_refused;
  if (options_.on_spool_refused) {
    on_refused = [this](const ProducerRecord& record, const std::string& error) {
      callbacks_.Post([this, record, error] { options_.on_spool_refused(record, error); });
    };
  }
  LANEMQ_ASSIGN_OR_RETURN(
      spool_, client::Spool::Open(options_, std::make_unique<client::ClusterPublisher>(cluster_),
                                  clock_, std::move(on_refused)));
  return {};
}

Status Producer::Impl::SendToSpool(ProducerRecord record, std::optional<std::int64_t> due,
                                   client::Completion& completion, Deadline deadline) {
  client::Spool::Done done;
  // Shared, since a promise cannot be copied; taken back when the record is not accepted.
  auto kept = std::make_shared<client::Completion>(std::move(completion));
  if (kept->index() == 1) {
    done = [this, kept](const Result<RecordMetadata>& result) {
      callbacks_.Post([kept, result] { std::get<1> (*kept)(result); });
    };
  } else if (kept->index() == 2) {
    done = [kept](const Result<RecordMetadata>& result) { std::get<2>(*kept).set_value(result); };
  }
  const Status accepted = spool_->Send(std::move(record), due, std::move(done), deadline);
  if (!accepted.ok()) completion = std::move(*kept);
  return accepted;
}

void Producer::Impl::AddSpoolStats(ProducerStats& stats) const {
  const client::Spool::Stats spool = spool_->stats();
  stats.spooled = spool.spooled;
  stats.spool_replayed = spool.replayed;
  stats.spool_refused = spool.refused;
  stats.spool_bytes = spool.bytes;
  stats.spool_torn_bytes = spool.torn_bytes;
}

}  // namespace lanemq
