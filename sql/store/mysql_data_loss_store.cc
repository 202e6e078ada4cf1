#include "sql/store/mysql_data_loss_store.h"

#include <string_view>

#include "sql/statements/statements.h"
#include "sql/store/on_node.h"
#include "sql/store/partition_guard.h"

namespace lanemq::sql {

Status MySqlDataLossStore::Record(const core::DataLoss& loss, Deadline deadline) {
  return WriteOn(
      nodes_, node_, deadline, [&](Connection& connection, const core::DataNode&) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(
            const std::int64_t affected,
            connection.Update(statements::kRecordDataLoss,
                              {loss.from.value, loss.to.value, std::string_view(loss.broker),
                               loss.key.topic.value, std::int64_t{loss.key.partition}}));
        return affected == 0 ? Status(MovesAway(loss.key)) : Status();
      });
}

}  // namespace lanemq::sql
