#include "tests/e2e/parked_consumers.h"

#include "lanemq_types.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""s;

rpc::ClientOptions Options(int count) {
  rpc::ClientOptions options;
  options.name = "parked";
  options.connections_per_endpoint_max = static_cast<std::size_t>(count);
  options.spread_at = 1;  // A connection for each.
  options.in_flight_per_connection_max = 1;
  options.queued_per_endpoint_max = static_cast<std::size_t>(count);
  options.connect_timeout = 30s;
  return options;
}

}  // namespace

ParkedConsumers::ParkedConsumers(rpc::Endpoint broker, std::string topic, std::int32_t partition,
                                 int count)
    : broker_(std::move(broker)),
      topic_(std::move(topic)),
      partition_(partition),
      count_(count),
      client_(Options(count)) {
  for (int i = 0; i < count; ++i) Ask();
}

ParkedConsumers::~ParkedConsumers() {
  is_over_ = true;
  client_.Close();
}

void ParkedConsumers::Ask() {
  idl::FetchRequest request;
  idl::FetchPartition& wanted = request.partitions.emplace_back();
  wanted.topic = topic_;
  wanted.partition = partition_;
  wanted.offset = 1;
  request.__set_max_wait_ms(60'000);
  data_plane_.Fetch(broker_, request, Deadline::After(SystemClock::Instance(), 90s),
                    [this](const Result<idl::FetchResponse>& reply) {
                      if (is_over_) return;
                      ++answers_;
                      if (!reply.ok()) ++errors_;
                      Ask();
                    });
}

std::int64_t ParkedConsumers::waiting() const { return client_.Stats().in_flight; }

}  // namespace lanemq::e2e
