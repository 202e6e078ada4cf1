#pragma once

// What every MessageStore must do, in three files: the fixture, creating and appending, reading.
#include "tests/conformance/message_store_append_cases.h"
#include "tests/conformance/message_store_fixture.h"
#include "tests/conformance/message_store_read_cases.h"
