#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace lanemq::transfer {

/// What all transfers to the outside have in common.
struct TransferSettings {
  std::chrono::milliseconds timeout{10'000};  ///< For all of it, looking up names included.
  std::chrono::milliseconds connect_timeout{5'000};
  std::size_t reply_bytes_max = 64u << 10;  ///< What comes after it is not read.
  std::string proxy;                        ///< http(s)://host:port for HTTP; empty: none.
  std::string ca_file;                      ///< PEM; empty: the system's authorities.
  /// Set: running transfers end soon, with kShuttingDown. May be nullptr.
  const std::atomic<bool>* is_stopping = nullptr;
};

/// A POST over http or https. Redirects are not followed: what is sent goes where an operator said.
struct HttpPost {
  std::string url;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string bearer;  ///< Token; empty: none.
  std::string user;    ///< With `password`: basic authentication; empty: none.
  std::string password;
};

/// A GET, likewise.
struct HttpGet {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpReply {
  int status = 0;
  std::string body;  ///< At most reply_bytes_max of it.
};

/// A message over smtp (STARTTLS where the server offers it; required when there is a password) or
/// smtps.
struct MailSubmission {
  std::string url;  ///< smtp(s)://host:port
  std::string user;
  std::string password;
  std::string sender;  ///< Plain addresses.
  std::vector<std::string> recipients;
  std::string message;  ///< Headers, an empty line, body; lines end with CR LF.
};

/// Every reply that arrived is a success, whatever its status. Blocks for `timeout` at most.
/// Errors: kInvalidRequest for another scheme, or control characters in the URL or a header;
/// kRequestTimedOut, kNetworkException, kShuttingDown: whether it was received is not known. Error
/// texts never hold the URL, a password or a token. Thread safety: any thread.
Result<HttpReply> Post(const HttpPost& post, const TransferSettings& settings);
/// The same, but that a reply longer than reply_bytes_max is kNetworkException: half a document is
/// none.
Result<HttpReply> Get(const HttpGet& get, const TransferSettings& settings);
/// The server's last line. Errors as above; a refusal is kNetworkException.
Result<std::string> Submit(const MailSubmission& mail, const TransferSettings& settings);

/// No control character: neither a header nor an address can be broken out of.
[[nodiscard]] bool IsOneLine(std::string_view text);

}  // namespace lanemq::transfer
