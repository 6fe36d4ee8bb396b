#pragma once

namespace hone {

namespace detail {
template <class Pointer>
struct Pointed;
template <class Function>
struct Pointed<Function*> {
  using type = Function;
};
}  // namespace detail
/// The function type of an entry of a table of leaves.
template <class Entry>
using Leaf = typename detail::Pointed<Entry>::type;

}  // namespace hone
