#include "sql/driver/connection.h"

#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <mysql_connection.h>
#include <mysql_driver.h>

#include "common/base/check.h"
#include "sql/driver/error_table.h"
#include "sql/driver/sign_in_settings.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

/// A text buffer that one big batch has grown is given back beyond this.
constexpr std::size_t kTextKeptMax = 8u << 20;

::sql::mysql::MySQL_Driver& Driver() {
  // The connector's first call is not thread-safe; a function's static is.
  static ::sql::mysql::MySQL_Driver* const driver = ::sql::mysql::get_driver_instance();
  struct ThreadScope {
    ThreadScope() { driver->threadInit(); }
    ~ThreadScope() { driver->threadEnd(); }
  };
  thread_local const ThreadScope scope;
  return *driver;
}

int WholeSeconds(std::chrono::milliseconds time) {
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

::sql::ConnectOptionsMap ToConnectorOptions(const ConnectionOptions& options,
                                            std::chrono::milliseconds connect_timeout,
                                            const std::string& settings_file) {
  ::sql::ConnectOptionsMap map;
  // The connector reads the port from the URL or from "port"; IPv6 addresses need brackets.
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  map["hostName"] = ::sql::SQLString(
      options.socket.empty() ? "tcp://" + (is_ipv6 ? "[" + options.host + "]" : options.host)
                             : "unix://" + options.socket);
  if (options.socket.empty()) map["port"] = static_cast<int>(options.port);
  map["userName"] = ::sql::SQLString(options.user);
  map["password"] = ::sql::SQLString(options.password);
  if (!options.schema.empty()) map["schema"] = ::sql::SQLString(options.schema);
  map["OPT_CHARSET_NAME"] = ::sql::SQLString("binary");
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(connect_timeout);
  map["OPT_READ_TIMEOUT"] = WholeSeconds(options.io_timeout);
  map["OPT_WRITE_TIMEOUT"] = WholeSeconds(options.io_timeout);
  map["OPT_RECONNECT"] = false;  // A silent reconnect would lose the session's settings.
  map["CLIENT_FOUND_ROWS"] = true;
  // Servers may ask for files of this machine instead of answering; nobody here means to send one.
  map["OPT_LOCAL_INFILE"] = 0;
  map["readDefaultFile"] = ::sql::SQLString(settings_file);
  return map;
}

struct Prepared {
  const char* key = nullptr;
  std::unique_ptr<::sql::PreparedStatement> statement;
  std::uint64_t used = 0;
};

}  // namespace

struct Connection::Impl {
  std::unique_ptr<::sql::Connection> session;
  std::unique_ptr<::sql::Statement> text_statement;
  std::vector<Prepared> prepared;
  std::size_t prepared_max = 1;
  std::uint64_t uses = 0;
  ::sql::SQLString text;
  const Clock* clock = nullptr;
  std::optional<Deadline> deadline;
  StatementObserver* observer = nullptr;

  ~Impl() {
    prepared.clear();
    text_statement.reset();
    session.reset();
  }

  /// The statement, prepared before or now; the least recently used one makes room.
  ::sql::PreparedStatement& Prepare(const Statement& statement) {
    ++uses;
    for (Prepared& entry : prepared) {
      if (entry.key == statement.text.data()) {
        entry.used = uses;
        return *entry.statement;
      }
    }
    std::unique_ptr<::sql::PreparedStatement> fresh(
        session->prepareStatement(::sql::SQLString(statement.text.data(), statement.text.size())));
    if (prepared.size() < prepared_max) {
      prepared.push_back({statement.text.data(), std::move(fresh), uses});
      return *prepared.back().statement;
    }
    Prepared* oldest = &prepared.front();
    for (Prepared& entry : prepared) {
      if (entry.used < oldest->used) oldest = &entry;
    }
    *oldest = {statement.text.data(), std::move(fresh), uses};
    return *oldest->statement;
  }
};

namespace {

void Bind(::sql::PreparedStatement& prepared, std::initializer_list<Param> params) {
  unsigned index = 1;
  for (const Param& param : params) {
    if (const auto* number = std::get_if<std::int64_t>(&param)) {
      prepared.setInt64(index, *number);
    } else if (const auto* bytes = std::get_if<std::string_view>(&param)) {
      prepared.setString(index, ::sql::SQLString(bytes->data(), bytes->size()));
    } else {
      prepared.setNull(index, 0);
    }
    ++index;
  }
}

}  // namespace

struct ResultHandle {
  std::unique_ptr<::sql::ResultSet> set;
};

namespace {

/// Shows rows until there are no more, or `visit` has had enough. Answers how many were shown, and
/// whether it had enough.
std::pair<std::int64_t, bool> Show(::sql::ResultSet* set, const RowVisitor& visit) {
  ResultHandle result{std::unique_ptr<::sql::ResultSet>(set)};
  const Row row(result);
  std::int64_t rows = 0;
  while (set->next()) {
    ++rows;
    if (!visit(row)) return {rows, true};
  }
  return {rows, false};
}

}  // namespace

