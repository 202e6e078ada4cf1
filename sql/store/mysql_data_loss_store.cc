#include "sql/store/mysql_data_loss_store.h"

#include <string_view>

#include "sql/statements/statements.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {

Status MySqlDataLossStore::Record(const core::DataLoss& loss, Deadline deadline) {
  return WriteOn(nodes_, node_, deadline, [&](Connection& connection, const core::DataNode&) {
    return ToStatus(
        connection.Update(statements::kRecordDataLoss,
                          {loss.key.topic.value, std::int64_t{loss.key.partition}, loss.from.value,
                           loss.to.value, std::string_view(loss.broker)}));
  });
}

}  // namespace lanemq::sql
