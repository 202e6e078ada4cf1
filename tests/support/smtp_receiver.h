#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::testing {

/// A mail server of a test's own on loopback, as a process: smtp_receiver.py.
/// Not thread-safe; one owner.
class SmtpReceiver {
 public:
  struct Mail {
    std::string sender;  ///< In angle brackets, as recipients.
    std::vector<std::string> recipients;
    std::string text;  ///< Headers and body, LF.
    bool is_tls = false;
    bool is_logged_in = false;

    /// The value of a header; "" without it.
    [[nodiscard]] std::string Header(const std::string& name) const;
    /// The body, decoded from base64.
    [[nodiscard]] std::string Body() const;
  };
  /// `flags`: those of the script. "--cert" and "--key" are added for `has_certificate`.
  static Result<std::unique_ptr<SmtpReceiver>> Start(std::vector<std::string> flags = {},
                                                     bool has_certificate = false);

  [[nodiscard]] std::string Url() const;  ///< smtp://localhost:PORT
  [[nodiscard]] int port() const { return port_; }
  /// Of the certificate, which is for localhost.
  [[nodiscard]] std::string CaFile() const { return (dir_.path() / "cert.pem").string(); }
  [[nodiscard]] std::vector<Mail> Mails() const;

 private:
  TempDir dir_{"lanemq-smtp"};
  Process process_;
  int port_ = 0;
};

}  // namespace lanemq::testing
