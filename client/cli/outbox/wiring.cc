#include "client/cli/outbox/wiring.h"

#include <fmt/format.h>

#include "sql/driver/connection_pool.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_outbox_admin.h"

namespace lanemq::cli {
namespace {

sql::ConnectionOptions ToOptions(const OutboxLogin& login) {
  sql::ConnectionOptions options;
  options.host = login.host;
  options.port = login.port;
  options.user = login.user;
  options.password = login.password;
  options.schema = login.schema;
  return options;
}

}  // namespace

struct OutboxDatabase::Parts {
  explicit Parts(const OutboxLogin& login)
      : pool(fmt::format("{}@{}:{}", login.schema, login.host, login.port), ToOptions(login),
             {.connections_max = 1}),
        admin(pool) {}

  sql::ConnectionPool pool;
  sql::MySqlOutboxAdmin admin;
};

OutboxDatabase::OutboxDatabase(const OutboxLogin& login) : parts_(std::make_unique<Parts>(login)) {}
OutboxDatabase::~OutboxDatabase() = default;
core::OutboxAdmin& OutboxDatabase::admin() { return parts_->admin; }

Status InstallTables(const OutboxLogin& login, bool is_inbox, Deadline deadline) {
  return is_inbox ? sql::MigrateInbox(ToOptions(login), deadline)
                  : sql::MigrateOutbox(ToOptions(login), deadline);
}

std::string SchemaText(bool is_inbox) {
  return is_inbox ? sql::InboxSchemaText() : sql::OutboxSchemaText();
}

}  // namespace lanemq::cli
