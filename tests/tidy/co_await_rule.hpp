// co_await stands alone: one per statement, its operand a name, a move of a name or a plain call.
// Source of the rule: docs/decisions/0003-coroutines.md (what g++ 12 miscompiles).
#pragma once

#include "tests/tidy/source_text.hpp"

namespace headrace::tidy {

Findings check_co_await(const SourceFile& file);

}  // namespace headrace::tidy
