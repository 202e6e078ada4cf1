#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "common/base/random.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

/// Writing the INSERT of a batch: rows x bytes of random body.
void BM_BuildInsert(benchmark::State& state) {
  Random random(1);
  std::vector<core::RecordPtr> records;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    auto record = std::make_shared<core::Record>();
    record->offset = core::Offset{1'000'000 + i};
    record->timestamp = WallTime{1'700'000'000'000'000 + i};
    record->producer = core::ProducerId{random.PositiveId()};
    record->sequence = i;
    record->key = "key-1234";
    record->body.emplace();
    while (std::ssize(*record->body) < state.range(1)) {
      record->body->push_back(static_cast<char>(random.Below(256)));
    }
    records.push_back(std::move(record));
  }
  const MessageTable table("lanemq", {{core::TopicId{7}, 0}, core::NodeId{1}, 0});
  std::string text;
  for (auto _ : state) {
    table.Insert(records, text);
    benchmark::DoNotOptimize(text.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * std::ssize(text));
}
BENCHMARK(BM_BuildInsert)->Args({1'000, 1'024})->Args({500, 100})->Args({1, 1'024});

}  // namespace
}  // namespace lanemq::sql
