#include "client/src/spool/spool_record.h"

#include <concepts>
#include <memory>
#include <optional>
#include <utility>

namespace lanemq::client {
namespace {

class Writer {
 public:
  template <std::integral T>
  void Number(T value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) out_ += static_cast<char>(bits >> (8 * i) & 0xff);
  }
  void Text(std::string_view text) {
    Number(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void Text(const std::optional<std::string>& text) {
    Number(static_cast<std::uint8_t>(text.has_value()));
    if (text) Text(std::string_view(*text));
  }
  template <std::integral T>
  void Number(const std::optional<T>& value) {
    Number(static_cast<std::uint8_t>(value.has_value()));
    if (value) Number(*value);
  }
  void Ids(const std::vector<std::int64_t>& ids) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> runs;
    for (const std::int64_t id : ids) {
      if (!runs.empty() && runs.back().first + runs.back().second == id) {
        ++runs.back().second;
      } else {
        runs.emplace_back(id, 1);
      }
    }
    Number(static_cast<std::uint32_t>(runs.size()));
    for (const auto& [first, count] : runs) {
      Number(first);
      Number(count);
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads what Writer wrote. After a fault everything is empty, and IsFine() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <std::integral T>
  T Number() {
    const std::string_view from = Take(sizeof(T));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      bits |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(from[i])) << (8 * i);
    }
    return static_cast<T>(bits);
  }
  std::string Text() { return std::string(Take(Number<std::uint32_t>())); }
  std::optional<std::string> OptionalText() {
    if (Number<std::uint8_t>() == 0) return std::nullopt;
    return Text();
  }
  template <std::integral T>
  std::optional<T> OptionalNumber() {
    if (Number<std::uint8_t>() == 0) return std::nullopt;
    return Number<T>();
  }
  std::vector<std::int64_t> Ids() {
    std::vector<std::int64_t> ids;
    const auto runs = Number<std::uint32_t>();
    for (std::uint32_t i = 0; i < runs && is_fine_; ++i) {
      const auto first = Number<std::int64_t>();
      const auto count = Number<std::uint32_t>();
      // More than any spool holds.
      if (count > kIdsMax || ids.size() + count > kIdsMax) is_fine_ = false;
      for (std::uint32_t k = 0; k < count && is_fine_; ++k) ids.push_back(first + k);
    }
    return ids;
  }
  [[nodiscard]] bool IsFine() const { return is_fine_; }
  Status Finish(std::string_view what) const {
    if (is_fine_ && bytes_.empty()) return {};
    return Error{ErrorCode::kCorruptMessage, std::string(what) + " does not decode"};
  }

 private:
  static constexpr std::size_t kIdsMax = 4u << 20;

  std::string_view Take(std::size_t count) {
    if (!is_fine_ || bytes_.size() < count) {
      is_fine_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
  bool is_fine_ = true;
};

void WritePlan(Writer& out, const core::OutboxPlan& plan) {
  out.Number(static_cast<std::uint32_t>(plan.groups.size()));
  for (const core::OutboxGroup& group : plan.groups) {
    out.Text(std::string_view(group.topic));
    out.Number(group.partition);
    out.Number(static_cast<std::uint8_t>(group.is_delayed));
    out.Number(group.producer.value);
    out.Number(group.base_sequence);
    out.Ids(group.ids);
  }
}

core::OutboxPlan ReadPlan(Reader& in) {
  core::OutboxPlan plan;
  const auto groups = in.Number<std::uint32_t>();
  for (std::uint32_t i = 0; i < groups && in.IsFine(); ++i) {
    core::OutboxGroup& group = plan.groups.emplace_back();
    group.topic = in.Text();
    group.partition = in.Number<std::int32_t>();
    group.is_delayed = in.Number<std::uint8_t>() != 0;
    group.producer = core::ProducerId{in.Number<std::int64_t>()};
    group.base_sequence = in.Number<std::int64_t>();
    group.ids = in.Ids();
  }
  return plan;
}

void WriteMessage(Writer& out, const core::OutboxMessage& message) {
  const core::Record& record = *message.record;
  out.Number(message.id);
  out.Number(message.created.micros);
  out.Text(std::string_view(message.topic));
  out.Number(message.partition);
  out.Number(message.due ? std::optional(message.due->micros) : std::nullopt);
  out.Number(record.codec);
  out.Text(record.key);
  out.Text(record.body);
  out.Number(static_cast<std::uint32_t>(record.headers.size()));
  for (const core::Header& header : record.headers) {
    out.Text(std::string_view(header.name));
    out.Text(std::string_view(header.value));
  }
}

core::OutboxMessage ReadMessage(Reader& in) {
  core::OutboxMessage message;
  auto record = std::make_shared<core::Record>();
  message.id = in.Number<std::int64_t>();
  message.created = {in.Number<std::int64_t>()};
  message.topic = in.Text();
  message.partition = in.OptionalNumber<std::int32_t>();
  if (const auto due = in.OptionalNumber<std::int64_t>()) message.due = WallTime{*due};
  record->codec = in.Number<std::int16_t>();
  record->key = in.OptionalText();
  record->body = in.OptionalText();
  const auto headers = in.Number<std::uint32_t>();
  for (std::uint32_t i = 0; i < headers && in.IsFine(); ++i) {
    core::Header& header = record->headers.emplace_back();
    header.name = in.Text();
    header.value = in.Text();
  }
  message.record = std::move(record);
  return message;
}

}  // namespace

std::string EncodeRecord(const core::OutboxMessage& message) {
  Writer out;
  WriteMessage(out, message);
  return out.Take();
}

std::string EncodeState(const SpoolState& state) {
  Writer out;
  out.Number(state.next_id);
  WritePlan(out, state.plan);
  return out.Take();
}

std::string EncodeStep(const SpoolStep& step) {
  Writer out;
  out.Ids(step.done);
  WritePlan(out, step.plan);
  return out.Take();
}

std::string EncodeRefusal(const SpoolRefusal& refusal) {
  Writer out;
  out.Number(refusal.at.micros);
  out.Text(std::string_view(refusal.error));
  WriteMessage(out, refusal.message);
  return out.Take();
}

Result<core::OutboxMessage> DecodeRecord(std::string_view bytes) {
  Reader in(bytes);
  core::OutboxMessage message = ReadMessage(in);
  LANEMQ_RETURN_IF_ERROR(in.Finish("a record"));
  return message;
}

Result<SpoolState> DecodeState(std::string_view bytes) {
  Reader in(bytes);
  SpoolState state;
  state.next_id = in.Number<std::int64_t>();
  state.plan = ReadPlan(in);
  LANEMQ_RETURN_IF_ERROR(in.Finish("a segment's state"));
  return state;
}

Result<SpoolStep> DecodeStep(std::string_view bytes) {
  Reader in(bytes);
  SpoolStep step;
  step.done = in.Ids();
  step.plan = ReadPlan(in);
  LANEMQ_RETURN_IF_ERROR(in.Finish("a step"));
  return step;
}

Result<SpoolRefusal> DecodeRefusal(std::string_view bytes) {
  Reader in(bytes);
  SpoolRefusal refusal;
  refusal.at = {in.Number<std::int64_t>()};
  refusal.error = in.Text();
  refusal.message = ReadMessage(in);
  LANEMQ_RETURN_IF_ERROR(in.Finish("a refused record"));
  return refusal;
}

}  // namespace lanemq::client
