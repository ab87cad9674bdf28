#include "runtime/version_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

using testing::ElementsAre;

FunctionVersion version(const std::string& sha256) {
  return {sha256, "handler.so", "1.0", "headrace C++ 1.0", kTestStart};
}

VersionHistory deployed(const std::vector<std::string>& hashes) {
  VersionHistory history;
  for (const std::string& hash : hashes) {
    history.add(version(hash));
    history.activate(hash);
  }
  return history;
}

std::vector<std::string> hashes_of(const std::vector<FunctionVersion>& versions) {
  std::vector<std::string> hashes;
  for (const FunctionVersion& one : versions) hashes.push_back(one.sha256);
  return hashes;
}

TEST(VersionHistory, WhatServedBeforeIsThePreviousVersion) {
  VersionHistory history = deployed({"aaaa", "bbbb"});
  EXPECT_EQ(history.active()->sha256, "bbbb");
  EXPECT_EQ(history.previous()->sha256, "aaaa");
  history.activate("aaaa");
  EXPECT_EQ(history.active()->sha256, "aaaa");
  EXPECT_EQ(history.previous()->sha256, "bbbb");
  history.activate("aaaa");
  EXPECT_EQ(history.previous()->sha256, "bbbb");
}

TEST(VersionHistory, HasNoActiveVersionAtFirst) {
  EXPECT_EQ(VersionHistory().active(), nullptr);
  EXPECT_EQ(VersionHistory().previous(), nullptr);
  EXPECT_EQ(deployed({"aaaa"}).previous(), nullptr);
}

TEST(VersionHistory, VersionDeployedAgainIsTheNewest) {
  VersionHistory history = deployed({"aaaa", "bbbb"});
  history.add(version("aaaa"));
  EXPECT_THAT(hashes_of(history.versions()), ElementsAre("bbbb", "aaaa"));
}

TEST(VersionHistory, VersionIsChosenByHowItsHashBegins) {
  const VersionHistory history = deployed({"aaaa1111", "aaaa2222", "bbbb1111"});
  EXPECT_EQ(history.choose("bbbb")->sha256, "bbbb1111");
  EXPECT_EQ(history.choose("aaaa2")->sha256, "aaaa2222");
  EXPECT_EQ(history.choose("aaaa").error().message, "more than one version begins so");
  EXPECT_EQ(history.choose("cccc").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(history.choose("bbb").error().code, ErrorCode::kInvalid);
}

TEST(VersionHistory, OldestAreForgottenButNotThoseThatAreNamed) {
  VersionHistory history;
  for (std::size_t i = 0; i < VersionHistory::kVersionsMax + 3; ++i) {
    history.add(version("v" + std::to_string(100 + i)));
  }
  history.set_configured("v100");
  history.activate("v101");
  history.activate("v103");
  EXPECT_THAT(hashes_of(history.forget_oldest()), ElementsAre("v102", "v104", "v105"));
  EXPECT_EQ(history.versions().size(), VersionHistory::kVersionsMax);
  EXPECT_TRUE(history.forget_oldest().empty());
}

TEST(VersionHistory, IsReadBackAsItWasWritten) {
  VersionHistory history = deployed({"aaaa", "bbbb"});
  history.set_configured("aaaa");
  const auto again = VersionHistory::from_json(history.to_json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->to_json(), history.to_json());
  EXPECT_EQ(again->configured(), "aaaa");
  EXPECT_EQ(again->active()->sha256, "bbbb");
  EXPECT_EQ(again->previous()->sdk, "headrace C++ 1.0");
  EXPECT_EQ(again->active()->deployed, kTestStart);
}

TEST(VersionHistory, OtherTextsAreNone) {
  EXPECT_FALSE(VersionHistory::from_json(""));
  EXPECT_FALSE(VersionHistory::from_json("{}"));
  EXPECT_FALSE(VersionHistory::from_json(R"({"active":"aaaa","versions":[]})"));
}

}  // namespace
}  // namespace headrace::runtime
