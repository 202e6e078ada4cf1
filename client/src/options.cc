#include "lanemq/options.h"

#include <charconv>

#include "client/src/endpoints.h"
#include "client/src/option_setter.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

template <typename Number>
bool ParseNumber(std::string_view text, Number& out) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  out = value;
  return true;
}

template <typename Number>
NamedOption NumberOption(std::string_view name, Number& target) {
  return {name, [&target](std::string_view text) { return ParseNumber(text, target); }};
}

NamedOption MillisecondsOption(std::string_view name, milliseconds& target) {
  return {name, [&target](std::string_view text) {
            std::int64_t value = 0;
            if (!ParseNumber(text, value)) return false;
            target = milliseconds(value);
            return true;
          }};
}

bool ParseBool(std::string_view text, bool& out) {
  if (text != "true" && text != "false") return false;
  out = text == "true";
  return true;
}

std::vector<std::string> SplitByComma(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma != 0) parts.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

std::vector<NamedOption> CommonOptions(ClientOptions& o) {
  return {{"bootstrap.servers",
           [&o](std::string_view text) {
             o.bootstrap_servers = SplitByComma(text);
             return !o.bootstrap_servers.empty();
           }},
          {"client.id",
           [&o](std::string_view text) {
             o.client_id = text;
             return true;
           }},
          MillisecondsOption("request.timeout.ms", o.request_timeout),
          MillisecondsOption("metadata.max.age.ms", o.metadata_max_age),
          MillisecondsOption("retry.backoff.ms", o.retry_backoff),
          MillisecondsOption("retry.backoff.max.ms", o.retry_backoff_max)};
}

// Collects every fault, so that a person mends them all at once.
class Faults {
 public:
  template <typename T>
  void Range(std::string_view name, T value, T low, T high) {
    if (value >= low && value <= high) return;
    Add(std::string(name) + ": " + std::to_string(value) + " is not within " + std::to_string(low) +
        " to " + std::to_string(high));
  }
  void Range(std::string_view name, milliseconds value, milliseconds low, milliseconds high) {
    Range<std::int64_t>(name, value.count(), low.count(), high.count());
  }
  void Add(const std::string& fault) { text_ += (text_.empty() ? "" : "; ") + fault; }
  [[nodiscard]] Status ToStatus() const {
    if (text_.empty()) return {};
    return Error{ErrorCode::kInvalidConfig, text_};
  }

 private:
  std::string text_;
};

void CheckCommon(const ClientOptions& o, Faults& faults) {
  if (o.bootstrap_servers.empty()) faults.Add("bootstrap.servers: is empty");
  for (const std::string& address : o.bootstrap_servers) {
    if (!ParseEndpoint(address)) {
      faults.Add("bootstrap.servers: '" + address + "' is not host:port");
    }
  }
  if (o.client_id.size() > 255) faults.Add("client.id: longer than 255 bytes");
  faults.Range("request.timeout.ms", o.request_timeout, milliseconds(100), milliseconds(600'000));
  faults.Range("metadata.max.age.ms", o.metadata_max_age, milliseconds(100),
               milliseconds(3'600'000));
  faults.Range("retry.backoff.ms", o.retry_backoff, milliseconds(1), milliseconds(60'000));
  faults.Range("retry.backoff.max.ms", o.retry_backoff_max, o.retry_backoff, milliseconds(600'000));
}

}  // namespace

Status ProducerOptions::Set(std::string_view name, std::string_view value) {
  std::vector<NamedOption> options = CommonOptions(*this);
  options.push_back(MillisecondsOption("linger.ms", linger));
  options.push_back(NumberOption("batch.size", batch_size));
  options.push_back(NumberOption("batch.num.messages", batch_num_messages));
  options.push_back(NumberOption("max.in.flight.requests.per.connection", max_in_flight));
  options.push_back(NumberOption("buffer.memory", buffer_memory));
  options.push_back(MillisecondsOption("max.block.ms", max_block));
  options.push_back(MillisecondsOption("delivery.timeout.ms", delivery_timeout));
  options.push_back({"enable.idempotence", [this](std::string_view text) {
                       return ParseBool(text, enable_idempotence);
                     }});
  // Every acknowledged record is durable; weaker settings of Kafka do not exist here.
  options.push_back({"acks", [](std::string_view text) { return text == "all" || text == "-1"; }});
  return SetNamedOption(options, name, value);
}

Status ProducerOptions::Validate() const {
  Faults faults;
  CheckCommon(*this, faults);
  faults.Range("linger.ms", linger, milliseconds(0), milliseconds(10'000));
  faults.Range<std::size_t>("batch.size", batch_size, 1u << 10, 4u << 20);
  faults.Range("batch.num.messages", batch_num_messages, 1, 1'000);
  faults.Range("max.in.flight.requests.per.connection", max_in_flight, 1, 64);
  faults.Range<std::size_t>("buffer.memory", buffer_memory, 1u << 20, std::size_t{4} << 30);
  faults.Range("max.block.ms", max_block, milliseconds(0), milliseconds(3'600'000));
  faults.Range("delivery.timeout.ms", delivery_timeout, linger + milliseconds(100),
               milliseconds(86'400'000));
  return faults.ToStatus();
}

Status ConsumerOptions::Set(std::string_view name, std::string_view value) {
  std::vector<NamedOption> options = CommonOptions(*this);
  options.push_back({"group.id", [this](std::string_view text) {
                       group_id = text;
                       return true;
                     }});
  options.push_back({"auto.offset.reset", [this](std::string_view text) {
                       if (text == "earliest") auto_offset_reset = OffsetReset::kEarliest;
                       if (text == "latest") auto_offset_reset = OffsetReset::kLatest;
                       if (text == "error" || text == "none")
                         auto_offset_reset = OffsetReset::kError;
                       return text == "earliest" || text == "latest" || text == "error" ||
                              text == "none";
                     }});
  options.push_back(NumberOption("max.poll.records", max_poll_records));
  options.push_back(NumberOption("fetch.min.bytes", fetch_min_bytes));
  options.push_back(MillisecondsOption("fetch.max.wait.ms", fetch_max_wait));
  options.push_back(NumberOption("fetch.max.bytes", fetch_max_bytes));
  options.push_back(NumberOption("max.partition.fetch.bytes", max_partition_fetch_bytes));
  options.push_back(NumberOption("queued.max.bytes", prefetch_bytes_max));
  // Commits are the application's: an automatic one acknowledges what was never processed.
  options.push_back({"enable.auto.commit", [](std::string_view text) { return text == "false"; }});
  return SetNamedOption(options, name, value);
}

Status ConsumerOptions::Validate() const {
  Faults faults;
  CheckCommon(*this, faults);
  if (group_id.size() > 249) faults.Add("group.id: longer than 249 bytes");
  faults.Range("max.poll.records", max_poll_records, 1, 100'000);
  faults.Range("fetch.min.bytes", fetch_min_bytes, 0, 8 << 20);
  faults.Range("fetch.max.wait.ms", fetch_max_wait, milliseconds(0), milliseconds(60'000));
  faults.Range("fetch.max.bytes", fetch_max_bytes, 1, 8 << 20);
  faults.Range("max.partition.fetch.bytes", max_partition_fetch_bytes, 1, 8 << 20);
  faults.Range<std::size_t>("queued.max.bytes", prefetch_bytes_max, 1u << 20, std::size_t{4} << 30);
  return faults.ToStatus();
}

Status AdminOptions::Validate() const {
  Faults faults;
  CheckCommon(*this, faults);
  return faults.ToStatus();
}

}  // namespace lanemq
