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

  Result<std::string> install(const std::string& source) {
    return run(loop, store.install("signup", source));
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
  const Result<std::string> path = install(handler_path("picky"));
  ASSERT_TRUE(path) << path.error().message;
  const std::string content = content_of(handler_path("picky"));
  EXPECT_EQ(*path, root() + "/signup/" + hex(sha256(content)) + "/picky.so");
  EXPECT_EQ(content_of(*path), content);
  EXPECT_EQ(*install(handler_path("picky")), *path);
}

// A program that runs cannot be written to, even by root. It is no handler, which the worker finds.
TEST_F(ArtifactStoreTest, ArtifactIsReadWhereItCannotBeWritten) {
  const Result<std::string> path = install(std::filesystem::read_symlink("/proc/self/exe"));
  ASSERT_FALSE(path);
  EXPECT_THAT(path.error().message, HasSubstr("cannot dynamically load"));
}

TEST_F(ArtifactStoreTest, DamagedCopyIsReplaced) {
  const std::string path = install(handler_path("picky")).value();
  std::filesystem::resize_file(path, 1000);
  ASSERT_EQ(install(handler_path("picky")).value(), path);
  EXPECT_EQ(content_of(path), content_of(handler_path("picky")));
}

TEST_F(ArtifactStoreTest, WhatCannotBeLoadedIsRefusedWithTheLinkersReason) {
  EXPECT_THAT(install(handler_path("missing_symbol")).error().message,
              HasSubstr("undefined symbol: a_function_that_nobody_has"));
  EXPECT_THAT(install(handler_path("no_entry")).error().message,
              HasSubstr("does not export headrace_function_v1"));
  EXPECT_THAT(install(handler_path("other_abi")).error().message, HasSubstr("handler ABI 9"));
  EXPECT_THAT(install(handler_path("crashes_on_load")).error().message,
              HasSubstr("signal: aborted"));
  EXPECT_THAT(install(handler_path("not_there")).error().message, HasSubstr("not_there.so"));
}

TEST_F(ArtifactStoreTest, WhatIsNoLibraryIsRefused) {
  const std::string text = folder + "/text.so";
  std::ofstream(text) << "not a library";
  EXPECT_THAT(install(text).error().message, HasSubstr("cannot be loaded"));
  const std::string cut = folder + "/cut.so";
  std::filesystem::copy_file(handler_path("picky"), cut);
  std::filesystem::resize_file(cut, 5000);  // its program headers name more
  EXPECT_THAT(install(cut).error().message, HasSubstr("cannot be loaded"));
}

TEST_F(ArtifactStoreTest, NameThatLeadsElsewhereIsRefused) {
  EXPECT_FALSE(run(loop, store.install("../elsewhere", handler_path("picky"))));
}

}  // namespace
}  // namespace headrace::functions
