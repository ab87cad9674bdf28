// What tests/tidy/floors.txt says: which room sees which, the floors of a room, allowed exceptions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.hpp"

namespace headrace::tidy {

struct HouseRules {
  std::map<std::string, std::set<std::string>, std::less<>> rooms;
  std::map<std::string, std::vector<std::string>, std::less<>> floors;
  std::map<std::string, std::set<std::string>, std::less<>> allowed;

  bool allows(const std::string& word, const std::string& path) const;
};

// Stops the test program on a line it does not understand.
HouseRules parse_house_rules(std::string_view text);

// A room includes itself and the rooms its line names.
Findings check_rooms(const SourceFile& file, const HouseRules& rules);

// A file of a room with an order includes only files that stand before it there.
Findings check_floors(const SourceFile& file, const HouseRules& rules);

// No two folders include each other.
Findings check_folders(const std::vector<SourceFile>& files, const HouseRules& rules);

}  // namespace headrace::tidy
