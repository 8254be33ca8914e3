#include "facades/facade.h"

namespace baton::facades {

const std::vector<const Facade*>& all() {
  static const std::vector<const Facade*> facades = {&connector(), &dcs(), &hcx(), &sbc(), &polardb()};
  return facades;
}

}  // namespace baton::facades
