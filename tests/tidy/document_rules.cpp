#include "tests/tidy/document_rules.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>

namespace headrace::tidy {

namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The cells of "| a | b |"; none when the line is no table row.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  if (!line.starts_with('|')) return cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '|' && line[i - 1] != '\\') {
      cells.push_back(trimmed(cell));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

bool leads_nowhere(const std::filesystem::path& root, const std::string& document,
                   const std::string& target) {
  static const std::regex kElsewhere("^([a-z]+:|#).*");
  if (std::regex_match(target, kElsewhere)) return false;
  const std::string file = target.substr(0, target.find('#'));
  return !std::filesystem::exists(root / std::filesystem::path(document).parent_path() / file);
}

// What is wrong with one Test cell; empty when nothing is.
std::string fault_of_cell(const std::string& cell, const std::set<std::string>& tests,
                          std::string_view scripts) {
  static const std::regex kName("`([A-Za-z0-9_/]+\\.[A-Za-z0-9_/]+)`");
  if (cell == "-" || cell == "—") return "";
  std::sregex_iterator name(cell.begin(), cell.end(), kName);
  if (name == std::sregex_iterator()) return "names no test";
  for (; name != std::sregex_iterator(); ++name) {
    const std::string test = (*name)[1];
    const bool known = tests.contains(test) || scripts.find(test) != std::string_view::npos;
    if (!known) return "names " + test + ", which does not exist";
  }
  return "";
}

// The rows of all tables with a column `Test`: their cells, by the head of the column.
struct TestedRow {
  int line = 0;
  std::map<std::string, std::string> cells;
};

std::vector<TestedRow> tested_rows(std::string_view text) {
  std::vector<TestedRow> rows;
  std::istringstream lines{std::string(text)};
  std::vector<std::string> heads;  // of the table we are in
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::vector<std::string> cells = cells_of(line);
    if (cells.empty()) {
      heads.clear();
    } else if (heads.empty()) {
      heads = cells;
    } else if (!cells.front().starts_with("--") && !cells.front().starts_with(":-")) {
      if (std::find(heads.begin(), heads.end(), "Test") == heads.end()) continue;
      TestedRow row{number, {}};
      for (std::size_t i = 0; i < std::min(heads.size(), cells.size()); ++i) {
        row.cells[heads[i]] = cells[i];
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

std::vector<std::string> list_documents(const std::filesystem::path& root) {
  std::vector<std::string> documents;
  auto walk = std::filesystem::recursive_directory_iterator(root);
  for (auto entry = begin(walk); entry != end(walk); ++entry) {
    const std::string name = entry->path().filename().string();
    if (name == "build" || name == "node_modules" || name == ".git") {
      if (entry->is_directory()) entry.disable_recursion_pending();
    } else if (name.ends_with(".md")) {
      documents.push_back(std::filesystem::relative(entry->path(), root).string());
    }
  }
  std::sort(documents.begin(), documents.end());
  return documents;
}

Findings check_links(const std::filesystem::path& root, const std::string& path,
                     std::string_view text) {
  static const std::regex kLink("\\]\\(\\s*<?([^)>\\s]+)>?[^)]*\\)");
  Findings findings;
  std::istringstream lines{std::string(text)};
  bool fenced = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (trimmed(line).starts_with("```")) fenced = !fenced;
    if (fenced) continue;
    for (std::sregex_iterator link(line.begin(), line.end(), kLink), end; link != end; ++link) {
      const std::string target = (*link)[1];
      if (!leads_nowhere(root, path, target)) continue;
      findings.push_back({path, number, "link to " + target + ", which does not exist"});
    }
  }
  return findings;
}

std::set<std::string> tests_in(const std::vector<SourceFile>& files) {
  static const std::regex kTest("\\bTEST(_F|_P)?\\s*\\(\\s*(\\w+)\\s*,\\s*(\\w+)\\s*\\)");
  std::set<std::string> tests;
  for (const SourceFile& file : files) {
    for (std::sregex_iterator test(file.code.begin(), file.code.end(), kTest), end; test != end;
         ++test) {
      tests.insert((*test)[2].str() + "." + (*test)[3].str());
    }
  }
  return tests;
}

std::set<std::string> scenarios_in(const std::filesystem::path& root) {
  std::set<std::string> scenarios;
  for (const auto& entry : std::filesystem::directory_iterator(root / "tests/scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    scenarios.insert(std::filesystem::relative(entry.path(), root).string());
  }
  return scenarios;
}

Findings check_compatibility(const std::string& path, std::string_view text,
                             const std::set<std::string>& tests, std::string_view scripts) {
  Findings findings;
  for (TestedRow& row : tested_rows(text)) {
    const std::string fault = fault_of_cell(row.cells["Test"], tests, scripts);
    if (!fault.empty()) findings.push_back({path, row.line, "row " + fault});
  }
  return findings;
}

std::string count_behaviours(std::string_view text) {
  const std::vector<TestedRow> rows = tested_rows(text);
  const auto differs = std::count_if(rows.begin(), rows.end(), [](const TestedRow& row) {
    const auto cell = row.cells.find("Differs");
    return cell != row.cells.end() && !cell->second.empty();
  });
  return std::to_string(rows.size()) + " behaviours, " + std::to_string(differs) +
         " of them with a difference";
}

}  // namespace headrace::tidy
