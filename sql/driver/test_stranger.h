#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lanemq::sql {

/// A server on loopback that nobody should have trusted: it greets as MySQL does, asks its one
/// client for whatever it was told to ask for, and keeps what it gets.
///
/// Thread safety: none. What it waits for it waits for 10 s at most.
class Stranger {
 public:
  struct Asks {
    /// The authentication that it wants.
    std::string plugin = "mysql_native_password";
    /// It says so when it greets; otherwise it switches the client to it.
    bool is_in_greeting = false;
    /// With caching_sha2_password: says that the answer is not known yet, and sends a key of its
    /// own for the password.
    bool is_for_password = false;
    /// Lets the client in, and answers its first statement by asking for this file of the
    /// client's machine. Empty: it hangs up instead.
    std::string file;
  };

  explicit Stranger(Asks asks);
  ~Stranger();
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  [[nodiscard]] std::int32_t port() const;
  /// Waits until the client has gone. Everything that it sent, packet by packet;
  /// what was encrypted with the stranger's key is decrypted.
  [[nodiscard]] std::vector<std::string> Told();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::sql
