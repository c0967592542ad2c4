// What a host's daemon is set to; the same keys stand under `defaults:`.
#include "inventory/read.hpp"
#include "inventory/safe_text.hpp"

namespace meshctl::inventory {
namespace {

using yaml::Node;

constexpr std::size_t kMostListen = 64;

template <auto Member, auto Words>
void daemon_word(DaemonOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.*Member, read_word(value, fmt::format("value of '{}'", key.text), Words(), sink), key, value, sink);
}

void listen_addresses(ListenSpec& o, const Node& key, const Node& value, DiagSink& sink) {
  if (!expect_list(value, "listen addresses", "[192.0.2.1]", sink)) return;
  if (!o.addresses.empty()) {
    sink.error("E0208", key.where, "'addresses' of 'listen' is given in two files")
        .note(o.addresses.front().where, "first given here")
        .with_hint("keep one of them");
    return;
  }
  if (value.items.empty() || value.size() > kMostListen) {
    sink.error("E0210", value.where, fmt::format("listen addresses must have 1 to {} entries", kMostListen))
        .with_hint("leave them out to listen on all of the host's addresses");
    return;
  }
  for (const Node& item : value.items) {
    if (const auto address = read_address(item, "listen address", sink)) o.addresses.push_back({*address, item.where});
  }
}
template <auto Member>
void listen_port(ListenSpec& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.*Member, read_number(value, key.text, 1, 65535, sink), key, value, sink);
}
constexpr Field<ListenSpec> kListenFields[] = {{"addresses", listen_addresses},
                                               {"port", listen_port<&ListenSpec::port>},
                                               {"natt_port", listen_port<&ListenSpec::natt_port>}};

void listen(DaemonOptions& o, const Node&, const Node& value, DiagSink& sink) {
  if (!expect_map(value, "listen", "{addresses: [192.0.2.1], port: 500, natt_port: 4500}", sink)) return;
  read_fields<ListenSpec>(value, "listen", kListenFields, o.listen, sink);
}
/// `boot: systemd`, or with what becomes of the network: `boot: {kind: systemd, fail: closed}`.
struct BootSpec {
  Opt<Boot> kind;
  Opt<BootFail> fail;
};
template <auto Member, auto Words>
void boot_word(BootSpec& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.*Member, read_word(value, fmt::format("value of '{}'", key.text), Words(), sink), key, value, sink);
}
constexpr Field<BootSpec> kBootFields[] = {{"kind", boot_word<&BootSpec::kind, boot_words>},
                                           {"fail", boot_word<&BootSpec::fail, boot_fail_words>}};

void boot(DaemonOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  if (!value.is_map()) {
    daemon_word<&DaemonOptions::boot, boot_words>(o, key, value, sink);
    return;
  }
  BootSpec spec;
  read_fields<BootSpec>(value, "boot", kBootFields, spec, sink);
  if (!spec.kind) {
    if (value.find("kind") == nullptr) {
      sink.error("E0223", value.where, "'boot' has no 'kind'").with_hint("write boot: {kind: systemd, fail: closed}");
    }
    return;
  }
  if (spec.kind->value == Boot::Rc && spec.fail && spec.fail->value == BootFail::Closed) {
    sink.error("E0223", spec.fail->where, "'boot: rc' cannot fail closed: init goes on after a script that failed")
        .with_hint("use 'kind: ifupdown' or 'kind: systemd'");
  }
  set_once(o.boot, std::optional(spec.kind->value), key, value, sink);
  if (spec.fail) set_once(o.boot_fail, std::optional(spec.fail->value), key, value, sink);
}
void backend_version(DaemonOptions& o, const Node& key, const Node& value, DiagSink& sink) {
  set_once(o.backend_version, read_safe(value, key.text, why_bad_version, "write it in quotes: \"0.8.2\"", sink), key,
           value, sink);
}
void raw(DaemonOptions& o, const Node&, const Node& value, DiagSink& sink) {
  read_raw(o.raw, value, host_raw_words(), sink);
}

using D = DaemonOptions;
constexpr Field<DaemonOptions> kDaemonFields[] = {{"listen", listen},
                                                  {"log", daemon_word<&D::log, log_words>},
                                                  {"boot", boot},
                                                  {"firewall", daemon_word<&D::firewall, firewall_words>},
                                                  {"form", daemon_word<&D::form, form_words>},
                                                  {"backend_version", backend_version},
                                                  {"raw", raw}};

}  // namespace

std::span<const Field<DaemonOptions>> daemon_fields() { return kDaemonFields; }

}  // namespace meshctl::inventory
