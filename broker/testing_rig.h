#pragma once

#include <memory>
#include <string>
#include <utility>

#include "broker/append/writers.h"
#include "broker/fetch/fetch_manager.h"
#include "broker/fetch/log_reader.h"
#include "tests/conformance/fake_message_store.h"

namespace lanemq::broker::testing {

/// The data path of a broker on a fake store, without RPC. For tests.
struct Rig {
  explicit Rig(std::shared_ptr<lanemq::testing::FakeMessageStore> s =
                   std::make_shared<lanemq::testing::FakeMessageStore>(),
               core::AppendMachineOptions append = {}, std::size_t memory_bytes = 64u << 20,
               FetchOptions fetch = {})
      : store(std::move(s)),
        memory(memory_bytes),
        writers(WriterContext{*store, workers, timer, view, memory, data_loss, metrics, clock,
                              append, std::chrono::seconds(10)}),
        fetches(FetchManager::Make(fetch, *store, view, reader, workers, timer, metrics, clock,
                                   std::chrono::seconds(10))) {
    const Status made = store->CreatePartition(location, "t", {});
    LANEMQ_CHECK(made.ok());
  }
  ~Rig() {
    fetches->Drain();
    timer.Stop();
    workers.Stop();
  }

  /// A request of `count` messages "<body>0", "<body>1", ...
  [[nodiscard]] core::AppendRequest Request(int count, std::int64_t producer = 0,
                                            std::int64_t sequence = 0,
                                            const std::string& body = "m") const {
    core::AppendRequest request;
    request.producer = core::ProducerId{producer};
    request.base_sequence = sequence;
    request.deadline = clock.Now() + std::chrono::seconds(30);
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->body = body + std::to_string(i);
      request.bytes += core::SizeOf(*record);
      request.records.push_back(std::move(record));
    }
    return request;
  }

  const Clock& clock = SystemClock::Instance();
  const core::PartitionLocation location{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  std::shared_ptr<lanemq::testing::FakeMessageStore> store;
  Metrics metrics{core::BrokerId{1}};
  DataLossAlarm data_loss{metrics};
  MemoryBudget memory;
  LogView view{16u << 20};
  Timer timer{clock};
  NodeWorkers workers{{.append_threads = 2, .read_threads = 2}};
  LogReader reader{*store, view, data_loss, metrics, clock, std::chrono::seconds(10)};
  Writers writers;
  std::shared_ptr<FetchManager> fetches;
};

}  // namespace lanemq::broker::testing
