// Two writers of one partition, many producers, lost replies, inserts that take effect late, broken
// connections and restarts, in random interleavings: the log must be dense, hold every acknowledged
// message, and hold nothing twice.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/log/append_machine.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Rows = std::vector<Record>;

// The message table: its primary key, its snapshot row, and inserts that are still on their way.
struct Table {
  std::map<std::int64_t, Record> rows;
  std::optional<ProducerSnapshot> snapshot;
  std::vector<Rows> late;

  Status Insert(const Rows& batch) {
    for (const Record& row : batch) {
      if (rows.contains(row.offset.value)) return Error{ErrorCode::kAlreadyExists, ""};
    }
    for (const Record& row : batch) rows.emplace(row.offset.value, row);
    return {};
  }
  TailInfo Tail() const {
    TailInfo tail;
    tail.log_start = kFirstOffset;
    tail.server = "s";
    if (!rows.empty()) tail.last = IdentityOf(rows.rbegin()->second);
    return tail;
  }
  static RecordIdentity IdentityOf(const Record& row) {
    return {row.offset, row.timestamp, row.producer, row.sequence};
  }
};

struct Sent {
  std::string tag;  // Of the first record; the body of record i is tag + "/" + i.
  std::int64_t producer = 0;
  std::int64_t base_sequence = 0;
  int count = 0;
  bool is_acknowledged = false;
  bool is_refused = false;  // Last answer: certainly not stored (by that request).
  std::vector<std::int64_t> offsets;
  int open = 0;  // Requests without an answer.
};

struct Writer {
  std::unique_ptr<AppendMachine> machine;
  std::optional<AppendEffect> call;
  std::map<std::uint64_t, std::size_t> requests;  // Request id -> index of Sent.
};

class Race {
 public:
  explicit Race(std::uint64_t seed) : random_(seed) {
    for (auto& writer : writers_) Restart(writer);
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) Step(true);
    is_closing_ = true;
    for (int i = 0; i < 100'000 && !IsQuiet(); ++i) Step(false);
    ASSERT_TRUE(IsQuiet()) << "stuck";
    Check();
  }

  int contentions() const { return contentions_; }

 private:
  bool Chance(double p) { return random_.Unit() < p; }

  void Restart(Writer& writer) {
    if (writer.call) {
      if (const auto* insert = std::get_if<InsertRowsEffect>(&*writer.call)) {
        table_.late.push_back(Copy(*insert->rows));
      }
    }
    writer.call.reset();
    for (const auto& [id, index] : writer.requests) {
      Sent& sent = sent_[index];
      --sent.open;
      sent.is_refused = false;
      if (sent.producer > 0 && !sent.is_acknowledged) Send(index);
    }
    writer.requests.clear();
    AppendMachineOptions options;
    options.plan.records_max = 7;
    options.identities_page = 3;
    options.snapshot_every_rows = 11;
    writer.machine = std::make_unique<AppendMachine>(options, ProducerId{-random_.PositiveId()},
                                                     random_.Below(1e9));
  }

  static Rows Copy(const std::vector<RecordPtr>& rows) {
    Rows out;
    for (const RecordPtr& row : rows) out.push_back(*row);
    return out;
  }

  void Step(bool with_faults) {
    if (with_faults && Chance(0.002)) Restart(writers_[random_.Below(2)]);
    if (!table_.late.empty() && Chance(0.05)) {
      const Rows rows = table_.late.back();
      table_.late.pop_back();
      if (Chance(0.6)) (void)table_.Insert(rows);
    }
    if (!is_closing_ && Chance(0.3)) SendNew();
    times_.now = times_.now + std::chrono::nanoseconds(1);
    Writer& writer = writers_[random_.Below(2)];
    if (writer.call && Chance(0.6)) {
      Complete(writer, with_faults);
    } else {
      times_.now = times_.now + milliseconds(random_.Below(20));
      if (Chance(0.001)) times_.now = times_.now + seconds(21);
      times_.wall.micros += static_cast<std::int64_t>(random_.Below(100)) - 20;
      for (auto& w : writers_) Carry(w, w.machine->Tick(times_));
    }
  }

