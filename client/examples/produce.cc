// Sends each line of standard input to a topic: produce BOOTSTRAP TOPIC [KEY]
#include <atomic>
#include <iostream>
#include <string>

#include "lanemq/producer.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: produce host:port[,host:port] TOPIC [KEY] < LINES\n";
    return 2;
  }
  lanemq::ProducerOptions options;
  if (const auto set = options.Set("bootstrap.servers", argv[1]); !set.ok()) {
    std::cerr << set.error().ToString() << "\n";
    return 2;
  }
  auto producer = lanemq::Producer::Create(options);
  if (!producer.ok()) {
    std::cerr << producer.error().ToString() << "\n";
    return 2;
  }

  std::atomic<long> stored = 0;
  std::atomic<long> failed = 0;
  std::string line;
  while (std::getline(std::cin, line)) {
    lanemq::ProducerRecord record;
    record.topic = argv[2];
    if (argc > 3) record.key = argv[3];
    record.body = line;
    // Send() hands the record over; the callback tells what became of it.
    const auto accepted = (*producer)->Send(
        std::move(record), [&](const lanemq::Result<lanemq::RecordMetadata>& result) {
          ++(result.ok() ? stored : failed);
          if (!result.ok()) std::cerr << result.error().ToString() << "\n";
        });
    if (!accepted.ok()) {
      std::cerr << accepted.error().ToString() << "\n";
      return 1;
    }
  }
  // Every callback has run when Close() returns.
  const auto closed = (*producer)->Close(std::chrono::seconds(30));
  std::cout << stored << " stored, " << failed << " failed\n";
  return closed.ok() && failed == 0 ? 0 : 1;
}
