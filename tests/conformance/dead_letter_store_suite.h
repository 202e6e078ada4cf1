#pragma once

// What every DeadLetterStore must do: reading and dropping, redrives and their jobs, what is moved.
#include "tests/conformance/dead_letter_move_cases.h"
#include "tests/conformance/dead_letter_read_cases.h"
#include "tests/conformance/dead_letter_redrive_cases.h"
