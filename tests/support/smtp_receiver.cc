#include "tests/support/smtp_receiver.h"

#include <fstream>
#include <openssl/evp.h>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;

Status MakeCertificate(const std::filesystem::path& dir) {
  LANEMQ_ASSIGN_OR_RETURN(
      Process openssl,
      Process::Start(
          {.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                    (dir / "key.pem").string(), "-out", (dir / "cert.pem").string()},
           .output_dir = dir,
           .name = "openssl"}));
  if (openssl.Wait(30s) == 0) return {};
  return Error{ErrorCode::kUnknownServerError, "openssl: " + openssl.Stderr()};
}

}  // namespace

Result<std::unique_ptr<SmtpReceiver>> SmtpReceiver::Start(std::vector<std::string> flags,
                                                          bool has_certificate) {
  auto receiver = std::make_unique<SmtpReceiver>();
  const std::filesystem::path dir = receiver->dir_.path();
  std::vector<std::string> argv = {
      "python3", std::string(LANEMQ_SOURCE_DIR) + "/tests/support/smtp_receiver.py",
      (dir / "mails").string()};
  argv.insert(argv.end(), flags.begin(), flags.end());
  if (has_certificate) {
    LANEMQ_RETURN_IF_ERROR(MakeCertificate(dir));
    for (const char* name : {"cert", "key"}) {
      argv.push_back(fmt::format("--{}={}/{}.pem", name, dir.string(), name));
    }
  }
  LANEMQ_ASSIGN_OR_RETURN(
      receiver->process_,
      Process::Start({.argv = std::move(argv), .output_dir = dir, .name = "smtp"}));
  LANEMQ_ASSIGN_OR_RETURN(const std::string port,
                          receiver->process_.WaitForOutput("ready port=([0-9]+)", 20s));
  receiver->port_ = std::stoi(port);
  return receiver;
}

std::string SmtpReceiver::Url() const { return fmt::format("smtp://localhost:{}", port_); }

std::vector<SmtpReceiver::Mail> SmtpReceiver::Mails() const {
  std::vector<Mail> mails;
  std::ifstream file(dir_.path() / "mails");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) continue;  // It is being written.
    Mail& mail = mails.emplace_back();
    mail.sender = json["sender"];
    mail.recipients = json["recipients"];
    for (const auto& text : json["lines"]) mail.text += text.get<std::string>() + "\n";
    mail.is_tls = json["tls"];
    mail.is_logged_in = json["login"];
  }
  return mails;
}

std::string SmtpReceiver::Mail::Header(const std::string& name) const {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
  }
  return "";
}

std::string SmtpReceiver::Mail::Body() const {
  std::string coded;
  for (const char c : text.substr(text.find("\n\n") + 2)) {
    if (c != '\n') coded += c;
  }
  std::string out(coded.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(coded.data()),
                                   static_cast<int>(coded.size()));
  out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  while (!out.empty() && out.back() == '\0') out.pop_back();
  return out;
}

}  // namespace lanemq::testing