std::int64_t Row::Int64(unsigned column) const { return result_.set->getInt64(column + 1); }

std::string Row::String(unsigned column) const {
  ::sql::SQLString bytes = result_.set->getString(column + 1);
  return std::move(*bytes.operator->());
}

bool Row::IsNull(unsigned column) const { return result_.set->isNull(column + 1); }

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

/// Runs `call`, which returns a Result or Status, and turns the connector's exceptions into errors.
template <typename F>
auto Connection::Guard(std::string_view name, Access access, F&& call) -> decltype(call()) {
  if (!is_usable_) {
    return Error{ErrorCode::kDataNodeUnavailable,
                 std::string(name) + ": not sent, an error broke the connection before"};
  }
  Driver();  // Initialises the client library for this thread.
  // Read once, for the deadline and the observer: statements are many.
  const MonotonicTime start = impl_->clock->Now();
  if (impl_->deadline && start >= impl_->deadline->at) {
    return Error{ErrorCode::kThrottled,
                 std::string(name) + ": no time left before it was sent; nothing was done"};
  }
  if (impl_->observer == nullptr) return Catch(name, access, call);
  auto result = Catch(name, access, call);
  impl_->observer->OnStatement(name, impl_->clock->Now() - start,
                               result.ok() ? nullptr : &result.error());
  return result;
}

template <typename F>
auto Connection::Catch(std::string_view name, Access access, F&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const ::sql::SQLException& e) {
    const Phase phase = access == Access::kRead ? Phase::kRead
                        : in_transaction_       ? Phase::kInTransaction
                                                : Phase::kWrite;
    if (RowOf(e.getErrorCode()).breaks_connection) is_usable_ = false;
    return Classify(e.getErrorCode(), e.what(), phase).Wrap(name);
  }
}

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options,
                                                     std::size_t prepared_max, const Clock& clock,
                                                     Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.Left(clock));
  if (left.count() <= 0) return Error{ErrorCode::kThrottled, "connect: no time left"};
  LANEMQ_ASSIGN_OR_RETURN(const std::string settings_file, SignInSettingsFile());
  auto impl = std::make_unique<Impl>();
  impl->prepared_max = std::max<std::size_t>(prepared_max, 1);
  impl->clock = &clock;
  try {
    ::sql::ConnectOptionsMap map =
        ToConnectorOptions(options, std::min(options.connect_timeout, left), settings_file);
    impl->session.reset(Driver().connect(map));
    impl->text_statement.reset(impl->session->createStatement());
  } catch (const ::sql::SQLException& e) {
    return SignInError(e.getErrorCode(), e.what())
        .Wrap("connect to " + (options.socket.empty()
                                   ? options.host + ":" + std::to_string(options.port)
                                   : options.socket));
  }
  std::unique_ptr<Connection> connection(new Connection(std::move(impl)));
  LANEMQ_RETURN_IF_ERROR(connection->SetUpSession(options.idle_max));
  return connection;
}

void Connection::SetDeadline(Deadline deadline) { impl_->deadline = deadline; }
void Connection::SetObserver(StatementObserver* observer) { impl_->observer = observer; }

Status Connection::SetUpSession(std::chrono::seconds idle_max) {
  auto run = [&](const Statement& statement) -> Status {
    Text().assign(statement.text);
    return Guard(statement.name, Access::kRead, [&]() -> Status {
      impl_->text_statement->executeUpdate(impl_->text);
      return {};
    });
  };
  LANEMQ_RETURN_IF_ERROR(run(statements::kSessionVariables));
  LANEMQ_RETURN_IF_ERROR(run(statements::kSessionIsolation));
  if (idle_max != kSessionIdleMax) {  // kSessionVariables has that one.
    Text() = "SET SESSION wait_timeout = " + std::to_string(idle_max.count());
    LANEMQ_RETURN_IF_ERROR(Guard("session_idle_max", Access::kRead, [&]() -> Status {
      impl_->text_statement->executeUpdate(impl_->text);
      return {};
    }));
  }
  LANEMQ_RETURN_IF_ERROR(ReadServer());
  Text().assign(statements::kConnectionId.text);
  return QueryText(statements::kConnectionId.name, [&](const Row& row) {
    id_ = row.Int64(0);
    return true;
  });
}

Status Connection::ReadServer() {
  std::map<std::string, std::string> variables;
  Text().assign(statements::kServerVariables.text);
  LANEMQ_RETURN_IF_ERROR(QueryText(statements::kServerVariables.name, [&](const Row& row) {
    variables[row.String(0)] = row.String(1);
    return true;
  }));
  const auto number = [&](const char* name) -> std::int64_t {
    return std::strtoll(variables[name].c_str(), nullptr, 10);
  };
  const auto is_on = [&](const char* name) {
    const std::string& value = variables[name];
    return !value.empty() && value != "OFF" && value != "0";
  };
  ServerInfo info;
  info.identity = variables["hostname"] + ":" + variables["port"] + "/" + variables["server_id"] +
                  "/" + variables["server_uuid"] + variables["server_uid"] + variables["datadir"];
  info.version = variables["version"];
  info.kind =
      info.version.find("MariaDB") == std::string::npos ? ServerKind::kMySql : ServerKind::kMariaDb;
  info.max_allowed_packet = number("max_allowed_packet");
  info.is_read_only = is_on("read_only") || is_on("super_read_only") || is_on("innodb_read_only");
  info.durability = {.flush_log_at_trx_commit = number("innodb_flush_log_at_trx_commit"),
                     .sync_binlog = number("sync_binlog"),
                     .has_binlog = is_on("log_bin")};
  server_ = std::move(info);
  return {};
}

