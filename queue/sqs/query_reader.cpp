#include "queue/sqs/query_reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/codec.hpp"
#include "queue/sqs/query_names.hpp"

namespace headrace::queue::sqs {

namespace {

Error malformed(std::string message) {
  return Error{ErrorCode::kMalformedInput, std::move(message)};
}

struct Parameter {
  std::string_view name;
  std::string_view value;
};

// Takes the next parameter, undecoded; empty ones between two '&' are skipped.
std::optional<Parameter> take_parameter(std::string_view& form) {
  while (form.starts_with('&')) form.remove_prefix(1);
  if (form.empty()) return std::nullopt;
  const std::string_view whole = form.substr(0, form.find('&'));
  form.remove_prefix(whole.size());
  const std::size_t equals = whole.find('=');
  if (equals == std::string_view::npos) return Parameter{whole, {}};
  return Parameter{whole.substr(0, equals), whole.substr(equals + 1)};
}

Text decode(std::string_view text) {
  Text decoded = percent_decode(text, Plus::kIsSpace);
  if (decoded && !valid_utf8(*decoded)) decoded.reset();
  return decoded;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= kElementNumberDigitsMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Form> parse_form(std::string_view encoded) {
  Form form;
  while (const auto parameter = take_parameter(encoded)) {
    const Text name = decode(parameter->name);
    Text value = decode(parameter->value);
    if (!name || !value) return malformed("A parameter is not percent-encoded UTF-8.");
    if (form.size() == kFormParametersMax) {
      return malformed("A request may have at most " + std::to_string(kFormParametersMax) +
                       " parameters.");
    }
    const bool is_new = form.try_emplace(*name, std::move(*value)).second;
    if (!is_new) return malformed("The parameter " + *name + " is given twice.");
  }
  return form;
}

Text find_parameter(std::string_view encoded, std::string_view name) {
  for (std::size_t count = 0; count < kFormParametersMax; ++count) {
    const auto parameter = take_parameter(encoded);
    if (!parameter) break;
    if (parameter->name == name) return decode(parameter->value);
  }
  return std::nullopt;
}

const std::string* QueryReader::find(const std::string& parameter) const {
  const auto found = form_.find(parameter);
  return found == form_.end() ? nullptr : &found->second;
}

void QueryReader::refuse(Error error) {
  if (!fault_) fault_ = std::move(error);
}

QueryReader QueryReader::at(const std::string& structure) const {
  QueryReader reader(form_, action_, fault_);
  reader.prefix_ = structure + ".";
  return reader;
}

void QueryReader::collect(const std::string& list, Elements& elements) const {
  const std::string* const value = find(list);
  bool is_single = value != nullptr && !value->empty();
  const std::string begin = list + ".";
  for (auto at = form_.lower_bound(begin); at != form_.end() && at->first.starts_with(begin);
       ++at) {
    const std::string_view rest = std::string_view(at->first).substr(begin.size());
    const std::string number(rest.substr(0, rest.find('.')));
    if (is_number(number)) {
      elements.emplace(std::stoul(number), begin + number);
    } else {
      is_single = true;
    }
  }
  if (is_single) elements.emplace(0, list);
}

QueryReader::Elements QueryReader::elements(std::string_view name) const {
  Elements elements;
  const std::string element = query_name(name, action_).element;
  collect(prefix_ + element, elements);
  if (element != name) collect(prefix_ + std::string(name), elements);
  return elements;
}

Text QueryReader::text(std::string_view name) {
  const std::string* const value = find(prefix_ + std::string(name));
  return value == nullptr ? Text() : Text(*value);
}

Text QueryReader::blob(std::string_view name) {
  const Text value = text(name);
  if (!value) return std::nullopt;
  Text bytes = base64_decode(*value);
  if (!bytes) refuse(malformed("The value of " + std::string(name) + " is not valid base64"));
  return bytes;
}

Integer QueryReader::integer(std::string_view name) {
  const Text value = text(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto [stop, problem] = std::from_chars(value->data(), end, number);
  if (problem == std::errc() && stop == end) return number;
  refuse(malformed("STRING_VALUE can not be converted to an Integer"));
  return std::nullopt;
}

Names QueryReader::names(std::string_view name) {
  Names names;
  for (const auto& [number, element] : elements(name)) {
    if (const std::string* const value = find(element)) names.push_back(*value);
  }
  return names;
}

std::string QueryReader::key_of(const std::string& element, std::string_view key_name) {
  const std::string parameter = element + "." + std::string(key_name);
  if (const std::string* const key = find(parameter)) return *key;
  refuse(missing_parameter(parameter));
  return {};
}

std::optional<AttributeMap> QueryReader::text_map(std::string_view name) {
  const QueryName query = query_name(name, action_);
  AttributeMap texts;
  const Elements all = elements(name);
  if (all.empty() && find(prefix_ + query.element) == nullptr) return std::nullopt;
  for (const auto& [number, element] : all) {
    const std::string key = key_of(element, query.key);
    const std::string* const value = find(element + ".Value");
    if (value == nullptr) {
      refuse(missing_parameter(element + ".Value"));
    } else if (!texts.emplace(key, *value).second) {
      refuse(malformed(query.element + " " + key + " is given twice."));
    }
  }
  return texts;
}

void QueryReader::each_object(std::string_view name, const Visit& visit) {
  for (const auto& [number, element] : elements(name)) {
    QueryReader object = at(element);
    visit(object);
  }
}

void QueryReader::each_entry(std::string_view name, const VisitEntry& visit) {
  const QueryName query = query_name(name, action_);
  std::set<std::string> seen;
  for (const auto& [number, element] : elements(name)) {
    const std::string key = key_of(element, query.key);
    if (!seen.insert(key).second) refuse(malformed(query.element + " " + key + " is given twice."));
    QueryReader value = at(element + ".Value");
    visit(key, value);
  }
}

}  // namespace headrace::queue::sqs