  void SendNew() {
    Sent sent;
    sent.count = static_cast<int>(random_.Below(3) + 1);
    if (Chance(0.5)) {  // An idempotent producer with one batch at a time.
      sent.producer = static_cast<std::int64_t>(random_.Below(4) + 1);
      if (busy_[sent.producer]) return;
      busy_[sent.producer] = true;
      sent.base_sequence = next_sequence_[sent.producer];
      next_sequence_[sent.producer] += sent.count;
    }
    sent.tag = std::to_string(sent_.size());
    sent_.push_back(sent);
    Send(sent_.size() - 1);
    if (sent.producer > 0 && Chance(0.5)) Send(sent_.size() - 1);  // Everything twice.
  }

  void Send(std::size_t index) {
    Sent& sent = sent_[index];
    ++sent.open;
    AppendRequest request;
    request.id = AppendRequestId{++last_id_};
    request.producer = ProducerId{sent.producer};
    request.base_sequence = sent.base_sequence;
    request.deadline = times_.now + seconds(5);
    for (int i = 0; i < sent.count; ++i) {
      auto record = std::make_shared<Record>();
      record->body = sent.tag + "/" + std::to_string(i);
      request.bytes += SizeOf(*record);
      request.records.push_back(std::move(record));
    }
    Writer& writer = writers_[random_.Below(2)];
    writer.requests[request.id.value] = index;
    Carry(writer, writer.machine->Apply(AppendSubmitted{std::move(request)}, times_));
  }

  void Complete(Writer& writer, bool with_faults) {
    const AppendEffect call = *std::exchange(writer.call, std::nullopt);
    const bool fails = with_faults && Chance(0.04);
    const Error down{ErrorCode::kDataNodeUnavailable, "test"};
    AppendEvent event = AppendRowsInserted{};
    if (std::holds_alternative<ReadTailEffect>(call)) {
      event = AppendTailRead{fails ? Result<TailInfo>(down) : table_.Tail()};
    } else if (std::holds_alternative<LoadSnapshotEffect>(call)) {
      event = AppendSnapshotLoaded{fails ? Result<std::optional<ProducerSnapshot>>(down)
                                         : table_.snapshot};
    } else if (const auto* read = std::get_if<ReadIdentitiesEffect>(&call)) {
      std::vector<RecordIdentity> rows;
      for (auto it = table_.rows.lower_bound(read->from.value);
           it != table_.rows.end() && rows.size() < static_cast<std::size_t>(read->max); ++it) {
        rows.push_back(Table::IdentityOf(it->second));
      }
      event = AppendIdentitiesRead{fails ? Result<std::vector<RecordIdentity>>(down) : rows};
    } else {
      event = AppendRowsInserted{Insert(std::get<InsertRowsEffect>(call), with_faults)};
    }
    Carry(writer, writer.machine->Apply(std::move(event), times_));
  }

  Status Insert(const InsertRowsEffect& insert, bool with_faults) {
    const Rows rows = Copy(*insert.rows);
    if (with_faults && Chance(0.15)) {
      const Error unknown{ErrorCode::kOutcomeUnknown, "test"};
      switch (random_.Below(4)) {
        case 0:  // Stored, and the reply is lost.
          (void)table_.Insert(rows);
          return unknown;
        case 1:  // Will be stored later, perhaps.
          table_.late.push_back(rows);
          return unknown;
        case 2:
          return Error{ErrorCode::kConflict, "test"};
        default:
          return Error{ErrorCode::kDataNodeUnavailable, "test"};
      }
    }
    return table_.Insert(rows);
  }

  void Carry(Writer& writer, std::vector<AppendEffect> effects) {
    for (AppendEffect& effect : effects) {
      if (auto* answer = std::get_if<AnswerEffect>(&effect)) {
        OnAnswer(writer, *answer);
      } else if (auto* save = std::get_if<SaveSnapshotEffect>(&effect)) {
        if (!table_.snapshot || table_.snapshot->through < save->snapshot.through) {
          if (Chance(0.7)) table_.snapshot = save->snapshot;
        }
      } else if (std::holds_alternative<ContentionEffect>(effect)) {
        ++contentions_;
      } else if (auto* loss = std::get_if<DataLossEffect>(&effect)) {
        ADD_FAILURE() << "false alarm: " << loss->reason;
      } else if (std::holds_alternative<StoredEffect>(effect) ||
                 std::holds_alternative<EndMovedEffect>(effect) ||
                 std::holds_alternative<ForgetEffect>(effect)) {
        continue;
      } else {
        ASSERT_FALSE(writer.call) << "two store calls at a time";
        writer.call = effect;
      }
    }
  }

