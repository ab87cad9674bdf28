#include "examples/signup/handler/delivery.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace signup {
namespace {

using std::chrono::milliseconds;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Outbox : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "outbox-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(Outbox, HoldsOneWholeFilePerMessage) {
  const std::string outbox = folder_ + "/made/here";
  write_to_outbox({"id-1", "ada@example.com", "first"}, outbox);
  write_to_outbox({"id-1", "ada@example.com", "again"}, outbox);
  EXPECT_EQ(content(outbox + "/id-1.eml"), "again");
  const std::filesystem::directory_iterator files(outbox);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(Outbox, ThrowsWhenItCannotWrite) {
  EXPECT_THROW(write_to_outbox({"id-1", "ada@example.com", "text"}, "/proc/no-such-folder"),
               std::runtime_error);
  EXPECT_THROW(write_to_outbox({"id-1", "ada@example.com", "text"}, ""), std::runtime_error);
}

TEST(Smtp, ThrowsWhenNoServerListens) {
  EXPECT_THROW(
      send_by_smtp({"id-1", "ada@example.com", "text"}, "smtp://127.0.0.1:1", milliseconds(1000)),
      std::runtime_error);
}

TEST(Smtp, SpeaksNoOtherProtocol) {
  EXPECT_THROW(
      send_by_smtp({"id-1", "ada@example.com", "text"}, "file:///dev/null", milliseconds(1000)),
      std::runtime_error);
}

TEST(Smtp, ThrowsWithoutTimeLeft) {
  EXPECT_THROW(
      send_by_smtp({"id-1", "ada@example.com", "text"}, "smtp://127.0.0.1:1", milliseconds(0)),
      std::runtime_error);
}

}  // namespace
}  // namespace signup
