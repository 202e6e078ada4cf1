#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/transfer/transfer.h"

namespace lanemq::portal {

/// The way to the provider. Thread safety: every method from any thread; they block.
class Web {
 public:
  virtual ~Web() = default;
  /// Errors as transfer::Get() and transfer::Post() have them.
  virtual Result<transfer::HttpReply> Get(const transfer::HttpGet& get) = 0;
  virtual Result<transfer::HttpReply> Post(const transfer::HttpPost& post) = 0;
};

/// The real one: certificates are checked, redirects not followed, each call has an end.
class CurlWeb final : public Web {
 public:
  /// `ca_file`: PEM, whose certificates to trust; empty: the system's authorities.
  explicit CurlWeb(std::string ca_file);

  Result<transfer::HttpReply> Get(const transfer::HttpGet& get) override;
  Result<transfer::HttpReply> Post(const transfer::HttpPost& post) override;
  /// Calls at work end soon, and new ones at once, with kShuttingDown.
  void Stop() { is_stopping_ = true; }

 private:
  std::atomic<bool> is_stopping_ = false;
  transfer::TransferSettings settings_;
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

/// `fields` as application/x-www-form-urlencoded, which is good as a query, too.
[[nodiscard]] std::string FormText(const FormFields& fields);
/// One value of it.
[[nodiscard]] std::string FormEncoded(std::string_view text);

/// Whether it is one of OAuth's words for what is wrong, "access_denied" say, and not anything that
/// somebody wants to have shown.
[[nodiscard]] bool IsOAuthWord(std::string_view text);

/// Whether what is sent there can be read by nobody else: https, or this machine itself. Without
/// user, password and fragment, and at most 2,048 characters.
[[nodiscard]] bool IsSafeUrl(std::string_view url);

}  // namespace lanemq::portal
