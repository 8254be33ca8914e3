#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>

#include "cli/version.h"

namespace baton::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 timed out.\n"
    "Colours only on a terminal, and not with NO_COLOR.";

const std::map<std::string, Output> kOutputs = {
    {"text", Output::Text}, {"wide", Output::Wide}, {"json", Output::Json}, {"yaml", Output::Yaml}};

/// The program's arguments as CLI11 knows them; what they fill lies here, too.
struct Grammar {
  Options o;
  int timeout = 0;
  std::map<const CLI::Option*, std::vector<std::string>> values;  // of options that take one of a few words
  CLI::App app{"Roles of HaGroups: who is primary, hand it over, and why not.", "kubectl baton"};

  Grammar();
  CLI::App* command(const char* name, const char* does, const std::function<void(CLI::App&)>& more);
  void group(CLI::App& c, bool needed);
  void output(CLI::App& c);
  void oneOf(CLI::Option* option, const std::vector<std::string>& words);
  void request(CLI::App& c);
};

CLI::App* Grammar::command(const char* name, const char* does, const std::function<void(CLI::App&)>& more) {
  CLI::App* c = app.add_subcommand(name, does);
  c->set_help_flag("-h,--help", "Print this help");
  c->footer(kFooter);
  c->callback([this, name] { o.command = name; });
  const std::string which(name);
  if (which != "completion" && which != "version") {
    c->add_option("--kubeconfig", o.kubeconfig, "The kubeconfig file; else $KUBECONFIG, else ~/.kube/config")
        ->type_name("FILE");
    c->add_option("--context", o.context, "The kubeconfig's context")->type_name("NAME");
    c->add_option("-n,--namespace", o.ns, "The namespace; else the context's")->type_name("NAME");
    oneOf(c->add_option("--color", o.color, "Whether to use colours"), {"auto", "always", "never"});
  }
  more(*c);
  return c;
}

void Grammar::group(CLI::App& c, bool needed) {
  auto* option = c.add_option("group", o.group, "The HaGroup's name");
  option->type_name("GROUP")->required(needed);
}

void Grammar::oneOf(CLI::Option* option, const std::vector<std::string>& words) {
  std::string all;
  for (const auto& w : words) all += (all.empty() ? "" : "|") + w;
  option->type_name(all)->check(CLI::IsMember(words).description(""));
  values[option] = words;
}

void Grammar::output(CLI::App& c) {
  auto* option = c.add_option_function<std::string>(
      "-o,--output", [this](const std::string& word) { o.output = kOutputs.at(word); }, "How to print");
  oneOf(option, {"text", "wide", "json", "yaml"});
}

void Grammar::request(CLI::App& c) {
  group(c, true);
  auto* to = c.add_option("--to", o.to, "The pod that is to be primary; else Baton chooses")->type_name("POD");
  c.add_option("--zone", o.zone, "It is to be in that zone")->type_name("ZONE")->excludes(to);
  c.add_option("--reason", o.reason, "Why, for those who read the request later")->type_name("TEXT");
  c.add_flag("--wait", o.wait, "Wait for the end, and show each phase as it comes");
  c.add_option("--timeout", timeout, "How long the role change may take; default 120")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400).description(""));
  c.add_flag("--dry-run", o.dryRun, "Say what would be done, and do nothing");
}

