#include "client/examples/orders/database.h"

#include <csignal>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

bool ReadDatabase(const std::string& text, const std::string& user,
                  const std::string& password_file, Database& database) {
  const std::size_t slash = text.find('/');
  const std::size_t colon = text.rfind(':', slash);
  if (slash == std::string::npos || colon == std::string::npos) {
    std::cerr << "'" << text << "' is not HOST:PORT/SCHEMA\n";
    return false;
  }
  database.host = text.substr(0, colon);
  database.schema = text.substr(slash + 1);
  database.user = user;
  try {
    database.port = std::stoi(text.substr(colon + 1, slash - colon - 1));
  } catch (const std::logic_error&) {
    std::cerr << "'" << text << "' has no port\n";
    return false;
  }
  if (password_file.empty()) return true;
  std::ifstream file(password_file);
  if (!std::getline(file, database.password)) {
    std::cerr << password_file << " cannot be read\n";
    return false;
  }
  return true;
}

std::vector<std::string> StatementsOf(const std::string& file) {
  std::ifstream lines(std::string(ORDERS_DIR "/") + file);
  std::vector<std::string> statements;
  std::string statement;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("--") || line.empty()) continue;
    statement += line + "\n";
    if (line.back() != ';') continue;
    statements.push_back(statement.substr(0, statement.rfind(';')));
    statement.clear();
  }
  return statements;
}

void CatchStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool WaitOrStop(double seconds) {
  const sigset_t signals = StopSignals();
  const auto whole = static_cast<std::time_t>(seconds);
  const timespec patience{
      .tv_sec = whole, .tv_nsec = static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
  return sigtimedwait(&signals, nullptr, &patience) > 0;
}
