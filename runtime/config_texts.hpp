// What the texts of a configuration may be, for the readers of its sections. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

inline constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

bool is_text_of(std::string_view text, std::string_view characters, std::size_t length_max);

// "http://host", "https://host:port/", with or without a path.
bool is_http_url(std::string_view url);

// One of the values that are built; those that are known but not built are refused by name.
bool is_choice(const ConfigValue& value, const std::string& given,
               std::initializer_list<std::string_view> built,
               std::initializer_list<std::string_view> not_built);

// A relative path starts at the folder of the file. `path` is kept when the value is none.
void read_path(const ConfigValue& value, const ConfigReading& reading, std::string& path);

}  // namespace headrace::runtime
