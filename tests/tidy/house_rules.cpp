#include "tests/tidy/house_rules.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/check.hpp"

namespace headrace::tidy {

namespace {

std::string room_of(std::string_view path) { return std::string(path.substr(0, path.find('/'))); }

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// "base/posix_file_system.cpp" in room base: "posix_file_system"
std::string floor_name(const std::string& path, std::string_view room) {
  const std::string inside = path.substr(room.size() + 1);
  return inside.substr(0, inside.rfind('.'));
}

}  // namespace

bool HouseRules::allows(const std::string& word, const std::string& path) const {
  const auto found = allowed.find(word);
  return found != allowed.end() && found->second.contains(path);
}

HouseRules parse_house_rules(std::string_view text) {
  HouseRules rules;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string kind;
    std::string name;
    words >> kind >> name;
    HR_CHECK(name.ends_with(':'));
    name.pop_back();
    std::vector<std::string> rest;
    for (std::string word; words >> word;) rest.push_back(word);
    if (kind == "room") {
      rules.rooms[name].insert(rest.begin(), rest.end());
    } else if (kind == "order") {
      auto& floors = rules.floors[name];
      floors.insert(floors.end(), rest.begin(), rest.end());
    } else {
      HR_CHECK(kind == "allow");
      rules.allowed[name].insert(rest.begin(), rest.end());
    }
  }
  return rules;
}

Findings check_rooms(const SourceFile& file, const HouseRules& rules) {
  Findings findings;
  const std::string room = room_of(file.path);
  const auto own = rules.rooms.find(room);
  if (own == rules.rooms.end()) return {{file.path, 1, "no room " + room + " in floors.txt"}};
  for (const Include& include : includes_of(file)) {
    const std::string other = room_of(include.path);
    if (!include.quoted || other == room || own->second.contains(other)) continue;
    // An example is a user's own project: its files name each other as a user's would.
    if (room == "examples" && include.path.find('/') == std::string::npos) continue;
    const std::string why = rules.rooms.contains(other)
                                ? room + " must not see " + other
                                : "write the path from the root of the tree";
    findings.push_back({file.path, include.line, "includes " + include.path + ": " + why});
  }
  return findings;
}

Findings check_floors(const SourceFile& file, const HouseRules& rules) {
  Findings findings;
  const std::string room = room_of(file.path);
  const auto floors = rules.floors.find(room);
  if (floors == rules.floors.end()) return {};
  const auto floor_of = [&](const std::string& path) {
    return std::find(floors->second.begin(), floors->second.end(), floor_name(path, room));
  };
  const auto own = floor_of(file.path);
  if (own == floors->second.end()) {
    return {{file.path, 1, "has no floor: add it to the order of " + room + " in floors.txt"}};
  }
  for (const Include& include : includes_of(file)) {
    if (!is_below(include.path, room) || floor_of(include.path) <= own) continue;
    findings.push_back(
        {file.path, include.line, "includes " + include.path + " from a floor above"});
  }
  return findings;
}

Findings check_folders(const std::vector<SourceFile>& files, const HouseRules& rules) {
  std::map<std::pair<std::string, std::string>, Finding> edges;
  for (const SourceFile& file : files) {
    const std::string from = folder_of(file.path);
    for (const Include& include : includes_of(file)) {
      const std::string to = folder_of(include.path);
      if (!include.quoted || from == to || !rules.rooms.contains(room_of(include.path))) continue;
      edges.emplace(std::pair(from, to),
                    Finding{file.path, include.line, from + " and " + to + " include each other"});
    }
  }
  Findings findings;
  for (const auto& [edge, finding] : edges) {
    if (edges.contains({edge.second, edge.first})) findings.push_back(finding);
  }
  return findings;
}

}  // namespace headrace::tidy
