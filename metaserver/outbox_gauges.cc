#include "metaserver/outbox_gauges.h"

#include <chrono>
#include <utility>

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace lanemq::metaserver {
namespace {

using prometheus::Family;
using prometheus::Gauge;

Family<Gauge>& Make(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

OutboxGauges::OutboxGauges(prometheus::Registry& registry)
    : count_(Make(registry, "lanemq_outboxes", "Outboxes that relays have reported")),
      families_{
          &Make(registry, "lanemq_outbox_ready_messages",
                "Committed messages that a relay publishes next"),
          &Make(registry, "lanemq_outbox_held_messages",
                "Messages that wait behind one that could not be published"),
          &Make(registry, "lanemq_outbox_dead_messages",
                "Messages given up; an operator retries or drops them"),
          &Make(registry, "lanemq_outbox_oldest_age_seconds",
                "Age of the oldest unpublished message, when last reported"),
          &Make(registry, "lanemq_outbox_silent_seconds", "Since a relay last reported the outbox"),
          &Make(registry, "lanemq_outbox_unowned_buckets",
                "Buckets whose messages no relay publishes")} {}

void OutboxGauges::Set(const std::vector<core::RegisteredOutbox>& outboxes, std::size_t count) {
  count_.Add({}).Set(static_cast<double>(count));
  std::map<std::string, Gauges> gone = std::exchange(series_, {});
  for (const core::RegisteredOutbox& outbox : outboxes) {
    const core::OutboxReport& report = outbox.report;
    const std::array<double, kFamilies> values = {
        static_cast<double>(report.ready),
        static_cast<double>(report.held),
        static_cast<double>(report.dead),
        std::chrono::duration<double>(report.oldest_age).count(),
        std::chrono::duration<double>(outbox.silent_for).count(),
        static_cast<double>(report.unowned_buckets)};
    Gauges& gauges = series_[report.outbox];
    for (std::size_t i = 0; i < kFamilies; ++i) {
      gauges[i] = &families_[i]->Add({{"outbox", report.outbox}});
      gauges[i]->Set(values[i]);
    }
    gone.erase(report.outbox);
  }
  for (const auto& [outbox, gauges] : gone) {
    for (std::size_t i = 0; i < kFamilies; ++i) families_[i]->Remove(gauges[i]);
  }
}

}  // namespace lanemq::metaserver
