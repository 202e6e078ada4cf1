#pragma once

#include "common/base/result.h"

namespace lanemq::sql {

/// Of a statement whose count of rows does not matter.
template <typename T>
Status ToStatus(const Result<T>& result) {
  return result.ok() ? Status{} : Status{result.error()};
}

}  // namespace lanemq::sql
