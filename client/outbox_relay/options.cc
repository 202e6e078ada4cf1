#include "client/outbox_relay/options.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/src/session/process_identity.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kSchemaCharsMax = 64;
constexpr std::chrono::hours kKeepMax{24 * 3653};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._/@:-").find(c) != std::string_view::npos;
}

// Collects what is wrong.
class Faults {
 public:
  void Add(bool is_wrong, std::string what) {
    if (is_wrong) faults_.push_back(std::move(what));
  }
  template <typename T>
  void Range(std::string_view name, T value, T low, T high, std::string_view text) {
    Add(value < low || value > high, fmt::format("{} must be {}", name, text));
  }
  [[nodiscard]] Status ToStatus() const {
    if (faults_.empty()) return {};
    return Error{ErrorCode::kInvalidConfig, fmt::format("{}", fmt::join(faults_, "; "))};
  }

 private:
  std::vector<std::string> faults_;
};

}  // namespace

Status OutboxRelayOptions::Validate() const {
  Faults faults;
  AdminOptions common;
  static_cast<ClientOptions&>(common) = *this;
  if (const Status valid = common.Validate(); !valid.ok()) faults.Add(true, valid.error().message);
  faults.Add(database_socket.empty() && (database_host.empty() || database_port == 0),
             "the database's host and port, or its socket, are missing");
  faults.Add(database_schema.empty() || database_schema.size() > kSchemaCharsMax,
             "the database's schema is missing or longer than 64 characters");
  faults.Add(database_user.empty(), "the database's user is missing");
  faults.Range("database_timeout", database_timeout, milliseconds(seconds(1)),
               milliseconds(seconds(120)), "1 s to 2 min");
  faults.Add(name.size() > kNameBytesMax, "name is longer than 128 bytes");
  const std::string outbox = client::WithNames(*this).outbox_name;
  faults.Add(
      outbox.size() > kNameBytesMax || !std::all_of(outbox.begin(), outbox.end(), IsNameByte),
      "outbox_name '" + outbox + "' is not 1 to 128 of [A-Za-z0-9._/@:-]");
  faults.Range("lease_ttl", lease_ttl, milliseconds(seconds(1)), milliseconds(seconds(600)),
               "1 s to 10 min");
  faults.Range("attempts_max", attempts_max, 1, 1'000'000, "1 to 1,000,000");
  faults.Range("keep", keep, seconds(1), seconds(kKeepMax), "1 s to 10 years");
  faults.Range("poll_min", poll_min, milliseconds(1), milliseconds(60'000), "1 ms to 1 min");
  faults.Range("poll_max", poll_max, poll_min, milliseconds(600'000), "poll_min to 10 min");
  faults.Range<std::size_t>("batch_rows", batch_rows, 1, 5'000, "1 to 5,000");
  for (const std::string& listen : {wake_listen, admin_listen}) {
    if (listen.empty()) continue;
    if (const auto at = client::ParseListen(listen); !at.ok()) faults.Add(true, at.error().message);
  }
  faults.Add(!advertise_wake.empty() && wake_listen.empty(),
             "advertise_wake says where wake_listen listens, and that is empty");
  return faults.ToStatus();
}

namespace client {
namespace {

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// The last colon divides, but within the brackets of an IPv6 address; those are taken off.
HostAndPort Split(std::string_view text) {
  HostAndPort parts{text, {}};
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    parts = {text.substr(0, colon), text.substr(colon + 1)};
  }
  std::string_view& host = parts.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return parts;
}

std::optional<std::uint16_t> ToPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || at != end) return std::nullopt;
  return port;
}

}  // namespace

Result<ListenAddress> ParseListen(std::string_view text) {
  const HostAndPort parts = Split(text);
  const auto port = parts.port ? ToPort(*parts.port) : std::nullopt;
  if (!port) {
    return Error{ErrorCode::kInvalidConfig,
                 "'" + std::string(text) + "' is not host:port, for example 127.0.0.1:9650"};
  }
  return ListenAddress{std::string(parts.host), *port};
}

Result<DatabaseAddress> ParseDatabase(std::string_view text) {
  const Error bad{ErrorCode::kInvalidConfig, "'" + std::string(text) +
                                                 "' is not HOST:PORT/SCHEMA, for example "
                                                 "db7:3306/shop"};
  DatabaseAddress address;
  const std::size_t slash = text.rfind('/');
  address.schema = text.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (address.schema.empty()) return bad;
  if (slash == std::string_view::npos) return address;
  const HostAndPort parts = Split(text.substr(0, slash));
  if (parts.port) {
    const auto port = ToPort(*parts.port);
    if (!port || *port == 0) return bad;
    address.port = *port;
  }
  if (parts.host.empty()) return bad;
  address.host = parts.host;
  return address;
}

std::string DatabaseText(const OutboxRelayOptions& options) {
  if (!options.database_socket.empty()) {
    return options.database_schema + "@" + options.database_socket;
  }
  return fmt::format("{}@{}:{}", options.database_schema, options.database_host,
                     options.database_port);
}

OutboxRelayOptions WithNames(OutboxRelayOptions options) {
  if (options.name.empty()) options.name = ProcessIdentity().substr(0, kNameBytesMax);
  if (options.outbox_name.empty()) options.outbox_name = DatabaseText(options);
  return options;
}

}  // namespace client
}  // namespace lanemq
