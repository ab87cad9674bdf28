#include "tests/tidy/co_await_rule.hpp"

#include <gtest/gtest.h>

namespace headrace::tidy {
namespace {

std::string fault_of(const std::string& statements) {
  const std::string text = "awaitable<int> f(int x) {\n" + statements + "\n}\n";
  return to_string(check_co_await(make_source("queue/f.cpp", text)));
}

class StandsAlone : public testing::TestWithParam<const char*> {};
class StandsInCompany : public testing::TestWithParam<const char*> {};

TEST_P(StandsAlone, IsAccepted) { EXPECT_EQ(fault_of(GetParam()), ""); }
TEST_P(StandsInCompany, IsFound) { EXPECT_NE(fault_of(GetParam()), ""); }

INSTANTIATE_TEST_SUITE_P(
    CoAwait, StandsAlone,
    testing::Values("co_await gate.wait();", "const auto x = co_await f(a, std::move(b));",
                    "x = co_await std::move(work);", "if (x) co_await f();",
                    "if (x) { co_await f(); } else { x = co_await g(); }",
                    "while (x > 0) co_await list.wait();", "for (;;) { co_await f(); }",
                    "std::vector<int> v{1, 2}; co_await f(v);",
                    "try { co_await f(); } catch (...) {}",
                    "switch (x) { case 1: co_await f(); break; }",
                    "auto g = []() -> awaitable<void> { co_await f(); };",
                    "auto g = [](int y) { return y; }; const int z = co_await h(g);",
                    "// if (co_await f()) is what we must not write",
                    "const Result<std::pair<int, int>> x = co_await f();",
                    "std::tie(a, b) = make(); a[1] = co_await f();"));

INSTANTIATE_TEST_SUITE_P(
    CoAwait, StandsInCompany,
    testing::Values("if (co_await f()) return;", "if (!co_await f()) return;",
                    "if (const auto x = co_await f(); x) return;", "while (co_await f()) {}",
                    "switch (co_await f()) {}", "for (auto& x : co_await f()) {}",
                    "for (int i = co_await f(); i > 0; --i) {}",
                    "r = a ? co_await f() : co_await g();", "r = a ? co_await f() : 1;",
                    "co_await (a ? f() : g());", "r = a && co_await f();", "a || co_await f();",
                    "co_await f({.name = n});", "co_await f(Args{n});",
                    "co_await f([p] { g(p); });", "Pair p{.a = co_await f(), .b = 2};",
                    "Pair p = {co_await f(), 2};", "g(co_await f());", "co_await g(co_await f());",
                    "r = co_await f() + co_await g();", "r = 1 + co_await f();",
                    "r = co_await f() == 1;", "const auto [a, b] = co_await f();",
                    "co_return co_await f();", "(co_await f()).value();", "v[co_await f()] = 1;",
                    "r = !co_await f();", "co_await f(); if (co_await g()) return;"));

TEST(CoAwaitRule, NamesTheLine) {
  const Findings findings = check_co_await(
      make_source("queue/f.cpp", "void f() {\n  int x = 0;\n  g(co_await h());\n}\n"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().path, "queue/f.cpp");
  EXPECT_EQ(findings.front().line, 3);
}

TEST(CoAwaitRule, ReadsFunctionsWithTrailingReturnTypes) {
  const std::string text =
      "auto f() -> asio::awaitable<std::map<int, int>> {\n  co_await g();\n}\n";
  EXPECT_EQ(to_string(check_co_await(make_source("queue/f.cpp", text))), "");
}

}  // namespace
}  // namespace headrace::tidy
