#include "ssh/resolve.hpp"

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

namespace meshctl::ssh {
namespace {

/// getaddrinfo(3) cannot be interrupted, so it runs on a thread of its own that may outlive the caller.
struct Question {
  std::string name;
  std::string port;
  int flags;
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Resolved> answer;
};

Resolved ask(const std::string& name, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each socket type
  hints.ai_flags = flags | (port.empty() ? 0 : AI_NUMERICSERV);
  addrinfo* found = nullptr;
  Resolved out;
  out.error = getaddrinfo(name.c_str(), port.empty() ? nullptr : port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(out.error == 0 ? found : nullptr, freeaddrinfo);
  for (const addrinfo* item = owner.get(); item != nullptr; item = item->ai_next) {
    Endpoint& endpoint = out.endpoints.emplace_back();
    std::memcpy(&endpoint.address, item->ai_addr, item->ai_addrlen);
    endpoint.size = item->ai_addrlen;
  }
  return out;
}

void answer(const std::shared_ptr<Question>& question) {
  Resolved found = ask(question->name, question->port, question->flags);
  const std::lock_guard lock(question->mutex);
  question->answer = std::move(found);
  question->done.notify_all();
}

}  // namespace

std::optional<Resolved> resolve(const std::string& name, const std::string& port, int flags, Bound& bound) {
  if (Resolved literal = ask(name, port, flags | AI_NUMERICHOST); literal.error == 0) return literal;
  const auto question = std::make_shared<Question>();
  question->name = name;
  question->port = port;
  question->flags = flags;
  std::thread(answer, question).detach();
  bound.restart();
  std::unique_lock lock(question->mutex);
  while (!question->answer) {
    if (bound.over()) return std::nullopt;
    const auto before = Bound::Clock::now();
    question->done.wait_for(lock, std::chrono::milliseconds(bound.slice()));
    bound.waited(Bound::Clock::now() - before);
  }
  bound.restart();
  return std::move(question->answer);
}

std::string address_text(const sockaddr_storage& address, socklen_t size) {
  char text[NI_MAXHOST];
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return {};
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (getnameinfo(generic, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return text;
}

}  // namespace meshctl::ssh
