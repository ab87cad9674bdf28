// Documents: relative links lead to files, rows of docs/compatibility.md name tests that exist.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_text.hpp"

namespace headrace::tidy {

// Every .md file of the tree, from its root; build trees and node_modules left out.
std::vector<std::string> list_documents(const std::filesystem::path& root);

// `path` is the document's own, from `root`.
Findings check_links(const std::filesystem::path& root, const std::string& path,
                     std::string_view text);

// "Suite.Name" of every TEST, TEST_F and TEST_P in these files.
std::set<std::string> tests_in(const std::vector<SourceFile>& files);

// "tests/scenarios/NAME.yaml" of every scenario: a test with a name like another.
std::set<std::string> scenarios_in(const std::filesystem::path& root);

// Every cell below a column head `Test` holds a dash or tests: `Suite.Name`, `Suite.Other`. A test
// is known by its definition, as a scenario's file, or by its name in one of the end-to-end
// scripts' text.
Findings check_compatibility(const std::string& path, std::string_view text,
                             const std::set<std::string>& tests, std::string_view scripts);

// "3 behaviours, 1 of them with a difference": the rows of all tables with a column `Test`, and
// those whose cell below `Differs` says something.
std::string count_behaviours(std::string_view text);

}  // namespace headrace::tidy
