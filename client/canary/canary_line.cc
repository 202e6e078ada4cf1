#include "client/canary/canary_line.h"

#include <algorithm>
#include <utility>

#include "lanemq/admin.h"
#include "lanemq/consumer.h"
#include "lanemq/producer.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

constexpr const char* kRetentionMs = "3600000";
/// A node that does not take a message for so long is in trouble, and the message a produce error.
constexpr milliseconds kDeliveryTimeout{10'000};
constexpr milliseconds kRequestTimeout{5'000};
/// A topic that was just made may not be known for a moment.
constexpr milliseconds kMaxBlock{2'000};

class ClusterLine final : public CanaryLine {
 public:
  ClusterLine(Admin& admin, std::string node, std::unique_ptr<Producer> producer,
              std::unique_ptr<Consumer> consumer)
      : admin_(admin),
        node_(std::move(node)),
        partition_{CanaryTopic(node_), 0},
        consumer_(std::move(consumer)),
        producer_(std::move(producer)) {}

  Status Open() override {
    LANEMQ_RETURN_IF_ERROR(EnsureTopic());
    LANEMQ_RETURN_IF_ERROR(consumer_->Assign({partition_}));
    return SkipTo(std::nullopt);
  }

  Status Send(std::string body, Answer answer) override {
    ProducerRecord record;
    record.topic = partition_.topic;
    record.partition = partition_.partition;
    record.body = std::move(body);
    return producer_->Send(std::move(record),
                           [answer = std::move(answer)](const Result<RecordMetadata>& result) {
                             answer(result.ok() ? Result<std::int64_t>(result->offset)
                                                : Result<std::int64_t>(result.error()));
                           });
  }

  Result<std::vector<std::string>> Poll(milliseconds timeout) override {
    LANEMQ_ASSIGN_OR_RETURN(auto records, consumer_->Poll(timeout));
    std::vector<std::string> bodies;
    bodies.reserve(records.size());
    for (ConsumedRecord& record : records) bodies.push_back(std::move(record.body).value_or(""));
    return bodies;
  }

  std::int64_t Position() override {
    const auto position = consumer_->Position(partition_);
    return position.ok() ? *position : -1;
  }

  Status SkipTo(std::optional<std::int64_t> offset) override {
    if (offset) return consumer_->Seek(partition_, *offset);
    // Asked for now: SeekToEnd() finds the end later, and would miss what is sent meanwhile.
    LANEMQ_ASSIGN_OR_RETURN(const Offsets ends, consumer_->EndOffsets({partition_}));
    const auto end = ends.find(partition_);
    if (end == ends.end()) return Error{ErrorCode::kNotFound, "the end of the log is not known"};
    return consumer_->Seek(partition_, end->second);
  }

  void Wake() override { consumer_->Wakeup(); }

 private:
  Status EnsureTopic() {
    const auto made = admin_.CreateTopic({.name = partition_.topic,
                                          .partitions = 1,
                                          .config = {{"retention.ms", kRetentionMs}},
                                          .description = "Messages of canaries (lanemq-canary)",
                                          .pinned_nodes = {node_}});
    if (made.ok()) return {};
    // An operator may have given it other settings; where it is counts.
    if (made.error().code != ErrorCode::kTopicAlreadyExists) return made.error();
    LANEMQ_ASSIGN_OR_RETURN(const TopicDescription topic, admin_.DescribeTopic(partition_.topic));
    if (!topic.partitions.empty() && topic.partitions.front().node_name == node_) return {};
    return Error{ErrorCode::kInvalidConfig, "topic '" + partition_.topic +
                                                "' is not on data node '" + node_ +
                                                "': delete it, and the canary makes it anew"};
  }

  Admin& admin_;
  const std::string node_;
  const TopicPartition partition_;
  std::unique_ptr<Consumer> consumer_;
  std::unique_ptr<Producer> producer_;
};

}  // namespace

std::string CanaryTopic(const std::string& node) { return "lanemq.canary." + node; }

Result<std::unique_ptr<CanaryLine>> MakeCanaryLine(Admin& admin, const ClientOptions& cluster,
                                                   const std::string& node) {
  ProducerOptions to;
  static_cast<ClientOptions&>(to) = cluster;
  to.request_timeout = std::min(to.request_timeout, kRequestTimeout);
  to.linger = milliseconds{0};
  to.max_block = kMaxBlock;
  to.delivery_timeout = kDeliveryTimeout;
  LANEMQ_ASSIGN_OR_RETURN(auto producer, Producer::Create(std::move(to)));
  ConsumerOptions from;
  static_cast<ClientOptions&>(from) = cluster;
  from.request_timeout = std::min(from.request_timeout, kRequestTimeout);
  from.enable_retries = false;
  LANEMQ_ASSIGN_OR_RETURN(auto consumer, Consumer::Create(std::move(from)));
  return std::unique_ptr<CanaryLine>(
      std::make_unique<ClusterLine>(admin, node, std::move(producer), std::move(consumer)));
}

}  // namespace lanemq::client
