#include "tests/e2e/steady_producer.h"

#include <algorithm>

#include "common/rpc/wire/errors.h"
#include "lanemq_types.h"

namespace lanemq::e2e {

using std::chrono_literals::operator""s;

SteadyProducer::SteadyProducer(rpc::Endpoint broker, std::string topic,
                               std::chrono::milliseconds interval, std::size_t body_bytes)
    : broker_(std::move(broker)),
      topic_(std::move(topic)),
      interval_(interval),
      body_bytes_(body_bytes),
      thread_([this] { Run(); }) {}

void SteadyProducer::Stop() {
  stop_.Set();
  if (thread_.joinable()) thread_.join();
  client_.Close();
}

void SteadyProducer::Run() {
  const SystemClock& clock = SystemClock::Instance();
  rpc::DataPlaneClient data_plane(client_);
  idl::ProduceRequest request;
  idl::ProducePartition& part = request.partitions.emplace_back();
  part.topic = topic_;
  part.partition = 0;
  part.messages.emplace_back().__set_body(std::string(body_bytes_, 'x'));
  while (!stop_.WaitFor(interval_)) {
    const MonotonicTime begun = clock.Now();
    const auto reply = data_plane.ProduceSync(broker_, request, Deadline::After(clock, 20s));
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock.Now() - begun);
    const MutexLock lock(mutex_);
    if (!reply.ok()) {
      if (status_.ok()) status_ = reply.error();
    } else if (reply->partitions.at(0).__isset.error) {
      if (status_.ok()) status_ = wire::FromWire(reply->partitions[0].error);
    } else {
      ++sent_;
      latencies_us_.push_back(took.count());
    }
  }
}

Status SteadyProducer::status() const {
  const MutexLock lock(mutex_);
  return status_;
}

std::vector<std::int64_t> SteadyProducer::TakeQuantiles(std::vector<double> quantiles) {
  std::vector<std::int64_t> sorted;
  {
    const MutexLock lock(mutex_);
    sorted.swap(latencies_us_);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> found;
  for (const double quantile : quantiles) {
    const auto at = static_cast<std::size_t>(quantile * static_cast<double>(sorted.size()));
    found.push_back(sorted.empty() ? -1 : sorted[std::min(at, sorted.size() - 1)]);
  }
  return found;
}

}  // namespace lanemq::e2e
