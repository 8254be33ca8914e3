// explain, dump, simulate: a group with all that a decision about it is made from.
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/commands.h"
#include "cli/dump.h"
#include "cli/explain.h"

namespace baton::cli {
namespace {

void note(const Dump& d) {
  for (const auto& n : d.notes) std::fprintf(stderr, "note: not known: %s\n", n.c_str());
}

Result<std::string> read(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return notFound(file + ": can't be read");
  text << in.rdbuf();
  if (!in) return invalid(file + ": can't be read; is it a directory?");
  return text.str();
}

}  // namespace

int explain(const Options& o, Cluster& cluster) {
  auto d = gather(cluster, cluster.ns(), o.group, Clock::real().now());
  if (!d) return failed(d.error());
  note(*d);
  auto s = snapshot(*d);
  if (!s) return failed(s.error());
  std::fputs(explanation(*s, Paint(useColors(o.color, stdout))).c_str(), stdout);
  return kDone;
}

int dump(const Options& o, Cluster& cluster) {
  auto d = gather(cluster, cluster.ns(), o.group, Clock::real().now());
  if (!d) return failed(d.error());
  note(*d);
  std::fputs(printed(toJson(*d), Output::Json).c_str(), stdout);
  return kDone;
}

int simulate(const Options& o) {
  auto text = read(o.file);
  if (!text) return failed(text.error());
  auto d = dumpFrom(*text);
  if (!d) return failed(std::move(d).error().within(o.file));
  note(*d);
  auto s = snapshot(*d);
  if (!s) return failed(std::move(s).error().within(o.file));
  std::printf("%s/%s as of %s, by a controller that has just begun:\n", d->ns.c_str(), d->group.c_str(),
              formatTimeSeconds(d->at).c_str());
  std::fputs(described(*s, ha::decide(*s)).c_str(), stdout);
  if (s->spec().probed()) std::puts("(What its probes would tell is not in a dump.)");
  return kDone;
}

}  // namespace baton::cli
