#pragma once

#include <string>
#include <string_view>

#include "common/core/store/dead_letter_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// A row with the columns of read_dead_letter. kCorruptMessage: the headers do not decode.
Result<core::DeadLetter> ToDeadLetter(std::string_view group, const Row& row);

/// The column `filter` of redrive_jobs: JSON, in which bytes of people are percent-encoded.
std::string FilterToJson(const core::DeadLetterFilter& filter);
/// kCorruptMessage when FilterToJson() did not write it.
Result<core::DeadLetterFilter> FilterFromJson(std::string_view text);
/// The same for people, short: ids are counted when there are many.
std::string DescribeFilter(const core::DeadLetterFilter& filter);

/// "7-0@42": topic, partition and offset.
std::string DescribeId(const core::FailedId& id);

/// A row with the columns of list_redrives. kCorruptMessage: its filter does not decode.
Result<core::RedriveJob> ToRedriveJob(const Row& row);
std::string_view NameOf(core::RedriveState state);
std::string_view NameOf(core::RedriveTarget target);

/// The data node's clock, which letters' times are of.
Result<WallTime> ServerNow(Connection& connection);

/// The audit row of a deed, in the transaction that does it.
Status RecordDeed(Connection& connection, std::string_view group, std::string_view action,
                  std::int64_t letters, std::string_view detail, const core::OperatorNote& note);

}  // namespace lanemq::sql
