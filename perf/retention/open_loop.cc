#include "perf/retention/open_loop.h"

#include <algorithm>
#include <utility>

#include "lanemq_types.h"
#include "perf/load/pause.h"

namespace lanemq::perf {

OpenLoopProducer::OpenLoopProducer(rpc::Endpoint broker, std::string topic, int per_second,
                                   std::size_t bytes)
    : broker_(std::move(broker)),
      topic_(std::move(topic)),
      per_second_(per_second),
      bytes_(bytes),
      thread_([this] { Run(); }) {}

OpenLoopProducer::~OpenLoopProducer() {
  is_stopping_ = true;
  thread_.join();
  client_.Close();  // Nothing answers from here on.
}

void OpenLoopProducer::Run() {
  const SystemClock& clock = SystemClock::Instance();
  idl::ProduceRequest request;
  idl::ProducePartition& part = request.partitions.emplace_back();
  part.topic = topic_;
  part.partition = 0;
  part.messages.emplace_back().__set_body(std::string(bytes_, 'x'));
  const auto interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second_;
  for (MonotonicTime at = clock.Now(); !is_stopping_; at = at + interval) {
    PauseUntil(at);
    data_plane_.Produce(broker_, request, Deadline::After(clock, std::chrono::seconds(20)),
                        [this, at, &clock](const Result<idl::ProduceResponse>& reply) {
                          const std::chrono::duration<double, std::milli> took = clock.Now() - at;
                          const bool is_stored =
                              reply.ok() && !reply->partitions.at(0).__isset.error;
                          const MutexLock lock(mutex_);
                          if (!is_stored) {
                            ++part_.failed;
                            return;
                          }
                          part_.ms.Add(took.count());
                          part_.longest_ms = std::max(part_.longest_ms, took.count());
                        });
  }
}

Part OpenLoopProducer::TakePart() {
  const MutexLock lock(mutex_);
  return std::exchange(part_, {});
}

}  // namespace lanemq::perf