Status Connection::CheckServer() { return ReadServer(); }

Status Connection::Ping() {
  Text().assign(statements::kPing.text);
  return Guard(statements::kPing.name, Access::kRead, [&]() -> Status {
    impl_->text_statement->executeUpdate(impl_->text);
    return {};
  });
}

std::string& Connection::Text() {
  std::string& text = *impl_->text.operator->();
  if (text.capacity() > kTextKeptMax) std::string().swap(text);
  return text;
}

Result<std::int64_t> Connection::UpdateText(std::string_view name) {
  return Guard(name, Access::kWrite, [&]() -> Result<std::int64_t> {
    return static_cast<std::int64_t>(impl_->text_statement->executeUpdate(impl_->text));
  });
}

Status Connection::QueryText(std::string_view name, const RowVisitor& visit) {
  return Guard(name, Access::kRead, [&]() -> Status {
    impl_->text_statement->setResultSetType(::sql::ResultSet::TYPE_SCROLL_INSENSITIVE);
    Show(impl_->text_statement->executeQuery(impl_->text), visit);
    return {};
  });
}

Status Connection::StreamText(std::string_view name, std::int64_t rows_max,
                              const RowVisitor& visit) {
  std::int64_t rows = 0;
  bool is_stopped = false;
  LANEMQ_RETURN_IF_ERROR(Guard(name, Access::kRead, [&]() -> Status {
    impl_->text_statement->setResultSetType(::sql::ResultSet::TYPE_FORWARD_ONLY);
    std::tie(rows, is_stopped) = Show(impl_->text_statement->executeQuery(impl_->text), visit);
    return {};
  }));
  // The connector shows a connection lost in the middle as the end of the rows.
  return is_stopped || rows >= rows_max ? Status{} : Ping();
}

Result<std::int64_t> Connection::Update(const Statement& statement,
                                        std::initializer_list<Param> params) {
  return Guard(statement.name, Access::kWrite, [&]() -> Result<std::int64_t> {
    ::sql::PreparedStatement& prepared = impl_->Prepare(statement);
    Bind(prepared, params);
    return static_cast<std::int64_t>(prepared.executeUpdate());
  });
}

Status Connection::Query(const Statement& statement, std::initializer_list<Param> params,
                         const RowVisitor& visit) {
  return Guard(statement.name, Access::kRead, [&]() -> Status {
    ::sql::PreparedStatement& prepared = impl_->Prepare(statement);
    Bind(prepared, params);
    Show(prepared.executeQuery(), visit);
    return {};
  });
}

Status Connection::Begin(Isolation isolation) {
  LANEMQ_CHECK(!in_transaction_);
  const auto run = [&](const Statement& statement) -> Status {
    Text().assign(statement.text);
    return Guard(statement.name, Access::kRead, [&]() -> Status {
      impl_->text_statement->executeUpdate(impl_->text);
      return {};
    });
  };
  if (isolation != Isolation::kReadCommitted) {
    LANEMQ_RETURN_IF_ERROR(run(statements::kNextIsRepeatableRead));
  }
  Status begun =
      run(isolation == Isolation::kSnapshot ? statements::kBeginSnapshot : statements::kBegin);
  in_transaction_ = begun.ok();
  return begun;
}

// Not the connector's commit(): it ignores what the server answers.
Status Connection::Commit() {
  LANEMQ_CHECK(in_transaction_);
  in_transaction_ = false;  // A lost answer leaves the outcome open from here on.
  Text().assign(statements::kCommit.text);
  impl_->deadline.reset();  // Sending it late is better than a transaction left open.
  Status committed = Guard(statements::kCommit.name, Access::kWrite, [&]() -> Status {
    impl_->text_statement->executeUpdate(impl_->text);
    return {};
  });
  if (!committed.ok()) is_usable_ = false;
  return committed;
}

Status Connection::Rollback() {
  in_transaction_ = false;
  if (!is_usable_) return {};
  impl_->deadline.reset();
  Text().assign(statements::kRollback.text);
  Status rolled_back = Guard(statements::kRollback.name, Access::kRead, [&]() -> Status {
    impl_->text_statement->executeUpdate(impl_->text);
    return {};
  });
  if (!rolled_back.ok()) is_usable_ = false;
  return rolled_back;
}

}  // namespace lanemq::sql
