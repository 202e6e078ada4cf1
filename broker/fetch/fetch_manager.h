#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "broker/fetch/end_poller.h"
#include "broker/fetch/fetch_call.h"
#include "broker/fetch/log_reader.h"
#include "broker/fetch/log_view.h"
#include "broker/fetch/parked_fetches.h"
#include "broker/fetch/read_ahead.h"
#include "broker/node_workers.h"
#include "broker/timer.h"

namespace lanemq::broker {

struct FetchOptions {
  std::size_t parked_max = 50'000;  ///< Further fetches are answered at once, with what there is.
  /// A log end older than this is asked for again before "nothing new" is believed.
  std::chrono::nanoseconds end_age_max = std::chrono::milliseconds(200);
  std::size_t read_ahead_bytes_max = 64u << 20;
  EndPollerOptions poller;
};

/// Answers fetches: from memory at the tail, from the database behind it, and by waiting, without a
/// thread, for what is not there yet.
///
///   memory has it ----------------------------------> answer
///   behind memory ----> database (node's threads) --> answer
///   nothing yet ------> parked --> woken by a local append, by the end poller, or by the deadline
///
/// Thread safety: every method from any thread.
class FetchManager : public std::enable_shared_from_this<FetchManager> {
 public:
  /// The arguments outlive the manager. Installs itself as the listener of `view`.
  static std::shared_ptr<FetchManager> Make(FetchOptions options, core::MessageStore& store,
                                            LogView& view, LogReader& reader, NodeWorkers& workers,
                                            Timer& timer, Metrics& metrics, const Clock& clock,
                                            std::chrono::nanoseconds sql_timeout);

  /// Answers `call` when it has bytes_min, an error, or its deadline has come. The id is for
  /// Cancel().
  FetchId NewId() { return parked_.NewId(); }
  void Start(FetchId id, std::unique_ptr<FetchCall> call);
  /// Nobody waits for the answer any more.
  void Cancel(FetchId id);
  /// Rights have changed: answers the parked fetches whose callers may not read any more what they
  /// wait for, with the errors.
  void OnRightsChanged();
  /// Which places are the catalogue's; before the first Start(). Must not block. Empty: all.
  void SetPlaceCheck(std::function<bool(const core::PartitionLocation&)> is_current) {
    is_current_ = std::move(is_current);
  }
  /// The catalogue has changed: answers the parked fetches that wait at a place which a partition
  /// has left, with what they have. Who asks again is sent to the new one.
  void OnPlacesChanged();
  /// Answers every parked fetch with what it has, and parks no more.
  void Drain();
  [[nodiscard]] std::size_t parked() const { return parked_.size(); }

 private:
  FetchManager(FetchOptions options, core::MessageStore& store, LogView& view, LogReader& reader,
               NodeWorkers& workers, Timer& timer, Metrics& metrics, const Clock& clock,
               std::chrono::nanoseconds sql_timeout);

  struct Gathering;
  enum class Source { kMemory, kNothing, kDatabase };

  void Gather(FetchId id, std::unique_ptr<FetchCall> call);
  Source Look(FetchSlot& slot, core::ReadLimits limits);
  void ReadFromDatabase(std::shared_ptr<Gathering> gathering, std::size_t slot);
  void ReadOn(const core::PartitionLocation& location, const LogSlice& slice,
              core::ReadLimits limits);
  void FinishGathering(FetchId id, std::unique_ptr<FetchCall> call);
  [[nodiscard]] bool IsCut(const FetchCall& call) const;
  /// What it does from now on is work again.
  void EndWait(FetchCall& call) const;
  void Answer(FetchCall& call);
  void Park(FetchId id, std::unique_ptr<FetchCall> call);
  void OnLogChanged(const core::PartitionKey& key, LogChange change);
  void OnDeadline(FetchId id);
  void AnswerIfForbidden(FetchId id);
  void AnswerIfMisplaced(FetchId id);

  const FetchOptions options_;
  LogView& view_;
  LogReader& reader_;
  NodeWorkers& workers_;
  Timer& timer_;
  Metrics& metrics_;
  const Clock& clock_;
  ParkedFetches parked_;
  ReadAhead ahead_;
  std::shared_ptr<EndPoller> poller_;
  std::function<bool(const core::PartitionLocation&)> is_current_;
  std::atomic<bool> is_draining_{false};
};

}  // namespace lanemq::broker
