// Strong<Tag, T>: an id or a count that cannot be passed where another one belongs.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace headrace {

template <class Tag, class T>
class Strong {
 public:
  using value_type = T;

  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(value) {}

  constexpr T value() const { return value_; }
  constexpr Strong next() const { return Strong(value_ + 1); }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  T value_{};
};

}  // namespace headrace

template <class Tag, class T>
struct std::hash<headrace::Strong<Tag, T>> {
  std::size_t operator()(const headrace::Strong<Tag, T>& id) const noexcept {
    return std::hash<T>{}(id.value());
  }
};
