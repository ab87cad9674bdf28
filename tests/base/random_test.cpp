#include "base/random.hpp"

#include <set>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(Random, TheSameSeedGivesTheSameRun) {
  Random first(42);
  Random second(42);
  Random other(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t drawn = first.next();
    EXPECT_EQ(drawn, second.next());
    differs |= drawn != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, StaysBelowItsBound) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(random.below(1), 0U);
  EXPECT_TRUE(random.one_in(1));
}

// RFC 4122, section 4.4: version 4, variant 10.
TEST(Random, UuidsAreVersionFour) {
  const std::string form = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
  Random random(7);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = to_string(random.uuid());
    ASSERT_EQ(id.size(), form.size());
    for (std::size_t at = 0; at < id.size(); ++at) {
      const std::string_view allowed = form[at] == 'x'   ? "0123456789abcdef"
                                       : form[at] == 'v' ? "89ab"
                                                         : std::string_view(&form[at], 1);
      EXPECT_NE(allowed.find(id[at]), std::string_view::npos) << id << " at " << at;
    }
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST(Random, SeedsFromTheSystemDiffer) { EXPECT_NE(os_random_seed(), os_random_seed()); }

TEST(Uuid, IsReadInTheFormInWhichItIsWritten) {
  const std::string text = "3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e11";
  EXPECT_EQ(to_string(*parse_uuid(text)), text);
  EXPECT_EQ(to_string(*parse_uuid("3F0C4F0E-1C1C-4D0A-8D54-2F3D7A0D1E11")), text);
  for (const char* other :
       {"", "3f0c4f0e", "3f0c4f0e1c1c4d0a8d542f3d7a0d1e11", "3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e1",
        "zf0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e11", "3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e110"}) {
    EXPECT_FALSE(parse_uuid(other)) << other;
  }
}

}  // namespace
}  // namespace headrace
