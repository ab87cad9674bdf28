#include "runtime/lambda/archive.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/lambda/zip_builder.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime::lambda {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() { fs::create_directory(folder_ / "code"); }

  std::string unpack(const std::string& zip, const ArchiveLimits& limits = {}) {
    const Status status = unpack_archive(zip, folder_ / "code", limits);
    return status ? "" : status.error().message;
  }

  std::string content(const std::string& path) const {
    std::ifstream file(folder_ / "code/" + path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::size_t files_outside() const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      count += entry.path().filename() == "code" ? 0 : 1;
    }
    return count;
  }

  TemporaryDirectory folder_;
};

TEST_F(ArchiveTest, FilesAreUnpackedWithTheirFoldersAndWhetherTheyAreExecutable) {
  EXPECT_EQ(unpack(ZipBuilder()
                       .add("index.js", "exports")
                       .add("lib/", "", 0040755)
                       .add("lib/deep/a.js", "a")
                       .add("./bootstrap", "#!/bin/sh", kExecutableMode)
                       .build()),
            "");
  EXPECT_EQ(content("index.js"), "exports");
  EXPECT_EQ(content("lib/deep/a.js"), "a");
  const auto executable = [this](const std::string& path) {
    const fs::perms mode = fs::status(folder_ / "code/" + path).permissions();
    return (mode & fs::perms::owner_exec) != fs::perms::none;
  };
  EXPECT_TRUE(executable("bootstrap"));
  EXPECT_FALSE(executable("index.js"));
}

TEST_F(ArchiveTest, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"../evil", "a/../../evil", "/evil", "a//b", "..", "a/..", "//"}) {
    EXPECT_THAT(unpack(ZipBuilder().add(name, "evil").build()), HasSubstr("leads out")) << name;
  }
  EXPECT_THAT(unpack(ZipBuilder().add(std::string(1025, 'a'), "").build()), HasSubstr("leads out"));
  EXPECT_EQ(files_outside(), 0U);
}

TEST_F(ArchiveTest, LinksAreRefused) {
  EXPECT_THAT(unpack(ZipBuilder().add("link", "/etc", kLinkMode).add("link/evil", "x").build()),
              HasSubstr("is a link: link"));
}

TEST_F(ArchiveTest, NameThatComesTwiceIsRefused) {
  EXPECT_THAT(unpack(ZipBuilder().add("a", "1").add("./a", "2").build()), HasSubstr("twice"));
  EXPECT_EQ(content("a"), "1");
}

TEST_F(ArchiveTest, FileThatIsAlsoAFolderIsRefused) {
  EXPECT_THAT(unpack(ZipBuilder().add("b", "1").add("b/c", "2").build()), HasSubstr("b/c"));
}

TEST_F(ArchiveTest, UnpackedSizeIsCountedAndNotBelieved) {
  ArchiveLimits limits;
  limits.unzipped_bytes = 100;
  const std::string refusal = "Unzipped size must be smaller than 100 bytes";
  EXPECT_EQ(unpack(ZipBuilder().add("a", std::string(100, 'x')).build(), limits), refusal);
  EXPECT_EQ(
      unpack(ZipBuilder().add("b", std::string(60, 'x')).add("c", std::string(60, 'x')).build(),
             limits),
      refusal);
  EXPECT_EQ(unpack(ZipBuilder().add("d", std::string(99, 'x')).build(), limits), "");
}

TEST_F(ArchiveTest, TooManyEntriesAreRefused) {
  ArchiveLimits limits;
  limits.entries = 1;
  EXPECT_EQ(unpack(ZipBuilder().add("a", "").add("b", "").build(), limits),
            "The archive has more than 1 entries.");
}

// One name of a thousand bytes makes five hundred folders.
TEST_F(ArchiveTest, FoldersThatNamesMakeAreCountedToo) {
  ArchiveLimits limits;
  limits.entries = 3;
  EXPECT_EQ(unpack(ZipBuilder().add("a/b/c/file", "").build(), limits), "");
  EXPECT_THAT(unpack(ZipBuilder().add("d/e/f/g/file", "").build(), limits),
              HasSubstr("is one folder too many"));
}

TEST_F(ArchiveTest, WhatIsNoZipIsRefused) {
  const std::string refusal =
      "Could not unzip uploaded file. Please check your file, then try to upload again.";
  const std::string zip = ZipBuilder().add("a", "bytes").build();
  EXPECT_EQ(unpack("not a zip"), refusal);
  EXPECT_EQ(unpack(zip.substr(0, zip.size() - 10)), refusal);
  EXPECT_EQ(unpack(ZipBuilder().spoil_checksums().add("b", "bytes").build()), refusal);
  EXPECT_NE(unpack(ZipBuilder().claim_size(1'000'000).add("c", "bytes").build()), "");
  EXPECT_EQ(unpack(ZipBuilder().build()), "Uploaded file must be a non-empty zip");
}

}  // namespace
}  // namespace headrace::runtime::lambda
