#include <iostream>
#include <lanemq/lanemq.h>

namespace {

/// A database that takes everything.
class AnySession final : public lanemq::SqlSession {
 public:
  lanemq::Result<std::int64_t> Execute(std::string_view,
                                       std::span<const lanemq::SqlValue>) override {
    return std::int64_t{1};
  }
};

int RunOutboxAndInbox() {
  AnySession session;
  const auto outbox = lanemq::Outbox::Create({.table = "shop.lanemq_outbox"});
  if (!outbox.ok() || !(*outbox)->Append(session, {.topic = "t", .body = "x"}).ok()) return 7;
  if ((*outbox)->Append(session, {.topic = "no topic"}).ok()) return 8;
  const auto inbox = lanemq::Inbox::Create({.group = "g"});
  if (!inbox.ok()) return 9;
  const auto claimed = (*inbox)->Claim(session, "1");
  return claimed.ok() && *claimed ? 0 : 10;
}

}  // namespace

// Links and runs the library without a cluster: nobody listens on port 1.
int main() {
  if (const int failed = RunOutboxAndInbox(); failed != 0) return failed;
  lanemq::ProducerOptions options;
  if (options.Set("linger.sm", "1").ok()) return 1;
  if (!options.Set("bootstrap.servers", "127.0.0.1:1").ok()) return 2;
  if (!options.Set("max.block.ms", "200").ok()) return 3;
  auto producer = lanemq::Producer::Create(options);
  if (!producer.ok()) return 4;
  const auto result = (*producer)->SendSync({.topic = "t", .key = {}, .body = "x"});
  if (result.ok()) return 5;
  std::cout << result.error().ToString() << "\n";
  return result.error().code == lanemq::ErrorCode::kBrokerNotAvailable ? 0 : 6;
}
