#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace lanemq::testing {

/// An HTTP server of a test's own on loopback, that takes what it is sent and answers as it is
/// told, well or badly. One request per connection. Thread safety: every method from any thread.
class HttpReceiver {
 public:
  struct Request {
    std::string method;
    std::string path;                            ///< With the query.
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    std::string body;
  };
  enum class Manner {
    kAnswer,  ///< What SetAnswer() said.
    kHang,    ///< Reads the request and says nothing until the other side leaves.
    kClose,   ///< Reads the request and closes the connection.
    kDrip,    ///< The answer, byte by byte, one each 50 ms.
  };

  static Result<std::unique_ptr<HttpReceiver>> Start();
  ~HttpReceiver();
  HttpReceiver(const HttpReceiver&) = delete;
  HttpReceiver& operator=(const HttpReceiver&) = delete;

  [[nodiscard]] int port() const;
  /// http://127.0.0.1:PORT and `path`.
  [[nodiscard]] std::string Url(const std::string& path = "/") const;
  void SetManner(Manner manner);
  /// Raw bytes. Default: 200 with a short body.
  void SetAnswer(std::string raw);
  /// Status and body; "text/plain".
  void SetAnswer(int status, const std::string& body);
  /// Everything that was read to its end, in order.
  [[nodiscard]] std::vector<Request> Requests() const;
  [[nodiscard]] std::size_t count() const { return Requests().size(); }

 private:
  class Impl;
  explicit HttpReceiver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::testing
