// Prints COUNT messages of a topic, going on where the group left off: consume BOOTSTRAP TOPIC
// GROUP COUNT
#include <iostream>
#include <string>

#include "lanemq/consumer.h"

namespace {

int Fail(const lanemq::Error& error) {
  std::cerr << error.ToString() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: consume host:port[,host:port] TOPIC GROUP COUNT\n";
    return 2;
  }
  lanemq::ConsumerOptions options;
  if (const auto set = options.Set("bootstrap.servers", argv[1]); !set.ok()) {
    return Fail(set.error());
  }
  options.group_id = argv[3];
  options.auto_offset_reset = lanemq::OffsetReset::kEarliest;
  auto consumer = lanemq::Consumer::Create(options);
  if (!consumer.ok()) return Fail(consumer.error());

  const auto partitions = (*consumer)->PartitionsOf(argv[2], std::chrono::seconds(10));
  if (!partitions.ok()) return Fail(partitions.error());
  if (const auto done = (*consumer)->Assign(*partitions); !done.ok()) return Fail(done.error());

  const long wanted = std::stol(argv[4]);
  for (long seen = 0; seen < wanted;) {
    // Trouble with connections is not an error: the consumer reads on through other brokers.
    const auto records = (*consumer)->Poll(std::chrono::seconds(1));
    if (!records.ok()) return Fail(records.error());
    for (const lanemq::ConsumedRecord& record : *records) {
      std::cout << record.partition() << "/" << record.offset << " " << record.key.value_or("-")
                << " " << record.body.value_or("(null)") << "\n";
      ++seen;
    }
    // Durable when it returns: a crash from here on repeats nothing of the above.
    if (const auto done = (*consumer)->CommitSync(); !done.ok()) return Fail(done.error());
  }
  return 0;
}