Grammar::Grammar() {
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", versionText(), "Print the version");
  command("status", "Groups with their members, roles, lag and what keeps a failover", [this](CLI::App& c) {
    group(c, false);
    c.add_flag("-A,--all-namespaces", o.allNamespaces, "Groups of all namespaces");
    c.add_flag("-w,--watch", o.watch, "Go on, and show each change");
    output(c);
  });
  command("switchover", "Hand the role over; nothing acknowledged is lost", [this](CLI::App& c) { request(c); });
  command("failover", "Give the role to another member although the primary may not answer; what only it has is lost",
          [this](CLI::App& c) { request(c); });
  command("cancel", "End a request that has not come to its point of no return", [this](CLI::App& c) {
    group(c, true);
    c.add_option("--request", o.request, "Which one; else the one that is under way, or waits")->type_name("NAME");
  });
  command("pause", "Baton changes no role of the group until it is resumed", [this](CLI::App& c) { group(c, true); });
  command("resume", "The end of pause", [this](CLI::App& c) { group(c, true); });
  command("history", "The last changes of the role, newest first", [this](CLI::App& c) {
    group(c, true);
    output(c);
  });
  command("explain", "Why each pod would or would not be chosen now, and what would become of a failure",
          [this](CLI::App& c) { group(c, true); });
  command("events", "Events of the group, its requests and its pods", [this](CLI::App& c) { group(c, true); });
  command("dump", "All that a decision about the group is made from, as JSON; without Secrets",
          [this](CLI::App& c) { group(c, true); });
  command("simulate", "What Baton would do now by a dump, decided by the controller's own code", [this](CLI::App& c) {
    c.add_option("-f,--filename", o.file, "The dump; - is standard input")->type_name("FILE");
  });
  command("completion", "A script for the shell's completion", [this](CLI::App& c) {
    oneOf(c.add_option("shell", o.shell, "The shell")->required(), {"bash", "zsh", "fish"});
  });
  command("version", "Print the version", [](CLI::App&) {});
}

std::string described(const std::string& name, const std::string& what) { return name + "\t" + what; }

/// What the group of this command is completed by.
const char* named(const std::string& option) {
  if (option == "group") return kGroups;
  if (option == "--to") return kPods;
  if (option == "--request") return kRequests;
  return nullptr;
}

std::vector<std::string> valuesOf(const Grammar& g, const CLI::Option& option) {
  if (const char* objects = named(option.get_name())) return {objects};
  const auto found = g.values.find(&option);
  return found == g.values.end() ? std::vector<std::string>{} : found->second;
}

std::vector<std::string> flagsOf(const CLI::App& command) {
  std::vector<std::string> all;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option->get_lnames()) all.push_back(described("--" + name, option->get_description()));
  return all;
}

const CLI::App* commandOf(const CLI::App& app, const std::string& name) {
  for (const CLI::App* c : app.get_subcommands([](const CLI::App*) { return true; }))
    if (c->get_name() == name) return c;
  return nullptr;
}

const CLI::Option* optionOf(const CLI::App& command, const std::string& word) {
  for (const CLI::Option* option : command.get_options())
    if (word.starts_with("-") && option->check_name(word)) return option;
  return nullptr;
}

}  // namespace

Result<Parsed> parse(const std::vector<std::string>& args) {
  Grammar g;
  Parsed parsed;
  std::vector<std::string> reversed(args.rbegin(), args.rend());
  try {
    g.app.parse(reversed);
  } catch (const CLI::CallForVersion&) {
    parsed.text = versionText() + "\n";
  } catch (const CLI::Success&) {
    const auto asked = g.app.get_subcommands();
    parsed.text = (asked.empty() ? &g.app : asked.front())->help();
  } catch (const CLI::ParseError& e) {
    return invalid(e.what());
  }
  if (g.o.command == "version") parsed.text = versionText() + "\n";
  g.o.timeout = std::chrono::seconds(g.timeout);
  parsed.options = std::move(g.o);
  if (parsed.options.output != Output::Text && parsed.options.watch && parsed.options.output != Output::Wide)
    return invalid("--watch goes with -o text and -o wide only");
  return parsed;
}

std::vector<std::string> candidates(const std::vector<std::string>& words) {
  Grammar g;
  std::vector<std::string> all;
  const std::string last = words.empty() ? "" : words.back();
  if (words.size() <= 1) {
    for (const CLI::App* c : g.app.get_subcommands([](const CLI::App*) { return true; }))
      all.push_back(described(c->get_name(), c->get_description()));
    return all;
  }
  const CLI::App* command = commandOf(g.app, words.front());
  if (command == nullptr) return {};
  if (last.starts_with("-")) return flagsOf(*command);
  const CLI::Option* before = optionOf(*command, words[words.size() - 2]);
  if (before != nullptr && before->get_items_expected_max() > 0) return valuesOf(g, *before);
  for (const CLI::Option* option : command->get_options())
    if (option->get_positional()) return valuesOf(g, *option);
  return {};
}

}  // namespace baton::cli
