#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/base/check.h"
#include "common/base/error.h"

namespace lanemq {

/// Either a value or an Error; the shape of C++23's std::expected<T, Error>.
///
/// Reading the value of a failed result, or the error of a good one, ends the process: check ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` read best.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    LANEMQ_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T& value() & {
    LANEMQ_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    LANEMQ_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  [[nodiscard]] const Error& error() const {
    LANEMQ_CHECK(!ok());
    return std::get<1>(state_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit like Result.

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    LANEMQ_CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

#define LANEMQ_CONCAT_INNER(a, b) a##b
#define LANEMQ_CONCAT(a, b) LANEMQ_CONCAT_INNER(a, b)

/// Returns the error of `expression` (a Status or a Result) from the enclosing function, if any.
#define LANEMQ_RETURN_IF_ERROR(expression) \
  LANEMQ_RETURN_IF_ERROR_IMPL(LANEMQ_CONCAT(lanemq_status_, __COUNTER__), expression)
#define LANEMQ_RETURN_IF_ERROR_IMPL(status, expression)                         \
  do {                                                                          \
    if (const auto& status = (expression); !status.ok()) return status.error(); \
  } while (false)

/// Assigns the value of the Result `expression` to `declaration`, or returns its error.
#define LANEMQ_ASSIGN_OR_RETURN(declaration, expression) \
  LANEMQ_ASSIGN_OR_RETURN_IMPL(LANEMQ_CONCAT(lanemq_result_, __LINE__), declaration, expression)
#define LANEMQ_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                         \
  if (!result.ok()) return result.error();                            \
  declaration = std::move(result).value()

}  // namespace lanemq
