#include "tests/support/wait_for.h"

#include <algorithm>
#include <poll.h>

#include "common/base/clock.h"

namespace lanemq::testing {

::testing::AssertionResult WaitFor(const std::function<bool()>& condition,
                                   std::chrono::milliseconds timeout, std::string_view what) {
  const Clock& clock = SystemClock::Instance();
  const Deadline deadline = Deadline::After(clock, timeout);
  std::chrono::microseconds pause{200};
  for (;;) {
    if (condition()) return ::testing::AssertionSuccess();
    if (deadline.HasPassed(clock)) {
      return ::testing::AssertionFailure()
             << "waited " << timeout.count() << " ms in vain for: " << what;
    }
    timespec duration{0, std::chrono::nanoseconds(pause).count()};
    ::ppoll(nullptr, 0, &duration, nullptr);
    pause = std::min(pause * 2, std::chrono::microseconds{20'000});
  }
}

}  // namespace lanemq::testing
