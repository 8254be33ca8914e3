// What all viewers are told, rendered once for all of them: a card for each group, and a number for each change.
// Whoever has been told everything up to a number is told what has a higher one, as it is now. Of one thread at a time.
//
// A viewer is told cards, never what the Source says at the moment: so what he was told last is what a change is
// compared with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/json.h"
#include "ui/rights.h"
#include "ui/source.h"

namespace baton::ui {

using Text = std::shared_ptr<const std::string>;

/// One group as somebody with that right sees it; its namespace's groups must be his to see.
api::Json seen(const Source& source, const api::HaGroup& group, Right right, bool history);
std::set<std::string> namespacesOf(const Source& source);

class Board {
 public:
  /// `version`: of the program. The source must outlive it.
  Board(const Source& source, std::string version) : source_(source), version_(std::move(version)) {}

  // There is news of a group, or of a request, by its key; or all groups are to be looked at.
  void look(const std::string& group);
  void lookAtRequest(const std::string& request, const std::string& group);
  void lookAtAll();

  /// The number of the newest change.
  uint64_t now() const { return now_; }
  /// `Groups` of docs/ui.md, as JSON; after lookAtAll().
  Text everything(const Rights& rights) const;
  /// The namespaces that `everything` names.
  std::set<std::string> namespaces(const Rights& rights) const;

  struct News {
    std::string events;
    std::set<std::string> unknown;  // namespaces in which it is not known what he may
    bool tooNew = false;            // of a namespace that he has not been told of: he is to be told everything
  };
  /// What has changed after that number, for who was told of those namespaces.
  News since(uint64_t number, const Rights& rights, const std::set<std::string>& toldOf) const;
  /// Everybody has been told what has changed up to that number.
  void forget(uint64_t number);
  /// Nobody looks any more.
  void clear();

 private:
  struct Card {
    uint64_t number = 0;  // of its newest change
    Text full, limited;   // with its active request or without; null: the group is gone
  };
  struct RequestNews {
    std::string key, group;
  };
  void changed(const std::string& key, Card& card);
  std::string requestEvent(const RequestNews& news) const;

  const Source& source_;
  const std::string version_;
  uint64_t now_ = 0;
  std::map<std::string, Card> cards_;
  std::map<uint64_t, std::string> changes_;  // the newest of each group
  std::map<uint64_t, RequestNews> requests_;
  std::map<std::string, uint64_t> requestNumbers_;  // by key: its place in requests_
};

}  // namespace baton::ui
