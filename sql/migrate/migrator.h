#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/limits.h"
#include "sql/driver/options.h"

namespace lanemq::sql {

/// Names of the schemas that belong to one prefix.
[[nodiscard]] std::string MetaSchema(std::string_view prefix);                       ///< p_meta
[[nodiscard]] std::string NodeSchema(std::string_view prefix);                       ///< p_node
[[nodiscard]] std::string MessageSchema(std::string_view prefix, int schema_index);  ///< p_00

/// kInvalidConfig unless `prefix` is 1 to 48 of [a-z0-9_]: it becomes part of SQL text.
Status CheckSchemaPrefix(std::string_view prefix);

/// Makes the metadata schema `<prefix>_meta`, or brings it to the state this build knows.
///
/// Harmless when it is there already, or when several processes do it at once: one works, the
/// others wait. `server.schema` is not looked at.
/// Errors: kFailedPrecondition when an applied migration differs from this build's (it was edited)
/// or the schema is newer than this build; kDataNodeUnavailable; kThrottled when another
/// process still migrates at the deadline.
Status MigrateMeta(const ConnectionOptions& server, std::string_view prefix, Deadline deadline,
                   const Clock& clock = SystemClock::Instance());

/// Same for a data node: `<prefix>_node`, and the message schemas `<prefix>_00` ... .
Status MigrateNode(const ConnectionOptions& server, std::string_view prefix, Deadline deadline,
                   int schemas = core::kSchemasPerNodeMax,
                   const Clock& clock = SystemClock::Instance());

/// The number of the newest migration that MigrateNode() knows.
[[nodiscard]] int NewestNodeMigration();

/// Makes the tables of an outbox in a team's own schema, `server.schema`, which must exist, or
/// brings them to the state this build knows. Nothing of the schema is touched but tables named
/// `lanemq_...`. Needs no right to change the schema when everything is there already.
/// Errors: as MigrateMeta(); kInvalidConfig without a schema.
Status MigrateOutbox(const ConnectionOptions& server, Deadline deadline,
                     const Clock& clock = SystemClock::Instance());
/// Same for the table of the inbox.
Status MigrateInbox(const ConnectionOptions& server, Deadline deadline,
                    const Clock& clock = SystemClock::Instance());

/// What MigrateOutbox() does in an empty schema, as SQL for whoever may change it. Harmless to run
/// again.
[[nodiscard]] std::string OutboxSchemaText();
[[nodiscard]] std::string InboxSchemaText();

}  // namespace lanemq::sql
