#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "CSimdJSON.h"

// The fields of an event that features read, and the words they know.

namespace swiftlet {

enum class Found : uint8_t { missing, wrong, right };

/// What decides whether a line is accepted. If a field occurs several times, its last value counts.
struct Required {
  Found event_type = Found::missing, timestamp = Found::missing, user_id = Found::missing;
  bool bad_timestamp = false;

  uint8_t reason() const {
    if (event_type == Found::missing) return SWIFTLET_EVENT_MISSING_EVENT_TYPE;
    if (event_type == Found::wrong) return SWIFTLET_EVENT_WRONG_EVENT_TYPE;
    if (timestamp == Found::missing) return SWIFTLET_EVENT_MISSING_TIMESTAMP;
    if (timestamp == Found::wrong) return SWIFTLET_EVENT_WRONG_TIMESTAMP;
    if (user_id == Found::missing) return SWIFTLET_EVENT_MISSING_USER_ID;
    if (user_id == Found::wrong) return SWIFTLET_EVENT_WRONG_USER_ID;
    return bad_timestamp ? SWIFTLET_EVENT_BAD_TIMESTAMP : SWIFTLET_EVENT_ACCEPTED;
  }
};

struct View {
  const uint8_t *begin = nullptr;
  uint32_t length = 0;

  /// Compares with a word in lower case, ignoring the case of ASCII letters.
  bool is(const char *word) const {
    if (strlen(word) != length) return false;
    for (uint32_t i = 0; i < length; i++) {
      uint8_t byte = begin[i];
      if ((byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte) != uint8_t(word[i])) return false;
    }
    return true;
  }
};

enum class Key { other, event_type, timestamp, user_id, session_id, page_url, device, duration_ms, price, quantity };

template <size_t size>
inline bool same(const uint8_t *bytes, const char (&word)[size]) {
  return memcmp(bytes, word, size - 1) == 0;
}

inline Key key_of(const uint8_t *name, size_t length) {
  switch (length) {
    case 5: return same(name, "price") ? Key::price : Key::other;
    case 6: return same(name, "device") ? Key::device : Key::other;
    case 7: return same(name, "user_id") ? Key::user_id : Key::other;
    case 8: return same(name, "page_url") ? Key::page_url : same(name, "quantity") ? Key::quantity : Key::other;
    case 9: return same(name, "timestamp") ? Key::timestamp : Key::other;
    case 10: return same(name, "event_type") ? Key::event_type : same(name, "session_id") ? Key::session_id : Key::other;
    case 11: return same(name, "duration_ms") ? Key::duration_ms : Key::other;
    default: return Key::other;
  }
}

inline uint8_t type_of(const View &name) {
  switch (name.length) {
    case 5: return name.is("click") ? SWIFTLET_EVENT_CLICK : SWIFTLET_EVENT_OTHER;
    case 6: return name.is("search") ? SWIFTLET_EVENT_SEARCH : SWIFTLET_EVENT_OTHER;
    case 8: return name.is("purchase") ? SWIFTLET_EVENT_PURCHASE : SWIFTLET_EVENT_OTHER;
    case 9: return name.is("page_view") ? SWIFTLET_EVENT_PAGE_VIEW : SWIFTLET_EVENT_OTHER;
    case 11: return name.is("add_to_cart") ? SWIFTLET_EVENT_ADD_TO_CART : SWIFTLET_EVENT_OTHER;
    default: return SWIFTLET_EVENT_OTHER;
  }
}

}  // namespace swiftlet
