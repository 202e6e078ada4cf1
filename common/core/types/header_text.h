#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// Headers as the text of the `headers` column: `name=value&name2=value2`, in order. Bytes other
/// than [A-Za-z0-9._~-], `:`, `/` and `,` are %XX, so that a DBA can read and filter the column and
/// any bytes survive. Appends to `out`.
void AppendHeaderText(const std::vector<Header>& headers, std::string& out);

/// The headers in `text`. kCorruptMessage when it was not written by AppendHeaderText() of at least
/// one header: a message without headers is NULL in SQL.
Result<std::vector<Header>> ParseHeaderText(std::string_view text);

}  // namespace lanemq::core
