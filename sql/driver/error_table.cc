#include "sql/driver/error_table.h"

#include <algorithm>
#include <array>
#include <string>

namespace lanemq::sql {
namespace {

using enum ErrorCode;

// Sorted by number. Below 2000 and from 3000: servers; 2000 to 2999: the client library.
//
// A connection that breaks in phase kWrite leaves the outcome open whatever the number says; a
// deadlock (1213) has rolled back the transaction; a lock wait that timed out (1205) has rolled
// back the statement only, so Transaction rolls back the rest.
constexpr std::array kRows = {
    ErrorRow{1007, "ER_DB_CREATE_EXISTS", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1008, "ER_DB_DROP_EXISTS", kNotFound, kNotFound, false},
    ErrorRow{1020, "ER_CHECKREAD", kConflict, kConflict, false},
    ErrorRow{1021, "ER_DISK_FULL", kDataNodeUnavailable, kDataNodeUnavailable, false},
    ErrorRow{1022, "ER_DUP_KEY", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1037, "ER_OUTOFMEMORY", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1040, "ER_CON_COUNT_ERROR", kThrottled, kThrottled, true},
    ErrorRow{1041, "ER_OUT_OF_RESOURCES", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1042, "ER_BAD_HOST_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1043, "ER_HANDSHAKE_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1044, "ER_DBACCESS_DENIED_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, false},
    ErrorRow{1045, "ER_ACCESS_DENIED_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1046, "ER_NO_DB_ERROR", kUnknownServerError, kUnknownServerError, false},
    ErrorRow{1047, "ER_UNKNOWN_COM_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1049, "ER_BAD_DB_ERROR", kUnknownTopicOrPartition, kUnknownTopicOrPartition, false},
    ErrorRow{1050, "ER_TABLE_EXISTS_ERROR", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1051, "ER_BAD_TABLE_ERROR", kNotFound, kNotFound, false},
    ErrorRow{1053, "ER_SERVER_SHUTDOWN", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1054, "ER_BAD_FIELD_ERROR", kFailedPrecondition, kFailedPrecondition, false},
    ErrorRow{1060, "ER_DUP_FIELDNAME", kFailedPrecondition, kFailedPrecondition, false},
    ErrorRow{1061, "ER_DUP_KEYNAME", kFailedPrecondition, kFailedPrecondition, false},
    ErrorRow{1062, "ER_DUP_ENTRY", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1064, "ER_PARSE_ERROR", kUnknownServerError, kUnknownServerError, false},
    ErrorRow{1080, "ER_FORCING_CLOSE", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1114, "ER_RECORD_FILE_FULL", kDataNodeUnavailable, kDataNodeUnavailable, false},
    ErrorRow{1118, "ER_TOO_BIG_ROWSIZE", kMessageTooLarge, kMessageTooLarge, false},
    ErrorRow{1129, "ER_HOST_IS_BLOCKED", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1130, "ER_HOST_NOT_PRIVILEGED", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1142, "ER_TABLEACCESS_DENIED_ERROR", kDataNodeUnavailable, kDataNodeUnavailable,
             false},
    ErrorRow{1146, "ER_NO_SUCH_TABLE", kUnknownTopicOrPartition, kUnknownTopicOrPartition, false},
    ErrorRow{1152, "ER_ABORTING_CONNECTION", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1153, "ER_NET_PACKET_TOO_LARGE", kMessageTooLarge, kMessageTooLarge, true},
    ErrorRow{1154, "ER_NET_READ_ERROR_FROM_PIPE", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1155, "ER_NET_FCNTL_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1156, "ER_NET_PACKETS_OUT_OF_ORDER", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1158, "ER_NET_READ_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1159, "ER_NET_READ_INTERRUPTED", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1160, "ER_NET_ERROR_ON_WRITE", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1161, "ER_NET_WRITE_INTERRUPTED", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1180, "ER_ERROR_DURING_COMMIT", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1184, "ER_NEW_ABORTING_CONNECTION", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1203, "ER_TOO_MANY_USER_CONNECTIONS", kThrottled, kThrottled, true},
    ErrorRow{1205, "ER_LOCK_WAIT_TIMEOUT", kConflict, kConflict, false},
    ErrorRow{1206, "ER_LOCK_TABLE_FULL", kThrottled, kThrottled, false},
    ErrorRow{1213, "ER_LOCK_DEADLOCK", kConflict, kConflict, false},
    ErrorRow{1226, "ER_USER_LIMIT_REACHED", kThrottled, kThrottled, true},
    ErrorRow{1264, "ER_WARN_DATA_OUT_OF_RANGE", kInvalidRequest, kInvalidRequest, false},
    ErrorRow{1290, "ER_OPTION_PREVENTS_STATEMENT", kDataNodeUnavailable, kDataNodeUnavailable,
             true},
    ErrorRow{1317, "ER_QUERY_INTERRUPTED", kDataNodeUnavailable, kOutcomeUnknown, false},
    ErrorRow{1366, "ER_TRUNCATED_WRONG_VALUE", kInvalidRequest, kInvalidRequest, false},
    ErrorRow{1406, "ER_DATA_TOO_LONG", kMessageTooLarge, kMessageTooLarge, false},
    ErrorRow{1412, "ER_TABLE_DEF_CHANGED", kConflict, kConflict, false},
    ErrorRow{1461, "ER_MAX_PREPARED_STMT_COUNT_REACHED", kThrottled, kThrottled, true},
    ErrorRow{1493, "ER_RANGE_NOT_INCREASING_ERROR", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1507, "ER_DROP_PARTITION_NON_EXISTENT", kNotFound, kNotFound, false},
    ErrorRow{1508, "ER_DROP_LAST_PARTITION", kFailedPrecondition, kFailedPrecondition, false},
    ErrorRow{1517, "ER_SAME_NAME_PARTITION", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1520, "ER_REORG_OUTSIDE_RANGE", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1586, "ER_DUP_ENTRY_WITH_KEY_NAME", kAlreadyExists, kAlreadyExists, false},
    ErrorRow{1615, "ER_NEED_REPREPARE", kConflict, kConflict, true},
    ErrorRow{1698, "ER_ACCESS_DENIED_NO_PASSWORD", kDataNodeUnavailable, kDataNodeUnavailable,
             true},
    ErrorRow{1792, "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", kDataNodeUnavailable,
             kDataNodeUnavailable, true},
    ErrorRow{1836, "ER_READ_ONLY_MODE", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{1927, "ER_CONNECTION_KILLED", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{1969, "ER_STATEMENT_TIMEOUT", kDataNodeUnavailable, kOutcomeUnknown, false},
    ErrorRow{2000, "CR_UNKNOWN_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2002, "CR_CONNECTION_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{2003, "CR_CONN_HOST_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{2004, "CR_IPSOCK_ERROR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{2005, "CR_UNKNOWN_HOST", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{2006, "CR_SERVER_GONE_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2008, "CR_OUT_OF_MEMORY", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2012, "CR_SERVER_HANDSHAKE_ERR", kDataNodeUnavailable, kDataNodeUnavailable, true},
    ErrorRow{2013, "CR_SERVER_LOST", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2014, "CR_COMMANDS_OUT_OF_SYNC", kUnknownServerError, kUnknownServerError, true},
    ErrorRow{2020, "CR_NET_PACKET_TOO_LARGE", kMessageTooLarge, kMessageTooLarge, true},
    ErrorRow{2026, "CR_SSL_CONNECTION_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2027, "CR_MALFORMED_PACKET", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{2055, "CR_SERVER_LOST_EXTENDED", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{3024, "ER_QUERY_TIMEOUT", kDataNodeUnavailable, kOutcomeUnknown, false},
    ErrorRow{3058, "ER_USER_LOCK_DEADLOCK", kConflict, kConflict, false},
    ErrorRow{3100, "ER_RUN_HOOK_ERROR", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{3101, "ER_TRANSACTION_ROLLBACK_DURING_COMMIT", kConflict, kConflict, false},
    ErrorRow{3169, "ER_SESSION_WAS_KILLED", kDataNodeUnavailable, kOutcomeUnknown, true},
    ErrorRow{3572, "ER_LOCK_NOWAIT", kConflict, kConflict, false},
    // Sent to an idle session before it is closed: the statement that meets it was never run.
    ErrorRow{4031, "ER_CLIENT_INTERACTION_TIMEOUT", kDataNodeUnavailable, kDataNodeUnavailable,
             true},
};

constexpr ErrorRow kUnknown{0, "UNKNOWN", kUnknownServerError, kUnknownServerError, true};

static_assert(std::is_sorted(kRows.begin(), kRows.end(), [](const ErrorRow& a, const ErrorRow& b) {
  return a.number < b.number;
}));

}  // namespace

std::span<const ErrorRow> ErrorTable() { return kRows; }

const ErrorRow& RowOf(int number) {
  const auto* row = std::lower_bound(kRows.begin(), kRows.end(), number,
                                     [](const ErrorRow& r, int n) { return r.number < n; });
  return row != kRows.end() && row->number == number ? *row : kUnknown;
}

Error Classify(int number, std::string_view text, Phase phase) {
  const ErrorRow& row = RowOf(number);
  ErrorCode code = phase == Phase::kWrite ? row.when_writing : row.without_effect;
  // A message table whose log begins or goes on elsewhere: its column timestamp_us has another name
  // (sql/store/message_table.h).
  if (number == 1054 && text.find("timestamp_us'") != std::string_view::npos) {
    code = ErrorCode::kUnknownTopicOrPartition;
  }
  // A missing default schema is a node that is not set up, not a topic that is not known.
  if (phase == Phase::kConnect && RetryOf(code) != Retry::kAfterDelay) code = kDataNodeUnavailable;
  std::string message(text);
  message += " (";
  message += std::to_string(number);
  message += ' ';
  message += row.symbol;
  message += ')';
  return Error{code, std::move(message)};
}

}  // namespace lanemq::sql
