#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/cli/output/table.h"
#include "client/cli/text/message_format.h"

namespace lanemq::cli {

/// `text` as a JSON string with its quotes. Requires UTF-8 (common/base/utf8.h).
[[nodiscard]] std::string JsonString(std::string_view text);
[[nodiscard]] std::string Base64(std::string_view bytes);

/// A cell as JSON: null, string, number, boolean.
[[nodiscard]] std::string JsonCell(const Cell& cell);
/// Row `row` of `table` as one JSON object.
[[nodiscard]] std::string JsonRow(const Table& table, std::size_t row);

/// A message as one JSON object. Bytes that are not UTF-8 are in "key_base64", "value_base64" and
/// a header's "value_base64" instead of "key", "value".
[[nodiscard]] std::string JsonMessage(const MessageView& message);
/// The same without its body.
[[nodiscard]] std::string JsonMessageHead(const MessageView& message);
/// What the sender made of it: the fields "key", "value" (unless `has_body` is false) and
/// "headers", without braces.
[[nodiscard]] std::string JsonContent(const MessageView& message, bool has_body);

/// {"error": {...}}: what goes to stderr with --output json.
[[nodiscard]] std::string JsonError(std::string_view code, std::string_view message,
                                    std::string_view hint);

}  // namespace lanemq::cli
