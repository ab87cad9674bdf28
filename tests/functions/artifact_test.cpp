#include "functions/artifact.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "base/codec.hpp"
#include "tests/functions/native_fixture.hpp"

namespace headrace::functions {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class ArtifactStoreTest : public testing::Test {
 protected:
  static std::string make_folder() {
    std::string pattern = testing::TempDir() + "/artifact-XXXXXX";
    return mkdtemp(pattern.data());
  }
  ~ArtifactStoreTest() override { std::filesystem::remove_all(folder); }

  Result<Artifact> install(const std::string& source) {
    return run(loop, store.install("signup", source));
  }

  std::string refusal(const std::string& source) {
    const Result<Artifact> installed = install(source);
    return installed ? "installed" : installed.error().message;
  }

  // A copy of a handler with every `from` in it as `to`, which is as long.
  std::string altered(const std::string& from, const std::string& to) {
    std::string content = content_of(handler_path("picky"));
    std::size_t at = content.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    for (; at != std::string::npos; at = content.find(from, at)) {
      content.replace(at, to.size(), to);
    }
    return write(content);
  }

  std::string write(const std::string& content) {
    const std::string path = folder + "/altered.so";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  const std::string folder = make_folder();
  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::unique_ptr<Offload> threads = make_thread_offload(loop, "spawner", 1);
  std::unique_ptr<Spawner> spawner = make_posix_spawner(*threads);
  std::unique_ptr<FileSystem> files = make_posix_file_system();
  ArtifactStore store{{loop, clock, *files, *threads, *spawner}, root(), WORKER};

  std::string root() const { return folder + "/functions"; }
};

TEST_F(ArtifactStoreTest, CopyIsNamedByItsContent) {
  const Result<Artifact> installed = install(handler_path("picky"));
  ASSERT_TRUE(installed) << installed.error().message;
  const std::string content = content_of(handler_path("picky"));
  EXPECT_EQ(installed->sha256, hex(sha256(content)));
  EXPECT_EQ(installed->path, root() + "/signup/" + installed->sha256 + "/picky.so");
  EXPECT_EQ(content_of(installed->path), content);
  EXPECT_EQ(install(handler_path("picky"))->path, installed->path);
}

// A program that runs cannot be written to, even by root. It is no handler, which the worker finds.
TEST_F(ArtifactStoreTest, ArtifactIsReadWhereItCannotBeWritten) {
  EXPECT_THAT(refusal(std::filesystem::read_symlink("/proc/self/exe")),
              HasSubstr("cannot dynamically load"));
}

TEST_F(ArtifactStoreTest, DamagedCopyIsReplaced) {
  const std::string path = install(handler_path("picky")).value().path;
  std::filesystem::resize_file(path, 1000);
  ASSERT_EQ(install(handler_path("picky")).value().path, path);
  EXPECT_EQ(content_of(path), content_of(handler_path("picky")));
}

TEST_F(ArtifactStoreTest, WhatCannotBeLoadedIsRefusedWithTheLinkersReason) {
  EXPECT_THAT(refusal(handler_path("missing_symbol")),
              HasSubstr("undefined symbol: a_function_that_nobody_has"));
  EXPECT_THAT(refusal(handler_path("no_entry")), HasSubstr("does not export headrace_function_v1"));
  EXPECT_THAT(refusal(handler_path("other_abi")), HasSubstr("handler ABI 9"));
  EXPECT_THAT(refusal(handler_path("crashes_on_load")), HasSubstr("signal: aborted"));
  EXPECT_THAT(refusal(handler_path("not_there")), HasSubstr("not_there.so"));
}

TEST_F(ArtifactStoreTest, WhatIsNoLibraryIsRefused) {
  const std::string text = folder + "/text.so";
  std::ofstream(text) << "not a library";
  EXPECT_THAT(refusal(text), HasSubstr("text.so: cannot be loaded: it is no ELF file"));
  const std::string cut = folder + "/cut.so";
  std::filesystem::copy_file(handler_path("picky"), cut);
  std::filesystem::resize_file(cut, 5000);  // its program headers name more
  EXPECT_THAT(refusal(cut), HasSubstr("cannot be loaded"));
}

TEST_F(ArtifactStoreTest, WhatNeedsANewerSystemIsRefusedWithTheVersionItNeeds) {
  const std::string newer_libc =
      altered(std::string("\0GLIBC_2.", 9), std::string("\0GLIBC_9.", 9));
  EXPECT_THAT(refusal(newer_libc), ContainsRegex("version `GLIBC_9[.0-9]+' not found"));
  const std::string newer_libstdcxx =
      altered(std::string("\0GLIBCXX_3.", 11), std::string("\0GLIBCXX_9.", 11));
  EXPECT_THAT(refusal(newer_libstdcxx), ContainsRegex("version `GLIBCXX_9[.0-9]+' not found"));
}

TEST_F(ArtifactStoreTest, WhatIsBuiltForAnotherMachineIsRefusedByName) {
  std::string content = content_of(handler_path("picky"));
  constexpr std::size_t kMachineAt = 18;  // e_machine, ELF specification
  content[kMachineAt] = static_cast<char>(243);
  content[kMachineAt + 1] = 0;
  EXPECT_THAT(refusal(write(content)), HasSubstr("it is built for RISC-V, this machine is"));
}

TEST_F(ArtifactStoreTest, InstalledCopyIsFoundByItsHash) {
  const Artifact installed = install(handler_path("picky")).value();
  const Result<Artifact> found = run(loop, store.open("signup", installed.sha256, "picky.so"));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->path, installed.path);
  std::ofstream(installed.path, std::ios::app) << "more";
  EXPECT_EQ(run(loop, store.open("signup", installed.sha256, "picky.so")).error().code,
            ErrorCode::kCorrupt);
  run(loop, store.remove("signup", installed.sha256, "picky.so"));
  EXPECT_FALSE(run(loop, store.open("signup", installed.sha256, "picky.so")));
  EXPECT_FALSE(run(loop, store.open("signup", "..", "picky.so")));
}

TEST_F(ArtifactStoreTest, NoteIsReadWithoutLoadingTheFile) {
  const Artifact picky = install(handler_path("picky")).value();
  ASSERT_TRUE(picky.note);
  EXPECT_EQ(picky.note->name, "handler");
  EXPECT_EQ(picky.note->sdk, "headrace C++ 1.0");
  EXPECT_EQ(picky.note->abi_major, 1);
  EXPECT_EQ(picky.note->abi_minor, 0);
  const Artifact plain = install(handler_path("plain")).value();
  ASSERT_TRUE(plain.note);
  EXPECT_EQ(plain.note->name, "plain");
  EXPECT_EQ(plain.note->sdk, "");
  EXPECT_FALSE(install(handler_path("init_fails")).value().note);
}

TEST_F(ArtifactStoreTest, NameThatLeadsElsewhereIsRefused) {
  EXPECT_FALSE(run(loop, store.install("../elsewhere", handler_path("picky"))));
}

}  // namespace
}  // namespace headrace::functions
