#pragma once

#include "broker/access/rights.h"

namespace lanemq::idl {
class FetchRequest;
class RedriveRequest;
}  // namespace lanemq::idl

namespace lanemq::broker {

/// What a request needs besides the action of its method (kAccessTable). Most need nothing.
template <typename Request>
Status CheckFurther(const Rights& /*rights*/, const Request& /*request*/) {
  return {};
}
/// On behalf of a group: the right to consume with it.
Status CheckFurther(const Rights& rights, const idl::FetchRequest& request);
/// Back to the topic, where every group reads them: the right to produce to it. Where the filter
/// names no topic that may be any.
Status CheckFurther(const Rights& rights, const idl::RedriveRequest& request);

}  // namespace lanemq::broker
