#pragma once

/// Everything an application needs.
#include "lanemq/admin.h"     // IWYU pragma: export
#include "lanemq/consumer.h"  // IWYU pragma: export
#include "lanemq/producer.h"  // IWYU pragma: export
