#include <iostream>
#include <lanemq/lanemq.h>

// Links and runs the library without a cluster: nobody listens on port 1.
int main() {
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
