#include "keys/store_json.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "keys/hex.hpp"

namespace meshctl {
namespace {

using Json = nlohmann::json;
constexpr int kSchemaVersion = 1;
constexpr std::size_t kMasterDigits = 64;

tl::unexpected<Diags> bad(std::string_view name, std::string_view why) {
  return fail("E3004", fmt::format("the content of '{}' is not a key store: {}", name, why), {},
              "put a good copy back from the backup");
}

/// Cuts the master key out of the text before the JSON library sees it: its buffers are not wiped.
std::optional<Secret> cut_master(std::string& text) {
  constexpr std::string_view label = "\"master\":\"";
  const std::size_t at = text.find(label);
  if (at == text.npos || text.size() < at + label.size() + kMasterDigits) return std::nullopt;
  char* digits = text.data() + at + label.size();
  auto master = parse_hex({digits, kMasterDigits});
  wipe(digits, kMasterDigits);
  std::fill_n(digits, kMasterDigits, '0');
  return master;
}

/// Parses without exceptions; nullopt when a key stands twice in one object, which the library would let through.
std::optional<Json> parse_strict(const std::string& text) {
  std::vector<std::set<std::string>> seen;
  bool doubled = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) seen.emplace_back();
    if (event == Json::parse_event_t::object_end) seen.pop_back();
    if (event == Json::parse_event_t::key) doubled |= !seen.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  Json json = Json::parse(text, watch, false);
  if (json.is_discarded() || !json.is_object() || doubled) return std::nullopt;
  return json;
}

bool good_epoch(const Json& value) {
  return value.is_number_unsigned() && value.get<std::uint64_t>() >= 1 && value.get<std::uint64_t>() <= 0x7FFFFFFF;
}

bool read_epochs(const Json& object, std::map<std::string, unsigned>& epochs) {
  if (!object.is_object()) return false;
  for (const auto& [key, value] : object.items()) {
    if (key.empty() || !good_epoch(value)) return false;
    epochs.emplace(key, value.get<unsigned>());
  }
  return true;
}

}  // namespace

Secret write_store(const KeyStore& store) {
  Secret text(fmt::format(R"({{"schema_version":{},"mesh":{},"master":")", kSchemaVersion, Json(store.mesh).dump()));
  std::string digits;
  append_hex(store.master.reveal(), digits);
  const Secret master = Secret::take(digits);
  text.append(master.reveal());
  text.append(fmt::format(R"(","mesh_epoch":{},"host_epochs":{},"link_epochs":{}}})", store.mesh_epoch,
                          Json(store.host_epochs).dump(), Json(store.link_epochs).dump()));
  return text;
}

Result<KeyStore> parse_store(Secret secret_text, std::string_view name) {
  std::string text(secret_text.reveal());
  secret_text.clear();
  auto master = cut_master(text);
  const auto json = parse_strict(text);
  if (!json) return bad(name, "no JSON object without doubled keys");
  const auto version = json->find("schema_version");
  if (version == json->end() || !version->is_number_unsigned()) return bad(name, "it has no schema_version");
  if (version->get<std::uint64_t>() != kSchemaVersion) {
    return fail("E3005", fmt::format("'{}' was written by another version of meshctl", name), {},
                "use a meshctl at least as new as the one that wrote it");
  }
  static const std::set<std::string> known{"schema_version", "mesh",        "master",
                                           "mesh_epoch",     "host_epochs", "link_epochs"};
  for (const auto& item : json->items()) {
    if (!known.contains(item.key())) return bad(name, "it has an unknown key");
  }
  if (json->size() != known.size()) return bad(name, "a key is missing");
  KeyStore store;
  if (!master || !(*json)["master"].is_string() ||
      (*json)["master"].get_ref<const std::string&>().size() != kMasterDigits) {
    return bad(name, "the master key is not 64 hex digits");
  }
  store.master = std::move(*master);
  if (!(*json)["mesh"].is_string()) return bad(name, "the mesh has no name");
  store.mesh = (*json)["mesh"].get<std::string>();
  if (!good_epoch((*json)["mesh_epoch"]) || !read_epochs((*json)["host_epochs"], store.host_epochs) ||
      !read_epochs((*json)["link_epochs"], store.link_epochs)) {
    return bad(name, "an epoch is not a number from 1 up");
  }
  store.mesh_epoch = (*json)["mesh_epoch"].get<unsigned>();
  return store;
}

}  // namespace meshctl
