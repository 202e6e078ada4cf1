#pragma once

/// Everything an application needs. Not the adapters lanemq/mysql_connector.h and
/// lanemq/mysql_c_api.h: an application that has an outbox or an inbox includes the one of the
/// database client that it links.
#include "lanemq/admin.h"     // IWYU pragma: export
#include "lanemq/consumer.h"  // IWYU pragma: export
#include "lanemq/inbox.h"     // IWYU pragma: export
#include "lanemq/outbox.h"    // IWYU pragma: export
#include "lanemq/producer.h"  // IWYU pragma: export
