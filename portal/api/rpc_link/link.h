#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::portal {

struct LinkOptions {
  std::shared_ptr<rpc::TlsClient> tls;  ///< Null: plain TCP.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(3);
  std::size_t reply_bytes_max = 16'384'000;
};

/// A connection to a server, used by one call at a time. Each caller has connections of his own,
/// which say who he is, so a client with a thread per identity would not do: this one has none, and
/// blocks.
///
/// After an error it is good for nothing. Not thread-safe; one owner at a time.
class Link {
 public:
  /// kBrokerNotAvailable: nobody there, or no time left.
  static Result<std::unique_ptr<Link>> Open(const rpc::Endpoint& endpoint,
                                            const LinkOptions& options, Deadline deadline);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Sends a whole frame and waits for one; what is returned is without its length.
  /// kBrokerNotAvailable: nothing was sent. kNetworkException, kRequestTimedOut: it may have taken
  /// effect.
  Result<std::string> RoundTrip(std::string_view frame, Deadline deadline);

  /// Whether the server has kept it open, and sent nothing that nobody asked for.
  [[nodiscard]] bool IsFresh() const;
  /// For the next call on it.
  [[nodiscard]] std::int32_t NextSeqid() { return ++seqid_; }

 private:
  class Stream;
  Link(std::unique_ptr<Stream> stream, const LinkOptions& options);

  std::unique_ptr<Stream> stream_;
  const std::size_t reply_bytes_max_;
  std::int32_t seqid_ = 0;
};

}  // namespace lanemq::portal
