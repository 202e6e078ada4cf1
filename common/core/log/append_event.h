#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/log/append_request.h"
#include "common/core/store/message_store.h"

namespace lanemq::core {

// ---------------------------------------------------------------- events

/// A producer wants its batch stored.
struct AppendSubmitted {
  AppendRequest request;
};
// The results of the effects of the same name; each answers exactly one effect.
struct AppendTailRead {
  Result<TailInfo> tail;
};
struct AppendSnapshotLoaded {
  Result<std::optional<ProducerSnapshot>> snapshot;
};
struct AppendIdentitiesRead {
  Result<std::vector<RecordIdentity>> rows;
};
struct AppendRowsInserted {
  Status status;
};
using AppendEvent = std::variant<AppendSubmitted, AppendTailRead, AppendSnapshotLoaded,
                                 AppendIdentitiesRead, AppendRowsInserted>;

// ---------------------------------------------------------------- effects

// Calls of MessageStore. At most one is outstanding at any time.
struct ReadTailEffect {};
struct LoadSnapshotEffect {};
struct ReadIdentitiesEffect {
  Offset from;
  std::int32_t max = 0;
};
struct InsertRowsEffect {
  std::shared_ptr<const std::vector<RecordPtr>> rows;
  ServerIdentity server;
};

/// Best effort, in the background; has no result.
struct SaveSnapshotEffect {
  ProducerSnapshot snapshot;
};
struct AnswerEffect {
  AppendRequestId request;
  AppendOutcome outcome;
};
/// These rows are now the newest of the log: for the tail cache and for readers that wait.
struct StoredEffect {
  std::shared_ptr<const std::vector<RecordPtr>> rows;
};
/// Others have written: the next row will get at least this offset.
struct EndMovedEffect {
  Offset end;
};
/// Another server, or other data: drop every cache of this partition. The log now ends at `end`.
struct ForgetEffect {
  Offset end;
};
/// Acknowledged rows are missing. A person must act.
struct DataLossEffect {
  Offset first;
  Offset last;
  std::string reason;
};
/// Somebody else appended first.
struct ContentionEffect {
  int losses_in_a_row = 0;
};
using AppendEffect = std::variant<ReadTailEffect, LoadSnapshotEffect, ReadIdentitiesEffect,
                                  InsertRowsEffect, SaveSnapshotEffect, AnswerEffect, StoredEffect,
                                  EndMovedEffect, ForgetEffect, DataLossEffect, ContentionEffect>;

}  // namespace lanemq::core
