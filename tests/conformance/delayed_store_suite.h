#pragma once

// What every DelayedStore must do.
#include "tests/conformance/delayed_store_cases.h"
#include "tests/conformance/delayed_store_fixture.h"
#include "tests/conformance/delayed_store_moving_cases.h"
#include "tests/conformance/delayed_store_race_cases.h"
#include "tests/conformance/delayed_store_schedule_cases.h"
