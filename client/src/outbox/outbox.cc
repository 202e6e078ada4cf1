#include "lanemq/outbox.h"

#include <array>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "client/src/outbox/table_name.h"
#include "client/src/outbox/wake_sockets.h"
#include "client/src/trace/add_trace.h"
#include "common/base/clock.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/types/header_text.h"
#include "common/core/types/limits.h"

namespace lanemq {
namespace {

constexpr core::Limits kLimits;
constexpr std::chrono::milliseconds kDelayMax = std::chrono::hours(24) * 365 * 1'000;
constexpr std::int64_t kDeliverAtMax = 253'402'300'799'999'999;  // The last of the year 9999.
constexpr std::chrono::nanoseconds kWakePause = std::chrono::milliseconds(1);

Error TooLarge(const char* what, std::size_t bytes, std::size_t bytes_max) {
  return {ErrorCode::kMessageTooLarge,
          fmt::format("{} of {} bytes; the limit is {}", what, bytes, bytes_max)};
}

std::size_t BytesOf(const std::optional<std::string>& text) { return text ? text->size() : 0; }

std::size_t BytesOf(const std::vector<RecordHeader>& headers) {
  std::size_t bytes = 0;
  for (const RecordHeader& header : headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

Status CheckDue(const OutboxRecord& record) {
  const auto bad = [](const char* what) { return Error{ErrorCode::kInvalidRequest, what}; };
  if (record.delay && record.deliver_at_us) return bad("a delay or a deliver_at_us, not both");
  if (record.delay && (record.delay->count() < 0 || *record.delay > kDelayMax)) {
    return bad("the delay must be 0 to 1,000 years");
  }
  if (record.deliver_at_us &&
      (*record.deliver_at_us < 0 || *record.deliver_at_us > kDeliverAtMax)) {
    return bad("deliver_at_us must be from 1970 to 9999");
  }
  return {};
}

/// One row as SQL: what stands in VALUES, and the values of its question marks. `headers` is kept
/// by the caller while they are used.
void AddRow(const OutboxRecord& record, const std::string& headers, std::string& text,
            std::vector<SqlValue>& values) {
  const auto nullable = [](const std::optional<std::string>& bytes) {
    return bytes ? SqlValue(std::string_view(*bytes)) : SqlValue(SqlNull{});
  };
  values.emplace_back(std::string_view(record.topic));
  values.push_back(nullable(record.key));
  values.push_back(headers.empty() ? SqlValue(SqlNull{}) : SqlValue(std::string_view(headers)));
  values.push_back(nullable(record.body));
  values.emplace_back(std::int64_t{record.codec});
  if (record.delay) {
    text += "(?,?,?,?,?,UTC_TIMESTAMP(6)+INTERVAL ? MICROSECOND)";
    values.emplace_back(
        std::int64_t{std::chrono::duration_cast<std::chrono::microseconds>(*record.delay).count()});
  } else if (record.deliver_at_us) {
    text += "(?,?,?,?,?,TIMESTAMP'1970-01-01 00:00:00'+INTERVAL ? MICROSECOND)";
    values.emplace_back(*record.deliver_at_us);
  } else {
    text += "(?,?,?,?,?,NULL)";
  }
}

std::string HeaderTextOf(const std::vector<RecordHeader>& record_headers) {
  std::vector<core::Header> headers;
  headers.reserve(record_headers.size());
  for (const RecordHeader& header : record_headers) headers.push_back({header.name, header.value});
  std::string text;
  core::AppendHeaderText(headers, text);
  return text;
}

}  // namespace

Status OutboxOptions::Validate() const {
  const auto range = [](const char* what, std::size_t value, std::size_t max) -> Status {
    if (value >= 1 && value <= max) return {};
    return Error{ErrorCode::kInvalidConfig, fmt::format("{} must be 1 to {}", what, max)};
  };
  LANEMQ_RETURN_IF_ERROR(client::QuotedTableName(table));
  LANEMQ_RETURN_IF_ERROR(range("message_bytes_max", message_bytes_max, core::kMessageBytesHardMax));
  LANEMQ_RETURN_IF_ERROR(range("key_bytes_max", key_bytes_max, kLimits.key_bytes_max));
  return range("headers_bytes_max", headers_bytes_max, kLimits.headers_bytes_max);
}

class Outbox::Impl {
 public:
  Impl(OutboxOptions given, std::string insert, std::unique_ptr<client::WakeSockets> wake_sockets)
      : options(std::move(given)),
        insert_text(std::move(insert)),
        sockets(std::move(wake_sockets)) {}

  Status Check(const OutboxRecord& record) const {
    LANEMQ_RETURN_IF_ERROR(core::CheckTopicName(record.topic));
    const std::size_t headers = BytesOf(record.headers);
    if (BytesOf(record.key) > options.key_bytes_max) {
      return TooLarge("a key", BytesOf(record.key), options.key_bytes_max);
    }
    if (BytesOf(record.body) > options.message_bytes_max) {
      return TooLarge("a body", BytesOf(record.body), options.message_bytes_max);
    }
    if (headers > options.headers_bytes_max) {
      return TooLarge("headers", headers, options.headers_bytes_max);
    }
    if (record.headers.size() > kLimits.headers_max) {
      return Error{
          ErrorCode::kMessageTooLarge,
          fmt::format("{} headers; the limit is {}", record.headers.size(), kLimits.headers_max)};
    }
    LANEMQ_RETURN_IF_ERROR(CheckDue(record));
    return options.check_topic ? options.check_topic(record.topic) : Status{};
  }

  const OutboxOptions options;
  const std::string insert_text;  // Up to VALUES.
  const std::unique_ptr<client::WakeSockets> sockets;
  std::atomic<std::int64_t> records_appended{0};
  std::atomic<std::int64_t> wakes_sent{0};
  std::atomic<std::int64_t> wakes_skipped{0};
  std::atomic<std::int64_t> wakes_failed{0};
  std::atomic<std::int64_t> next_wake_ns{0};  // Not before then, by the monotonic clock.
};

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outbox::~Outbox() = default;

Result<std::unique_ptr<Outbox>> Outbox::Create(OutboxOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  LANEMQ_ASSIGN_OR_RETURN(const std::string table, client::QuotedTableName(options.table));
  LANEMQ_ASSIGN_OR_RETURN(auto sockets, client::WakeSockets::Open(options.relay_addresses));
  auto impl = std::make_unique<Impl>(
      std::move(options),
      "INSERT INTO " + table + " (topic,message_key,headers,body,codec,deliver_at) VALUES ",
      std::move(sockets));
  return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

Status Outbox::Append(SqlSession& session, const OutboxRecord& record) {
  return AppendAll(session, std::span(&record, 1));
}

Status Outbox::AppendAll(SqlSession& session, std::span<const OutboxRecord> records) {
  if (records.empty()) return {};
  if (records.size() > kRowsMax) {
    return Error{ErrorCode::kRecordListTooLarge,
                 fmt::format("{} messages; the limit is {}", records.size(), kRowsMax)};
  }
  std::size_t bytes = 0;
  for (const OutboxRecord& record : records) {
    LANEMQ_RETURN_IF_ERROR(impl_->Check(record));
    bytes += BytesOf(record.key) + BytesOf(record.body) + BytesOf(record.headers);
  }
  if (bytes > kBytesMax && records.size() > 1) {
    return Error{ErrorCode::kRecordListTooLarge,
                 fmt::format("{} bytes; the limit is {}", bytes, kBytesMax)};
  }
  std::string text = impl_->insert_text;
  std::vector<SqlValue> values;
  std::vector<std::string> headers(records.size());
  values.reserve(records.size() * 6);
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::vector<RecordHeader> traced = records[i].headers;
    client::AddTrace(impl_->options.trace, traced);
    if (!traced.empty()) headers[i] = HeaderTextOf(traced);
    if (i > 0) text += ',';
    AddRow(records[i], headers[i], text, values);
  }
  const auto inserted = session.Execute(text, values);
  if (!inserted.ok()) return inserted.error().Wrap("outbox " + impl_->options.table);
  impl_->records_appended += static_cast<std::int64_t>(records.size());
  return {};
}

void Outbox::AfterCommit() {
  if (impl_->sockets->targets() == 0) return;
  const std::int64_t now = SystemClock::Instance().Now().since_start.count();
  std::int64_t next = impl_->next_wake_ns;
  if (now < next || !impl_->next_wake_ns.compare_exchange_strong(next, now + kWakePause.count())) {
    ++impl_->wakes_skipped;
    return;
  }
  const int sent = impl_->sockets->Send();
  impl_->wakes_sent += sent;
  impl_->wakes_failed += impl_->sockets->targets() - sent;
}

OutboxCounts Outbox::Counts() const {
  return {.records_appended = impl_->records_appended,
          .wakes_sent = impl_->wakes_sent,
          .wakes_skipped = impl_->wakes_skipped,
          .wakes_failed = impl_->wakes_failed};
}

}  // namespace lanemq
