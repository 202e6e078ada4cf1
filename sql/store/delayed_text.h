#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/core/store/delayed_store.h"
#include "sql/driver/server_info.h"

namespace lanemq::sql {

// Statements on delayed_messages whose number of rows varies. Everything in them is a number or
// quoted; the session is as message_table.h wants it. Each replaces `out`.

/// INSERT of the first messages of `batch` into the rows named `ids`: about `bytes_max` of text, or
/// one message. Answers how many. Requires at least one, and as many ids.
std::size_t InsertDelayedText(std::span<const core::DelayedMessage> batch,
                              std::span<const core::DelayedId> ids, std::size_t bytes_max,
                              std::string& out);

/// A query of rows as AppendSelected() wants them, in the order of `ids`, which are of one
/// partition. It locks exactly these rows: each is looked up by its whole key. Headers get
/// `lanemq-due-us`.
void SelectDelayedText(std::span<const core::DelayedId> ids, ServerKind kind, std::string& out);

/// The DELETE of the same.
void DeleteDelayedText(std::span<const core::DelayedId> ids, std::string& out);

}  // namespace lanemq::sql
