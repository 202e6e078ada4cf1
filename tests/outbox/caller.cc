#include "tests/outbox/caller.h"

#include <mysql.h>

#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include "common/base/check.h"
#include "lanemq/mysql_c_api.h"
#include "lanemq/mysql_connector.h"

namespace lanemq::testing {
namespace {

class ConnectorCaller final : public Caller {
 public:
  ConnectorCaller(const DatabaseServer& server, const std::string& schema) {
    ::sql::ConnectOptionsMap map;
    map["hostName"] = ::sql::SQLString("tcp://" + server.host());
    map["port"] = server.port();
    map["userName"] = ::sql::SQLString(server.user());
    map["password"] = ::sql::SQLString(server.password());
    if (!schema.empty()) map["schema"] = ::sql::SQLString(schema);
    map["OPT_CHARSET_NAME"] = ::sql::SQLString("utf8mb4");
    connection_.reset(::sql::mysql::get_driver_instance()->connect(map));
    session_ = std::make_unique<ConnectorSession>(*connection_);
  }

  SqlSession& session() override { return *session_; }
  std::string Run(const std::string& text) override {
    try {
      std::unique_ptr<::sql::Statement>(connection_->createStatement())->execute(text);
      return "";
    } catch (const ::sql::SQLException& e) {
      return e.what();
    }
  }
  std::string Value(const std::string& query) override {
    const std::unique_ptr<::sql::Statement> statement(connection_->createStatement());
    const std::unique_ptr<::sql::ResultSet> rows(statement->executeQuery(query));
    return rows->next() ? rows->getString(1).asStdString() : "";
  }

 private:
  std::unique_ptr<::sql::Connection> connection_;
  std::unique_ptr<ConnectorSession> session_;
};

class CApiCaller final : public Caller {
 public:
  CApiCaller(const DatabaseServer& server, const std::string& schema)
      : connection_(mysql_init(nullptr)) {
    mysql_options(connection_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    LANEMQ_CHECK(mysql_real_connect(connection_, server.host().c_str(), server.user().c_str(),
                                    server.password().c_str(),
                                    schema.empty() ? nullptr : schema.c_str(),
                                    static_cast<unsigned>(server.port()), nullptr, 0) != nullptr);
    session_ = std::make_unique<CApiSession>(connection_);
  }
  ~CApiCaller() override {
    session_.reset();
    mysql_close(connection_);
  }

  SqlSession& session() override { return *session_; }
  std::string Run(const std::string& text) override {
    return mysql_query(connection_, text.c_str()) == 0 ? "" : mysql_error(connection_);
  }
  std::string Value(const std::string& query) override {
    LANEMQ_CHECK(mysql_query(connection_, query.c_str()) == 0);
    MYSQL_RES* const rows = mysql_store_result(connection_);
    const MYSQL_ROW row = mysql_fetch_row(rows);
    std::string value;
    if (row != nullptr && row[0] != nullptr) value.assign(row[0], mysql_fetch_lengths(rows)[0]);
    mysql_free_result(rows);
    return value;
  }

 private:
  MYSQL* connection_;
  std::unique_ptr<CApiSession> session_;
};

}  // namespace

std::unique_ptr<Caller> Caller::Connect(Adapter adapter, const DatabaseServer& server,
                                        const std::string& schema) {
  if (adapter == Adapter::kCApi) return std::make_unique<CApiCaller>(server, schema);
  return std::make_unique<ConnectorCaller>(server, schema);
}

}  // namespace lanemq::testing
