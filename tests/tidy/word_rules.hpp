// Words and headers that must not appear, each with its reason.
#pragma once

#include "tests/tidy/house_rules.hpp"
#include "tests/tidy/source_text.hpp"

namespace headrace::tidy {

Findings check_words(const SourceFile& file, const HouseRules& rules);

// Heavy libraries are included by .cpp files only; boost/asio.hpp by nobody.
Findings check_heavy_headers(const SourceFile& file);

}  // namespace headrace::tidy
