// meshctl.lock: written as JSON with sorted keys, read with the YAML tree (JSON is YAML), so that faults have places.
#include <algorithm>
#include <system_error>

#include "inventory/load.hpp"
#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"
#include "io/file.hpp"
#include "io/json.hpp"

namespace meshctl {
namespace {

using inventory::Field;
using yaml::Node;

constexpr unsigned kSchemaVersion = 1;
constexpr std::size_t kMostText = 256;  // bytes of `os` and `backend_version`

struct LockFile {
  std::optional<unsigned> version;
  Facts facts;
};

std::optional<std::string> why_bad_text(std::string_view text) {
  if (text.size() > kMostText) return fmt::format("it has at most {} bytes", kMostText);
  const bool control =
      std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return control ? std::optional<std::string>("it has control characters") : std::nullopt;
}

constexpr std::string_view kHint = "run meshctl facts again";

template <std::string Facts::Host::*Slot>
void text_field(Facts::Host& host, const Node& key, const Node& value, DiagSink& sink) {
  if (auto text = inventory::read_safe(value, key.text, why_bad_text, kHint, sink)) host.*Slot = std::move(*text);
}

void backend(Facts::Host& host, const Node&, const Node& value, DiagSink& sink) {
  host.backend = inventory::read_word(value, "back end", inventory::backend_words(), sink);
  if (host.backend != BackendKind::Auto) return;
  sink.error("E0231", value.where, "a fact cannot be 'auto'").with_hint(std::string(kHint));
}

void addresses_of(std::vector<Address>& into, const Node& list, DiagSink& sink) {
  if (!inventory::expect_list(list, "resolved addresses", "[\"192.0.2.1\"]", sink)) return;
  for (const Node& item : list.items) {
    const auto text = inventory::read_string(item, "an address", sink);
    if (!text) continue;
    const auto address = Address::parse(*text);
    if (address)
      into.push_back(*address);
    else
      sink.error("E0231", item.where, "bad address").with_hint(std::string(kHint));
  }
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

void resolved(Facts::Host& host, const Node&, const Node& value, DiagSink& sink) {
  if (!inventory::expect_map(value, "resolved", "{\"name\": [\"192.0.2.1\"]}", sink)) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Node& name = value.key(i);
    if (!is_dns_name(name.text)) sink.error("E0231", name.where, "bad DNS name").with_hint(std::string(kHint));
    addresses_of(host.resolved[name.text], value.value(i), sink);
  }
}

void ikev1(Facts::Host& host, const Node&, const Node& value, DiagSink& sink) {
  host.ikev1 = inventory::read_bool(value, "ikev1", sink);
}

constexpr Field<Facts::Host> kHostFields[] = {{"resolved", resolved},
                                              {"backend", backend},
                                              {"os", text_field<&Facts::Host::os>},
                                              {"backend_version", text_field<&Facts::Host::backend_version>},
                                              {"ikev1", ikev1}};

void hosts(LockFile& lock, const Node&, const Node& value, DiagSink& sink) {
  if (!inventory::expect_map(value, "hosts", "{\"web-1\": {}}", sink)) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Node& name = value.key(i);
    if (const auto why = why_bad_name(name.text)) {
      sink.error("E0231", name.where, fmt::format("bad host name: {}", *why)).with_hint(std::string(kHint));
      continue;
    }
    if (!inventory::expect_map(value.value(i), "a host", "{\"os\": \"…\"}", sink)) continue;
    inventory::read_fields<Facts::Host>(value.value(i), "a host", kHostFields, lock.facts.hosts[name.text], sink);
  }
}

void version(LockFile& lock, const Node&, const Node& value, DiagSink& sink) {
  lock.version = inventory::read_number(value, "schema_version", kSchemaVersion, kSchemaVersion, sink);
}

constexpr Field<LockFile> kLockFields[] = {{"schema_version", version}, {"hosts", hosts}};

std::optional<LockFile> read_lock(const Node& root, DiagSink& sink) {
  if (!inventory::expect_map(root, "a lock file", "meshctl facts does", sink)) return std::nullopt;
  LockFile lock;
  inventory::read_fields<LockFile>(root, "a lock file", kLockFields, lock, sink);
  if (sink.ok() && !lock.version) {
    sink.error("E0231", root.where, "'schema_version' is missing").with_hint(std::string(kHint));
  }
  return lock;
}

/// It can be parsed, and has a key of ours.
bool looks_written(std::string_view text) {
  Sources own;
  const FileId id = own.add("", std::string(text));
  DiagSink quiet;
  const auto root = yaml::parse(id, own.text(id), quiet);
  return root && root->is_map() && (root->find("schema_version") != nullptr || root->find("hosts") != nullptr);
}

}  // namespace

Result<Facts> load_facts(const std::filesystem::path& file, Sources& sources) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return Facts{};
  auto text = read_file(file, {.limit = kMaxInventoryBytes});
  if (!text) return tl::unexpected(text.error());
  // No line is quoted of what meshctl did not write: who put it there need not be who may read it.
  if (!looks_written(*text)) {
    return fail("E0117", fmt::format("'{}' was not written by meshctl facts", file.native()), {},
                "remove it, and run meshctl facts again");
  }
  const FileId id = sources.add(file.native(), std::move(*text));
  DiagSink sink;
  const auto root = yaml::parse(id, sources.text(id), sink);
  const auto lock = root ? read_lock(*root, sink) : std::nullopt;
  if (!sink.ok()) return tl::unexpected(sink.take());
  return lock->facts;
}

namespace {

/// What a host says about itself, as one short line of ASCII: what is written must be readable again, everywhere.
std::string one_line(std::string_view words) {
  std::string line(words.substr(0, kMostText));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return line;
}

}  // namespace

std::string write_facts(const Facts& facts) {
  Json hosts = Json::object();  // sorted by key: a diff shows only what changed
  for (const auto& [name, host] : facts.hosts) {
    Json entry = Json::object();
    if (host.backend) entry["backend"] = text(*host.backend);
    if (!host.backend_version.empty()) entry["backend_version"] = one_line(host.backend_version);
    if (host.ikev1) entry["ikev1"] = *host.ikev1;
    if (!host.os.empty()) entry["os"] = one_line(host.os);
    for (const auto& [dns, addresses] : host.resolved) {
      std::vector<Address> sorted = addresses;
      std::sort(sorted.begin(), sorted.end());
      Json list = Json::array();
      for (const Address& address : sorted) list.push_back(address.text());
      entry["resolved"][dns] = std::move(list);
    }
    hosts[name] = std::move(entry);
  }
  Json document = {{"schema_version", kSchemaVersion}};
  document["hosts"] = std::move(hosts);
  // A host's own words (os) may not be UTF-8; the file is.
  return write_json(document, 2) + "\n";
}

}  // namespace meshctl
