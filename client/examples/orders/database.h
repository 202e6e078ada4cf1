#pragma once

#include <string>
#include <vector>

/// Where the application's own tables are.
struct Database {
  std::string host;
  int port = 3306;
  std::string schema;
  std::string user;
  std::string password;
};

/// Reads "HOST:PORT/SCHEMA" and a file with a password in its first line (none: no password).
/// False, and a line on stderr: it cannot be read.
bool ReadDatabase(const std::string& text, const std::string& user,
                  const std::string& password_file, Database& database);

/// The statements of an SQL file of this folder, which has comments in lines of their own.
std::vector<std::string> StatementsOf(const std::string& file);

/// Blocks SIGINT and SIGTERM in this thread and those it starts from now on, for WaitOrStop().
void CatchStopSignals();
/// Waits so long; true: at once, since the process shall stop.
bool WaitOrStop(double seconds);
