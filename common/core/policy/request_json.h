#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/policy/request_types.h"

namespace lanemq::core {

/// What the request's row keeps of it as JSON: approvers, approvals, reasons, progress.
[[nodiscard]] std::string RequestDetailToText(const ChangeRequest& request);

/// Back into `request`, whose other fields stay. kFailedPrecondition: not what the function above
/// has made, or a newer version of it.
Status RequestDetailFromText(std::string_view text, ChangeRequest& request);

/// For the audit log: state, title, approvers, approvals and reasons, without the bundle.
[[nodiscard]] std::string RequestToAuditText(const ChangeRequest& request, std::string_view title);

}  // namespace lanemq::core
