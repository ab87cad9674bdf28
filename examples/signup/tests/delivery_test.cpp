#include "examples/signup/handler/delivery.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace signup {
namespace {

using std::chrono::milliseconds;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Outbox, HoldsOneWholeFilePerMessage) {
  const headrace::TemporaryDirectory folder;
  const std::string outbox = folder / "made/here";
  write_to_outbox({"id-1", "ada@example.com", "first"}, outbox);
  write_to_outbox({"id-1", "ada@example.com", "again"}, outbox);
  EXPECT_EQ(content(outbox + "/id-1.eml"), "again");
  const std::filesystem::directory_iterator files(outbox);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(Outbox, ThrowsWhenItCannotWrite) {
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