  void OnAnswer(Writer& writer, const AnswerEffect& answer) {
    const auto it = writer.requests.find(answer.request.value);
    ASSERT_NE(it, writer.requests.end()) << "answered twice";
    const std::size_t index = it->second;
    writer.requests.erase(it);
    Sent& sent = sent_[index];
    --sent.open;
    const auto& outcome = answer.outcome;
    if (!outcome.error || outcome.error->code == ErrorCode::kDuplicateSequence) {
      std::vector<std::int64_t> offsets;
      for (const OffsetRun& run : outcome.offsets) {
        for (std::int64_t i = 0; i < run.count; ++i) {
          offsets.push_back(run.first == kForgottenOffset ? -1 : run.first.value + i);
        }
      }
      ASSERT_EQ(offsets.size(), static_cast<std::size_t>(sent.count));
      for (std::size_t i = 0; i < offsets.size(); ++i) {
        if (offsets[i] == -1) continue;
        const auto row = table_.rows.find(offsets[i]);
        ASSERT_NE(row, table_.rows.end()) << "acknowledged, not stored";
        EXPECT_EQ(*row->second.body, sent.tag + "/" + std::to_string(i));
      }
      if (!std::exchange(sent.is_acknowledged, true)) busy_[sent.producer] = false;
      return;
    }
    const ErrorCode code = outcome.error->code;
    EXPECT_NE(code, ErrorCode::kOutOfOrderSequence) << outcome.error->message;
    EXPECT_NE(code, ErrorCode::kUnknownProducerId) << outcome.error->message;
    sent.is_refused = code != ErrorCode::kOutcomeUnknown;
    if (sent.producer > 0 && !sent.is_acknowledged) Send(index);
  }

  bool IsQuiet() const {
    for (const Writer& writer : writers_) {
      if (writer.call || !writer.machine->is_idle()) return false;
    }
    return table_.late.empty();
  }

  void Check() {
    std::map<std::string, int> count;
    std::map<std::int64_t, std::int64_t> sequences;
    std::int64_t expected = 1;
    WallTime time{-1'000'000};
    for (const auto& [offset, row] : table_.rows) {
      ASSERT_EQ(offset, expected++) << "hole";
      EXPECT_GE(row.timestamp, time) << "time went back at " << offset;
      time = row.timestamp;
      ++count[*row.body];
      if (row.producer.value <= 0) continue;
      EXPECT_EQ(row.sequence, sequences[row.producer.value]++) << "order of " << row.producer.value;
    }
    for (const Sent& sent : sent_) {
      for (int i = 0; i < sent.count; ++i) {
        const int times = count[sent.tag + "/" + std::to_string(i)];
        if (sent.is_acknowledged) {
          EXPECT_EQ(times, 1) << "acknowledged " << sent.tag;
        } else if (sent.is_refused && sent.producer == 0) {
          EXPECT_EQ(times, 0) << "refused " << sent.tag;
        } else {
          EXPECT_LE(times, 1) << "in doubt " << sent.tag;
        }
      }
    }
  }

  Random random_;
  AppendTimes times_{{seconds(100)}, WallTime{1'000}};
  Table table_;
  Writer writers_[2];
  std::vector<Sent> sent_;
  std::map<std::int64_t, bool> busy_;
  std::map<std::int64_t, std::int64_t> next_sequence_;
  std::uint64_t last_id_ = 0;
  int contentions_ = 0;
  bool is_closing_ = false;
};

TEST(AppendRaceTest, NothingIsLostOrStoredTwiceInRandomInterleavings) {
  int contentions = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Race race(seed);
    race.Run(1'500);
    contentions += race.contentions();
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(contentions, 1'000) << "the writers hardly met";
}

}  // namespace
}  // namespace lanemq::core
