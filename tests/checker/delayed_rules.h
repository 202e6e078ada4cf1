#pragma once

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "tests/checker/failure_checker.h"

namespace lanemq::checker {

/// Collects what is broken, a few examples a rule.
class BrokenRules {
 public:
  explicit BrokenRules(FailureReport& report) : report_(report) {}
  template <typename... Args>
  void Add(FailureRule rule, fmt::format_string<Args...> text, Args&&... args) {
    auto& shown = report_.broken[rule];
    if (shown.size() < kShownMax) shown.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  static constexpr std::size_t kShownMax = 5;
  FailureReport& report_;
};

/// The rules of delayed messages: early, due-order, cancelled, cancel-lied, and not-stored.
void CheckDelayed(const FailureCase& history, const FailureCheckOptions& options,
                  BrokenRules& broken);

}  // namespace lanemq::checker
