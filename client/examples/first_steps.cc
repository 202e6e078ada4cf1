#include <iostream>

#include "lanemq/lanemq.h"

int main(int, char** argv) {  // first_steps HOST:PORT TOPIC
  auto producer = lanemq::Producer::Create({{.bootstrap_servers = {argv[1]}}});
  const auto stored = (*producer)->SendSync({.topic = argv[2], .key = "me", .body = "hello"});
  if (!stored.ok()) return std::cerr << stored.error().ToString() << "\n", 1;
  std::cout << "stored in partition " << stored->partition << ", offset " << stored->offset << "\n";

  auto consumer = lanemq::Consumer::Create({{.bootstrap_servers = {argv[1]}}, "first-steps"});
  const lanemq::TopicPartition partition{argv[2], stored->partition};
  if (!(*consumer)->Assign({partition}).ok()) return 1;
  if (!(*consumer)->Seek(partition, stored->offset).ok()) return 1;
  const auto records = (*consumer)->Poll(std::chrono::seconds(10));
  if (!records.ok() || records->empty()) return 1;
  std::cout << "read " << *records->front().body << "\n";
  return (*consumer)->CommitSync().ok() ? 0 : 1;
}
