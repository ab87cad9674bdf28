#include "runtime/config_texts.hpp"

#include <algorithm>
#include <filesystem>

namespace headrace::runtime {

bool is_text_of(std::string_view text, std::string_view characters, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         text.find_first_not_of(characters) == std::string_view::npos;
}

bool is_http_url(std::string_view url) {
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!has_scheme) return false;
  const std::string_view rest = url.substr(url.find("//") + 2);
  const bool visible =
      std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return visible && !rest.empty() && rest.front() != '/' && rest.front() != ':';
}

bool is_choice(const ConfigValue& value, const std::string& given,
               std::initializer_list<std::string_view> built,
               std::initializer_list<std::string_view> not_built) {
  if (std::find(built.begin(), built.end(), given) != built.end()) return true;
  if (std::find(not_built.begin(), not_built.end(), given) != not_built.end()) {
    value.add_error(given + " is not supported yet");
    return false;
  }
  std::string choices;
  for (const std::string_view name : built) {
    if (!choices.empty()) choices += " | ";
    choices += name;
  }
  value.expected(choices);
  return false;
}

void read_path(const ConfigValue& value, const ConfigReading& reading, std::string& path) {
  const auto text = value.text();
  if (!text) return;
  if (text->empty() || text->find('\0') != std::string::npos) {
    value.expected("a path");
    return;
  }
  path = (std::filesystem::path(reading.source.folder) / *text).lexically_normal().string();
}

}  // namespace headrace::runtime
