#pragma once

#include <memory>
#include <string>

#include "client/cli/outbox/outbox_flags.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/outbox_admin.h"

/// The only place of the command line that reaches a database.
namespace lanemq::cli {

/// A team's outbox. Connects at the first call. Not thread-safe; one owner.
class OutboxDatabase {
 public:
  explicit OutboxDatabase(const OutboxLogin& login);
  ~OutboxDatabase();
  OutboxDatabase(const OutboxDatabase&) = delete;
  OutboxDatabase& operator=(const OutboxDatabase&) = delete;

  [[nodiscard]] core::OutboxAdmin& admin();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Makes the tables, or brings them up to date. Harmless to repeat. `is_inbox`: those of the inbox.
Status InstallTables(const OutboxLogin& login, bool is_inbox, Deadline deadline);
/// What InstallTables() does, as SQL.
[[nodiscard]] std::string SchemaText(bool is_inbox);

}  // namespace lanemq::cli
