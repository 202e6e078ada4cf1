#pragma once

// What every OutboxStore must do.
#include "tests/conformance/outbox_store_fixture.h"
#include "tests/conformance/outbox_store_hold_cases.h"
#include "tests/conformance/outbox_store_people_cases.h"
#include "tests/conformance/outbox_store_row_cases.h"
#include "tests/conformance/outbox_store_session_cases.h"
