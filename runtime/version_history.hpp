// VersionHistory: the versions that a native function has had, which of them serves, and which
// served before it. A version is named by the hash of its file.
//
// Kept as a document of control state, so that a restart serves what was deployed. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace headrace::runtime {

struct FunctionVersion {
  std::string sha256;  // in hex
  std::string file;    // without a folder
  std::string abi;     // "1.0" and "headrace C++ 1.0" as the file says; empty when it does not
  std::string sdk;
  TimePoint deployed;

  // What logs, answers and the handler's environment call it.
  std::string name() const { return sha256.substr(0, kNameLength); }
  static constexpr std::size_t kNameLength = 12;
};

class VersionHistory {
 public:
  // More are forgotten, the oldest first, but never one that serves, served before, or is named by
  // the configuration.
  static constexpr std::size_t kVersionsMax = 20;
  static constexpr std::size_t kPrefixLengthMin = 4;

  // Adds the version as the newest, or makes it that when it is known.
  void add(FunctionVersion version);

  // What the configuration named last.
  const std::string& configured() const { return configured_; }
  void set_configured(std::string sha256) { configured_ = std::move(sha256); }

  // The version that serves; nullptr before any does. It is one of versions().
  const FunctionVersion* active() const { return find(active_); }
  const FunctionVersion* previous() const { return find(previous_); }
  // What served becomes the previous one.
  void activate(const std::string& sha256);

  const std::vector<FunctionVersion>& versions() const { return versions_; }  // newest last
  const FunctionVersion* find(std::string_view sha256) const;

  // The version whose hash begins so. The error says that there is none, or more than one.
  Result<FunctionVersion> choose(std::string_view prefix) const;

  // Takes out what is too much; its files are no longer needed.
  std::vector<FunctionVersion> forget_oldest();

  std::string to_json() const;
  // Nothing when the text is not what to_json() writes.
  static std::optional<VersionHistory> from_json(std::string_view text);

 private:
  std::vector<FunctionVersion> versions_;
  std::string configured_;
  std::string active_;
  std::string previous_;
};

}  // namespace headrace::runtime
