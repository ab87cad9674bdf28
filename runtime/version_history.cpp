#include "runtime/version_history.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"

namespace headrace::runtime {

namespace {

std::string text_member(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  return std::string(value ? value->as_string().value_or("") : "");
}

FunctionVersion read_version(const JsonValue& object) {
  FunctionVersion version;
  version.sha256 = text_member(object, "sha256");
  version.file = text_member(object, "file");
  version.abi = text_member(object, "abi");
  version.sdk = text_member(object, "sdk");
  const auto deployed = object.find("deployed_ms");
  version.deployed = from_epoch_ms(deployed ? deployed->as_integer().value_or(0) : 0);
  return version;
}

}  // namespace

void VersionHistory::add(FunctionVersion version) {
  std::erase_if(versions_, [&version](const FunctionVersion& known) {
    return known.sha256 == version.sha256;
  });
  versions_.push_back(std::move(version));
}

void VersionHistory::activate(const std::string& sha256) {
  if (sha256 == active_) return;
  previous_ = std::exchange(active_, sha256);
}

const FunctionVersion* VersionHistory::find(std::string_view sha256) const {
  const auto found =
      std::find_if(versions_.begin(), versions_.end(),
                   [sha256](const FunctionVersion& version) { return version.sha256 == sha256; });
  return found == versions_.end() ? nullptr : &*found;
}

Result<FunctionVersion> VersionHistory::choose(std::string_view prefix) const {
  if (prefix.size() < kPrefixLengthMin) {
    return Error{ErrorCode::kInvalid, "a version is named by at least 4 digits of its hash"};
  }
  std::optional<FunctionVersion> chosen;
  for (const FunctionVersion& version : versions_) {
    if (!version.sha256.starts_with(prefix)) continue;
    if (chosen) return Error{ErrorCode::kInvalid, "more than one version begins so"};
    chosen = version;
  }
  if (!chosen) return Error{ErrorCode::kNotFound, "there is no such version of it"};
  return std::move(*chosen);
}

std::vector<FunctionVersion> VersionHistory::forget_oldest() {
  std::vector<FunctionVersion> forgotten;
  auto version = versions_.begin();
  while (versions_.size() > kVersionsMax && version != versions_.end()) {
    const std::string& hash = version->sha256;
    if (hash == active_ || hash == previous_ || hash == configured_) {
      ++version;
    } else {
      forgotten.push_back(std::move(*version));
      version = versions_.erase(version);
    }
  }
  return forgotten;
}

std::string VersionHistory::to_json() const {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.member("configured", configured_).member("active", active_).member("previous", previous_);
  out.key("versions").begin_array();
  for (const FunctionVersion& version : versions_) {
    out.begin_object()
        .member("sha256", version.sha256)
        .member("file", version.file)
        .member("abi", version.abi)
        .member("sdk", version.sdk)
        .member("deployed_ms", to_epoch_ms(version.deployed))
        .end_object();
  }
  out.end_array().end_object();
  return text;
}

std::optional<VersionHistory> VersionHistory::from_json(std::string_view text) {
  const Result<JsonDocument> document = JsonDocument::parse(text);
  if (!document) return std::nullopt;
  const JsonValue root = document->root();
  VersionHistory history;
  history.configured_ = text_member(root, "configured");
  history.active_ = text_member(root, "active");
  history.previous_ = text_member(root, "previous");
  const auto versions = root.find("versions");
  if (!versions || !versions->is_array()) return std::nullopt;
  for (const JsonValue& version : versions->elements()) history.add(read_version(version));
  if (history.active() == nullptr) return std::nullopt;
  return history;
}

}  // namespace headrace::runtime
