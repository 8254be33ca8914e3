// Strings of which many objects hold the same: kept once, counted, safe from every thread.
#pragma once

#include <boost/flyweight.hpp>
#include <string>

namespace baton {
using Interned = boost::flyweight<std::string>;
}
