#include <algorithm>
#include <array>
#include <string>

#include "client/src/outbox/table_name.h"
#include "lanemq/sql_session.h"

namespace lanemq {
namespace {

using enum ErrorCode;

struct Row {
  int number;
  ErrorCode code;
  std::string_view advice;
};

constexpr std::string_view kGone =
    "the connection is lost, its transaction rolled back; repeat it on a new one";
constexpr std::string_view kLater = "the server cannot write now; roll back, repeat later";
constexpr std::string_view kNoTable =
    "the table is missing or not for this account; see `lanemq outbox install`";
constexpr std::string_view kBusy = "nothing was done; roll back, repeat later";

// Sorted by number. What is not listed is kUnknownServerError.
constexpr std::array kRows = {
    Row{1020, kConflict, "roll the transaction back and repeat it"},
    Row{1021, kDataNodeUnavailable, kLater},
    Row{1022, kAlreadyExists, ""},
    Row{1037, kDataNodeUnavailable, kLater},
    Row{1041, kDataNodeUnavailable, kLater},
    Row{1044, kFailedPrecondition, kNoTable},
    Row{1049, kFailedPrecondition, kNoTable},
    Row{1053, kDataNodeUnavailable, kGone},
    Row{1054, kFailedPrecondition, "the table is of another version; see `lanemq outbox install`"},
    Row{1062, kAlreadyExists, ""},
    Row{1080, kDataNodeUnavailable, kGone},
    Row{1114, kDataNodeUnavailable, kLater},
    Row{1142, kFailedPrecondition, kNoTable},
    Row{1146, kFailedPrecondition, kNoTable},
    Row{1152, kDataNodeUnavailable, kGone},
    Row{1153, kMessageTooLarge, "above max_allowed_packet; the connection is lost"},
    Row{1158, kDataNodeUnavailable, kGone},
    Row{1159, kDataNodeUnavailable, kGone},
    Row{1160, kDataNodeUnavailable, kGone},
    Row{1161, kDataNodeUnavailable, kGone},
    Row{1184, kDataNodeUnavailable, kGone},
    Row{1205, kConflict,
        "lock not given in time: the statement was rolled back, the transaction is still open; "
        "roll "
        "it back and repeat it"},
    Row{1206, kThrottled, kBusy},
    Row{1213, kConflict, "the database rolled the transaction back; repeat it"},
    Row{1264, kInvalidRequest, ""},
    Row{1290, kDataNodeUnavailable, kLater},
    Row{1317, kConflict, "the statement was stopped; roll the transaction back and repeat it"},
    Row{1366, kInvalidRequest, ""},
    Row{1406, kMessageTooLarge, ""},
    Row{1412, kConflict, "roll the transaction back and repeat it"},
    Row{1441, kInvalidRequest, ""},
    Row{1461, kThrottled, kBusy},
    Row{1586, kAlreadyExists, ""},
    Row{1615, kConflict, "roll the transaction back and repeat it"},
    Row{1792, kDataNodeUnavailable, kLater},
    Row{1836, kDataNodeUnavailable, kLater},
    Row{1927, kDataNodeUnavailable, kGone},
    Row{1969, kConflict, "the statement was stopped; roll the transaction back and repeat it"},
    Row{2000, kDataNodeUnavailable, kGone},
    Row{2002, kDataNodeUnavailable, kGone},
    Row{2003, kDataNodeUnavailable, kGone},
    Row{2006, kDataNodeUnavailable, kGone},
    Row{2013, kDataNodeUnavailable, kGone},
    Row{2020, kMessageTooLarge, "above max_allowed_packet; the connection is lost"},
    Row{2026, kDataNodeUnavailable, kGone},
    Row{2027, kDataNodeUnavailable, kGone},
    Row{2055, kDataNodeUnavailable, kGone},
    Row{3024, kConflict, "the statement was stopped; roll the transaction back and repeat it"},
    Row{3058, kConflict, "roll the transaction back and repeat it"},
    Row{3100, kDataNodeUnavailable, kGone},
    Row{3101, kConflict, "the database rolled the transaction back; repeat it"},
    Row{3169, kDataNodeUnavailable, kGone},
    Row{3572, kConflict, "roll the transaction back and repeat it"},
    Row{4031, kDataNodeUnavailable, kGone},
};
static_assert(std::is_sorted(kRows.begin(), kRows.end(),
                             [](const Row& a, const Row& b) { return a.number < b.number; }));

bool IsIdentifier(std::string_view name) {
  constexpr std::size_t kIdentifierMax = 64;
  return !name.empty() && name.size() <= kIdentifierMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '$';
         });
}

}  // namespace

Error SqlError(int number, std::string_view text) {
  const auto* row = std::lower_bound(kRows.begin(), kRows.end(), number,
                                     [](const Row& r, int n) { return r.number < n; });
  const bool is_known = row != kRows.end() && row->number == number;
  std::string message(text);
  message += " (" + std::to_string(number) + ")";
  if (is_known && !row->advice.empty()) message.append(": ").append(row->advice);
  return Error{is_known ? row->code : kUnknownServerError, std::move(message)};
}

namespace client {

Result<std::string> QuotedTableName(std::string_view name) {
  const std::size_t dot = name.find('.');
  const std::string_view table = dot == std::string_view::npos ? name : name.substr(dot + 1);
  const std::string_view schema = dot == std::string_view::npos ? "" : name.substr(0, dot);
  if (!IsIdentifier(table) || (dot != std::string_view::npos && !IsIdentifier(schema))) {
    return Error{ErrorCode::kInvalidConfig,
                 "the table's name must be table or schema.table, each 1 to 64 of [A-Za-z0-9_$]"};
  }
  std::string quoted;
  if (!schema.empty()) quoted.append("`").append(schema).append("`.");
  return quoted.append("`").append(table).append("`");
}

}  // namespace client
}  // namespace lanemq
